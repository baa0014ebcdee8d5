import type { Command } from '../../core/command.ts';
import { misfit } from '../../core/event-schema.ts';
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
  if (!event) return draft.refuse(entityId, null, 'has no such version in its history');
  // [LOG-10] An earlier version of the app let it in; no other device takes it now.
  if (misfit(attribute, event.value) !== null)
    return draft.refuse(entityId, null, 'held something then that cannot be brought back');
  draft.set(entityId, attribute, fromJsonText(event.value));
}
