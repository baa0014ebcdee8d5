/** Puts events into bundles and bundles into the outbox, before any of it is sent. */
import { encodeEvents, eventsOf, sealBundle, splitIntoBundles } from '../core/bundle-codec.ts';
import { BUNDLE_VERSION, MAX_BUNDLE_EVENTS, MAX_PAYLOAD_BYTES, type Bundle } from '../core/bundle.ts';
import { packMessages } from '../core/carrier.ts';
import type { Event } from '../core/event.ts';
import { idToBytes, mintId, type BundleId, type ClientId } from '../core/ids.ts';
import { millisOf, timestampToBytes, ZERO_TIMESTAMP } from '../core/timestamp.ts';
import { bytesToHex } from '../core/hex.ts';
import { bytesOf, idFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import { forgetLost, NEXT_LOST } from './lost.ts';
import type { StoreOptions, SyncLink } from './store.ts';

/** Held messages read at a time: each is as large as a bundle. */
const HELD_AT_A_TIME = 20;

/** What the server refused and a person discarded stays on this device. */
const NOT_DISCARDED = `(bundle_id IS NULL OR bundle_id NOT IN (SELECT id FROM dead_letters WHERE discarded_at IS NOT NULL))`;

/** Seals up to `limit` bundles of events that are in none, or that are to be sent again. Returns how many were made. */
export function sealEvents(db: SqlDatabase, options: StoreOptions, link: SyncLink, limit: number): number {
  let made = 0;
  while (made < limit) {
    const more = sealAgain(db, options, link) || sealLost(db, options, link) || sealLocal(db, options, link);
    if (more === 0) return made;
    made += more;
  }
  return made;
}

function sealLocal(db: SqlDatabase, options: StoreOptions, link: SyncLink): number {
  const { events, last } = nextEvents(db, 'arrival > ? AND bundle_id IS NULL', [readNumber(db, 'sealed_through', 0)]);
  writeConfig(db, 'sealed_through', last ?? nextArrival(db) - 1);
  return putIntoOutbox(db, options, link, events, false);
}

/** [SYNC-4] The log has to be told everything again: others' events too, in repair bundles under our own envelope. */
function sealAgain(db: SqlDatabase, options: StoreOptions, link: SyncLink): number {
  const target = readConfig(db, 'resend_through');
  if (target === null) return 0;
  const { events, last } = nextEvents(db, `arrival > ? AND arrival <= ? AND ${NOT_DISCARDED}`, [
    readNumber(db, 'resent_through', 0),
    target,
  ]);
  writeConfig(db, 'resent_through', last);
  if (last === null) writeConfig(db, 'resend_through', null);
  const made = putIntoOutbox(db, options, link, events, true);
  if (last !== null) return made;
  const arrival = Number(target);
  return (
    made +
    putIntoOutbox(db, options, link, heldEvents(db, options, arrival), true) +
    carryHeldMessages(db, options, link, arrival)
  );
}

/** [SYNC-9] What the server was found to have lost, again whoever made it. */
function sealLost(db: SqlDatabase, options: StoreOptions, link: SyncLink): number {
  if (readConfig(db, 'lost') === null) return 0;
  const { events, last } = nextEvents(db, `arrival IN (${NEXT_LOST(MAX_BUNDLE_EVENTS + 1)})`, []);
  const held = forgetLost(db, last);
  const made = putIntoOutbox(db, options, link, events, true);
  if (!held) return made;
  const arrival = nextArrival(db) - 1;
  return (
    made +
    putIntoOutbox(db, options, link, heldEvents(db, options, arrival), true) +
    carryHeldMessages(db, options, link, arrival)
  );
}

/** What waits for its time is part of the log as well, although nothing here was made of it yet ([HLC-4]). */
function heldEvents(db: SqlDatabase, { schema }: StoreOptions, arrival: number): ReadonlyMap<Event, number> {
  const rows = db.all<{ content: string; version: number }>(
    `SELECT content, version FROM quarantine WHERE kind = 'future' ORDER BY number`,
  );
  const events = rows.flatMap((row) => {
    const read = eventsOf(row.version, [JSON.parse(row.content) as object], schema);
    return read.ok ? read.value : [];
  });
  return new Map(events.map((event) => [event, arrival]));
}

/**
 * So is what this version cannot read, or calls malformed: another one may know better, so it is passed on as it came
 * ([BUNDLE-8]). What belongs to another book is not.
 */
function carryHeldMessages(db: SqlDatabase, options: StoreOptions, link: SyncLink, arrival: number): number {
  let made = 0;
  for (let after = 0; ;) {
    const rows = db.all<{ number: number; kind: string; content: string; version: number }>(
      `SELECT number, kind, content, version FROM quarantine
       WHERE number > ? AND kind IN ('newer', 'unreadable', 'malformed') ORDER BY number LIMIT ${HELD_AT_A_TIME}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return made;
    after = last.number;
    const texts = rows.map((row) => (row.kind === 'malformed' ? messageOf(row, options, link) : row.content));
    for (const { payload, messages } of packMessages(texts)) {
      const id = mintId<BundleId>(options.now(), options.random);
      const bundle: Bundle = { ...link, id, version: BUNDLE_VERSION, timestamp: ZERO_TIMESTAMP, payload };
      const madeAt = Math.floor(options.now());
      const about = { own: 0, repair: true, first: arrival, last: arrival, madeAt, carried: true } as const;
      putBundle(db, options, bundle, { events: messages, ...about });
      made += 1;
    }
  }
}

/** An event that this version calls malformed, in a message of its own. */
function messageOf(held: { content: string; version: number }, options: StoreOptions, link: SyncLink): string {
  const envelope = { id: mintId<BundleId>(options.now(), options.random), ...link, timestamp: ZERO_TIMESTAMP };
  const payload = encodeEvents([JSON.parse(held.content) as Event], envelope, 'json');
  return options.messages.write({ ...envelope, version: held.version, payload });
}

interface Next {
  readonly events: ReadonlyMap<Event, number>;
  /** Arrival of the last of them; null when nothing follows. */
  readonly last: number | null;
}

/**
 * The next events that fit one bundle, in order of arrival. A transaction that would be cut is left for the next bundle,
 * unless it fills this one alone.
 */
function nextEvents(db: SqlDatabase, where: string, params: readonly SqlValue[]): Next {
  const sizes = db.all<{ arrival: number; timestamp: SqlValue; bytes: number }>(
    `SELECT arrival, timestamp, octet_length(value) + 200 + 2 * coalesce(length(previous), 0) + octet_length(attribute) AS bytes
     FROM events WHERE ${where} ORDER BY arrival LIMIT ${MAX_BUNDLE_EVENTS + 1}`,
    params,
  );
  let bytes = 0;
  let count = 0;
  for (const row of sizes) {
    bytes += row.bytes;
    if (count === MAX_BUNDLE_EVENTS || (count > 0 && bytes > MAX_PAYLOAD_BYTES)) break;
    count += 1;
  }
  const stamp = (index: number): string => bytesToHex(bytesOf(sizes[index]?.timestamp ?? null));
  if (count < sizes.length) {
    let whole = count;
    while (whole > 0 && stamp(whole - 1) === stamp(count)) whole -= 1;
    if (whole > 0) count = whole;
  }
  const first = sizes[0]?.arrival ?? 0;
  const last = sizes[count - 1]?.arrival ?? 0;
  const rows = db.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE ${where} AND arrival BETWEEN ? AND ? ORDER BY arrival`,
    [...params, first, last],
  );
  return { events: readArrivals(rows), last: count < sizes.length ? last : null };
}

function putIntoOutbox(
  db: SqlDatabase,
  options: StoreOptions,
  link: SyncLink,
  arrivals: ReadonlyMap<Event, number>,
  repair: boolean,
): number {
  if (arrivals.size === 0) return 0;
  const mine = new Set(
    db.all<{ id: SqlValue }>('SELECT id FROM clients WHERE self = 1').map((row) => idFromSql<ClientId>(row.id)),
  );
  const groups = splitIntoBundles(arrivals.keys());
  for (const group of groups) {
    const id = mintId<BundleId>(options.now(), options.random);
    const timestamp = group.reduce(
      (greatest, event) => (event.timestamp > greatest ? event.timestamp : greatest),
      ZERO_TIMESTAMP,
    );
    const bundle = sealBundle({ id, ...link, timestamp }, group);
    // What came out of a file is told by nobody but this client, whoever made it: it waits for the server as our own does.
    const own = repair ? group.filter((event) => mine.has(event.clientId)) : group;
    const places = group.map((event) => arrivals.get(event) ?? 0);
    const oldest = Math.min(...(own.length > 0 ? own : group).map((event) => millisOf(event.timestamp)));
    putBundle(db, options, bundle, {
      events: group.length,
      own: own.length,
      repair,
      first: Math.min(...places),
      last: Math.max(...places),
      madeAt: oldest,
    });
    db.bulk(
      'UPDATE events SET bundle_id = ? WHERE arrival = ?',
      own.map((event) => [idToBytes(id), arrivals.get(event) ?? 0]),
    );
  }
  return groups.length;
}

/** Keeps a bundle to be sent, and its id, so that it is not taken for news when it comes back. */
function putBundle(
  db: SqlDatabase,
  options: StoreOptions,
  bundle: Bundle,
  about: {
    readonly events: number;
    readonly own: number;
    readonly repair: boolean;
    /** Arrivals that it covers. */
    readonly first: number;
    readonly last: number;
    /** Unix milliseconds. */
    readonly madeAt: number;
    /** Whether it holds messages of others in place of events. */
    readonly carried?: true;
  },
): void {
  db.run('INSERT INTO bundles (id, user_id, client_id, timestamp, version, events) VALUES (?, ?, ?, ?, ?, ?)', [
    idToBytes(bundle.id),
    idToBytes(bundle.userId),
    idToBytes(bundle.clientId),
    timestampToBytes(bundle.timestamp),
    bundle.version,
    about.carried === true ? 0 : about.events,
  ]);
  db.run(
    'INSERT INTO outbox (id, message, events, own, repair, first_arrival, last_arrival, made_at, tried) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)',
    [
      idToBytes(bundle.id),
      options.messages.write(bundle),
      about.events,
      about.own,
      about.repair ? 1 : 0,
      about.first,
      about.last,
      about.madeAt,
    ],
  );
}
