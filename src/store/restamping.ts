/** [HLC-5] Corrects what a wrong clock stamped and nobody else has seen. */
import { idToBytes } from '../core/ids.ts';
import { timestampToBytes, ZERO_TIMESTAMP, type Timestamp } from '../core/timestamp.ts';
import { restamp } from '../core/transaction.ts';
import { previousToSql, timestampFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import { readIdentity, writeClock } from './identity.ts';
import { rebuildAll } from './rebuild.ts';
import { stageRenames } from './staging.ts';

/**
 * Stamps every transaction anew that this client made, that is in no bundle and was not stamped anew before, inside the
 * caller's SQL transaction. What came out of a file is in no bundle either, but others may hold it as it is stamped.
 * Everything derived is made again from the log: it happens hardly ever, and so it is certain.
 * @param nowMillis corrected wall clock, Unix milliseconds
 * @returns how many transactions were stamped anew
 */
export function restampUnsealed(db: SqlDatabase, offsetMillis: number, nowMillis: number): number {
  const from = Math.max(readNumber(db, 'sealed_through', 0), readNumber(db, 'restamped_through', 0));
  const arrivals = readArrivals(
    db.all<EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE arrival > ? AND bundle_id IS NULL AND client_id = ? ORDER BY arrival`,
      [from, readConfig(db, 'client')],
    ),
  );
  writeConfig(db, 'restamped_through', nextArrival(db) - 1);
  if (arrivals.size === 0) return 0;
  const stamped = new Set([...arrivals.keys()].map((event) => event.timestamp));
  const clock = { node: readIdentity(db).nodeId, last: greatestBesides(db, stamped) };
  const corrected = restamp(arrivals.keys(), { clock, offsetMillis, nowMillis });
  const places = new Map([...arrivals].map(([event, arrival]) => [event.id, arrival]));
  db.bulk(
    'UPDATE events SET timestamp = ?, previous = ? WHERE arrival = ? AND id = ?',
    corrected.events.map((event) => [
      timestampToBytes(event.timestamp),
      previousToSql(event.previous),
      places.get(event.id) ?? 0,
      idToBytes(event.id),
    ]),
  );
  stageRenames(db, corrected.renamed);
  for (const table of ['undo', 'commands']) {
    db.run(
      `UPDATE ${table} SET timestamp = (SELECT after FROM temp.staged_renames WHERE before = timestamp)
       WHERE timestamp IN (SELECT before FROM temp.staged_renames)`,
    );
  }
  rebuildAll(db);
  writeClock(db, corrected.clock);
  return corrected.renamed.size;
}

/** The greatest timestamp in the log that is none of these; `transactions` may be incomplete ([PROJ-2]). */
function greatestBesides(db: SqlDatabase, stamped: ReadonlySet<Timestamp>): Timestamp {
  const row = db.get<{ greatest: SqlValue }>(
    'SELECT max(timestamp) AS greatest FROM events WHERE timestamp NOT IN (SELECT unhex(value) FROM json_each(?))',
    [JSON.stringify([...stamped])],
  );
  return row === null || row.greatest === null ? ZERO_TIMESTAMP : timestampFromSql(row.greatest);
}
