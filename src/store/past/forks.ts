/** Open versions of attributes at a past moment, by the definition of core/reduce.ts. */
import { attributeKey } from '../../core/reduce.ts';
import type { EntityId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/timestamp.ts';
import { attributeFromSql, idFromSql, numberOf, previousFromSql, timestampFromSql } from '../blob.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../database.ts';
import { readCompleteSince, readSuperseded } from '../superseded.ts';
import { asOfThen } from './tables.ts';

/** Attributes looked through at a time, so that memory stays bounded. */
const KEYS_AT_A_TIME = 500;

interface VersionRow extends SqlRow {
  readonly entity_id: SqlValue;
  readonly attribute: SqlValue;
  readonly timestamp: SqlValue;
  readonly arrival: SqlValue;
  readonly previous: SqlValue;
}

/** Settles `fork` of every attribute of the moment that is marked, and finds its open versions. */
export function reviewPastForks(db: SqlDatabase): void {
  while (reviewSome(db));
}

function reviewSome(db: SqlDatabase): boolean {
  const marked = `SELECT entity_id, attribute FROM temp.past_attributes WHERE fork <> x'01' LIMIT ${KEYS_AT_A_TIME}`;
  const rows = db.all<VersionRow>(
    asOfThen(`SELECT e.entity_id, e.attribute, e.timestamp, e.arrival, e.previous FROM (${marked}) k
      CROSS JOIN events e ON e.entity_id = k.entity_id AND e.attribute = k.attribute`),
  );
  const groups = [...Map.groupBy(rows, (row) => keyOf(row)).values()].flatMap((versions) => {
    const [first] = versions;
    return first
      ? [
          {
            entityId: idFromSql<EntityId>(first.entity_id),
            attribute: attributeFromSql(first.attribute),
            first,
            versions,
          },
        ]
      : [];
  });
  const superseded = readCompleteSince(db) === null ? null : readSuperseded(db, groups);
  const open: SqlValue[][] = [];
  const settled: SqlValue[][] = [];
  for (const { first, versions } of groups) {
    const seen = new Set<Timestamp>(superseded?.get(keyOf(first)));
    for (const { previous } of versions) for (const timestamp of previousFromSql(previous)) seen.add(timestamp);
    const leaves = versions.filter((version) => !seen.has(timestampFromSql(version.timestamp)));
    if (leaves.length > 1) open.push(...leaves.map((leaf) => [numberOf(leaf.arrival)]));
    settled.push([leaves.length > 1 ? Uint8Array.of(1) : null, first.attribute, first.entity_id]);
  }
  db.bulk(
    `INSERT OR IGNORE INTO temp.past_leaves (entity_id, attribute, timestamp, event_id, client_id, value)
     SELECT entity_id, attribute, timestamp, id, client_id, value FROM events WHERE arrival = ?`,
    open,
  );
  db.bulk('UPDATE temp.past_attributes SET fork = ? WHERE attribute = ? AND entity_id = ?', settled);
  return groups.length > 0;
}

function keyOf(row: VersionRow): string {
  return attributeKey(idFromSql<EntityId>(row.entity_id), attributeFromSql(row.attribute));
}
