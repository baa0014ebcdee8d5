import { HIDDEN, ICON, NAME, ORDER, TYPE } from '../../core/attribute.ts';
import type { Command } from '../../core/command.ts';
import { misfit } from '../../core/event-schema.ts';
import { toJsonText } from '../../core/value.ts';
import type { Draft } from './draft.ts';
import { planField } from './fields.ts';
import { checkName } from './name.ts';
import { orderAtEnd, reorder } from './place.ts';

export function createType(draft: Draft, command: Extract<Command, { kind: 'createType' }>): void {
  const { id, icon = null } = command;
  const name = checkName(command.name);
  if (!name.ok) return draft.refuse(id, null, name.error);
  if (!isIcon(icon)) return draft.refuse(id, null, 'has an icon that is none');
  if (!draft.create(id, 'type')) return;
  const order = orderAtEnd([...draft.catalog.types.values()]);
  draft.putType({ id, name: name.value, icon, order, hidden: false });
  draft.set(id, TYPE, 'type');
  draft.set(id, NAME, name.value);
  draft.set(id, ORDER, order);
  if (icon !== null) draft.set(id, ICON, icon);
  for (const field of command.fields) planField(draft, id, field);
}

export function changeType(draft: Draft, command: Extract<Command, { kind: 'changeType' }>): void {
  const type = draft.type(command.id);
  if (!type) return draft.refuse(command.id, null, 'is not a type');
  if (command.name !== undefined) {
    const name = checkName(command.name);
    if (!name.ok) return draft.refuse(type.id, null, name.error);
    draft.set(type.id, NAME, name.value);
    draft.putType({ ...type, name: name.value });
  }
  if (command.icon !== undefined) {
    if (!isIcon(command.icon)) return draft.refuse(type.id, null, 'has an icon that is none');
    draft.set(type.id, ICON, command.icon);
  }
  if (command.hidden !== undefined) draft.set(type.id, HIDDEN, command.hidden ? true : null);
}

export function moveType(draft: Draft, command: Extract<Command, { kind: 'moveType' }>): void {
  const type = draft.type(command.id);
  if (!type) return draft.refuse(command.id, null, 'is not a type');
  const keys = reorder([...draft.catalog.types.values()], type.id, command.after);
  if (!keys) return draft.refuse(type.id, null, 'cannot be put behind something that is not a type');
  for (const [id, order] of keys) {
    const moved = draft.type(id);
    if (moved) draft.putType({ ...moved, order });
    draft.set(id, ORDER, order);
  }
}

const isIcon = (icon: string | null): boolean => misfit(ICON, toJsonText(icon)) === null;
