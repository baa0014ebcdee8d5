/** Applies what other clients made. Each function runs inside the caller's SQL transaction. */
import type { HeldKind } from '../core/attention.ts';
import type { Bundle, CodecError } from '../core/bundle.ts';
import { eventsOf, openBundle } from '../core/bundle-codec.ts';
import { carriedMessages } from '../core/carrier.ts';
import { MAX_AHEAD_MILLIS, observe, type ClockState } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import { idToBytes, type BundleId } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import { millisOf, timestampToBytes } from '../core/timestamp.ts';
import { EVENT_SCHEMA, type EventSchema } from '../core/upcast.ts';
import { checkEvent } from '../core/validate.ts';
import { noteArrival } from './arrivals.ts';
import { idFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlRow, SqlValue } from './database.ts';
import { appendEvents, appendHistory, nextArrival, type Batch } from './event-log.ts';
import { readClock, readIdentity, writeClock } from './identity.ts';
import { LOST, queueReleased } from './lost.ts';
import { isInLog } from './confirming.ts';
import { noteEcho } from './outbox.ts';
import { leaveStart } from './start-state.ts';
import { quarantine } from './quarantine.ts';
import type { BundleMessages, StoreSync } from './store.ts';
import { isHearsay, unconfirmed } from './unconfirmed.ts';

/** Events appended at a time, so that memory stays bounded however large a slice is ([SYNC-5]). */
const EVENTS_AT_A_TIME = 5_000;
/** Quarantined events released in one SQL transaction. */
const RELEASED_AT_A_TIME = 5_000;
/** Quarantined messages that are tried again in one SQL transaction, in characters; one message may have more. */
const UNREAD_LENGTH = 8_000_000;

type Slice = Parameters<StoreSync['apply']>[0];

/** What it takes to read messages. */
export interface Reader {
  readonly messages: BundleMessages;
  readonly schema: EventSchema;
}

export interface Ingested {
  readonly fresh: readonly Event[];
  /** Events that history was shortened by, and that closed open versions all the same. */
  readonly told: readonly Event[];
  readonly quarantined: number;
}

type Age = 'news' | 'history';

/**
 * Applies a slice of a page and moves the cursor with it ([SYNC-3]).
 * @param age `history`: most of it is known to be superseded (`appendHistory`)
 */
export function applySlice(
  db: SqlDatabase,
  reader: Reader,
  slice: Slice,
  serverMillis: number,
  age: Age = 'news',
): Ingested {
  const allSealed = readNumber(db, 'sealed_through', 0) === nextArrival(db) - 1;
  const intake = new Intake(db, serverMillis, reader.schema, age);
  intake.place = slice.from === undefined ? String(readConfig(db, 'cursor') ?? '') : (slice.from ?? '');
  for (const message of slice.messages) takeMessage(db, reader, intake, message);
  if (slice.cursor !== null) {
    leaveStart(db, slice.cursor);
    writeConfig(db, 'cursor', slice.cursor);
  }
  const ingested = intake.finish();
  // What came is in bundles: neither the next seal nor a question about what waits has to look through it.
  if (allSealed) writeConfig(db, 'sealed_through', nextArrival(db) - 1);
  return ingested;
}

/** Applies events whose time has come. */
export function releaseDue(db: SqlDatabase, reader: Reader, serverMillis: number): Ingested {
  const intake = new Intake(db, serverMillis, reader.schema);
  const due = db.all<{ number: number; bundle_id: SqlValue; content: string; version: number }>(
    `SELECT number, bundle_id, content, version FROM quarantine WHERE due <= ? AND discarded_at IS NULL AND coalesce(NOT ${unconfirmed(db)}, 1) ORDER BY due LIMIT ${RELEASED_AT_A_TIME}`,
    [serverMillis],
  );
  for (const row of due) {
    const bundleId = row.bundle_id === null ? null : idFromSql<BundleId>(row.bundle_id);
    const events = eventsOf(row.version, [JSON.parse(row.content) as object], reader.schema);
    // Where an older version's event makes no sense any more, it stays, and is not asked again.
    if (!events.ok) {
      db.run('UPDATE quarantine SET due = NULL WHERE number = ?', [row.number]);
      continue;
    }
    db.run('DELETE FROM quarantine WHERE number = ?', [row.number]);
    intake.takeEvents(events.value, bundleId, null);
  }
  return finishRelease(db, intake);
}

