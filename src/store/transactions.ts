/** Projection: one row per transaction. */
import type { SqlDatabase } from './database.ts';

/** Counts the events from `firstArrival` on into their transactions; a transaction may arrive in several bundles. */
export function projectTransactions(db: SqlDatabase, firstArrival: number): void {
  db.run(
    `INSERT INTO transactions (timestamp, client_id, events, first_arrival, last_arrival)
     SELECT timestamp, min(client_id), count(*), min(arrival), max(arrival) FROM events WHERE arrival >= ? GROUP BY timestamp
     ON CONFLICT (timestamp) DO UPDATE SET
       client_id = min(client_id, excluded.client_id),
       events = events + excluded.events,
       first_arrival = min(first_arrival, excluded.first_arrival),
       last_arrival = max(last_arrival, excluded.last_arrival)`,
    [firstArrival],
  );
}
