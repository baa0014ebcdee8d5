/** Projection: one row per transaction, for the activity of the whole book. */
import { numberOf } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { isStart, type Part, type Position, type Projection } from './projection.ts';

/** Counts events into their transactions; a transaction may arrive in several bundles. */
const count = (where: string): string => `
  INSERT INTO transactions (timestamp, client_id, events, first_arrival, last_arrival)
  SELECT timestamp, min(client_id), count(*), min(arrival), max(arrival) FROM events WHERE ${where} GROUP BY timestamp
  ON CONFLICT (timestamp) DO UPDATE SET
    client_id = min(client_id, excluded.client_id),
    events = events + excluded.events,
    first_arrival = min(first_arrival, excluded.first_arrival),
    last_arrival = max(last_arrival, excluded.last_arrival)`;

export const transactions: Projection = {
  name: 'transactions',
  version: 1,
  feeds: [],
  project: (db, { firstArrival }) => countTransactions(db, firstArrival),
  renew,
  remaining: (db, position) => before(db, position) - firstArrival(db),
};

/** Counts what arrived from `firstArrival` on. */
export function countTransactions(db: SqlDatabase, firstArrival: number): void {
  db.run(count('arrival >= ?'), [firstArrival]);
}

/**
 * Back from the last arrival, so that the newest activity is there first. Every event is counted once: what arrives
 * meanwhile when it arrives, everything else here.
 */
function renew(db: SqlDatabase, position: Position, limit: number): Part {
  const end = before(db, position);
  if (isStart(position)) db.run('DELETE FROM transactions');
  const start = end - limit;
  db.run(count('arrival >= ? AND arrival < ?'), [start, end]);
  return { position: start <= firstArrival(db) ? null : start, done: limit };
}

/** The number that the events to be counted are below. */
function before(db: SqlDatabase, position: Position): number {
  if (!isStart(position)) return numberOf(position);
  return numberOf(db.get<{ last: SqlValue }>('SELECT max(arrival) AS last FROM events')?.last ?? 0) + 1;
}

function firstArrival(db: SqlDatabase): number {
  return numberOf(db.get<{ first: SqlValue }>('SELECT min(arrival) AS first FROM events')?.first ?? 0);
}

/** Counts the transactions anew that events were taken out of: those in `temp.staged_stamps`. */
export function recountTransactions(db: SqlDatabase): void {
  // Among those that went may be some that had not been counted yet: what is left tells, not how many went.
  db.run(
    `DELETE FROM transactions WHERE timestamp IN (SELECT timestamp FROM temp.staged_stamps) AND NOT EXISTS
       (SELECT 1 FROM events e WHERE e.arrival BETWEEN first_arrival AND last_arrival AND e.timestamp = transactions.timestamp)`,
  );
  db.run(
    `INSERT OR REPLACE INTO transactions (timestamp, client_id, events, first_arrival, last_arrival)
     SELECT t.timestamp, min(e.client_id), count(*), min(e.arrival), max(e.arrival)
     FROM temp.staged_stamps s CROSS JOIN transactions t ON t.timestamp = s.timestamp
     CROSS JOIN events e ON e.arrival BETWEEN t.first_arrival AND t.last_arrival AND e.timestamp = t.timestamp
     GROUP BY t.timestamp`,
  );
}
