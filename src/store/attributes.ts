/** The newest value of every attribute: kept by upsert as events arrive, and asked for many keys at once. */
import type { AttributeName } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { NULL_TEXT, type JsonText } from '../core/value.ts';
import { timestampFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { stageKeys } from './staging.ts';

/**
 * Takes the events from `firstArrival` on into `attributes`, in one statement. An event that names the newest version, and
 * nothing else, as what it saw follows on from it: the usual case, in which the new event is the only open version.
 * Anything else (late, concurrent, ahead of what it saw, one of two with the same key) is marked for `reviewForks`.
 */
export function upsertAttributes(db: SqlDatabase, firstArrival: number): void {
  db.run(
    `INSERT INTO attributes (entity_id, attribute, value, timestamp, event_id, fork)
     SELECT entity_id, attribute, value, timestamp, id, previous FROM events WHERE arrival >= ? ORDER BY arrival
     ON CONFLICT (attribute, entity_id) DO UPDATE SET
       value = iif(excluded.timestamp > timestamp, excluded.value, value),
       event_id = iif(excluded.timestamp > timestamp, excluded.event_id, event_id),
       timestamp = max(excluded.timestamp, timestamp),
       fork = iif(excluded.fork = timestamp AND fork IS NULL, NULL, x'')`,
    [firstArrival],
  );
}

/** How an attribute stands. */
export interface Current {
  readonly value: JsonText;
  /** Timestamps of its open versions: what a new event names as `previous`. */
  readonly leaves: readonly Timestamp[];
}

const ABSENT: Current = { value: NULL_TEXT, leaves: [] };

/** How each of these attributes stands, in the order of `keys`, in three statements however many there are. */
export function readCurrent(
  db: SqlDatabase,
  keys: readonly { readonly entityId: EntityId; readonly attribute: AttributeName }[],
): readonly Current[] {
  stageKeys(db, keys);
  const found = keys.map(() => ABSENT);
  const forked: number[] = [];
  for (const row of db.all<{ position: number; value: string; timestamp: SqlValue; forked: number }>(
    `SELECT k.position, a.value, a.timestamp, a.fork IS NOT NULL AS forked
     FROM temp.staged_keys k CROSS JOIN attributes a ON a.attribute = k.attribute AND a.entity_id = k.entity_id`,
  )) {
    found[row.position] = { value: row.value as JsonText, leaves: [timestampFromSql(row.timestamp)] };
    if (row.forked === 1) forked.push(row.position);
  }
  if (forked.length > 0) addLeaves(db, found);
  return found;
}

function addLeaves(db: SqlDatabase, found: Current[]): void {
  const leaves = Map.groupBy(
    db.all<{ position: number; timestamp: SqlValue }>(
      `SELECT k.position, l.timestamp FROM temp.staged_keys k
       CROSS JOIN leaves l ON l.entity_id = k.entity_id AND l.attribute = k.attribute`,
    ),
    (row) => row.position,
  );
  for (const [position, rows] of leaves) {
    const value = found[position]?.value ?? NULL_TEXT;
    found[position] = { value, leaves: rows.map((row) => timestampFromSql(row.timestamp)) };
  }
}
