/**
 * Undo and redo of this client's own commands. Nothing but the timestamp of the transaction is kept: the log knows what
 * stood before it. Taking back writes new events; doing again takes back the taking back.
 */
import { TYPE } from '../core/attribute.ts';
import type { CommandError, Problem } from '../core/command.ts';
import type { AttributeName } from '../core/event.ts';
import { misfit } from '../core/event-schema.ts';
import { idToBytes, isUuid, type ClientId, type CommandId, type EntityId } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import { timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import type { AttributeChange } from '../core/transaction.ts';
import { fromJsonText, NULL_TEXT, type JsonText } from '../core/value.ts';
import { attributeFromSql, idFromSql, timestampFromSql } from './blob.ts';
import { commitChanges } from './commit.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { findCommand, keepCommand, type Outcome } from './executed.ts';
import { readIdentity } from './identity.ts';
import type { StoreOptions } from './store.ts';

const LISTED = 100;

interface Entry {
  readonly number: number;
  readonly label: string;
  /** Of the transaction that the next step on this entry reverts. */
  readonly timestamp: Timestamp;
}

/** Puts a command on the stack; what had been undone can no longer be redone. Inside the command's transaction. */
export function pushUndo(db: SqlDatabase, label: string, timestamp: Timestamp): void {
  db.run(`DELETE FROM undo WHERE state = 'undone'`);
  db.run(`INSERT INTO undo (label, state, timestamp) VALUES (?, 'done', ?)`, [label, timestampToBytes(timestamp)]);
}

export function topOfUndo(db: SqlDatabase): Entry | null {
  return entryOf(db, `SELECT number, label, timestamp FROM undo WHERE state = 'done' ORDER BY number DESC LIMIT 1`);
}

export function topOfRedo(db: SqlDatabase): Entry | null {
  return entryOf(db, `SELECT number, label, timestamp FROM undo WHERE state = 'undone' ORDER BY number LIMIT 1`);
}

/** One step of undo or redo, inside the caller's SQL transaction. `force` overwrites what somebody changed since. */
export function stepUndo(
  db: SqlDatabase,
  options: StoreOptions,
  id: CommandId,
  direction: 'undo' | 'redo',
  force: boolean,
): Outcome {
  const before = findCommand(db, id);
  if (before) return ok({ done: before, events: [] });
  const entry = direction === 'undo' ? topOfUndo(db) : topOfRedo(db);
  if (!entry) return err({ kind: 'nothingToUndo' });
  const reverted = revert(db, entry.timestamp, force);
  if (!reverted.ok) return reverted;
  const { timestamp, events } = commitChanges(db, options, reverted.value);
  if (timestamp === null) db.run('DELETE FROM undo WHERE number = ?', [entry.number]);
  else {
    const state = direction === 'undo' ? 'undone' : 'done';
    db.run('UPDATE undo SET state = ?, timestamp = ? WHERE number = ?', [
      state,
      timestampToBytes(timestamp),
      entry.number,
    ]);
  }
  const done = { timestamp, events: events.length };
  keepCommand(db, id, done);
  return ok({ done, events });
}

interface Reverted {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  /** What the transaction wrote, what its author saw before (null where that was nothing anybody reads), and what stands now. */
  readonly wrote: JsonText;
  readonly before: JsonText;
  readonly now: JsonText;
  /** Who wrote what stands now; null when the transaction itself did. */
  readonly changedBy: ClientId | null;
}

/** The changes that take a transaction of this client back, or what would be overwritten by them. */
function revert(db: SqlDatabase, timestamp: Timestamp, force: boolean): Result<AttributeChange[], CommandError> {
  const self = readIdentity(db).clientId;
  const all = readReverted(db, timestamp);
  const changes = all.filter((each) => each.now !== each.before);
  if (!force) {
    const problems: Problem[] = changes
      .filter((each) => each.changedBy !== null && (each.changedBy !== self || each.now !== each.wrote))
      .map(({ entityId, attribute }) => ({
        entityId,
        field: isUuid(attribute) ? (attribute as string as EntityId) : null,
        reason: 'was changed since',
      }));
    problems.push(...dependents(db, timestamp, changes));
    if (problems.length > 0) return err({ kind: 'changedSince', problems: problems.slice(0, LISTED) });
  }
  return ok(changes.map(({ entityId, attribute, before }) => ({ entityId, attribute, value: fromJsonText(before) })));
}

function readReverted(db: SqlDatabase, timestamp: Timestamp): Reverted[] {
  const rows = db.all<{
    entity_id: SqlValue;
    attribute: SqlValue;
    wrote: JsonText;
    before: JsonText | null;
    now: JsonText;
    changed_by: SqlValue;
  }>(
    `SELECT e.entity_id, e.attribute, e.value AS wrote, a.value AS now,
       (SELECT p.value FROM events p WHERE p.entity_id = e.entity_id AND p.attribute = e.attribute
          AND p.timestamp = substr(e.previous, -16) ORDER BY p.id DESC LIMIT 1) AS before,
       iif(a.event_id = e.id, NULL, (SELECT w.client_id FROM events w WHERE w.entity_id = a.entity_id AND w.attribute = a.attribute
          AND w.timestamp = a.timestamp AND w.id = a.event_id)) AS changed_by
     FROM transactions t CROSS JOIN events e ON e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp
     CROSS JOIN attributes a ON a.attribute = e.attribute AND a.entity_id = e.entity_id
     WHERE t.timestamp = ? ORDER BY e.arrival`,
    [timestampToBytes(timestamp)],
  );
  return rows.map((row) => {
    const attribute = attributeFromSql(row.attribute);
    return {
      entityId: idFromSql<EntityId>(row.entity_id),
      attribute,
      wrote: row.wrote,
      // [LOG-10] What an earlier version let in cannot be written again.
      before: row.before === null || misfit(attribute, row.before) !== null ? NULL_TEXT : row.before,
      now: row.now,
      changedBy: row.changed_by === null ? null : idFromSql<ClientId>(row.changed_by),
    };
  });
}

/** What somebody built since on things that would vanish: records of a type, values of a field, edits of a record. */
function dependents(db: SqlDatabase, timestamp: Timestamp, changes: readonly Reverted[]): Problem[] {
  const vanishing = changes.filter((each) => each.attribute === TYPE && each.before === NULL_TEXT);
  if (vanishing.length === 0) return [];
  const touched = new Set(changes.map((each) => each.entityId));
  const problems: Problem[] = [];
  for (const { entityId, now } of vanishing) {
    if (now !== '"type"' && now !== '"field"') continue;
    const users = db.all<{ entity_id: SqlValue }>(
      now === '"type"'
        ? 'SELECT entity_id FROM entities WHERE type = ?'
        : `SELECT entity_id FROM attributes WHERE attribute = ? AND value <> 'null'`,
      [idToBytes(entityId)],
    );
    if (users.some((row) => !touched.has(idFromSql<EntityId>(row.entity_id)))) {
      problems.push({ entityId, field: now === '"field"' ? entityId : null, reason: 'has been filled in since' });
    }
  }
  const edited = db.all<{ entity_id: SqlValue }>(
    `SELECT DISTINCT o.entity_id FROM transactions t
     CROSS JOIN events e ON e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp AND e.attribute = 'type'
     CROSS JOIN events o ON o.entity_id = e.entity_id AND o.timestamp > t.timestamp
     WHERE t.timestamp = ? AND o.client_id NOT IN (SELECT id FROM clients WHERE self = 1)`,
    [timestampToBytes(timestamp)],
  );
  const gone = new Set(vanishing.map((each) => each.entityId));
  for (const row of edited) {
    const entityId = idFromSql<EntityId>(row.entity_id);
    if (gone.has(entityId)) problems.push({ entityId, field: null, reason: 'was edited since' });
  }
  return problems;
}

function entryOf(db: SqlDatabase, sql: string): Entry | null {
  const row = db.get<{ number: number; label: string; timestamp: SqlValue }>(sql);
  return row && { number: row.number, label: row.label, timestamp: timestampFromSql(row.timestamp) };
}
