/** What a snapshot would spare a new device: about how many events are not the newest of their attribute. */
import { numberOf } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';

/** Events that are looked at: the share comes out right within some 3 %, however large the log is. */
const SAMPLE = 1_000;
/** Spreads places evenly, and falls in step with no pattern of the log, such as the fields of a record. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** An estimate. What history was shortened by counts as superseded, as it is. */
export function countSpared(db: SqlDatabase): number {
  const events = nextArrival(db) - 1;
  const size = Math.min(SAMPLE, events);
  if (size === 0) return 0;
  const arrivals = Array.from({ length: size }, (_, i) => 1 + Math.floor(((i + ((i * GOLDEN) % 1)) * events) / size));
  const row = db.get<{ n: SqlValue }>(
    `SELECT count(*) AS n FROM json_each(?) j CROSS JOIN events e ON e.arrival = j.value
     CROSS JOIN attributes a ON a.attribute = e.attribute AND a.entity_id = e.entity_id AND a.event_id = e.id`,
    [JSON.stringify(arrivals)],
  );
  return Math.round((1 - numberOf(row?.n ?? 0) / size) * events);
}
