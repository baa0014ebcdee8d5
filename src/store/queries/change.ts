/** Events as history tells them: with what stood before, and names for the ids inside. */
import { KIND, OPTION_PREFIX, optionAttribute } from '../../core/attribute.ts';
import type { AttributeName } from '../../core/event.ts';
import { idToBytes, isUuid, type ClientId, type EntityId, type EventId } from '../../core/ids.ts';
import type { Change, Field } from '../../core/query.ts';
import { fromJsonText, type JsonText, type JsonValue } from '../../core/value.ts';
import { attributeFromSql, idFromSql, timestampFromSql } from '../blob.ts';
import { readOption, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../database.ts';
import { readTitles } from './titles.ts';
import { REFUSED, WAITS } from './waiting.ts';

/**
 * Columns that `readChanges` needs, of `events e`; the parameter is `settledThrough` (null: nothing waits). `before` is the
 * version just before by timestamp.
 */
export const CHANGE_COLUMNS = `
  e.id, e.entity_id, e.attribute, e.value, e.timestamp, e.client_id,
  (SELECT p.value FROM events p WHERE p.entity_id = e.entity_id AND p.attribute = e.attribute
     AND (p.timestamp, p.id) < (e.timestamp, e.id) ORDER BY p.timestamp DESC, p.id DESC LIMIT 1) AS before,
  (SELECT a.event_id = e.id FROM attributes a WHERE a.attribute = e.attribute AND a.entity_id = e.entity_id) AS is_current,
  coalesce(e.arrival > ? AND ${WAITS}, 0) AS waits, coalesce(${REFUSED}, 0) AS refused`;

export interface ChangeRow extends SqlRow {
  readonly id: SqlValue;
  readonly entity_id: SqlValue;
  readonly attribute: SqlValue;
  readonly value: JsonText;
  readonly timestamp: SqlValue;
  readonly client_id: SqlValue;
  readonly before: JsonText | null;
  readonly is_current: number | null;
  readonly waits: number;
  readonly refused: number;
}

export function readChanges(db: SqlDatabase, catalog: Catalog, rows: readonly ChangeRow[]): Change[] {
  const changes = rows.map((row) => {
    const attribute = attributeFromSql(row.attribute);
    const field = fieldOf(catalog, attribute);
    return {
      eventId: idFromSql<EventId>(row.id),
      entityId: idFromSql<EntityId>(row.entity_id),
      attribute,
      fieldName: field?.name ?? null,
      fieldKind: field?.kind ?? null,
      value: fromJsonText(row.value),
      before: row.before === null ? null : fromJsonText(row.before),
      timestamp: timestampFromSql(row.timestamp),
      clientId: idFromSql<ClientId>(row.client_id),
      waiting: row.waits === 1,
      refused: row.refused === 1,
      current: row.is_current === 1,
    };
  });
  const words = resolveWords(db, catalog, changes);
  return changes.map((change, i) => ({ ...change, words: words[i] ?? {} }));
}

function fieldOf(catalog: Catalog, attribute: AttributeName): Field | null {
  return catalog.fields.get(attribute as string as EntityId) ?? null;
}

/** Names for the ids in the values of each of these changes. */
export function resolveWords(
  db: SqlDatabase,
  catalog: Catalog,
  changes: readonly {
    readonly attribute: AttributeName;
    readonly value: JsonValue;
    readonly before: JsonValue;
  }[],
): Change['words'][] {
  const entities = new Set<EntityId>();
  for (const { attribute, value, before } of changes) {
    if (hasOptions(fieldOf(catalog, attribute)) || attribute === KIND || attribute.startsWith(OPTION_PREFIX)) continue;
    for (const id of [...idsIn(value), ...idsIn(before)]) entities.add(id);
  }
  const titles = readTitles(db, catalog, entities);
  return changes.map(({ attribute, value, before }) => {
    const field = fieldOf(catalog, attribute);
    const words: { [id: string]: string } = {};
    for (const id of [...idsIn(value), ...idsIn(before)]) {
      const word = hasOptions(field) ? optionName(db, field, id) : titles.get(id)?.title;
      if (word !== undefined && word !== '') words[id] = word;
    }
    return words;
  });
}

function hasOptions(field: Field | null): field is Field {
  return field !== null && (field.kind === 'select' || field.kind === 'multiSelect');
}

function idsIn(value: JsonValue): EntityId[] {
  if (isUuid(value)) return [value as string as EntityId];
  return Array.isArray(value)
    ? value.flatMap((each: JsonValue) => (isUuid(each) ? [each as string as EntityId] : []))
    : [];
}

/** An option's name; the last it had when it was taken off the list since. */
function optionName(db: SqlDatabase, field: Field, id: EntityId): string | undefined {
  const listed = field.options.find((option) => option.id === id);
  if (listed) return listed.name;
  const row = db.get<{ value: JsonText }>(
    `SELECT value FROM events WHERE entity_id = ? AND attribute = ? AND value <> 'null' ORDER BY timestamp DESC, id DESC LIMIT 1`,
    [idToBytes(field.id), optionAttribute(id)],
  );
  return row === null ? undefined : (readOption(id, fromJsonText(row.value))?.name ?? undefined);
}
