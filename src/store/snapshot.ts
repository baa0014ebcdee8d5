/** A book up to its cursor as bytes, from which a new client starts: real events, and what is known to be superseded. */
import { MAX_BUNDLE_EVENTS, MAX_PAYLOAD_BYTES } from '../core/bundle.ts';
import type { Event } from '../core/event.ts';
import { mintId, type BundleId } from '../core/ids.ts';
import { droppableVersions, END_OF_TIME } from '../core/pruning.ts';
import { err, ok, type Result } from '../core/result.ts';
import { MAX_SUPERSEDED, SnapshotWriter, type Held } from '../core/snapshot-codec.ts';
import type { Superseded } from '../core/superseded-column.ts';
import { makeTimestamp, millisOf, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { isResending } from './acknowledged.ts';
import { idFromSql, textOf } from './blob.ts';
import { readConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import { readClock, readIdentity } from './identity.ts';
import type { SnapshotRefusal, StoreOptions } from './store.ts';
import { readSuperseded } from './superseded.ts';
import { BEFORE_ALL, CAN_GO, readVersions, stretchFrom, type Place } from './versions.ts';

/** Events looked at at a time, so that memory stays bounded by what comes of them. */
const EVENTS_AT_A_TIME = 10_000;

/**
 * Takes a snapshot of what the server is known to have: of each attribute the newest version, every open one, and what those of a
 * conflict were made on; timestamps of all the rest; and what is held in quarantine. What waits to be sent is left out: it
 * comes to whoever starts from here as it comes to everybody.
 */
export function takeSnapshot(db: SqlDatabase, options: StoreOptions): Result<Uint8Array<ArrayBuffer>, SnapshotRefusal> {
  if (isResending(db)) return err({ kind: 'resending', message: 'The server is being sent everything again.' });
  const cursor = readConfig(db, 'cursor');
  if (cursor === null) return err({ kind: 'notSynced', message: 'This book has not been read from a server yet.' });
  const { bookId, clientId } = readIdentity(db);
  const timestamp = readClock(db).last;
  const writer = new SnapshotWriter({
    id: mintId<BundleId>(options.now(), options.random),
    bookId,
    clientId,
    timestamp,
    // The first millisecond that lies behind all that is known here.
    horizon: makeTimestamp(millisOf(timestamp) + 1, 0, '0000000000000000' as NodeId),
    cursor: textOf(cursor),
  });
  // Whoever applies it meets what is superseded before the events that it left: one pass for each.
  for (const stretch of stretches(db)) addSuperseded(writer, stretch.superseded);
  for (const stretch of stretches(db)) addEvents(db, writer, stretch.kept);
  addHeld(db, writer);
  return ok(writer.finish());
}

interface Essence {
  /** Arrival numbers and sizes of the events that stay. */
  readonly kept: readonly { readonly arrival: number; readonly bytes: number }[];
  readonly superseded: readonly Superseded[];
}

function* stretches(db: SqlDatabase): Generator<Essence> {
  for (let place: Place | null = BEFORE_ALL; place !== null;) {
    const stretch = stretchFrom(db, place, EVENTS_AT_A_TIME);
    const keys = (which: string): string =>
      `SELECT entity_id, attribute FROM events INDEXED BY events_key WHERE ${stretch.where} AND ${which} GROUP BY entity_id, attribute`;
    const bounds = { through: Number.MAX_SAFE_INTEGER, known: Number.MAX_SAFE_INTEGER };
    const groups = readVersions(db, keys(CAN_GO), stretch.params, bounds);
    const known = readSuperseded(db, [...groups.values()]);
    const kept: Essence['kept'][number][] = [];
    const superseded: Superseded[] = [];
    for (const [key, { entityId, attribute, versions }] of groups) {
      const there = versions.filter((version) => version.settled);
      const named = known.get(key) ?? new Set<Timestamp>();
      const gone = new Set(droppableVersions(there, named, END_OF_TIME));
      const stamps = new Set(named);
      for (const version of there) {
        if (!gone.has(version.timestamp)) kept.push(version);
        else for (const stamp of [version.timestamp, ...version.previous]) stamps.add(stamp);
      }
      if (stamps.size > 0) superseded.push({ entityId, attribute, stamps: [...stamps].toSorted() });
    }
    for (const { versions } of readVersions(db, keys(`NOT ${CAN_GO}`), stretch.params, bounds).values()) {
      for (const version of versions) if (version.settled) kept.push(version);
    }
    yield { kept, superseded };
    place = stretch.end;
  }
}

function addEvents(db: SqlDatabase, writer: SnapshotWriter, kept: Essence['kept']): void {
  let arrivals: number[] = [];
  let bytes = 0;
  const close = (): void => {
    if (arrivals.length === 0) return;
    writer.add({ kind: 'events', events: readEvents(db, arrivals) });
    arrivals = [];
    bytes = 0;
  };
  for (const event of kept) {
    if (arrivals.length === MAX_BUNDLE_EVENTS || bytes + event.bytes > MAX_PAYLOAD_BYTES) close();
    arrivals.push(event.arrival);
    bytes += event.bytes;
  }
  close();
}

function readEvents(db: SqlDatabase, arrivals: readonly number[]): Event[] {
  const rows = db.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE arrival IN (SELECT value FROM json_each(?)) ORDER BY arrival`,
    [JSON.stringify(arrivals)],
  );
  return [...readArrivals(rows).keys()];
}

function addSuperseded(writer: SnapshotWriter, superseded: readonly Superseded[]): void {
  let attributes: Superseded[] = [];
  let room = MAX_SUPERSEDED;
  for (const item of superseded) {
    for (let at = 0; at < item.stamps.length;) {
      const stamps = item.stamps.slice(at, at + room);
      attributes.push({ ...item, stamps });
      at += stamps.length;
      room -= stamps.length;
      if (room > 0) continue;
      writer.add({ kind: 'superseded', attributes });
      attributes = [];
      room = MAX_SUPERSEDED;
    }
  }
  if (attributes.length > 0) writer.add({ kind: 'superseded', attributes });
}

function addHeld(db: SqlDatabase, writer: SnapshotWriter): void {
  const rows = db.all<{ number: number }>('SELECT number FROM quarantine ORDER BY number');
  for (const { number } of rows) {
    const row = db.get<{ kind: string; content: string; bundle_id: SqlValue; due: number | null; reason: string }>(
      'SELECT kind, content, bundle_id, due, reason FROM quarantine WHERE number = ?',
      [number],
    );
    if (!row) continue;
    const { kind, content, due, reason } = row;
    const item: Held = {
      kind,
      content,
      bundleId: row.bundle_id === null ? null : idFromSql<BundleId>(row.bundle_id),
      due,
      reason,
    };
    writer.add({ kind: 'held', items: [item] });
  }
}
