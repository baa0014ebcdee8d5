import { optionAttribute } from '../../core/attribute.ts';
import type { Command } from '../../core/command.ts';
import { isUuid, type EntityId } from '../../core/ids.ts';
import { isOrderKey } from '../../core/order.ts';
import type { Draft } from './draft.ts';
import { checkName } from './name.ts';
import { orderAtEnd } from './place.ts';

const TINTS = 8;

export function setOption(draft: Draft, command: Extract<Command, { kind: 'setOption' }>): void {
  planOption(draft, command.field, command.option, command.value);
}

/** Puts an option on the list of a field (at the end, or where it is), or takes it off. */
export function planOption(
  draft: Draft,
  fieldId: EntityId,
  id: EntityId,
  value: { readonly name: string; readonly tint: number } | null,
): void {
  const field = draft.field(fieldId);
  if (!field || (field.kind !== 'select' && field.kind !== 'multiSelect')) {
    return draft.refuse(fieldId, fieldId, 'is not a field with options');
  }
  if (!isUuid(id)) return draft.refuse(field.type, fieldId, 'has an option without an id');
  const others = field.options.filter((option) => option.id !== id);
  if (value === null) {
    draft.putOptions(fieldId, others);
    return draft.set(fieldId, optionAttribute(id), null);
  }
  const name = checkName(value.name);
  if (!name.ok) return draft.refuse(field.type, fieldId, `has an option that ${name.error}`);
  if (!Number.isInteger(value.tint) || value.tint < 0 || value.tint >= TINTS) {
    return draft.refuse(field.type, fieldId, `has an option of a colour that there is not`);
  }
  const known = field.options.find((option) => option.id === id)?.order;
  const order = known !== undefined && isOrderKey(known) ? known : orderAtEnd(others);
  draft.putOptions(fieldId, [...others, { id, name: name.value, order, tint: value.tint }]);
  draft.set(fieldId, optionAttribute(id), { name: name.value, order, tint: value.tint });
}
