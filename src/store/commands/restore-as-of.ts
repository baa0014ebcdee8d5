import { DELETED, SYSTEM_TYPES, TYPE } from '../../core/attribute.ts';
import type { Command } from '../../core/command.ts';
import { misfit } from '../../core/event-schema.ts';
import { isUuid, parseId, type EntityId } from '../../core/ids.ts';
import type { AttributeName } from '../../core/event.ts';
import { fromJsonText, type JsonText, type JsonValue } from '../../core/value.ts';
import { attributeFromSql, idFromSql } from '../blob.ts';
import type { SqlValue } from '../database.ts';
import { boundParams, boundsOf, winnerAt } from '../moment.ts';
import { stageEntities } from '../staging.ts';
import type { Draft } from './draft.ts';

/** Values are written as they were, also where their fields have changed since: they are kept, and flagged when they no longer fit. */
export function restoreAsOf(draft: Draft, command: Extract<Command, { kind: 'restoreAsOf' }>): void {
  const fields = command.fields && new Set<string>(command.fields);
  const held = readHeld(draft, command);
  for (const id of new Set(command.ids)) {
    const values = held.get(id);
    const type = values?.get(TYPE) ?? null;
    if (!values || !isRecordType(type ?? draft.typeOf(id))) {
      draft.refuse(id, null, 'is not a record');
      continue;
    }
    if (fields === undefined) {
      if (type === null) {
        draft.set(id, DELETED, true);
        continue;
      }
      draft.set(id, TYPE, type);
      draft.set(id, DELETED, values.get(DELETED) ?? null);
    }
    for (const [attribute, value] of values) {
      if (isUuid(attribute) && (fields?.has(attribute) ?? true)) draft.set(id, attribute, value);
    }
  }
}

/**
 * What every attribute that these records ever had held at the moment; null where there was nothing yet, or what nobody reads
 * as anything and cannot be written again ([LOG-10]).
 */
function readHeld(
  draft: Draft,
  { ids, moment }: Extract<Command, { kind: 'restoreAsOf' }>,
): Map<EntityId, Map<AttributeName, JsonValue>> {
  const held = new Map<EntityId, Map<AttributeName, JsonValue>>();
  stageEntities(
    draft.db,
    ids.filter((id) => parseId(id) !== null),
  );
  const rows = draft.db.all<{ entity_id: SqlValue; attribute: SqlValue; value: JsonText | null }>(
    `SELECT k.entity_id, k.attribute, e.value FROM (
       SELECT k.entity_id, k.attribute, ${winnerAt('k')} AS arrival FROM (
         SELECT DISTINCT e.entity_id, e.attribute FROM temp.staged_entities s CROSS JOIN events e ON e.entity_id = s.entity_id) k) k
     LEFT JOIN events e ON e.arrival = k.arrival`,
    boundParams(boundsOf(draft.db, moment)),
  );
  for (const row of rows) {
    const id = idFromSql<EntityId>(row.entity_id);
    const values = held.get(id) ?? new Map<AttributeName, JsonValue>();
    const attribute = attributeFromSql(row.attribute);
    const value = row.value === null || misfit(attribute, row.value) !== null ? null : fromJsonText(row.value);
    held.set(id, values.set(attribute, value));
  }
  return held;
}

function isRecordType(type: JsonValue): boolean {
  return parseId(type) !== null && !SYSTEM_TYPES.some((system) => system === type);
}
