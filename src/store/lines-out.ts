/** The log as JSON Lines, page by page, in an order that depends on the events alone: by timestamp, then id. */
import { compareEvents, type Event } from '../core/event.ts';
import { idToBytes } from '../core/ids.ts';
import { writeHeader, writeLine } from '../core/json-lines.ts';
import { timestampToBytes } from '../core/timestamp.ts';
import type { LinesPage, LinesPlace } from '../core/transfer.ts';
import { checkEvent } from '../core/validate.ts';
import { attributeToSql, numberOf } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { EVENT_COLUMNS, readEvent, type EventRow } from './event-rows.ts';
import { readIdentity } from './identity.ts';

/** Events of a page, and bytes of their values, at most; a page holds at least one event. */
const EVENTS_A_PAGE = 4_000;
const BYTES_A_PAGE = 4_000_000;
/** Transactions that a page is chosen from. */
const TRANSACTIONS_A_PAGE = 2_000;

/** One page of lines; the first one begins with the header. */
export function linesPage(db: SqlDatabase, place: LinesPlace | null): LinesPage {
  if (place?.kind === 'held') return { text: heldEvents(db).map(writeLine).join(''), next: null };
  const header = place === null ? writeHeader(readIdentity(db).bookId) : '';
  const events = nextEvents(db, place);
  const last = events.at(-1);
  if (!last) return { text: header, next: { kind: 'held' } };
  const { timestamp, id, entityId, attribute } = last;
  return {
    text: header + events.map(writeLine).join(''),
    next: { kind: 'after', timestamp, id, entityId, attribute },
  };
}

/**
 * A transaction lies in a range of arrivals, among others: those that are small enough together are read at once, a large
 * one piece by piece.
 */
function nextEvents(db: SqlDatabase, after: Extract<LinesPlace, { kind: 'after' }> | null): Event[] {
  const from = after === null ? new Uint8Array(16) : timestampToBytes(after.timestamp);
  const inside = after === null ? [] : restOf(db, after);
  if (inside.length > 0) return read(db, inside);
  const transactions = db.all<{ timestamp: SqlValue; events: number }>(
    `SELECT timestamp, events FROM transactions WHERE timestamp > ? ORDER BY timestamp LIMIT ${TRANSACTIONS_A_PAGE}`,
    [from],
  );
  let events = 0;
  let count = 0;
  for (const transaction of transactions) {
    events += transaction.events;
    if (count > 0 && events > EVENTS_A_PAGE) break;
    count += 1;
  }
  const through = transactions[count - 1]?.timestamp;
  if (through === undefined) return [];
  return read(
    db,
    db.all<Key>(
      `SELECT e.arrival, octet_length(e.value) AS bytes FROM transactions t
       CROSS JOIN events e ON e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp
       WHERE t.timestamp > ? AND t.timestamp <= ? ORDER BY t.timestamp, e.id, e.entity_id, e.attribute LIMIT ${EVENTS_A_PAGE}`,
      [from, through],
    ),
  );
}

interface Key {
  readonly [column: string]: SqlValue;
  readonly arrival: number;
  readonly bytes: number;
}

/** What is left of the transaction in which the last page ended. */
function restOf(
  db: SqlDatabase,
  { timestamp, id, entityId, attribute }: Extract<LinesPlace, { kind: 'after' }>,
): Key[] {
  return db.all<Key>(
    `SELECT e.arrival, octet_length(e.value) AS bytes FROM transactions t
     CROSS JOIN events e ON e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp
     WHERE t.timestamp = ? AND (e.id, e.entity_id, e.attribute) > (?, ?, ?)
     ORDER BY e.id, e.entity_id, e.attribute LIMIT ${EVENTS_A_PAGE}`,
    [timestampToBytes(timestamp), idToBytes(id), idToBytes(entityId), attributeToSql(attribute)],
  );
}

/** As many of them as a page holds, in their order. */
function read(db: SqlDatabase, keys: readonly Key[]): Event[] {
  let bytes = 0;
  let count = 0;
  for (const key of keys) {
    bytes += key.bytes;
    if (count > 0 && bytes > BYTES_A_PAGE) break;
    count += 1;
  }
  const arrivals = keys.slice(0, count).map((key) => key.arrival);
  const rows = db.all<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events WHERE arrival IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(arrivals)],
  );
  const places = new Map(arrivals.map((arrival, place) => [arrival, place]));
  const placeOf = (row: EventRow): number => places.get(numberOf(row.arrival)) ?? 0;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b)).map(readEvent);
}

/** What waits for its time is part of the log as well ([HLC-4]). */
function heldEvents(db: SqlDatabase): Event[] {
  const rows = db.all<{ content: string }>(`SELECT content FROM quarantine WHERE kind = 'future'`);
  const events = rows.flatMap(({ content }) => {
    const checked = checkEvent(JSON.parse(content));
    return checked.ok ? [checked.value] : [];
  });
  return events.toSorted(compareEvents);
}
