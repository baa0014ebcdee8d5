/** What goes into a snapshot, group by group: where one has come to is told by the group and how many of its parts are done. */
import { MAX_BUNDLE_EVENTS, MAX_PAYLOAD_BYTES } from '../core/bundle.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { idToBytes, type BundleId, type EntityId } from '../core/ids.ts';
import { droppableVersions, END_OF_TIME } from '../core/pruning.ts';
import { MAX_SUPERSEDED, type SnapshotPart } from '../core/snapshot-codec.ts';
import type { Superseded } from '../core/superseded-column.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { attributeFromSql, attributeToSql, idFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import type { SnapshotPortions } from './store.ts';
import { readSuperseded } from './superseded.ts';
import { BEFORE_ALL, CAN_GO, readVersions, stretchFrom, type Place, type Stretch } from './versions.ts';

/** Types, fields and people: without them no record can be shown. */
const SYSTEM = `entity_id IN (SELECT entity_id FROM entities WHERE typeof(type) = 'text')`;

/** What comes next: what has to be there first, the log behind an attribute (null: its start), what is held behind a number, or nothing. */
export type Position =
  | { readonly kind: 'system' }
  | { readonly kind: 'log'; readonly after: readonly [EntityId, AttributeName] | null }
  | { readonly kind: 'held'; readonly after: number }
  | { readonly kind: 'end' };

export const BEGINNING: Position = { kind: 'system' };

/** What belongs to a snapshot: the events that had arrived when it was begun, and what was held then, by its last number. */
export interface Bounds {
  readonly through: number;
  readonly held: number;
}

/** Parts that are made one after another as they are asked for, and the group behind them. */
export interface Group {
  readonly parts: Iterable<SnapshotPart>;
  readonly next: Position;
}

/** Gathers the group at a position; yields between its steps. The same as long as none of what belongs to it has changed. */
export function* gather(
  db: SqlDatabase,
  at: Position,
  bounds: Bounds,
  portions: SnapshotPortions,
): Generator<null, Group> {
  switch (at.kind) {
    case 'system':
      return gatherSystem(db, bounds);
    case 'log':
      return yield* gatherLog(db, at.after, bounds, portions);
    case 'held':
      return gatherHeld(db, at.after, bounds);
    case 'end':
      return { parts: [], next: at };
  }
}

/** What has to be there for anything to be seen. There is little of it. It comes again in its place, which does no harm. */
function gatherSystem(db: SqlDatabase, { through }: Bounds): Group {
  const { kept, superseded } = essenceOf(db, { where: SYSTEM, params: [] }, through);
  return { parts: partsOf(db, kept, superseded), next: { kind: 'log', after: null } };
}

/** Everything in the order of the log's key. */
function* gatherLog(
  db: SqlDatabase,
  after: readonly [EntityId, AttributeName] | null,
  { through }: Bounds,
  { eventsAtATime, eventsAPart, stampsAPart }: SnapshotPortions,
): Generator<null, Group> {
  const kept: Essence['kept'][number][] = [];
  const superseded: Superseded[] = [];
  let stamps = 0;
  let place: Place | null = after === null ? BEFORE_ALL : [idToBytes(after[0]), attributeToSql(after[1])];
  while (place !== null && kept.length < eventsAPart && stamps < stampsAPart) {
    const stretch: Stretch = stretchFrom(db, place, eventsAtATime, through);
    const essence = essenceOf(db, stretch, through);
    for (const event of essence.kept) kept.push(event);
    for (const item of essence.superseded) {
      superseded.push(item);
      stamps += item.stamps.length;
    }
    place = stretch.end;
    yield null;
  }
  const next: Position =
    place === null
      ? { kind: 'held', after: 0 }
      : { kind: 'log', after: [idFromSql<EntityId>(place[0]), attributeFromSql(place[1])] };
  return { parts: partsOf(db, kept, superseded), next };
}

/** Whoever applies them learns what is superseded before, or with, the events that it left. */
function* partsOf(
  db: SqlDatabase,
  kept: Essence['kept'],
  superseded: readonly Superseded[],
): Generator<SnapshotPart, void> {
  yield* supersededParts(superseded);
  yield* eventParts(db, kept);
}

/** One thing that is held: each may be as large as a bundle. */
function gatherHeld(db: SqlDatabase, after: number, { held }: Bounds): Group {
  const row = db.get<HeldRow>(
    `SELECT number, kind, content, bundle_id, due, reason FROM quarantine
     WHERE number > ? AND number <= ? AND kind <> 'unconfirmed' ORDER BY number LIMIT 1`,
    [after, held],
  );
  if (!row) return { parts: [], next: { kind: 'end' } };
  const { number, kind, content, due, reason } = row;
  const bundleId = row.bundle_id === null ? null : idFromSql<BundleId>(row.bundle_id);
  const item = { kind, content, bundleId, due, reason };
  return { parts: [{ kind: 'held', items: [item] }], next: { kind: 'held', after: number } };
}

interface Essence {
  /** Arrival numbers and sizes of the events that stay. */
  readonly kept: readonly { readonly arrival: number; readonly bytes: number }[];
  readonly superseded: readonly Superseded[];
}

/** @param through the last arrival that is in the snapshot */
function essenceOf(db: SqlDatabase, { where, params }: Pick<Stretch, 'where' | 'params'>, through: number): Essence {
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

interface HeldRow extends Record<string, SqlValue> {
  readonly number: number;
  readonly kind: string;
  readonly content: string;
  readonly bundle_id: SqlValue;
  readonly due: number | null;
  readonly reason: string;
}