/** Appends what left quarantine; a log that is being told again what it lost is told that as well ([SYNC-4], [SYNC-9]). */
export function finishRelease(db: SqlDatabase, intake: Intake): Ingested {
  const ingested = intake.finish();
  if (intake.arrivals) queueReleased(db, intake.arrivals.first, intake.arrivals.last);
  return ingested;
}

/**
 * Tries again what an earlier version of the app could not read, some at a time ([SYNC-5]): messages, and events that it
 * called malformed ([BUNDLE-8]).
 * @param after number of the last one that was tried
 * @returns with the number of the last one tried now
 */
export function releaseUnread(
  db: SqlDatabase,
  reader: Reader,
  serverMillis: number,
  after: number,
): Ingested & { readonly last: number } {
  const intake = new Intake(db, serverMillis, reader.schema);
  const aside: HeldRow[] = [];
  let last = after;
  for (let length = 0; length < UNREAD_LENGTH;) {
    const row = db.get<HeldRow>(
      `SELECT ${HELD_COLUMNS} FROM quarantine WHERE number > ? AND kind IN ('newer', 'unreadable', 'malformed', 'unconfirmed') AND discarded_at IS NULL
       ORDER BY number LIMIT 1`,
      [last],
    );
    if (!row) break;
    last = row.number;
    length += row.content.length;
    if (row.kind === 'unconfirmed') aside.push(row);
    else tryHeld(db, reader, intake, row);
  }
  const ingested = finishRelease(db, intake);
  // What was set aside is for a person to decide, unless the log has come to hold it.
  for (const row of aside)
    if (isKnown(db, reader, row)) db.run('DELETE FROM quarantine WHERE number = ?', [row.number]);
  return { ...ingested, last };
}

/** A row of quarantine, as far as trying it again needs it. */
export interface HeldRow extends SqlRow {
  readonly number: number;
  readonly kind: HeldKind;
  readonly bundle_id: SqlValue;
  readonly content: string;
  readonly version: number;
}

const HELD_COLUMNS = 'number, kind, bundle_id, content, version';

/**
 * Tries what is held once more. What can be applied now leaves quarantine; the rest stays, with what is wrong with it now.
 * @returns whether it left
 */
export function tryHeld(db: SqlDatabase, reader: Reader, intake: Intake, row: HeldRow): boolean {
  if (isHearsay(db, row.bundle_id)) return false;
  switch (row.kind) {
    case 'future':
    case 'malformed':
    case 'unconfirmed':
      return tryEvent(db, reader, intake, row);
    case 'newer':
    case 'unreadable':
    case 'otherBook':
      return tryMessage(db, reader, intake, row);
  }
}

function isKnown(db: SqlDatabase, { schema }: Reader, row: HeldRow): boolean {
  const written = parsed(row.content);
  const read = eventsOf(row.version, [(written.ok ? written.value : null) as object], schema);
  return read.ok && read.value.every((event) => isInLog(db, event));
}

function tryEvent(db: SqlDatabase, reader: Reader, intake: Intake, row: HeldRow): boolean {
  const written = parsed(row.content);
  const read = eventsOf(row.version, [(written.ok ? written.value : null) as object], reader.schema);
  if (!read.ok) return stays(db, row, `${read.error.where}: ${read.error.message}`);
  const wrong = read.value.map((event) => intake.judge(event)).find((judged) => judged !== null);
  if (wrong) return stays(db, row, wrong.reason, wrong.kind, wrong.due);
  db.run('DELETE FROM quarantine WHERE number = ?', [row.number]);
  intake.takeEvents(read.value, row.bundle_id === null ? null : idFromSql<BundleId>(row.bundle_id), null);
  return true;
}

function tryMessage(db: SqlDatabase, reader: Reader, intake: Intake, row: HeldRow): boolean {
  const message = parsed(row.content);
  const bundle = reader.messages.read(message.ok ? message.value : null);
  if (!bundle.ok) return stays(db, row, bundle.error);
  if (row.kind === 'otherBook' && bundle.value.bookId !== readIdentity(db).bookId) return false;
  const opened = openContents(bundle.value, reader);
  if (!opened.ok) return stays(db, row, `${opened.error.where}: ${opened.error.message}`);
  db.run('DELETE FROM quarantine WHERE number = ?', [row.number]);
  noteBundle(db, bundle.value, opened.value.events.length, null);
  takeOpened(db, reader, intake, bundle.value, opened.value);
  return true;
}

