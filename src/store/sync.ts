/** The store's side of sync: each verb one SQL transaction. */
import type { BundleId } from '../core/ids.ts';
import type { Event } from '../core/event.ts';
import { millisOf } from '../core/timestamp.ts';
import { textOf, timestampFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { applyHistory, confirmLater, finishHistory, missHistory } from './history.ts';
import { applySlice, releaseDue, releaseUnread, type Reader } from './ingest.ts';
import {
  acknowledgeBundle,
  countUnechoed,
  countWaiting,
  firstInOutbox,
  forgetTries,
  markBundleTried,
  noteSent,
  queueEverything,
  readProducer,
  rejectBundle,
  writeProducer,
} from './outbox.ts';
import { restampUnsealed } from './restamping.ts';
import { sealEvents } from './sealing.ts';
import { UnsealedCount } from './unsealed.ts';
import { LostBundles, readPlaces } from './lost.ts';
import type { LogPlace, LostQueue, StoreOptions, StoreSync, SyncLink } from './store.ts';
import { noteUpload, resumeSnapshot, takeSnapshot } from './snapshot.ts';
import { countSpared } from './spared.ts';
import { startOver } from './start-over.ts';
import { readHistory, readStart } from './start-state.ts';
import { applyPiece, type PieceName } from './starting.ts';

/** What the rest of the store hears of it. */
export interface SyncListener {
  /** Events that were new here, or changed what is open. */
  arrived(events: readonly Event[]): void;
  /** What waits to be acknowledged, or needs attention, is no longer the same. */
  waitingChanged(): void;
  /** Timestamps changed, or what is superseded: whatever was kept in memory is void. */
  everythingChanged(): void;
}

type Slice = Parameters<StoreSync['apply']>[0];
type Producer = ReturnType<StoreSync['producer']>;

export class BookSync implements StoreSync {
  readonly #db: SqlDatabase;
  /** With the corrected clock. */
  readonly #options: StoreOptions;
  readonly #wallMillis: () => number;
  readonly #listener: SyncListener;
  readonly #reader: Reader;
  /** Number of the last message that was tried again: each is, once after each start, since an update may read it. */
  #unreadAfter = 0;
  readonly #unsealed: UnsealedCount;

  /** @param wallMillis this device's clock as it is, Unix milliseconds */
  constructor(
    db: SqlDatabase,
    options: StoreOptions,
    reader: Reader,
    wallMillis: () => number,
    listener: SyncListener,
  ) {
    this.#db = db;
    this.#unsealed = new UnsealedCount(db);
    this.#options = options;
    this.#reader = reader;
    this.#wallMillis = wallMillis;
    this.#listener = listener;
  }

  seal(link: SyncLink, limit: number): number {
    return this.#unsealed.seal(() =>
      this.#db.transaction('normal', () => sealEvents(this.#db, this.#options, link, limit)),
    );
  }

  nextInOutbox(): ReturnType<StoreSync['nextInOutbox']> {
    return firstInOutbox(this.#db);
  }

  /** Durable, and so is the seal before it: what is sent survives a power cut. */
  markTried(id: BundleId): void {
    this.#db.transaction('full', () => markBundleTried(this.#db, id));
  }

  acknowledge(id: BundleId, next: Producer): void {
    this.#db.transaction('normal', () =>
      noteSent(this.#db, acknowledgeBundle(this.#db, id, next), this.counts().waiting),
    );
    this.#listener.waitingChanged();
  }

  reject(id: BundleId, reason: string): void {
    this.#db.transaction('normal', () => {
      rejectBundle(this.#db, id, reason, this.#wallMillis());
      noteSent(this.#db, 0, this.counts().waiting);
    });
    this.#listener.waitingChanged();
  }

  producer(): Producer {
    return readProducer(this.#db);
  }

  setProducer(producer: Producer): void {
    this.#db.transaction('full', () => {
      writeProducer(this.#db, producer);
      forgetTries(this.#db);
    });
  }

  cursor(): string | null {
    const cursor = readConfig(this.#db, 'cursor');
    return cursor === null ? null : textOf(cursor);
  }

  apply(slice: Slice, serverMillis: number): ReturnType<StoreSync['apply']> {
    const { fresh, told, quarantined } = this.#db.transaction('normal', () =>
      applySlice(this.#db, this.#reader, slice, serverMillis),
    );
    this.#listener.arrived([...fresh, ...told]);
    if (quarantined > 0) this.#listener.waitingChanged();
    return { events: fresh.length, quarantined };
  }

  start(): ReturnType<StoreSync['start']> {
    return readStart(this.#db);
  }

  *applyPiece(bytes: Uint8Array, piece: PieceName, serverMillis: number): ReturnType<StoreSync['applyPiece']> {
    for (const parts = applyPiece(this.#db, bytes, piece, serverMillis); ;) {
      const next = parts.next();
      if (next.done === true) {
        this.#listener.everythingChanged();
        return next.value;
      }
      const { fresh, told, quarantined } = next.value;
      this.#listener.arrived([...fresh, ...told]);
      yield { events: fresh.length, quarantined };
    }
  }

  startOver(): void {
    this.#db.transaction('full', () => startOver(this.#db));
  }

  history(): ReturnType<StoreSync['history']> {
    return readHistory(this.#db);
  }

  applyHistory(slice: Slice, after: string | null, serverMillis: number): ReturnType<StoreSync['apply']> {
    const { fresh, told, quarantined } = this.#db.transaction('normal', () =>
      applyHistory(this.#db, this.#reader, slice, after, serverMillis),
    );
    this.#listener.arrived([...fresh, ...told]);
    return { events: fresh.length, quarantined };
  }

  missHistory(earliest: string, before: number): void {
    this.#db.transaction('normal', () => missHistory(this.#db, earliest, before));
  }

  *finishHistory(): Generator<void, void> {
    yield* finishHistory(this.#db, this.#options.now());
    this.#listener.everythingChanged();
    this.#listener.waitingChanged();
  }

  takeSnapshot(): ReturnType<StoreSync['takeSnapshot']> {
    return takeSnapshot(this.#db, this.#options);
  }

  resumeSnapshot(): ReturnType<StoreSync['resumeSnapshot']> {
    return resumeSnapshot(this.#db, this.#options);
  }

  noteUpload(mark: string | null): void {
    this.#db.transaction('normal', () => noteUpload(this.#db, mark));
  }

  arrived(): number {
    return nextArrival(this.#db) - 1;
  }

  spared(): number {
    return countSpared(this.#db);
  }

  release(serverMillis: number): number {
    const [due, unread] = this.#db.transaction('normal', () => {
      const released = [
        releaseDue(this.#db, this.#reader, serverMillis),
        releaseUnread(this.#db, this.#reader, serverMillis, this.#unreadAfter),
      ] as const;
      confirmLater(this.#db);
      return released;
    });
    this.#unreadAfter = unread.last;
    const came = [due, unread].flatMap(({ fresh, told }) => [...fresh, ...told]);
    this.#listener.arrived(came);
    if (came.length > 0) this.#listener.waitingChanged();
    return due.fresh.length + unread.fresh.length;
  }

  resendAll(): void {
    this.#db.transaction('full', () => queueEverything(this.#db));
    this.#listener.waitingChanged();
  }

  unechoed(): number {
    return countUnechoed(this.#db);
  }

  places(after: BundleId | null, limit: number): readonly LogPlace[] {
    return readPlaces(this.#db, after, limit);
  }

  queueLost(ids: readonly BundleId[]): LostQueue {
    return new LostBundles(this.#db, ids, () => this.#listener.waitingChanged());
  }

  counts(): ReturnType<StoreSync['counts']> {
    return countWaiting(this.#db, () => this.#unsealed.read());
  }

  /** By arrival: a clock never stamps a later transaction with less ([HLC-1]). */
  newestUnsealed(): number | null {
    const newest = this.#db.get<{ timestamp: SqlValue }>(
      'SELECT timestamp FROM events WHERE arrival > ? AND bundle_id IS NULL AND client_id = ? ORDER BY arrival DESC LIMIT 1',
      [readNumber(this.#db, 'sealed_through', 0), readConfig(this.#db, 'client')],
    );
    return newest && millisOf(timestampFromSql(newest.timestamp));
  }

  clockOffset(): number {
    return readNumber(this.#db, 'clock_offset', 0);
  }

  setClockOffset(offsetMillis: number): void {
    this.#db.transaction('normal', () => writeConfig(this.#db, 'clock_offset', offsetMillis));
  }

  restamp(offsetMillis: number): number {
    const restamped = this.#db.transaction('full', () => {
      const wrongBy = offsetMillis - readNumber(this.#db, 'clock_offset', 0);
      writeConfig(this.#db, 'clock_offset', offsetMillis);
      return restampUnsealed(this.#db, wrongBy, this.#options.now());
    });
    if (restamped > 0) this.#listener.everythingChanged();
    return restamped;
  }
}
