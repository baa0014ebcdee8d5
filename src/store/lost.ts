/**
 * [SYNC-9] What the server had and has lost: found out by comparing ids of bundles, and queued to be sent again.
 *
 * Which events a lost bundle held is told by `events.bundle_id`. One that holds more than is found that way brought events
 * that were here before (a repair bundle of somebody else), or ones that history was shortened by since. What they may have
 * been is every event whose own bundle is not in the log either, so these go out as well.
 */
import { idToBytes, type BundleId } from '../core/ids.ts';
import { isResending, UNSETTLED_BUNDLES } from './acknowledged.ts';
import { idFromSql, numberOf } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import type { LogPlace, LostProgress, LostQueue } from './store.ts';
import { readHorizon } from './superseded.ts';

/** Bundles marked, and arrival numbers looked through, in one SQL transaction. */
const BUNDLES_AT_A_TIME = 2_000;
const ARRIVALS_AT_A_TIME = 20_000;

/** The place of a bundle that the server was found to lack. */
export const LOST = '~';
/** An event `e` of a bundle that is lost. */
const IN_LOST = `EXISTS (SELECT 1 FROM bundles b WHERE b.id = e.bundle_id AND b.place = '${LOST}')`;
/** An event `e` whose own bundle neither is in the log nor on its way there. */
const UNPLACED = `e.bundle_id IS NOT NULL AND e.bundle_id NOT IN (${UNSETTLED_BUNDLES})
  AND NOT EXISTS (SELECT 1 FROM bundles b WHERE b.id = e.bundle_id AND b.place IS NOT NULL)`;
const OWN = 'e.client_id IN (SELECT id FROM clients WHERE self = 1)';

/** Bundles that were read in the log, by id; those found lost by a comparison that was cut short included. */
export function readPlaces(db: SqlDatabase, after: BundleId | null, limit: number): readonly LogPlace[] {
  return db
    .all<{ id: SqlValue; place: string }>(
      'SELECT id, place FROM bundles WHERE place IS NOT NULL AND id > ? ORDER BY id LIMIT ?',
      [after === null ? new Uint8Array() : idToBytes(after), limit],
    )
    .map(({ id, place }) => ({ id: idFromSql<BundleId>(id), place: place === LOST ? null : place }));
}

/** See `LostQueue` in store.ts. */
export class LostBundles implements LostQueue {
  readonly #db: SqlDatabase;
  #ids: readonly BundleId[];
  #pass: 'mark' | 'own events' | 'unplaced' | 'done' = 'mark';
  #through = 0;
  #found = 0;
  #shortened = false;
  readonly #onQueued: () => void;

  /** @param onQueued called after each SQL transaction that queued something */
  constructor(db: SqlDatabase, ids: readonly BundleId[], onQueued: () => void) {
    this.#db = db;
    this.#ids = ids;
    this.#onQueued = onQueued;
  }

