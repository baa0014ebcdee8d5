/** Projection: which entities exist now and are not in the Trash (`entities`), and how many of each type (`type_counts`). */
import { SYSTEM_TYPES } from '../../core/attribute.ts';
import type { EntityId } from '../../core/ids.ts';
import { idFromSql, numberOf } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { stageEntities } from '../staging.ts';
import { isStart, type Part, type Position, type Projection, type Touched } from './projection.ts';

const SYSTEM_VALUES = SYSTEM_TYPES.map((type) => `'"${type}"'`).join(',');

/** A `type` value as it stands in `entities`: system types as text, ids in 16 bytes, null for anything else. */
const TYPE_OF = `CASE WHEN t.value IN (${SYSTEM_VALUES}) THEN trim(t.value, '"') WHEN length(t.value) = 38 THEN unhex(t.value, '"-') END`;

/** Entities that exist, as the attributes say. `source` gives the rows of their types, as `attributes t`. */
export const existing = (source: string): string => `
  SELECT t.entity_id, ${TYPE_OF} AS type, t.event_id AS made, coalesce(s.value = 'true', 0) AS sample
  FROM ${source}
  LEFT JOIN attributes d ON d.attribute = 'deleted' AND d.entity_id = t.entity_id
  LEFT JOIN attributes s ON s.attribute = 'sample' AND s.entity_id = t.entity_id
  WHERE t.attribute = 'type' AND d.value IS NOT 'true' AND ${TYPE_OF} IS NOT NULL`;

/** Those among the staged. */
const EXISTING = existing(
  `temp.staged_entities e CROSS JOIN attributes t ON t.attribute = 'type' AND t.entity_id = e.entity_id`,
);

export const entities: Projection = {
  name: 'entities',
  version: 1,
  feeds: ['fields', 'search'],
  project,
  renew,
  remaining: (db, position) =>
    numberOf(
      db.get<{ n: number }>(`SELECT count(*) AS n FROM attributes WHERE attribute = 'type' AND entity_id > ?`, [
        after(position),
      ])?.n ?? 0,
    ),
};

function project(db: SqlDatabase, { existence, fields, words }: Touched): void {
  if (existence.size === 0) return;
  stageEntities(db, existence);
  for (const id of stagedFields(db)) fields.add(id);
  settleStaged(db);
  for (const id of stagedFields(db)) fields.add(id);
  for (const id of existence) words.add(id);
}

/** By the order of ids, over what has a type and what only claims to exist. */
function renew(db: SqlDatabase, position: Position, limit: number): Part {
  db.run('DELETE FROM temp.staged_entities');
  const done = db.run(
    `INSERT INTO temp.staged_entities SELECT entity_id FROM (
       SELECT entity_id FROM attributes WHERE attribute = 'type' AND entity_id > ?
       UNION SELECT entity_id FROM entities WHERE entity_id > ? ORDER BY entity_id LIMIT ?)`,
    [after(position), after(position), limit],
  );
  settleStaged(db);
  if (done === limit) {
    const last = db.get<{ last: SqlValue }>('SELECT max(entity_id) AS last FROM temp.staged_entities');
    return { position: last?.last ?? null, done };
  }
  db.exec(`DELETE FROM type_counts;
    INSERT INTO type_counts SELECT type, count(*), sum(sample) FROM entities GROUP BY type`);
  return { position: null, done };
}

/** Every blob sorts behind a number. */
const after = (position: Position): SqlValue => (isStart(position) ? 0 : position);

/** Takes in and removes, of the staged entities, what there is and is not. What is right already is left alone. */
function settleStaged(db: SqlDatabase): void {
  db.run(
    `INSERT INTO entities (entity_id, type, made, sample) ${EXISTING}
     ON CONFLICT (entity_id) DO UPDATE SET type = excluded.type, made = excluded.made, sample = excluded.sample
     WHERE type IS NOT excluded.type OR made <> excluded.made OR sample <> excluded.sample`,
  );
  db.run(
    `DELETE FROM entities WHERE entity_id IN
       (SELECT entity_id FROM temp.staged_entities EXCEPT SELECT entity_id FROM (${EXISTING}))`,
  );
}

function stagedFields(db: SqlDatabase): EntityId[] {
  return db
    .all<{ entity_id: SqlValue }>(
      `SELECT entity_id FROM entities WHERE type = 'field' AND entity_id IN (SELECT entity_id FROM temp.staged_entities)`,
    )
    .map((row) => idFromSql<EntityId>(row.entity_id));
}
