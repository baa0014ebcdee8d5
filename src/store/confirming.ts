/**
 * [SNAP-8] A snapshot is one member's word, and is held against the log. Its events carry its id where others carry their bundle,
 * until the log brings them: then they get that bundle, and what the log has otherwise takes their place. What carries
 * a snapshot's id when all of the log is here was never in the log: it is taken out and set aside.
 */
import type { Event } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { timestampFromSql } from './blob.ts';
import { readNumber, writeConfig } from './config.ts';
import { UNSETTLED_BUNDLES } from './acknowledged.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import { reviewForks } from './leaves.ts';
import { recountTransactions, transactions } from './projections/transactions.ts';
import { isComplete, startAgain } from './projections/upkeep.ts';
import { quarantine } from './quarantine.ts';
import { replayEntity } from './replay.ts';
import { stageEvents, stageStamps } from './staging.ts';
import { isUnconfirmed, unconfirmed } from './unconfirmed.ts';
import type { Stretch } from './versions.ts';

/** Events taken out in one SQL transaction: the entity of each is made anew from the log. */
const TAKEN_OUT_AT_A_TIME = 200;

type Where = Pick<Stretch, 'where' | 'params'>;

/** A row as it is written to `events`: id, client, entity, attribute, value, timestamp, previous, bundle, arrival. */
export type WrittenRow = readonly SqlValue[];

/**
 * The log brings events that are here already. Those that a snapshot said get their bundle; those that it said otherwise are taken
 * out, so that the log's own can be written. Inside the caller's SQL transaction.
 * @returns which of them are to be written, and the entities that are to be made anew then
 */
export function confirm(
  db: SqlDatabase,
  events: readonly Event[],
  rows: readonly WrittenRow[],
): { readonly wrong: readonly WrittenRow[]; readonly entities: ReadonlySet<EntityId> } {
  const where = unconfirmed(db);
  const confirmed = db.bulk(
    `UPDATE events SET bundle_id = ? WHERE entity_id = ? AND attribute = ? AND timestamp = ? AND id = ? AND ${where}
       AND value = ? AND client_id = ? AND previous IS ?`,
    rows.map(([id, client, entity, attribute, value, timestamp, previous, bundle]) => [
      ...[bundle, entity, attribute, timestamp, id].map((each) => each ?? null),
      ...[value, client, previous].map((each) => each ?? null),
    ]),
  );
  if (confirmed === rows.length) return { wrong: [], entities: new Set() };
  stageEvents(db, events);
  // An event may come twice at once, and is taken out once.
  const found = db.all<{ position: number; arrival: number; timestamp: SqlValue }>(
    `SELECT min(s.position) AS position, e.arrival, e.timestamp FROM temp.staged_events s CROSS JOIN events e INDEXED BY events_key
       ON e.entity_id = s.entity_id AND e.attribute = s.attribute AND e.timestamp = s.timestamp AND e.id = s.id
     WHERE e.${where} GROUP BY e.arrival`,
  );
  takeOut(
    db,
    found.map(({ arrival, timestamp }) => ({ arrival, timestamp: timestampFromSql(timestamp) })),
  );
  return {
    wrong: found.flatMap(({ position }) => [rows[position] ?? []]),
    entities: new Set(found.flatMap(({ position }) => events[position]?.entityId ?? [])),
  };
}

/**
 * All of the log is here: takes out what only a snapshot said of a stretch of it, and sets it aside. Yields before each SQL
 * transaction but the first.
 */
