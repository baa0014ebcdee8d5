import type { EntityId } from '../../core/ids.ts';
import type { DiffAnswer, Query } from '../../core/query.ts';
import { fromJsonText, NULL_TEXT, toJsonText, type JsonText } from '../../core/value.ts';
import { attributeFromSql, idFromSql, numberOf } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { boundParams, boundsOf, EVERYTHING, winnerAt, type Bounds } from '../moment.ts';
import { resolveWords } from './change.ts';
import { stageEntities } from '../staging.ts';
import type { Sql } from './sorting.ts';
import { readTitles } from './titles.ts';

/**
 * What differs between two moments. Only attributes that an event of the time between is about can: these events are found
 * by the transactions of that time, or by their arrival; of each attribute the index of the log gives both versions.
 */
export function answerDiff(db: SqlDatabase, catalog: Catalog, query: Extract<Query, { kind: 'diff' }>): DiffAnswer {
  const then = boundsOf(db, query.then);
  const now = query.now === null ? EVERYTHING : boundsOf(db, query.now);
  findDifferences(db, then, now, query);
  const total = numberOf(db.get<{ n: number }>('SELECT count(*) AS n FROM temp.staged_differences')?.n ?? 0);
  const rows = db.all<{ entity_id: SqlValue; attribute: SqlValue; before: JsonText | null; after: JsonText | null }>(
    `SELECT d.entity_id, d.attribute, b.value AS before, a.value AS after FROM temp.staged_differences d
     LEFT JOIN events b ON b.arrival = d.before LEFT JOIN events a ON a.arrival = d.after
     ORDER BY d.entity_id DESC, d.attribute LIMIT ?`,
    [Math.max(0, Math.floor(query.limit))],
  );
  const differences = rows.map((row) => {
    const attribute = attributeFromSql(row.attribute);
    const field = catalog.fields.get(attribute as string as EntityId);
    return {
      entityId: idFromSql<EntityId>(row.entity_id),
      attribute,
      fieldName: field?.name ?? null,
      fieldKind: field?.kind ?? null,
      value: fromJsonText(row.after ?? NULL_TEXT),
      before: fromJsonText(row.before ?? NULL_TEXT),
    };
  });
  const titles = readTitles(
    db,
    catalog,
    differences.map((each) => each.entityId),
  );
  const words = resolveWords(db, catalog, differences);
  return {
    total,
    changes: differences.map(({ value, ...difference }, i) => ({
      ...difference,
      after: value,
      title: '',
      type: null,
      ...titles.get(difference.entityId),
      words: words[i] ?? {},
    })),
  };
}

/** Fills `temp.staged_differences` with the attributes that differ, and the numbers of the events that held them. */
function findDifferences(
  db: SqlDatabase,
  then: Bounds,
  now: Bounds,
  { entityIds, type }: Extract<Query, { kind: 'diff' }>,
): void {
  db.run('DELETE FROM temp.staged_differences');
  if (entityIds !== undefined) stageEntities(db, entityIds);
  const keys = entityIds === undefined ? keysBetween(then, now) : KEYS_OF_STAGED;
  db.run(
    `INSERT INTO temp.staged_differences SELECT k.entity_id, k.attribute, ${winnerAt('k')}, ${winnerAt('k')} FROM (${keys.text}) k`,
    [...boundParams(then), ...boundParams(now), ...keys.params],
  );
  const valueAt = (arrival: string): string =>
    `coalesce((SELECT e.value FROM events e WHERE e.arrival = ${arrival}), 'null')`;
  db.run(`DELETE FROM temp.staged_differences WHERE before IS after OR ${valueAt('before')} = ${valueAt('after')}`);
  if (type === undefined) return;
  const typeAt = `(SELECT e.value FROM events e WHERE e.arrival = ${winnerAt('k')})`;
  const value = toJsonText(type);
  db.run(
    `DELETE FROM temp.staged_differences WHERE entity_id NOT IN (
       SELECT k.entity_id FROM (SELECT DISTINCT entity_id, 'type' AS attribute FROM temp.staged_differences) k
       WHERE ${typeAt} = ? OR ${typeAt} = ?)`,
    [...boundParams(then), value, ...boundParams(now), value],
  );
}

const KEYS_OF_STAGED: Sql = {
  text: 'SELECT DISTINCT e.entity_id, e.attribute FROM temp.staged_entities s CROSS JOIN events e ON e.entity_id = s.entity_id',
  params: [],
};

/** Attributes that an event is about which belongs to one of the moments alone; and maybe a few others. */
const keysBetween = (a: Bounds, b: Bounds): Sql => ({
  text: `
    SELECT e.entity_id, e.attribute FROM transactions t
    CROSS JOIN events e ON e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp
    WHERE t.timestamp > min(?, ?) AND t.timestamp <= max(?, ?)
    UNION SELECT e.entity_id, e.attribute FROM events e WHERE e.arrival > min(?, ?) AND e.arrival <= max(?, ?)`,
  params: [...[a.timestamp, b.timestamp, a.timestamp, b.timestamp], ...[a.arrival, b.arrival, a.arrival, b.arrival]],
});
