/**
 * The events of a backup that lies attached beside the book, under the name `incoming`: which of them are not here, some
 * thousands at a time. Nothing but columns of its tables is read, and each event is checked as one from a server is.
 */
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import { isUuid } from '../core/ids.ts';
import { millisOf, type Timestamp } from '../core/timestamp.ts';
import { checkEvent } from '../core/validate.ts';
import { numberOf, timestampFromSql } from './blob.ts';
import { SqlError, type SqlDatabase, type SqlValue } from './database.ts';
import { EVENT_COLUMNS, readEvent, type EventRow } from './event-rows.ts';
import { areSuperseded } from './superseded.ts';

/** Events looked at between two turns of everybody else, and how many bytes of values at most. */
const ROWS_AT_A_TIME = 5_000;
const BYTES_AT_A_TIME = 8_000_000;
/** Counting takes no memory. */
const COUNTED_AT_A_TIME = 50_000;

const SHAPED = `(length(e.id) = 16 AND length(e.client_id) = 16 AND length(e.entity_id) = 16 AND length(e.timestamp) = 16
  AND coalesce(length(e.previous) > 0 AND length(e.previous) % 16 = 0, 1)
  AND CASE typeof(e.attribute) WHEN 'blob' THEN length(e.attribute) = 16 WHEN 'text' THEN 1 ELSE 0 END)`;
const SAME_KEY = (a: string, b: string): string =>
  `${a}.entity_id = ${b}.entity_id AND ${a}.attribute = ${b}.attribute AND ${a}.timestamp = ${b}.timestamp AND ${a}.id = ${b}.id`;
const COLUMNS = EVENT_COLUMNS.split(', ')
  .map((column) => `e.${column}`)
  .join(', ');

/** Attaches a database of the same file system; one at a time. Not within a transaction. Throws SqlError. */
export function attachIncoming(db: SqlDatabase, path: string): void {
  if (db.all('PRAGMA database_list').some(({ name }) => name === 'incoming')) db.exec('DETACH incoming');
  db.run('ATTACH ? AS incoming', [path]);
}

export function detachIncoming(db: SqlDatabase): void {
  try {
    db.exec('DETACH incoming');
  } catch (error) {
    // What was done with it is done; it is let go of when another one is attached.
    if (!(error instanceof SqlError)) throw error;
  }
}

/** A range of arrival numbers of the backup, the first one excluded. */
interface Range {
  readonly after: number;
  readonly through: number;
  readonly rows: number;
}

/** The ranges of a backup, each small enough to be dealt with at once. */
export function* rangesOfIncoming(db: SqlDatabase): Generator<Range> {
  for (let after = 0; ;) {
    const rows = db.all<{ arrival: number; bytes: number }>(
      `SELECT arrival, octet_length(value) AS bytes FROM incoming.events WHERE arrival > ? ORDER BY arrival LIMIT ${ROWS_AT_A_TIME}`,
      [after],
    );
    let bytes = 0;
    let count = 0;
    for (const row of rows) {
      bytes += row.bytes;
      if (count > 0 && bytes > BYTES_AT_A_TIME) break;
      count += 1;
    }
    const last = rows[count - 1];
    if (!last) return;
    yield { after, through: last.arrival, rows: count };
    after = last.arrival;
  }
}

/** What a range holds that the log here does not. */
export interface Missing {
  /** In the backup's order of arrival, checked, values in canonical form. */
  readonly events: readonly Event[];
  /** How many are not in order, or are another event than the one that is here under the same key and id. */
  readonly refused: number;
  /** How many could be taken, but are not word for word as Daybook writes them. */
  readonly irregular: number;
}

export function missingIn(db: SqlDatabase, { after, through }: Range): Missing {
  const rows = db.all<EventRow & { readonly shaped: number; readonly here: number }>(
    `SELECT ${COLUMNS}, ${SHAPED} AS shaped, m.arrival IS NOT NULL AS here
     FROM incoming.events e LEFT JOIN main.events m ON ${SAME_KEY('m', 'e')}
     WHERE e.arrival > ? AND e.arrival <= ?
       AND NOT coalesce(m.value = e.value AND m.client_id = e.client_id AND m.previous IS e.previous, 0)
     ORDER BY e.arrival`,
    [after, through],
  );
  const events: Event[] = [];
  let refused = 0;
  let irregular = 0;
  for (const row of rows) {
    const checked = row.shaped === 1 && row.here === 0 ? checkEvent(readEvent(row)) : null;
    if (!checked?.ok) {
      refused += 1;
      continue;
    }
    // An id of a field has 16 bytes here; in letters it would be another attribute.
    if (checked.value.value !== row.value || isUuid(row.attribute)) irregular += 1;
    events.push(checked.value);
  }
  // What history was shortened by here is no news.
  const gone = areSuperseded(db, events);
  return { events: events.filter((_, i) => gone[i] !== true), refused, irregular };
}

/** The greatest timestamp in a range; null when none has the shape of one. */
export function newestIn(db: SqlDatabase, { after, through }: Range): Timestamp | null {
  const newest =
    db.get<{ newest: SqlValue }>(
      `SELECT max(timestamp) AS newest FROM incoming.events WHERE arrival > ? AND arrival <= ? AND length(timestamp) = 16`,
      [after, through],
    )?.newest ?? null;
  return newest === null ? null : timestampFromSql(newest);
}

export const countIncoming = (db: SqlDatabase): number =>
  db.get<{ n: number }>('SELECT count(*) AS n FROM incoming.events')?.n ?? 0;

/** Counts what is here and not in the backup, step by step. */
export function* countMissingThere(db: SqlDatabase): Generator<void, number> {
  let count = 0;
  for (let after = 0; ;) {
    const end = db.get<{ through: SqlValue }>(
      `SELECT max(arrival) AS through FROM (SELECT arrival FROM main.events WHERE arrival > ? ORDER BY arrival LIMIT ${COUNTED_AT_A_TIME})`,
      [after],
    );
    if (end === null || end.through === null) return count;
    const through = numberOf(end.through);
    count +=
      db.get<{ n: number }>(
        `SELECT count(*) AS n FROM main.events e WHERE e.arrival > ? AND e.arrival <= ?
           AND NOT EXISTS (SELECT 1 FROM incoming.events m WHERE ${SAME_KEY('m', 'e')})`,
        [after, through],
      )?.n ?? 0;
    after = through;
    yield;
  }
}

/** Whether an event would wait for its time ([HLC-4]). */
export const isAhead = (event: Event, nowMillis: number): boolean =>
  millisOf(event.timestamp) - nowMillis > MAX_AHEAD_MILLIS;
