import { DELETED, SYSTEM_TYPES } from '../../core/attribute.ts';
import { idToBytes, parseId, type ClientId, type EntityId } from '../../core/ids.ts';
import type { RecordAnswer, RecordDetail, RecordRow } from '../../core/query.ts';
import { checkValue } from '../../core/validate.ts';
import { fromJsonText, type JsonText, type JsonValue } from '../../core/value.ts';
import { idFromSql, timestampFromSql } from '../blob.ts';
import { fieldsOf, titleField, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readConflicts } from './conflicts.ts';
import { readRows } from './rows.ts';

/** One record with everything about it, also when it lies in the Trash; null when there is no such record. */
export function answerRecord(db: SqlDatabase, catalog: Catalog, id: EntityId): RecordAnswer {
  const typeValue = readAttribute(db, id, 'type');
  const type = SYSTEM_TYPES.some((system) => system === typeValue) ? null : parseId<EntityId>(typeValue);
  if (type === null) return null;
  const [row] = readRows(db, catalog, type, [id]);
  const span = db.get<{ first: SqlValue; last: SqlValue }>(
    'SELECT min(timestamp) AS first, max(timestamp) AS last FROM events WHERE entity_id = ?',
    [idToBytes(id)],
  );
  const changedBy = db.get<{ client_id: SqlValue }>(
    'SELECT client_id FROM events WHERE entity_id = ? ORDER BY timestamp DESC, id DESC LIMIT 1',
    [idToBytes(id)],
  );
  if (!row || !span || !changedBy) return null;
  const title = titleField(catalog, type);
  const titleValue = title === null ? undefined : row.values[title.id];
  return {
    ...row,
    deleted: readAttribute(db, id, DELETED) === true,
    title: typeof titleValue === 'string' ? titleValue : '',
    createdAt: timestampFromSql(span.first),
    changedAt: timestampFromSql(span.last),
    changedBy: idFromSql<ClientId>(changedBy.client_id),
    conflicts: row.conflicted ? readConflicts(db, id) : [],
    misfits: misfitsOf(catalog, row),
  };
}

/** Values that no longer fit the kind of their field: kept as they are, and flagged when they are read. */
function misfitsOf(catalog: Catalog, row: RecordRow): RecordDetail['misfits'] {
  return fieldsOf(catalog, row.type).flatMap((field) => {
    const value = row.values[field.id];
    if (value === undefined) return [];
    const checked = checkValue(field, value);
    return checked.ok ? [] : [{ field: field.id, reason: checked.error }];
  });
}

function readAttribute(db: SqlDatabase, id: EntityId, attribute: string): JsonValue {
  const row = db.get<{ value: JsonText }>('SELECT value FROM attributes WHERE attribute = ? AND entity_id = ?', [
    attribute,
    idToBytes(id),
  ]);
  return row === null ? null : fromJsonText(row.value);
}
