import type { Command } from '../../core/command.ts';
import { idToBytes } from '../../core/ids.ts';
import { fromJsonText, type JsonText } from '../../core/value.ts';
import { attributeToSql } from '../blob.ts';
import type { Draft } from './draft.ts';

/** The value is written as it was, also where its field has changed since: it is kept, and flagged when it no longer fits. */
export function restoreValue(draft: Draft, command: Extract<Command, { kind: 'restoreValue' }>): void {
  const { entityId, attribute, eventId } = command;
  const event = draft.db.get<{ value: JsonText }>(
    'SELECT value FROM events WHERE entity_id = ? AND attribute = ? AND id = ?',
    [idToBytes(entityId), attributeToSql(attribute), idToBytes(eventId)],
  );
  if (event) draft.set(entityId, attribute, fromJsonText(event.value));
  else draft.refuse(entityId, null, 'has no such version in its history');
}
