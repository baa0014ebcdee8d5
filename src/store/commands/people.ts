import { NAME, TYPE, USER, type SystemType } from '../../core/attribute.ts';
import type { Command } from '../../core/command.ts';
import type { EntityId } from '../../core/ids.ts';
import type { Draft } from './draft.ts';
import { checkName } from './name.ts';

export function nameDevice(draft: Draft, command: Extract<Command, { kind: 'nameDevice' }>): void {
  if (!setName(draft, command.client, 'client', command.name)) return;
  if (command.user !== null) draft.set(command.client, USER, command.user);
}

export function namePerson(draft: Draft, command: Extract<Command, { kind: 'namePerson' }>): void {
  setName(draft, command.user, 'user', command.name);
}

function setName(draft: Draft, id: EntityId, type: SystemType, text: string): boolean {
  const name = checkName(text);
  const known = draft.typeOf(id);
  if (!name.ok) draft.refuse(id, null, name.error);
  else if (known !== null && known !== type) draft.refuse(id, null, 'is something else already');
  else {
    draft.set(id, TYPE, type);
    draft.set(id, NAME, name.value);
    return true;
  }
  return false;
}
