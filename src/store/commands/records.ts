import { DELETED, SAMPLE, SYSTEM_TYPES, TYPE } from '../../core/attribute.ts';
import type { Command } from '../../core/command.ts';
import type { AttributeName } from '../../core/event.ts';
import { parseId, type EntityId } from '../../core/ids.ts';
import type { Field } from '../../core/query.ts';
import { checkValue } from '../../core/validate.ts';
import type { JsonValue } from '../../core/value.ts';
import type { Draft } from './draft.ts';

export function createRecords(draft: Draft, command: Extract<Command, { kind: 'createRecords' }>): void {
  const { type, sample = false } = command;
  if (!draft.type(type)) return draft.refuse(type, null, 'is not a type');
  for (const record of command.records) {
    if (parseId(record.id) === null) {
      draft.refuse(record.id, null, 'has no proper id');
      continue;
    }
    if (!draft.create(record.id, type)) continue;
    draft.set(record.id, TYPE, type);
    if (sample) {
      draft.set(record.id, SAMPLE, true);
      draft.noteSample(record.id, type);
    }
    for (const [field, value] of Object.entries(record.values)) {
      if (value !== null) planValue(draft, record.id, type, field as EntityId, value);
    }
  }
}

export function setValues(draft: Draft, command: Extract<Command, { kind: 'setValues' }>): void {
  for (const { entityId, field, value } of command.changes) {
    const type = draft.typeOf(entityId);
    if (type === null) draft.refuse(entityId, field, 'belongs to a record that does not exist');
    else planValue(draft, entityId, type, field, value);
  }
}

export function deleteRecords(draft: Draft, command: Extract<Command, { kind: 'deleteRecords' }>): void {
  for (const id of command.ids) if (isRecord(draft, id)) draft.set(id, DELETED, true);
}

export function restoreRecords(draft: Draft, command: Extract<Command, { kind: 'restoreRecords' }>): void {
  for (const id of command.ids) if (isRecord(draft, id)) draft.set(id, DELETED, null);
}

function isRecord(draft: Draft, id: EntityId): boolean {
  const type = draft.typeOf(id);
  if (type !== null && !SYSTEM_TYPES.some((system) => system === type)) return true;
  draft.refuse(id, null, 'is not a record');
  return false;
}

function planValue(draft: Draft, entityId: EntityId, type: string, fieldId: EntityId, value: JsonValue): void {
  const field = draft.field(fieldId);
  if (!field || field.type !== type) return draft.refuse(entityId, fieldId, 'is not a field of this record');
  const checked = checkValue(field, value);
  if (!checked.ok) return draft.refuse(entityId, fieldId, checked.error);
  if (field.kind === 'link' && !linksWell(draft, field, checked.value))
    return draft.refuse(entityId, fieldId, 'links to a record that does not exist');
  draft.set(entityId, fieldId as string as AttributeName, checked.value);
}

function linksWell(draft: Draft, field: Field, value: JsonValue): boolean {
  return value === null || draft.typeOf(value as EntityId) === field.target;
}
