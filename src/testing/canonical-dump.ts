/** Everything that is derived from a log, as text that is equal when it is equal: the yardstick of [LOG-1] and [LOG-2]. */
import type { SqlDatabase } from '../store/database.ts';

const TABLES: readonly string[] = [
  `SELECT hex(entity_id), hex(attribute), value, hex(timestamp), hex(event_id), hex(fork) FROM attributes`,
  `SELECT hex(entity_id), hex(attribute), hex(timestamp), hex(event_id), hex(client_id), value FROM leaves`,
  `SELECT hex(entity_id), hex(attribute), hex(timestamp) FROM collisions`,
  // Numbers are local: they are handed out as entities come.
  `SELECT hex(entity_id), hex(type), hex(made), sample FROM entities`,
  `SELECT hex(type), records, samples FROM type_counts`,
  `SELECT hex(type), hex(field), kind FROM fields`,
  `SELECT hex(e.entity_id), s.text FROM search s LEFT JOIN entities e ON e.number = s.number`,
  `SELECT hex(attribute), hex(entity_id), hex(event_id), text FROM folded`,
  `SELECT hex(attribute), hex(entity_id), hex(target) FROM links`,
  `SELECT hex(timestamp), hex(client_id), events FROM transactions`,
];

/** Which of them differ between clients that keep more history and less: collisions and transactions. */
export const LOCAL_TABLES: ReadonlySet<number> = new Set(
  TABLES.flatMap((sql, i) => (/ FROM (collisions|transactions)$/.test(sql) ? [i] : [])),
);

/** @param arrivals whether what depends on the order of delivery is compared too, as it can be within one database */
export function canonicalDump(db: SqlDatabase, arrivals = false): string[] {
  const tables = arrivals
    ? [...TABLES, 'SELECT hex(timestamp), first_arrival, last_arrival FROM transactions']
    : TABLES;
  return tables.map((sql) =>
    db
      .all(sql)
      .map((row) => JSON.stringify(Object.values(row)))
      .toSorted()
      .join('\n'),
  );
}