  step(): LostProgress {
    if (this.#pass !== 'done') this.#db.transaction('full', () => this.#advance());
    this.#onQueued();
    return { done: this.#pass === 'done', shortened: this.#shortened };
  }

  #advance(): void {
    switch (this.#pass) {
      case 'mark':
        this.#mark();
        return;
      case 'own events': {
        this.#found += this.#queue(IN_LOST);
        if (this.#through < nextArrival(this.#db) - 1) return;
        const held = numberOf(this.#all('sum(events)'));
        this.#shortened = this.#found < held && readHorizon(this.#db) !== null;
        this.#through = 0;
        if (this.#found < held) this.#pass = 'unplaced';
        else this.#finish();
        return;
      }
      case 'unplaced':
        this.#queue(UNPLACED);
        if (this.#through >= nextArrival(this.#db) - 1) this.#finish();
        return;
      case 'done':
        return;
    }
  }

  #mark(): void {
    const ids = this.#ids.slice(0, BUNDLES_AT_A_TIME);
    this.#ids = this.#ids.slice(ids.length);
    this.#db.bulk(
      `UPDATE bundles SET place = '${LOST}' WHERE id = ? AND place IS NOT NULL`,
      ids.map((id) => [idToBytes(id)]),
    );
    if (this.#ids.length > 0) return;
    if (numberOf(this.#all('count(*)')) > 0) this.#pass = 'own events';
    else this.#pass = 'done';
  }

  /** Queues events of the next stretch of the log. Returns how many fit the condition. */
  #queue(condition: string): number {
    const from = this.#through + 1;
    this.#through += ARRIVALS_AT_A_TIME;
    return queueArrivals(this.#db, from, this.#through, condition);
  }

  /** What was held of them goes out as well; a bundle without events carried messages, or could not be read. */
  #finish(): void {
    const db = this.#db;
    const held = db.get(
      `SELECT 1 FROM bundles WHERE place = '${LOST}' AND (events = 0 OR id IN (SELECT bundle_id FROM quarantine)) LIMIT 1`,
    );
    if (held) {
      writeConfig(db, 'lost_held', 1);
      writeConfig(db, 'lost', readNumber(db, 'lost', 0));
    }
    db.run(`UPDATE bundles SET place = NULL WHERE place = '${LOST}'`);
    this.#pass = 'done';
  }

  #all(what: string): SqlValue {
    return this.#db.get<{ n: SqlValue }>(`SELECT ${what} AS n FROM bundles WHERE place = '${LOST}'`)?.n ?? 0;
  }
}

/** Queues events of a stretch of arrivals to be sent again. Returns how many fit the condition, which is about `e`. */
function queueArrivals(db: SqlDatabase, first: number, last: number, condition: string): number {
  const where = `e.arrival BETWEEN ? AND ? AND ${condition}`;
  const row = db.get<{ found: number; own: SqlValue }>(
    `SELECT count(*) AS found, sum(${OWN} AND NOT EXISTS (SELECT 1 FROM lost WHERE lost.arrival = e.arrival)) AS own
     FROM events e WHERE ${where}`,
    [first, last],
  );
  const found = row?.found ?? 0;
  if (found === 0) return 0;
  db.run(`INSERT OR IGNORE INTO lost SELECT e.arrival FROM events e WHERE ${where}`, [first, last]);
  writeConfig(db, 'lost', readNumber(db, 'lost', 0) + numberOf(row?.own ?? 0));
  return found;
}

/**
 * What leaves quarantine while a log is being told again what it lost would have gone out with what is held, and lies behind
 * all that was queued before: a bundle that took it along may be taken back and sealed anew without it. So it is queued by
 * itself. Inside the caller's SQL transaction.
 * @param first @param last arrivals of what was released
 */
export function queueReleased(db: SqlDatabase, first: number, last: number): void {
  const comparing = db.get(`SELECT 1 FROM bundles WHERE place = '${LOST}' LIMIT 1`) !== null;
  if (comparing || isResending(db)) queueArrivals(db, first, last, 'true');
}

/** The next events to send again, for one bundle: `arrival IN` this. */
export const NEXT_LOST = (limit: number): string =>
  `SELECT arrival FROM lost JOIN events USING (arrival) ORDER BY arrival LIMIT ${limit}`;

/**
 * Events up to an arrival are in a bundle now; null: all of them are. Returns whether what is held is to follow. Inside the
 * caller's SQL transaction.
 */
export function forgetLost(db: SqlDatabase, through: number | null): boolean {
  if (through !== null) {
    const sent = db.get<{ n: number }>(
      `SELECT count(*) AS n FROM lost JOIN events e USING (arrival) WHERE arrival <= ? AND ${OWN}`,
      [through],
    );
    db.run('DELETE FROM lost WHERE arrival <= ?', [through]);
    writeConfig(db, 'lost', Math.max(0, readNumber(db, 'lost', 0) - (sent?.n ?? 0)));
    return false;
  }
  const held = readConfig(db, 'lost_held') !== null;
  db.run('DELETE FROM lost');
  writeConfig(db, 'lost', null);
  writeConfig(db, 'lost_held', null);
  return held;
}
