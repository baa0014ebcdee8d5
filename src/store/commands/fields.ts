import { FIELD_KINDS, HIDDEN, KIND, NAME, ORDER, OWNER, TARGET, TYPE } from '../../core/attribute.ts';
import type { Command, NewField } from '../../core/command.ts';
import type { EntityId } from '../../core/ids.ts';
import { fieldsOf } from '../catalog.ts';
import type { Draft } from './draft.ts';
import { checkName } from './name.ts';
import { planOption } from './options.ts';
import { orderAtEnd, reorder } from './place.ts';

export function createField(draft: Draft, command: Extract<Command, { kind: 'createField' }>): void {
  if (!draft.type(command.type)) return draft.refuse(command.type, null, 'is not a type');
  planField(draft, command.type, command.field);
}

/** Adds a field at the end of a type that exists. */
export function planField(draft: Draft, type: EntityId, field: NewField): void {
  const { id, kind } = field;
  const name = checkName(field.name);
  if (!name.ok) return draft.refuse(type, id, name.error);
  if (!FIELD_KINDS.includes(kind)) return draft.refuse(type, id, 'is of a kind that this version does not know');
  const target = kind === 'link' ? (field.target ?? null) : null;
  if (kind === 'link' && (target === null || !draft.type(target)))
    return draft.refuse(type, id, 'needs a type to link to');
  if (!draft.create(id, 'field')) return;
  const order = orderAtEnd(fieldsOf(draft.catalog, type));
  draft.putField({ id, type, name: name.value, kind, order, hidden: false, options: [], target });
  draft.set(id, TYPE, 'field');
  draft.set(id, OWNER, type);
  draft.set(id, KIND, kind);
  draft.set(id, NAME, name.value);
  draft.set(id, ORDER, order);
  if (target !== null) draft.set(id, TARGET, target);
  for (const option of field.options ?? []) planOption(draft, id, option.id, option);
}

export function changeField(draft: Draft, command: Extract<Command, { kind: 'changeField' }>): void {
  const field = draft.field(command.id);
  if (!field) return draft.refuse(command.id, command.id, 'is not a field');
  if (command.name !== undefined) {
    const name = checkName(command.name);
    if (!name.ok) return draft.refuse(field.type, field.id, name.error);
    draft.set(field.id, NAME, name.value);
    draft.putField({ ...field, name: name.value });
  }
  if (command.hidden !== undefined) draft.set(field.id, HIDDEN, command.hidden ? true : null);
}

export function moveField(draft: Draft, command: Extract<Command, { kind: 'moveField' }>): void {
  const field = draft.field(command.id);
  if (!field) return draft.refuse(command.id, command.id, 'is not a field');
  const keys = reorder(fieldsOf(draft.catalog, field.type), field.id, command.after);
  if (!keys)
    return draft.refuse(field.type, field.id, 'cannot be put behind something that is not a field of its type');
  for (const [id, order] of keys) {
    const moved = draft.field(id);
    if (moved) draft.putField({ ...moved, order });
    draft.set(id, ORDER, order);
  }
}
