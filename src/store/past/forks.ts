/** Open versions of attributes at a past moment, by the definition of core/reduce.ts. */
import { attributeKey } from '../../core/reduce.ts';
import type { EntityId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/timestamp.ts';
import { attributeFromSql, idFromSql, numberOf, previousFromSql, timestampFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { asOfThen } from './tables.ts';

/** Attributes looked through at a time, so that memory stays bounded. */
const KEYS_AT_A_TIME = 500;

/** Settles `fork` of every attribute of the moment that is marked, and finds its open versions. */
export function reviewPastForks(db: SqlDatabase): void {
  for (;;) {
    const marked = `SELECT entity_id, attribute FROM temp.past_attributes WHERE fork <> x'01' LIMIT ${KEYS_AT_A_TIME}`;
    const versions = db.all<{
      entity_id: SqlValue;
      attribute: SqlValue;
      timestamp: SqlValue;
      arrival: SqlValue;
      previous: SqlValue;
    }>(
      asOfThen(`SELECT e.entity_id, e.attribute, e.timestamp, e.arrival, e.previous FROM (${marked}) k
        CROSS JOIN events e ON e.entity_id = k.entity_id AND e.attribute = k.attribute`),
    );
    if (versions.length === 0) return;
    const byKey = Map.groupBy(versions, (version) =>
      attributeKey(idFromSql<EntityId>(version.entity_id), attributeFromSql(version.attribute)),
    );
    const open: SqlValue[][] = [];
    const settled: SqlValue[][] = [];
    for (const group of byKey.values()) {
      const seen = new Set<Timestamp>(group.flatMap((version) => previousFromSql(version.previous)));
      const leaves = group.filter((version) => !seen.has(timestampFromSql(version.timestamp)));
      if (leaves.length > 1) open.push(...leaves.map((leaf) => [numberOf(leaf.arrival)]));
      const [first] = group;
      if (first) settled.push([leaves.length > 1 ? Uint8Array.of(1) : null, first.attribute, first.entity_id]);
    }
    db.bulk(
      `INSERT OR IGNORE INTO temp.past_leaves (entity_id, attribute, timestamp, event_id, client_id, value)
       SELECT entity_id, attribute, timestamp, id, client_id, value FROM events WHERE arrival = ?`,
      open,
    );
    db.bulk('UPDATE temp.past_attributes SET fork = ? WHERE attribute = ? AND entity_id = ?', settled);
  }
}
