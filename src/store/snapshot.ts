/** A book up to its cursor as bytes, from which a new client starts: real events, and what is known to be superseded. */
import { MAX_BUNDLE_EVENTS, MAX_PAYLOAD_BYTES } from '../core/bundle.ts';
import type { Event } from '../core/event.ts';
import { mintId, type BundleId } from '../core/ids.ts';
import { droppableVersions, END_OF_TIME } from '../core/pruning.ts';
import { err, ok, type Result } from '../core/result.ts';
import { MAX_SUPERSEDED, SnapshotWriter, type SnapshotHead, type SnapshotPart } from '../core/snapshot-codec.ts';
import type { Superseded } from '../core/superseded-column.ts';
import { makeTimestamp, millisOf, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { isResending } from './acknowledged.ts';
import { idFromSql, textOf } from './blob.ts';
import { readConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import { readClock, readIdentity } from './identity.ts';
import type { SnapshotPortions, SnapshotRefusal, SnapshotTaking, StoreOptions } from './store.ts';
import { readSuperseded } from './superseded.ts';
import { BEFORE_ALL, CAN_GO, readVersions, stretchFrom, type Place, type Stretch } from './versions.ts';

const PORTIONS: SnapshotPortions = {
  eventsAtATime: 2_000,
  eventsAPart: MAX_BUNDLE_EVENTS,
  stampsAPart: 5_000,
  pieceBytes: 400_000,
};

/** Types, fields and people: without them no record can be shown. */
const SYSTEM = `entity_id IN (SELECT entity_id FROM entities WHERE typeof(type) = 'text')`;

/**
 * Takes a snapshot of what the server is known to have: of each attribute the newest version, every open one, and what those of a
 * conflict were made on; timestamps of all the rest; and what is held in quarantine. What waits to be sent is left out: it
 * comes to whoever starts from here as it comes to everybody. So is what arrives while it is taken.
 */
export function takeSnapshot(db: SqlDatabase, options: StoreOptions): Result<SnapshotTaking, SnapshotRefusal> {
  const refusal = (): SnapshotRefusal | null =>
    isResending(db) ? { kind: 'resending', message: 'The server is being sent everything again.' } : null;
  const refused = refusal();
  if (refused) return err(refused);
  const cursor = readConfig(db, 'cursor');
  if (cursor === null) return err({ kind: 'notSynced', message: 'This book has not been read from a server yet.' });
  const { bookId, clientId } = readIdentity(db);
  const timestamp = readClock(db).last;
  const head = {
    id: mintId<BundleId>(options.now(), options.random),
    bookId,
    clientId,
    timestamp,
    // The first millisecond that lies behind all that is known here.
    horizon: makeTimestamp(millisOf(timestamp) + 1, 0, '0000000000000000' as NodeId),
    cursor: textOf(cursor),
  };
  const through = nextArrival(db) - 1;
  const { portions = PORTIONS } = options;
  return ok({
    id: head.id,
    cursor: head.cursor,
    events: through,
    *pieces() {
      const pieces = new Pieces(head, portions.pieceBytes);
      for (const _ of addAll(db, pieces, through, portions)) {
        // What the server is known to have may have become nothing in between.
        if (refusal()) return false;
        yield pieces.take();
      }
      yield pieces.finish();
      return true;
    },
  });
}

/** Adds what there is, step by step. First what has to be there for anything to be seen, then everything in the order of the log's key. */
function* addAll(db: SqlDatabase, pieces: Pieces, through: number, portions: SnapshotPortions): Generator<void, void> {
  let kept: Essence['kept'][number][] = [];
  let superseded: Superseded[] = [];
  let stamps = 0;
  function* gathered(): Generator<SnapshotPart, void> {
    // Whoever applies it learns what is superseded before, or with, the events that it left.
    yield* supersededParts(superseded);
    yield* eventParts(db, kept);
    [kept, superseded, stamps] = [[], [], 0];
  }
  function* parts(): Generator<SnapshotPart | null, void> {
    for (const stretch of stretches(db, portions.eventsAtATime)) {
      const essence = essenceOf(db, stretch, through);
      for (const event of essence.kept) kept.push(event);
      for (const item of essence.superseded) {
        superseded.push(item);
        stamps += item.stamps.length;
      }
      if (kept.length >= portions.eventsAPart || stamps >= portions.stampsAPart) yield* gathered();
      yield null;
    }
    yield* gathered();
    yield* heldParts(db);
  }
  for (const part of parts()) {
    if (part) pieces.writer.add(part);
    yield;
  }
}

type Head = Omit<SnapshotHead, 'piece'>;

/** The pieces of a snapshot, one after another. */
class Pieces {
  readonly #head: Head;
  readonly #bytes: number;
  #number = 0;
  writer: SnapshotWriter;

  /** @param bytes that close a piece */
  constructor(head: Head, bytes: number) {
    this.#head = head;
    this.#bytes = bytes;
    this.writer = new SnapshotWriter({ ...head, piece: 0 });
  }

  /** The present piece, if it is large enough; another one begins. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (this.writer.bytes < this.#bytes) return null;
    const bytes = this.writer.finish();
    this.#number += 1;
    this.writer = new SnapshotWriter({ ...this.#head, piece: this.#number });
    return bytes;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.writer.finish();
  }
}

interface Essence {
  /** Arrival numbers and sizes of the events that stay. */
  readonly kept: readonly { readonly arrival: number; readonly bytes: number }[];
  readonly superseded: readonly Superseded[];
}

type Where = Pick<Stretch, 'where' | 'params'>;

/** @param size events in each, about */
function* stretches(db: SqlDatabase, size: number): Generator<Where> {
  // There are few of them. They come again in their place, which does no harm.
  yield { where: SYSTEM, params: [] };
  for (let place: Place | null = BEFORE_ALL; place !== null;) {
    const stretch = stretchFrom(db, place, size);
    yield stretch;
    place = stretch.end;
  }
}

/** @param through the last arrival that is in the snapshot */
function essenceOf(db: SqlDatabase, { where, params }: Where, through: number): Essence {
  const keys = (which: string): string =>
    `SELECT entity_id, attribute FROM events INDEXED BY events_key WHERE ${where} AND ${which} GROUP BY entity_id, attribute`;
  const bounds = { through, known: Number.MAX_SAFE_INTEGER };
  const groups = readVersions(db, keys(CAN_GO), params, bounds);
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
  for (const { versions } of readVersions(db, keys(`NOT ${CAN_GO}`), params, bounds).values()) {
    for (const version of versions) if (version.settled) kept.push(version);
  }
  return { kept, superseded };
}

function* eventParts(db: SqlDatabase, kept: Essence['kept']): Generator<SnapshotPart, void> {
  let arrivals: number[] = [];
  let bytes = 0;
  for (const event of kept) {
    if (arrivals.length === MAX_BUNDLE_EVENTS || (arrivals.length > 0 && bytes + event.bytes > MAX_PAYLOAD_BYTES)) {
      yield { kind: 'events', events: readEvents(db, arrivals) };
      arrivals = [];
      bytes = 0;
    }
    arrivals.push(event.arrival);
    bytes += event.bytes;
  }
  if (arrivals.length > 0) yield { kind: 'events', events: readEvents(db, arrivals) };
}

function readEvents(db: SqlDatabase, arrivals: readonly number[]): Event[] {
  const rows = db.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE arrival IN (SELECT value FROM json_each(?)) ORDER BY arrival`,
    [JSON.stringify(arrivals)],
  );
  return [...readArrivals(rows).keys()];
}

function* supersededParts(superseded: readonly Superseded[]): Generator<SnapshotPart, void> {
  let attributes: Superseded[] = [];
  let room = MAX_SUPERSEDED;
  for (const item of superseded) {
    for (let at = 0; at < item.stamps.length;) {
      const stamps = item.stamps.slice(at, at + room);
      attributes.push({ ...item, stamps });
      at += stamps.length;
      room -= stamps.length;
      if (room > 0) continue;
      yield { kind: 'superseded', attributes };
      attributes = [];
      room = MAX_SUPERSEDED;
    }
  }
  if (attributes.length > 0) yield { kind: 'superseded', attributes };
}

function* heldParts(db: SqlDatabase): Generator<SnapshotPart, void> {
  for (let last = 0; ;) {
    const row = db.get<HeldRow>(
      'SELECT number, kind, content, bundle_id, due, reason FROM quarantine WHERE number > ? ORDER BY number LIMIT 1',
      [last],
    );
    if (!row) return;
    last = row.number;
    const { kind, content, due, reason } = row;
    const bundleId = row.bundle_id === null ? null : idFromSql<BundleId>(row.bundle_id);
    yield { kind: 'held', items: [{ kind, content, bundleId, due, reason }] };
  }
}

interface HeldRow extends Record<string, SqlValue> {
  readonly number: number;
  readonly kind: string;
  readonly content: string;
  readonly bundle_id: SqlValue;
  readonly due: number | null;
  readonly reason: string;
}
