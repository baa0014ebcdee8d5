/** Applies what other clients made. Each function runs inside the caller's SQL transaction. */
import type { Bundle } from '../core/bundle.ts';
import { openBundle } from '../core/bundle-codec.ts';
import { MAX_AHEAD_MILLIS, observe, type ClockState } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import { idToBytes, type BundleId } from '../core/ids.ts';
import { millisOf, timestampToBytes } from '../core/timestamp.ts';
import { checkEvent } from '../core/validate.ts';
import { noteArrival } from './arrivals.ts';
import { idFromSql } from './blob.ts';
import { readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { appendEvents, nextArrival, type Batch } from './event-log.ts';
import { readClock, readIdentity, writeClock } from './identity.ts';
import { noteEcho } from './outbox.ts';
import { quarantine } from './quarantine.ts';
import type { BundleMessages, StoreSync } from './store.ts';

/** Events appended at a time, so that memory stays bounded however large a slice is ([SYNC-5]). */
const EVENTS_AT_A_TIME = 5_000;
/** Quarantined things released in one SQL transaction. */
const RELEASED_AT_A_TIME = 5_000;

type Slice = Parameters<StoreSync['apply']>[0];

export interface Ingested {
  readonly fresh: readonly Event[];
  /** Events that history was shortened by, and that closed open versions all the same. */
  readonly told: readonly Event[];
  readonly quarantined: number;
}

/** Applies a slice of a page and moves the cursor with it ([SYNC-3]). */
export function applySlice(db: SqlDatabase, messages: BundleMessages, slice: Slice, serverMillis: number): Ingested {
  const allSealed = readNumber(db, 'sealed_through', 0) === nextArrival(db) - 1;
  const intake = new Intake(db, serverMillis);
  for (const message of slice.messages) takeMessage(db, messages, intake, message);
  if (slice.cursor !== null) writeConfig(db, 'cursor', slice.cursor);
  const ingested = intake.finish();
  // What came is in bundles: neither the next seal nor a question about what waits has to look through it.
  if (allSealed) writeConfig(db, 'sealed_through', nextArrival(db) - 1);
  return ingested;
}

/** Applies events whose time has come; with `newer`, also tries what an earlier version of the app could not read. */
export function releaseQuarantine(
  db: SqlDatabase,
  messages: BundleMessages,
  serverMillis: number,
  newer: boolean,
): Ingested {
  const intake = new Intake(db, serverMillis);
  const due = db.all<{ number: number; bundle_id: SqlValue; content: string }>(
    `SELECT number, bundle_id, content FROM quarantine WHERE due <= ? ORDER BY due LIMIT ${RELEASED_AT_A_TIME}`,
    [serverMillis],
  );
  for (const row of due) {
    db.run('DELETE FROM quarantine WHERE number = ?', [row.number]);
    intake.takeEvents(
      [JSON.parse(row.content)],
      row.bundle_id === null ? null : idFromSql<BundleId>(row.bundle_id),
      null,
    );
  }
  if (newer) {
    const unread = db.all<{ number: number; content: string }>(
      `SELECT number, content FROM quarantine WHERE kind = 'newer' ORDER BY number`,
    );
    for (const row of unread) {
      const bundle = messages.read(JSON.parse(row.content));
      const events = bundle.ok ? openBundle(bundle.value) : bundle;
      if (!bundle.ok || !events.ok) continue;
      db.run('DELETE FROM quarantine WHERE number = ?', [row.number]);
      intake.takeEvents(events.value, bundle.value.id, bundle.value);
    }
  }
  return intake.finish();
}

/** [SYNC-6] Whatever a message is, it never stops the ones behind it. */
function takeMessage(db: SqlDatabase, messages: BundleMessages, intake: Intake, message: unknown): void {
  const read = messages.read(message);
  const content = (): string => JSON.stringify(message) ?? 'null';
  if (!read.ok) return intake.setAside('unreadable', content(), null, read.error);
  const bundle = read.value;
  if (bundle.bookId !== readIdentity(db).bookId)
    return intake.setAside('unreadable', content(), bundle.id, 'belongs to another book');
  if (db.get('SELECT 1 FROM bundles WHERE id = ?', [idToBytes(bundle.id)])) return noteEcho(db, bundle.id);
  const events = openBundle(bundle);
  if (events.ok) {
    noteBundle(db, bundle, events.value.length);
    return intake.takeEvents(events.value, bundle.id, bundle);
  }
  noteBundle(db, bundle, 0);
  const kind = events.error.kind === 'newer' || events.error.kind === 'unknownCodec' ? 'newer' : 'unreadable';
  intake.setAside(kind, content(), bundle.id, `${events.error.where}: ${events.error.message}`);
}

function noteBundle(db: SqlDatabase, bundle: Bundle, events: number): void {
  db.run('INSERT INTO bundles (id, user_id, client_id, timestamp, version, events) VALUES (?, ?, ?, ?, ?, ?)', [
    idToBytes(bundle.id),
    idToBytes(bundle.userId),
    idToBytes(bundle.clientId),
    timestampToBytes(bundle.timestamp),
    bundle.version,
    events,
  ]);
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
  #arrivals: { readonly first: number; last: number } | null = null;
  #quarantined = 0;

  constructor(db: SqlDatabase, serverMillis: number) {
    this.#db = db;
    this.#serverMillis = serverMillis;
    this.#clock = this.#clockBefore = readClock(db);
  }

  /** @param sender who sealed the bundle; null when that is not known any more */
  takeEvents(candidates: readonly unknown[], bundleId: BundleId | null, sender: Batch['sender']): void {
    const events: Event[] = [];
    for (const candidate of candidates) {
      const checked = checkEvent(candidate);
      if (!checked.ok) {
        this.setAside(
          'malformed',
          JSON.stringify(candidate),
          bundleId,
          `${checked.error.where}: ${checked.error.reason}`,
        );
        continue;
      }
      const event = checked.value;
      const observed = observe(this.#clock, event.timestamp, this.#serverMillis);
      if (observed.ok) {
        this.#clock = observed.value;
        events.push(event);
      } else {
        const due = millisOf(event.timestamp) - MAX_AHEAD_MILLIS;
        this.setAside('future', JSON.stringify(event), bundleId, 'dated in the future', due);
      }
    }
    this.#batches.push({ events, bundleId, sender });
    this.#size += events.length;
    if (this.#size >= EVENTS_AT_A_TIME) this.#append();
  }

  setAside(
    kind: Parameters<typeof quarantine>[1]['kind'],
    content: string,
    bundleId: BundleId | null,
    reason: string,
    due: number | null = null,
  ): void {
    if (quarantine(this.#db, { kind, content, bundleId, due, reason })) this.#quarantined += 1;
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
    const { fresh, told, firstArrival, lastArrival } = appendEvents(this.#db, this.#batches);
    if (fresh.length > 0) this.#arrivals = { first: this.#arrivals?.first ?? firstArrival, last: lastArrival };
    for (const event of fresh) this.#fresh.push(event);
    for (const event of told) this.#told.push(event);
    this.#batches = [];
    this.#size = 0;
  }
}