function stays(
  db: SqlDatabase,
  row: HeldRow,
  reason: string,
  kind: HeldKind = row.kind,
  due: number | null = null,
): false {
  // A row may be as large as a bundle: it is written anew only where it changes.
  db.run(
    `UPDATE quarantine SET reason = ?1, kind = ?2, due = ?3 WHERE number = ?4
       AND (reason <> ?1 OR kind <> ?2 OR due IS NOT ?3)`,
    [reason, kind, due, row.number],
  );
  return false;
}

/** What a bundle holds: events, or messages that its sender could not read. */
export interface Contents {
  readonly events: readonly Event[];
  readonly messages: readonly string[];
}

export function openContents(bundle: Bundle, { schema }: Reader): Result<Contents, CodecError> {
  const events = openBundle(bundle, undefined, schema);
  if (!events.ok) return events;
  const messages = carriedMessages(bundle.payload);
  return messages.ok ? ok({ events: events.value, messages: messages.value ?? [] }) : messages;
}

/**
 * [SYNC-6] Whatever a message is, it never stops the ones behind it.
 * @param carried the text of a message that came inside a bundle: of somebody else, who may have known the book under an
 *   earlier id
 */
function takeMessage(db: SqlDatabase, reader: Reader, intake: Intake, message: unknown, carried?: string): void {
  const read = reader.messages.read(message);
  const content = (): string => carried ?? JSON.stringify(message) ?? 'null';
  if (!read.ok) return intake.setAside('unreadable', content(), null, read.error);
  const bundle = read.value;
  if (carried === undefined && bundle.bookId !== readIdentity(db).bookId)
    return intake.setAside('otherBook', content(), bundle.id, 'belongs to another book');
  const known = db.get<{ place: string | null }>('SELECT place FROM bundles WHERE id = ?', [idToBytes(bundle.id)]);
  if (known) {
    if (carried !== undefined) return;
    noteEcho(db, bundle.id);
    if (known.place === null || known.place === LOST)
      db.run('UPDATE bundles SET place = ? WHERE id = ?', [intake.place, idToBytes(bundle.id)]);
    return;
  }
  const opened = openContents(bundle, reader);
  noteBundle(db, bundle, opened.ok ? opened.value.events.length : 0, carried === undefined ? intake.place : null);
  if (!opened.ok) {
    const kind = opened.error.kind === 'newer' || opened.error.kind === 'unknownCodec' ? 'newer' : 'unreadable';
    return intake.setAside(kind, content(), bundle.id, `${opened.error.where}: ${opened.error.message}`);
  }
  // What is packed twice is no doing of ours, and could be packed a hundred times.
  if (carried !== undefined && opened.value.messages.length > 0)
    return intake.setAside('unreadable', content(), bundle.id, 'carried inside a bundle that carries others');
  takeOpened(db, reader, intake, bundle, opened.value);
}

function takeOpened(db: SqlDatabase, reader: Reader, intake: Intake, bundle: Bundle, contents: Contents): void {
  intake.takeEvents(contents.events, bundle.id, bundle);
  for (const text of contents.messages) {
    const message = parsed(text);
    if (message.ok) takeMessage(db, reader, intake, message.value, text);
  }
}

/** A text that is no JSON was never a message. */
export function parsed(text: string): Result<unknown, null> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return err(null);
  }
}

/** @param place in the log; null when it did not come from there by itself */
function noteBundle(db: SqlDatabase, bundle: Bundle, events: number, place: string | null): void {
  db.run(
    `INSERT INTO bundles (id, user_id, client_id, timestamp, version, events, place) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET events = excluded.events`,
    [
      idToBytes(bundle.id),
      idToBytes(bundle.userId),
      idToBytes(bundle.clientId),
      timestampToBytes(bundle.timestamp),
      bundle.version,
      events,
      place,
    ],
  );
}

