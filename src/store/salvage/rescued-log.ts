/** Where a salvage puts the events that it finds: the log of a new book, some thousands in each SQL transaction. */
import { MAX_AHEAD_MILLIS } from '../../core/clock.ts';
import type { Event } from '../../core/event.ts';
import { idToBytes } from '../../core/ids.ts';
import { millisOf, timestampToBytes, ZERO_TIMESTAMP, type Timestamp } from '../../core/timestamp.ts';
import { checkStructure } from '../../core/validate.ts';
import { attributeToSql, previousToSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { nextArrival } from '../event-log.ts';
import { quarantine } from '../quarantine.ts';

const EVENTS_AT_A_TIME = 5_000;

export interface Found {
  readonly event: Event;
  /** Null: the server has not acknowledged it, or there is none. */
  readonly bundleId: SqlValue;
  /** Its number in the damaged log; null when that is not known. */
  readonly arrival: number | null;
}

export class RescuedLog {
  readonly #db: SqlDatabase;
  readonly #now: number;
  readonly #latestMillis: number;
  #waiting: Found[] = [];
  /** The greatest timestamp that was taken. */
  latest: Timestamp = ZERO_TIMESTAMP;
  /** Events that are no events: something in their page is broken. */
  refused = 0;

  /**
   * @param now this device's clock, Unix milliseconds
   * @param latestMillis what claims to be later than this, in Unix milliseconds, has to wait for its time ([HLC-4])
   */
  constructor(db: SqlDatabase, now: number, latestMillis: number) {
    this.#db = db;
    this.#now = now;
    this.#latestMillis = latestMillis;
  }

  /** Takes an event unless it is there already; it is on disk at the latest after `flush`. Returns whether it was written out. */
  take(found: Found): boolean {
    this.#waiting.push(found);
    if (this.#waiting.length < EVENTS_AT_A_TIME) return false;
    this.flush();
    return true;
  }

  flush(): void {
    const found = this.#waiting;
    this.#waiting = [];
    if (found.length > 0) this.#db.transaction('normal', () => this.#write(found));
  }

  #write(found: readonly Found[]): void {
    const rows: SqlValue[][] = [];
    let next = 0;
    for (const { event, bundleId, arrival } of found) {
      const checked = checkStructure(event);
      if (!checked.ok) {
        this.refused += 1;
        continue;
      }
      const { id, clientId, entityId, attribute, value, timestamp, previous } = checked.value;
      if (millisOf(timestamp) > this.#latestMillis) {
        const due = millisOf(timestamp) - MAX_AHEAD_MILLIS;
        const content = JSON.stringify(checked.value);
        const reason = 'dated in the future';
        quarantine(this.#db, { kind: 'future', content, bundleId: null, due, reason, arrivedAt: this.#now });
        continue;
      }
      if (timestamp > this.latest) this.latest = timestamp;
      if (arrival === null && next === 0) next = nextArrival(this.#db);
      rows.push([
        idToBytes(id),
        idToBytes(clientId),
        idToBytes(entityId),
        attributeToSql(attribute),
        value,
        timestampToBytes(timestamp),
        previousToSql(previous),
        bundleId,
        arrival ?? next++,
      ]);
    }
    const written = this.#db.bulk(
      `INSERT INTO events (id, client_id, entity_id, attribute, value, timestamp, previous, bundle_id, arrival)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      rows,
    );
    if (written === rows.length) return;
    // Found twice, or its number is taken by another event: then it gets the next one.
    this.#db.bulk(
      `INSERT INTO events (id, client_id, entity_id, attribute, value, timestamp, previous, bundle_id, arrival)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT max(arrival) + 1 FROM events) WHERE ?9 IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM events WHERE entity_id = ?3 AND attribute = ?4 AND timestamp = ?6 AND id = ?1)`,
      rows,
    );
  }
}
