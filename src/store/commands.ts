/** Carries out commands: validated, all or nothing, once per command id. */
import type { Command, CommandRequest, Done } from '../core/command.ts';
import { TYPE } from '../core/attribute.ts';
import type { Event } from '../core/event.ts';
import { err, ok } from '../core/result.ts';
import { NULL_TEXT } from '../core/value.ts';
import type { Catalog } from './catalog.ts';
import { commitChanges } from './commit.ts';
import { planCommand } from './commands/plan.ts';
import type { SqlDatabase } from './database.ts';
import { findCommand, keepCommand, type Outcome } from './executed.ts';
import { labelOf } from './label.ts';
import type { StoreOptions } from './store.ts';
import { pushUndo } from './undo.ts';

/** Carries out a command inside the caller's SQL transaction. An error leaves nothing to roll back. */
export function executeCommand(
  db: SqlDatabase,
  options: StoreOptions,
  catalog: Catalog,
  request: CommandRequest,
): Outcome {
  const before = findCommand(db, request.id);
  if (before) return ok({ done: before, events: [] });
  const { command } = request;
  const draft = planCommand(db, catalog, command);
  if (draft.problemCount > 0) return err({ kind: 'invalid', problems: draft.problems, count: draft.problemCount });
  const { timestamp, events } = commitChanges(db, options, draft.changes);
  const done: Done = { timestamp, events: events.length };
  keepCommand(db, request.id, done);
  if (timestamp !== null && !introduces(command, events)) pushUndo(db, labelOf(command, catalog), timestamp);
  return ok({ done, events });
}

/** A device or person that is named for the first time: the app did that when sync was set up, and undo passes it over. */
function introduces(command: Command, events: readonly Event[]): boolean {
  if (command.kind !== 'nameDevice' && command.kind !== 'namePerson') return false;
  return events.some((event) => event.attribute === TYPE && event.value !== NULL_TEXT);
}
