import { DELETED } from '../../core/attribute.ts';
import type { Command } from '../../core/command.ts';
import { idToBytes, type EntityId } from '../../core/ids.ts';
import { idFromSql } from '../blob.ts';
import type { SqlValue } from '../database.ts';
import type { Draft } from './draft.ts';

export function removeSamples(draft: Draft, command: Extract<Command, { kind: 'removeSamples' }>): void {
  if (!draft.type(command.type)) return draft.refuse(command.type, null, 'is not a type');
  const rows = draft.db.all<{ entity_id: SqlValue }>('SELECT entity_id FROM entities WHERE type = ? AND sample = 1', [
    idToBytes(command.type),
  ]);
  const ids = [...rows.map((row) => idFromSql<EntityId>(row.entity_id)), ...draft.samplesOf(command.type)];
  for (const id of ids) draft.set(id, DELETED, true);
}
