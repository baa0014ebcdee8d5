/** What waits to be sent, and how sending it goes ([SYNC-2]). Each function runs inside the caller's SQL transaction. */
import { idToBytes, type BundleId } from '../core/ids.ts';
import { millisOf } from '../core/timestamp.ts';
import { REPAIR, SEALED_ONCE, UNECHOED } from './acknowledged.ts';
import { idFromSql, numberOf, timestampFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { stageEvents, type EventKey } from './staging.ts';
import type { StoreSync } from './store.ts';

type Producer = ReturnType<StoreSync['producer']>;

/** Values of `tried`: never sent under the present epoch, perhaps sent, and seen in the stream before it was acknowledged. */
const [UNTRIED, TRIED, ECHOED] = [0, 1, 2];

export function firstInOutbox(db: SqlDatabase): ReturnType<StoreSync['nextInOutbox']> {
  const row = db.get<{ id: SqlValue; message: string; events: number; tried: number }>(
    'SELECT id, message, events, tried FROM outbox ORDER BY number LIMIT 1',
  );
  return (
    row && { id: idFromSql<BundleId>(row.id), message: row.message, events: row.events, tried: row.tried !== UNTRIED }
  );
}

export function markBundleTried(db: SqlDatabase, id: BundleId): void {
  db.run(`UPDATE outbox SET tried = ${TRIED} WHERE id = ? AND tried = ${UNTRIED}`, [idToBytes(id)]);
}

/**
 * What was acknowledged comes back in the stream, before the acknowledgement or after it; until then it is noted, since a
 * server that was put back to an older copy of itself may have lost it.
 * @returns how many changes of this client were in it
 */
export function acknowledgeBundle(db: SqlDatabase, id: BundleId, next: Producer): number {
  const row = db.get<{ tried: number; repair: number; own: number }>(
    'SELECT tried, repair, own FROM outbox WHERE id = ?',
    [idToBytes(id)],
  );
  if (row && row.tried !== ECHOED) writeConfig(db, `unechoed:${id}`, row.repair === 1 ? REPAIR : SEALED_ONCE);
  db.run('DELETE FROM outbox WHERE id = ?', [idToBytes(id)]);
  writeProducer(db, next);
  return row?.own ?? 0;
}

/**
 * Keeps count of what went out since something waits, so that a large import tells how far it has come, also after a restart.
 * @param gone changes that wait no more @param waiting what waits still
 */
export function noteSent(db: SqlDatabase, gone: number, waiting: number): void {
  const before = readNumber(db, 'sent', 0);
  const sent = waiting === 0 ? 0 : before + gone;
  if (sent !== before) writeConfig(db, 'sent', sent === 0 ? null : sent);
}

/** @param millis wall clock, Unix milliseconds */
export function rejectBundle(db: SqlDatabase, id: BundleId, reason: string, millis: number): void {
  db.run(
    `INSERT INTO dead_letters (id, message, events, reason, rejected_at, repair, own, first_arrival, last_arrival, made_at)
     SELECT id, message, events, ?, ?, repair, own, first_arrival, last_arrival, made_at FROM outbox WHERE id = ?`,
    [reason, Math.floor(millis), idToBytes(id)],
  );
  db.run('DELETE FROM outbox WHERE id = ?', [idToBytes(id)]);
}

/** A bundle that was refused goes out again: the same bytes, behind everything that waits, under the number that is next then. */
export function returnToOutbox(db: SqlDatabase, id: BundleId): void {
  db.run(
    `INSERT INTO outbox (id, message, events, own, repair, first_arrival, last_arrival, made_at, tried)
     SELECT id, message, events, own, repair, first_arrival, last_arrival, made_at, ${UNTRIED} FROM dead_letters WHERE id = ?`,
    [idToBytes(id)],
  );
  db.run('DELETE FROM dead_letters WHERE id = ?', [idToBytes(id)]);
}

/** A bundle that was refused is no more: its changes are sealed anew. */
export function takeBackRefused(db: SqlDatabase, id: BundleId): void {
  const row = db.get<{ repair: number; first_arrival: number; last_arrival: number }>(
    'SELECT repair, first_arrival, last_arrival FROM dead_letters WHERE id = ?',
    [idToBytes(id)],
  );
  if (!row) return;
  const before = Math.max(0, row.first_arrival - 1);
  if (row.repair === 1) {
    const resending = readConfig(db, 'resend_through') !== null;
    writeConfig(db, 'resent_through', resending ? Math.min(readNumber(db, 'resent_through', 0), before) : before);
    writeConfig(db, 'resend_through', Math.max(readNumber(db, 'resend_through', 0), row.last_arrival));
  } else {
    db.run('UPDATE events SET bundle_id = NULL WHERE bundle_id = ?', [idToBytes(id)]);
    writeConfig(db, 'sealed_through', Math.min(readNumber(db, 'sealed_through', 0), before));
  }
  db.run('DELETE FROM bundles WHERE id = ?', [idToBytes(id)]);
  db.run('DELETE FROM dead_letters WHERE id = ?', [idToBytes(id)]);
}

export function readProducer(db: SqlDatabase): Producer {
  return { epoch: readNumber(db, 'producer_epoch', 0), seq: readNumber(db, 'producer_seq', 0) };
}

export function writeProducer(db: SqlDatabase, { epoch, seq }: Producer): void {
  writeConfig(db, 'producer_epoch', epoch);
  writeConfig(db, 'producer_seq', seq);
}

/** A bundle that this client sealed has come back in the stream. */
export function noteEcho(db: SqlDatabase, id: BundleId): void {
  db.run(`UPDATE outbox SET tried = ${ECHOED} WHERE id = ?`, [idToBytes(id)]);
  writeConfig(db, `unechoed:${id}`, null);
}

export function countUnechoed(db: SqlDatabase): number {
  return db.get<{ n: number }>(`SELECT count(*) AS n FROM config WHERE ${UNECHOED}`)?.n ?? 0;
}

/** Under a new epoch no number has been used. */
export function forgetTries(db: SqlDatabase): void {
  db.run(`UPDATE outbox SET tried = ${UNTRIED} WHERE tried = ${TRIED}`);
}

/**
 * [SYNC-4] Queues everything that this book holds, whoever made it, and starts reading from the beginning. What was refused is
 * offered anew with it; what a person discarded of that is not.
 */
export function queueEverything(db: SqlDatabase): void {
  unsealOutbox(db);
  // What had travelled in repair bundles alone is in no bundle of its own, and is not to be taken for sent.
  db.run(
    `UPDATE events SET bundle_id = NULL WHERE arrival > ? AND client_id IN (SELECT id FROM clients WHERE self = 1)
       AND bundle_id NOT IN (SELECT id FROM dead_letters WHERE discarded_at IS NOT NULL)`,
    [readNumber(db, 'sealed_through', 0)],
  );
  db.run('DELETE FROM dead_letters WHERE discarded_at IS NULL');
  db.run(`DELETE FROM config WHERE ${UNECHOED}`);
  db.exec('UPDATE bundles SET place = NULL WHERE place IS NOT NULL; DELETE FROM lost');
  writeConfig(db, 'lost', null);
  writeConfig(db, 'lost_held', null);
  writeConfig(db, 'cursor', null);
  // Neither a snapshot of the log that was, nor its history, is of any use. Since when history is complete stays true.
  writeConfig(db, 'start', null);
  writeConfig(db, 'history', null);
  writeConfig(db, 'sent', null);
  writeConfig(db, 'upload', null);
  writeConfig(db, 'snapshots', null);
  writeConfig(db, 'resent_through', 0);
  writeConfig(db, 'resend_through', nextArrival(db) - 1);
}

/**
 * Takes back bundles that were sealed and not acknowledged, for another book or another client: their events are sealed
 * again. One that was stored after all does no harm, since events are known by their keys.
 */
export function unsealOutbox(db: SqlDatabase): void {
  const first = db.get<{ own: SqlValue; repair: SqlValue; last: SqlValue }>(
    `SELECT min(first_arrival) FILTER (WHERE repair = 0) AS own, min(first_arrival) FILTER (WHERE repair = 1) AS repair,
       max(last_arrival) FILTER (WHERE repair = 1) AS last FROM outbox`,
  );
  if (!first) return;
  db.run('UPDATE events SET bundle_id = NULL WHERE bundle_id IN (SELECT id FROM outbox WHERE repair = 0)');
  if (first.own !== null)
    writeConfig(db, 'sealed_through', Math.min(readNumber(db, 'sealed_through', 0), numberOf(first.own) - 1));
  if (first.repair !== null) {
    db.run('UPDATE events SET bundle_id = NULL WHERE arrival > ? AND bundle_id IN (SELECT id FROM outbox)', [
      readNumber(db, 'sealed_through', 0),
    ]);
    writeConfig(db, 'resent_through', numberOf(first.repair) - 1);
    writeConfig(db, 'resend_through', Math.max(readNumber(db, 'resend_through', 0), numberOf(first.last)));
  }
  db.run('DELETE FROM bundles WHERE id IN (SELECT id FROM outbox)');
  db.run('DELETE FROM outbox');
}

/**
 * A snapshot holds these versions, or says that they are superseded: bundles of ours that brought them are in the part of the
 * stream that it stands in for. What is behind it comes back in the stream.
 */
export function noteCovered(db: SqlDatabase, versions: readonly EventKey[]): void {
  if (countUnechoed(db) === 0) return;
  stageEvents(db, versions);
  const rows = db.all<{ bundle_id: SqlValue }>(
    `SELECT DISTINCT e.bundle_id FROM temp.staged_events s CROSS JOIN events e INDEXED BY events_key
       ON e.entity_id = s.entity_id AND e.attribute = s.attribute AND e.timestamp = s.timestamp
     WHERE e.bundle_id IN (SELECT unhex(substr(key, 10), '-') FROM config WHERE ${UNECHOED})`,
  );
  for (const row of rows) noteEcho(db, idFromSql<BundleId>(row.bundle_id));
}

/**
 * What was told a log again, and acknowledged, does not come back where the log is not read from the start; of others' events it
 * is not known in which bundle they went. So all of it is told once more.
 */
export function repeatRepairs(db: SqlDatabase): void {
  if (!db.get(`SELECT 1 FROM config WHERE ${UNECHOED} AND value = ${REPAIR} LIMIT 1`)) return;
  db.run(`DELETE FROM config WHERE ${UNECHOED} AND value = ${REPAIR}`);
  writeConfig(db, 'resent_through', 0);
  writeConfig(db, 'resend_through', nextArrival(db) - 1);
}

/** Own events that a log is to be told again, and that are in no bundle for it yet. */
function countResent(db: SqlDatabase, sealed: number): number {
  const target = readNumber(db, 'resend_through', 0);
  if (target === 0) return 0;
  const row = db.get<{ n: SqlValue }>(
    `SELECT sum(events) AS n FROM transactions
     WHERE last_arrival > ? AND first_arrival <= ? AND client_id IN (SELECT id FROM clients WHERE self = 1)`,
    [readNumber(db, 'resent_through', 0), Math.min(target, sealed)],
  );
  const discarded = db.get<{ n: SqlValue }>(
    'SELECT sum(own) AS n FROM dead_letters WHERE discarded_at IS NOT NULL AND last_arrival > ? AND first_arrival <= ?',
    [readNumber(db, 'resent_through', 0), Math.min(target, sealed)],
  );
  return Math.max(0, Number(row?.n ?? 0) - Number(discarded?.n ?? 0));
}

/** @param unsealed how many events are in no bundle; asked only where there is an account, or the whole log would be counted */
export function countWaiting(db: SqlDatabase, unsealed: () => number): ReturnType<StoreSync['counts']> {
  const outbox = db.get<{ own: SqlValue; since: SqlValue }>(
    'SELECT sum(own) AS own, min(made_at) FILTER (WHERE own > 0) AS since FROM outbox',
  );
  const sealed = readNumber(db, 'sealed_through', 0);
  // Without an account nothing waits, and the whole log is unsealed: it is not to be counted after every edit.
  const linked = readConfig(db, 'user') !== null;
  const oldest = linked
    ? db.get<{ timestamp: SqlValue }>(
        'SELECT timestamp FROM events WHERE arrival > ? AND bundle_id IS NULL ORDER BY arrival LIMIT 1',
        [sealed],
      )
    : null;
  const since = [outbox?.since ?? null, oldest && millisOf(timestampFromSql(oldest.timestamp))].filter(
    (millis) => typeof millis === 'number',
  );
  const waiting =
    Number(outbox?.own ?? 0) + (linked ? unsealed() : 0) + countResent(db, sealed) + readNumber(db, 'lost', 0);
  return {
    waiting,
    sent: waiting === 0 ? 0 : readNumber(db, 'sent', 0),
    waitingSince: since.length > 0 ? Math.min(...since) : null,
    quarantined: db.get<{ n: number }>('SELECT count(*) AS n FROM quarantine WHERE discarded_at IS NULL')?.n ?? 0,
    rejected: Number(
      db.get<{ n: SqlValue }>('SELECT sum(events) AS n FROM dead_letters WHERE discarded_at IS NULL')?.n ?? 0,
    ),
  };
}
