/**
 * The history that a snapshot stood in for: fetched in the background, from where the stream was left to the snapshot's
 * offset. State is complete without it; each of its events is known to be superseded, or is here already. When all of it is
 * here, the book is as one that has read the whole stream.
 */
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { endConfirming, forgetSuperseded, takeOutUnconfirmed } from './confirming.ts';
import { makeTimestamp, timestampToBytes, type NodeId } from '../core/timestamp.ts';
import { textOf } from './blob.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import { applySlice, type Ingested, type Reader } from './ingest.ts';
import { readHistory, writeHistory } from './start-state.ts';
import type { StoreSync } from './store.ts';
import { readHorizon } from './superseded.ts';
import { isUnconfirmed, unconfirmed } from './unconfirmed.ts';
import { BEFORE_ALL, stretchFrom, type Place } from './versions.ts';

/** Events looked at in one SQL transaction. */
const EVENTS_AT_A_TIME = 5_000;

type Slice = Parameters<StoreSync['apply']>[0];

/**
 * Applies a slice of a page of history, and notes how far it has come with the last. Inside the caller's SQL transaction.
 * @param after where the page begins: what was asked for before the log was lost, or left behind, is none any more
 */
export function applyHistory(
  db: SqlDatabase,
  reader: Reader,
  slice: Slice,
  after: string | null,
  serverMillis: number,
): Ingested {
  const history = readHistory(db);
  if (history === null || history.at !== after) return { fresh: [], told: [], quarantined: 0 };
  const ingested = applySlice(db, reader, { ...slice, cursor: null, from: after }, serverMillis, 'history');
  if (slice.cursor !== null) writeHistory(db, { ...history, at: slice.cursor });
  return ingested;
}

/** The server keeps history from `earliest` on only; what went had been stored by `before`, Unix milliseconds. */
export function missHistory(db: SqlDatabase, earliest: string, before: number): void {
  const history = readHistory(db);
  if (history === null) return;
  writeHistory(db, { ...history, at: earliest, missing: Math.max(before, history.missing ?? 0) });
}

/**
 * All that there is has come: holds what snapshots said against it ([SNAP-8]), finds the attributes that had two open versions at
 * some time, which only their whole history shows, and forgets what it knew of it in advance. Yields between SQL transactions;
 * broken off, it is begun again.
 * @param nowMillis estimated server time
 */
export function* finishHistory(db: SqlDatabase, nowMillis: number): Generator<void, void> {
  // Where the server kept less, or this device shortened its history, a snapshot is the only witness of what went.
  const isWhole = readHistory(db)?.missing === null && readHorizon(db) === null;
  // And what a newer version wrote, this one cannot see in the log: `confirmLater`.
  const confirms = isWhole && !(isUnconfirmed(db) && holdsNewer(db));
  for (let place: Place | null = BEFORE_ALL; place !== null;) {
    const stretch = stretchFrom(db, place, EVENTS_AT_A_TIME);
    if (confirms && isUnconfirmed(db)) yield* takeOutUnconfirmed(db, stretch, nowMillis);
    db.transaction('normal', () => {
      noteForks(db, stretch.where, stretch.params);
      if (confirms) forgetSuperseded(db, stretch);
    });
    place = stretch.end;
    yield;
  }
  db.transaction('normal', () => {
    const history = readHistory(db);
    if (history === null) return;
    writeHistory(db, null);
    if (confirms || !isWhole) endConfirming(db, isWhole);
    if (history.missing !== null) {
      // What the server had stored by then was dated no later than its clock allowed ([HLC-4]).
      const since = makeTimestamp(history.missing + MAX_AHEAD_MILLIS, 0, '0000000000000000' as NodeId);
      writeConfig(db, 'history_since', timestampToBytes(since));
    } else {
      writeConfig(db, 'history_since', null);
    }
  });
}

/**
 * What newer versions wrote has been read since history ended: now snapshots can be held against the log to the end. Inside the
 * caller's SQL transaction.
 */
export function confirmLater(db: SqlDatabase): void {
  const cursor = readConfig(db, 'cursor');
  if (cursor === null || readHistory(db) !== null || !isUnconfirmed(db) || holdsNewer(db)) return;
  writeHistory(db, { at: textOf(cursor), until: textOf(cursor), missing: null });
}

/** Whether the log holds a bundle of a newer version. One that only a snapshot has says nothing about the log. */
function holdsNewer(db: SqlDatabase): boolean {
  return (
    db.get(`SELECT 1 FROM quarantine WHERE kind = 'newer' AND coalesce(NOT ${unconfirmed(db)}, 1) LIMIT 1`) !== null
  );
}

/** As in rebuild.ts: in a chain each version names the one before and nothing else. */
function noteForks(db: SqlDatabase, where: string, params: Parameters<SqlDatabase['run']>[1]): void {
  db.run(
    `INSERT OR IGNORE INTO forks SELECT entity_id, attribute FROM events INDEXED BY events_key WHERE ${where}
     GROUP BY entity_id, attribute HAVING count(*) > 1 AND NOT (sum(previous IS NULL) < 2 AND total(length(previous) > 16) = 0 AND
       substr(CAST(coalesce(group_concat(previous, ''), '') || max(timestamp) AS BLOB), -16 * count(*)) = CAST(group_concat(timestamp, '') AS BLOB))`,
    params,
  );
}
