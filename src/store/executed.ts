/** Commands that were carried out, by id: what makes a retry harmless, also after the book was opened anew. */
import type { CommandError, Done } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import { idToBytes, type CommandId } from '../core/ids.ts';
import type { Result } from '../core/result.ts';
import { timestampToBytes } from '../core/timestamp.ts';
import { timestampFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/** What came of a command, and the events that were written for it now (none at a retry). */
export type Outcome = Result<{ readonly done: Done; readonly events: readonly Event[] }, CommandError>;

/** What came of a command that was carried out before; null when it was not. */
export function findCommand(db: SqlDatabase, id: CommandId): Done | null {
  const row = db.get<{ timestamp: SqlValue; events: number }>('SELECT timestamp, events FROM commands WHERE id = ?', [
    idToBytes(id),
  ]);
  return row && { timestamp: row.timestamp === null ? null : timestampFromSql(row.timestamp), events: row.events };
}

export function keepCommand(db: SqlDatabase, id: CommandId, done: Done): void {
  db.run('INSERT INTO commands (id, timestamp, events) VALUES (?, ?, ?)', [
    idToBytes(id),
    done.timestamp === null ? null : timestampToBytes(done.timestamp),
    done.events,
  ]);
}
