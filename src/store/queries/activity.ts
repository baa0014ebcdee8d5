import type { ClientId } from '../../core/ids.ts';
import type { ActivityAnswer, Query } from '../../core/query.ts';
import { timestampToBytes } from '../../core/timestamp.ts';
import { idFromSql, timestampFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { CHANGE_COLUMNS, readChanges, type ChangeRow } from './change.ts';
import { readTitles } from './titles.ts';
import { settledThrough } from './waiting.ts';

/** Changes shown of each transaction. */
const SHOWN = 6;
/** Entities are counted up to this many events; of a larger transaction the count is kept, since it takes a while. */
const QUICK = 2_000;

/** How many entities a large transaction is about, by its timestamp and number of events. */
export type EntityCounts = Map<string, number>;

/** Transactions of the whole book, newest first. */
export function answerActivity(
  db: SqlDatabase,
  catalog: Catalog,
  counts: EntityCounts,
  query: Extract<Query, { kind: 'activity' }>,
): ActivityAnswer {
  const limit = Math.max(1, Math.floor(query.limit));
  const before = query.before === undefined ? new Uint8Array(17).fill(255) : timestampToBytes(query.before);
  const rows = db.all<{
    timestamp: SqlValue;
    client_id: SqlValue;
    events: number;
    first_arrival: number;
    last_arrival: number;
  }>(
    'SELECT timestamp, client_id, events, first_arrival, last_arrival FROM transactions WHERE timestamp < ? ORDER BY timestamp DESC LIMIT ?',
    [before, limit + 1],
  );
  const page = rows.slice(0, limit);
  const settled = settledThrough(db);
  const changes = page.map((row) =>
    readChanges(
      db,
      catalog,
      db.all<ChangeRow>(
        `SELECT ${CHANGE_COLUMNS} FROM events e WHERE e.arrival BETWEEN ? AND ? AND e.timestamp = ? ORDER BY e.arrival LIMIT ${SHOWN}`,
        [settled, row.first_arrival, row.last_arrival, row.timestamp],
      ),
    ),
  );
  const titles = readTitles(
    db,
    catalog,
    changes.flatMap((list) => list.map((change) => change.entityId)),
  );
  return {
    transactions: page.map((row, i) => ({
      timestamp: timestampFromSql(row.timestamp),
      clientId: idFromSql<ClientId>(row.client_id),
      events: row.events,
      entities: countEntities(db, counts, row),
      changes: (changes[i] ?? []).map((change) => ({
        ...change,
        title: '',
        type: null,
        ...titles.get(change.entityId),
      })),
    })),
    next: rows.length > limit ? timestampFromSql(page.at(-1)?.timestamp ?? null) : null,
  };
}

function countEntities(
  db: SqlDatabase,
  counts: EntityCounts,
  row: {
    readonly timestamp: SqlValue;
    readonly events: number;
    readonly first_arrival: number;
    readonly last_arrival: number;
  },
): number {
  const key = `${timestampFromSql(row.timestamp)}/${row.events}`;
  const kept = counts.get(key);
  if (kept !== undefined) return kept;
  const count =
    db.get<{ n: number }>(
      'SELECT count(DISTINCT entity_id) AS n FROM events WHERE arrival BETWEEN ? AND ? AND timestamp = ?',
      [row.first_arrival, row.last_arrival, row.timestamp],
    )?.n ?? 0;
  if (row.events > QUICK) counts.set(key, count);
  return count;
}