export function* takeOutUnconfirmed(
  db: SqlDatabase,
  { where, params }: Where,
  nowMillis: number,
): Generator<void, void> {
  for (;;) {
    const rows = db.all<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events INDEXED BY events_key WHERE ${where} AND ${unconfirmed(db)} LIMIT ${TAKEN_OUT_AT_A_TIME}`,
      params,
    );
    if (rows.length > 0) db.transaction('normal', () => setAside(db, rows, nowMillis));
    if (rows.length < TAKEN_OUT_AT_A_TIME) return;
    yield;
  }
}

function setAside(db: SqlDatabase, rows: readonly EventRow[], nowMillis: number): void {
  const events = readArrivals(rows);
  takeOut(
    db,
    Array.from(events, ([event, arrival]) => ({ arrival, timestamp: event.timestamp })),
  );
  for (const event of events.keys()) {
    const reason = 'came with a snapshot, and is not in the log of this book';
    const content = JSON.stringify(event);
    quarantine(db, { kind: 'unconfirmed', content, bundleId: null, due: null, reason, arrivedAt: nowMillis });
  }
  for (const id of new Set(Array.from(events.keys(), (event) => event.entityId))) replayEntity(db, id);
  giveBackNumbers(db);
}

/** Takes rows out of the log; what is derived from it follows, but for their entities. */
function takeOut(db: SqlDatabase, rows: readonly { readonly arrival: number; readonly timestamp: Timestamp }[]): void {
  if (rows.length === 0) return;
  db.bulk(
    'DELETE FROM events WHERE arrival = ?',
    rows.map(({ arrival }) => [arrival]),
  );
  stageStamps(
    db,
    rows.map(({ timestamp }) => timestamp),
  );
  if (isComplete(db, transactions)) recountTransactions(db);
  else startAgain(db, transactions);
}

/** Where the last arrivals went, their numbers are given out again: nothing may count as done that has yet to come. */
function giveBackNumbers(db: SqlDatabase): void {
  const last = db.get<{ last: SqlValue }>('SELECT coalesce(max(arrival), 0) AS last FROM events')?.last ?? 0;
  for (const key of ['sealed_through', 'restamped_through'] as const) {
    if (readNumber(db, key, 0) > Number(last)) writeConfig(db, key, last);
  }
  db.run('UPDATE handlers SET position = ?1 WHERE position > ?1', [last]);
  db.run('DELETE FROM arrivals WHERE first_arrival > ?', [last]);
  db.run('UPDATE arrivals SET last_arrival = ?1 WHERE last_arrival > ?1', [last]);
}

/**
 * All of the log is here: forgets what was known in advance to be superseded in a stretch of it, and looks through the versions again
 * that this may have been wrong about. Of a chain (each version names the one before) the log itself says which is open.
 */
export function forgetSuperseded(db: SqlDatabase, { where, params }: Where): void {
  db.run(
    `UPDATE attributes SET fork = x'' WHERE (attribute, entity_id) IN
       (SELECT attribute, entity_id FROM pruned JOIN forks USING (entity_id, attribute) WHERE ${where})`,
    params,
  );
  db.run(`DELETE FROM pruned WHERE ${where}`, params);
  reviewForks(db);
}

/** Everything that snapshots said has been held against the log, or (not `isWhole`) cannot be. Inside the caller's SQL transaction. */
export function endConfirming(db: SqlDatabase, isWhole: boolean): void {
  if (!isUnconfirmed(db)) return;
  if (isWhole) {
    // What the log holds of that has come out of it by itself.
    db.run(`DELETE FROM quarantine WHERE ${unconfirmed(db)}`);
    sendUnread(db);
  }
  writeConfig(db, 'snapshots', null);
}

/** Bundles of ours that a snapshot was said to cover, and that were not in the log: the server has lost them. */
function sendUnread(db: SqlDatabase): void {
  const ours = `SELECT b.id FROM bundles b JOIN clients c ON c.id = b.client_id AND c.self = 1
    WHERE b.place IS NULL AND b.id NOT IN (${UNSETTLED_BUNDLES})`;
  if (!db.get(`${ours} LIMIT 1`)) return;
  const queued = db.run(`INSERT OR IGNORE INTO lost SELECT arrival FROM events WHERE bundle_id IN (${ours})`);
  if (queued > 0) writeConfig(db, 'lost', readNumber(db, 'lost', 0) + queued);
}

/** Whether the log holds by now what was set aside. */
export function isInLog(db: SqlDatabase, event: Event): boolean {
  stageEvents(db, [event]);
  return (
    db.get(
      `SELECT 1 FROM temp.staged_events s CROSS JOIN events e
       ON e.entity_id = s.entity_id AND e.attribute = s.attribute AND e.timestamp = s.timestamp AND e.id = s.id`,
    ) !== null
  );
}
