/** Records as rows of a table: values, titles of what they link to, and their marks. */
import { isUuid, parseId, type EntityId } from '../../core/ids.ts';
import type { RecordRow } from '../../core/query.ts';
import { fromJsonText, type JsonText, type JsonValue } from '../../core/value.ts';
import { attributeFromSql, idFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readTitles } from './titles.ts';
import { refusedAmong, waitingAmong } from './waiting.ts';

/** Rows of these records of one type, in this order; also of records in the Trash. */
export function readRows(db: SqlDatabase, catalog: Catalog, type: EntityId, ids: readonly EntityId[]): RecordRow[] {
  const values = new Map<EntityId, { [field: string]: JsonValue }>(ids.map((id) => [id, {}]));
  const targets = new Set<EntityId>();
  const conflicted = new Set<EntityId>();
  const fields = [...catalog.fields.values()].filter((field) => field.type === type);
  const rows = db.all<{ entity_id: SqlValue; attribute: SqlValue; value: JsonText; forked: number }>(
    `SELECT a.entity_id, a.attribute, a.value, a.fork IS NOT NULL AS forked FROM json_each(?) k CROSS JOIN json_each(?) f
     CROSS JOIN attributes a ON a.attribute = unhex(f.value, '-') AND a.entity_id = unhex(k.value, '-')`,
    [JSON.stringify(ids), JSON.stringify(fields.map((field) => field.id))],
  );
  for (const row of rows) {
    const id = idFromSql<EntityId>(row.entity_id);
    if (row.forked === 1) conflicted.add(id);
    const value = fromJsonText(row.value);
    const record = values.get(id);
    if (value === null || !record) continue;
    const field = attributeFromSql(row.attribute);
    record[field] = value;
    if (catalog.fields.get(field as string as EntityId)?.kind === 'link' && isUuid(value))
      targets.add(value as string as EntityId);
  }
  const titles = readTitles(db, catalog, targets);
  const waiting = waitingAmong(db, ids);
  const refused = refusedAmong(db, ids);
  const samples = samplesAmong(db, ids);
  const unequal = conflicted.size > 0 ? conflictedAmong(db, conflicted) : conflicted;
  return ids.map((id) => {
    const own = values.get(id) ?? {};
    const links: { [entityId: string]: string } = {};
    for (const value of Object.values(own)) {
      const target = targets.size > 0 ? parseId<EntityId>(value) : null;
      if (target !== null && targets.has(target)) links[target] = titles.get(target)?.title ?? '';
    }
    return {
      id,
      type,
      values: own,
      links,
      waiting: waiting.has(id),
      refused: refused.has(id),
      conflicted: unequal.has(id),
      sample: samples.has(id),
    };
  });
}

function samplesAmong(db: SqlDatabase, ids: readonly EntityId[]): ReadonlySet<EntityId> {
  const rows = db.all<{ entity_id: SqlValue }>(
    `SELECT a.entity_id FROM json_each(?) k
     CROSS JOIN attributes a ON a.attribute = 'sample' AND a.entity_id = unhex(k.value, '-') WHERE a.value = 'true'`,
    [JSON.stringify(ids)],
  );
  return new Set(rows.map((row) => idFromSql<EntityId>(row.entity_id)));
}

/** Those with a field that has open versions of unequal value. */
function conflictedAmong(db: SqlDatabase, ids: ReadonlySet<EntityId>): ReadonlySet<EntityId> {
  const rows = db.all<{ entity_id: SqlValue }>(
    `SELECT DISTINCT entity_id FROM (
       SELECT l.entity_id FROM json_each(?) k CROSS JOIN leaves l ON l.entity_id = unhex(k.value, '-')
       WHERE typeof(l.attribute) = 'blob' GROUP BY l.entity_id, l.attribute HAVING count(DISTINCT l.value) > 1)`,
    [JSON.stringify([...ids])],
  );
  return new Set(rows.map((row) => idFromSql<EntityId>(row.entity_id)));
}
