/** Puts right what a look at the book found, but for damage to the file itself: that takes a repair (store/repair.ts). */
import type { CheckName } from '../../core/health.ts';
import type { BundleId } from '../../core/ids.ts';
import { idFromSql, timestampFromSql } from '../blob.ts';
import { readConfig, writeConfig } from '../config.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { takeBackRefused, unsealOutbox } from '../outbox.ts';

/** What of it is not derived from the log. Inside the caller's SQL transaction. */
export function mendKept(db: SqlDatabase, name: Extract<CheckName, 'outbox' | 'log' | 'clock'>): void {
  switch (name) {
    case 'outbox':
      // They are sealed again, of what the log holds.
      unsealOutbox(db);
      for (const { id } of db.all<{ id: SqlValue }>('SELECT id FROM dead_letters WHERE discarded_at IS NULL'))
        takeBackRefused(db, idFromSql<BundleId>(id));
      writeConfig(db, 'sealed_through', null);
      return;
    case 'log':
      writeConfig(db, 'sealed_through', null);
      db.run('DELETE FROM arrivals WHERE first_arrival > last_arrival');
      db.run(
        `UPDATE arrivals SET timestamp = before.latest FROM (
           SELECT first_arrival, min(timestamp) OVER (ORDER BY first_arrival DESC) AS latest FROM arrivals) AS before
         WHERE before.first_arrival = arrivals.first_arrival AND before.latest < timestamp`,
      );
      db.run(
        `INSERT INTO clients (id, node_id, user_id, self) SELECT client_id, substr(min(timestamp), 9), NULL, 0 FROM events
         WHERE true GROUP BY client_id ON CONFLICT DO NOTHING`,
      );
      return;
    case 'clock': {
      const last = db.get<{ last: SqlValue }>('SELECT max(timestamp) AS last FROM transactions')?.last ?? null;
      const clock = readConfig(db, 'clock');
      if (last === null) return;
      if (clock === null || timestampFromSql(clock) < timestampFromSql(last)) writeConfig(db, 'clock', last);
    }
  }
}
