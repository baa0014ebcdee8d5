/** When events came to this device: what "as it was known then" is told from. */
import { tick, type ClockState } from '../core/clock.ts';
import { timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import { numberOf } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/**
 * Notes that the events from `first` to `last` came from elsewhere, inside their transaction. The reading is what the clock
 * would have stamped just then, so that it falls into the order of what is made here. Where earlier arrivals say that they
 * came later (the clock was ahead, and has been put right), they came no later than now.
 * @param clock as it stood before these events moved it
 * @param nowMillis corrected wall clock, Unix milliseconds
 */
export function noteArrival(db: SqlDatabase, clock: ClockState, nowMillis: number, first: number, last: number): void {
  const came = timestampToBytes(tick(clock, nowMillis).timestamp);
  db.run('UPDATE arrivals SET timestamp = ? WHERE timestamp > ?', [came, came]);
  db.run(
    `INSERT INTO arrivals (first_arrival, last_arrival, timestamp) VALUES (?, ?, ?)
     ON CONFLICT (first_arrival) DO UPDATE SET last_arrival = excluded.last_arrival, timestamp = excluded.timestamp`,
    [first, last, came],
  );
}

/**
 * The greatest arrival number that this device had given out at a moment; 0 before the first. What came from elsewhere came
 * when it was noted; what was made here came when it was stamped, which goes up with the arrival number ([HLC-1]).
 */
export function lastKnown(db: SqlDatabase, at: Timestamp): number {
  const moment = timestampToBytes(at);
  const arrived = db.get<{ last_arrival: SqlValue }>(
    'SELECT last_arrival FROM arrivals WHERE timestamp <= ? ORDER BY timestamp DESC, first_arrival DESC LIMIT 1',
    [moment],
  );
  // What this client wrote and lost, and got back from the server, came when it was noted, like everything from elsewhere.
  const made = db.get<{ last: SqlValue }>(
    `SELECT max((SELECT t.last_arrival FROM transactions t INDEXED BY transactions_by_client
         WHERE t.client_id = c.id AND t.timestamp <= ? AND t.first_arrival >
         coalesce((SELECT a.last_arrival FROM arrivals a WHERE a.first_arrival <= t.first_arrival ORDER BY a.first_arrival DESC LIMIT 1), 0)
       ORDER BY t.timestamp DESC LIMIT 1)) AS last
     FROM clients c WHERE c.self = 1`,
    [moment],
  );
  return Math.max(...[arrived?.last_arrival, made?.last].map((last) => (last == null ? 0 : numberOf(last))));
}