/** What becomes of an event that cannot be applied now. */
interface Unfit {
  readonly kind: 'malformed' | 'future';
  /** JSON text. */
  readonly content: string;
  readonly reason: string;
  /** As in `Quarantined`. */
  readonly due: number | null;
}

/** Collects events, checks each, appends them some thousands at a time, and moves the clock ([HLC-2]). */
export class Intake {
  readonly #db: SqlDatabase;
  readonly #serverMillis: number;
  readonly #fresh: Event[] = [];
  readonly #told: Event[] = [];
  #batches: Batch[] = [];
  #size = 0;
  #clock: ClockState;
  /** As it stood before the first event. */
  readonly #clockBefore: ClockState;
  #arrivals: { readonly first: number; readonly last: number } | null = null;
  readonly #version: number;
  readonly #age: Age;
  #quarantined = 0;
  /** Where in the server's log the messages lie that are being taken: the offset from which they were read ([SYNC-9]). */
  place: string | null = null;

  /** @param schema of which version the events are */
  constructor(db: SqlDatabase, serverMillis: number, schema: EventSchema = EVENT_SCHEMA, age: Age = 'news') {
    this.#db = db;
    this.#age = age;
    this.#version = schema.version;
    this.#serverMillis = serverMillis;
    this.#clock = this.#clockBefore = readClock(db);
  }

  /** @param sender who sealed the bundle; null when that is not known any more */
  takeEvents(candidates: readonly unknown[], bundleId: BundleId | null, sender: Batch['sender']): void {
    const events: Event[] = [];
    for (const candidate of candidates) {
      const judged = this.#judged(candidate);
      if (judged.ok) {
        this.#clock = judged.value.clock;
        events.push(judged.value.event);
      } else {
        const { kind, content, reason, due } = judged.error;
        this.setAside(kind, content, bundleId, reason, due);
      }
    }
    this.#batches.push({ events, bundleId, sender });
    this.#size += events.length;
    if (this.#size >= EVENTS_AT_A_TIME) this.#append();
  }

  /** Why an event cannot be applied now; null when it can be. */
  judge(candidate: unknown): Unfit | null {
    const judged = this.#judged(candidate);
    return judged.ok ? null : judged.error;
  }

  #judged(candidate: unknown): Result<{ readonly event: Event; readonly clock: ClockState }, Unfit> {
    const checked = checkEvent(candidate);
    if (!checked.ok) {
      const { where, reason } = checked.error;
      return err({ kind: 'malformed', content: JSON.stringify(candidate), reason: `${where}: ${reason}`, due: null });
    }
    const event = checked.value;
    const observed = observe(this.#clock, event.timestamp, this.#serverMillis);
    if (observed.ok) return ok({ event, clock: observed.value });
    const due = millisOf(event.timestamp) - MAX_AHEAD_MILLIS;
    return err({ kind: 'future', content: JSON.stringify(event), reason: 'dated in the future', due });
  }

  setAside(
    kind: HeldKind,
    content: string,
    bundleId: BundleId | null,
    reason: string,
    due: number | null = null,
  ): void {
    const item = { kind, content, bundleId, due, reason, version: this.#version, arrivedAt: this.#serverMillis };
    if (quarantine(this.#db, item)) this.#quarantined += 1;
  }

  /** Those of what was new here, as far as it is appended. */
  get arrivals(): { readonly first: number; readonly last: number } | null {
    return this.#arrivals;
  }

  finish(): Ingested {
    this.#append();
    if (this.#arrivals) {
      const { first, last } = this.#arrivals;
      noteArrival(this.#db, this.#clockBefore, this.#serverMillis, first, last);
    }
    writeClock(this.#db, this.#clock);
    return { fresh: this.#fresh, told: this.#told, quarantined: this.#quarantined };
  }

  #append(): void {
    if (this.#size === 0) return;
    const append = this.#age === 'history' ? appendHistory : appendEvents;
    const { fresh, told, firstArrival, lastArrival } = append(this.#db, this.#batches);
    if (fresh.length > 0) this.#arrivals = { first: this.#arrivals?.first ?? firstArrival, last: lastArrival };
    for (const event of fresh) this.#fresh.push(event);
    for (const event of told) this.#told.push(event);
    this.#batches = [];
    this.#size = 0;
  }
}
