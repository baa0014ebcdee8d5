import { idToBytes } from '../../core/ids.ts';
import type { HistoryAnswer, Query } from '../../core/query.ts';
import { timestampToBytes } from '../../core/timestamp.ts';
import { attributeToSql, timestampFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { CHANGE_COLUMNS, readChanges, type ChangeRow } from './change.ts';
import { settledThrough } from './waiting.ts';

/**
 * Changes of an entity, newest first. Pages end between transactions: what shares a timestamp stays together, so that a
 * page may hold a few more than `limit`.
 */
export function answerHistory(
  db: SqlDatabase,
  catalog: Catalog,
  query: Extract<Query, { kind: 'history' }>,
): HistoryAnswer {
  const limit = Math.max(1, Math.floor(query.limit));
  let where = 'e.entity_id = ?';
  const params: SqlValue[] = [idToBytes(query.entityId)];
  if (query.attribute !== undefined) {
    where += ' AND e.attribute = ?';
    params.push(attributeToSql(query.attribute));
  }
  if (query.before !== undefined) {
    where += ' AND e.timestamp < ?';
    params.push(timestampToBytes(query.before));
  }
  const bottom = db.get<{ timestamp: SqlValue }>(
    `SELECT e.timestamp FROM events e WHERE ${where} ORDER BY e.timestamp DESC LIMIT 1 OFFSET ?`,
    [...params, limit - 1],
  );
  const from = bottom === null ? '' : ' AND e.timestamp >= ?';
  const rows = db.all<ChangeRow>(
    `SELECT ${CHANGE_COLUMNS} FROM events e WHERE ${where}${from} ORDER BY e.timestamp DESC, e.id DESC`,
    [settledThrough(db), ...params, ...(bottom === null ? [] : [bottom.timestamp])],
  );
  const more =
    bottom !== null &&
    db.get(`SELECT 1 FROM events e WHERE ${where} AND e.timestamp < ? LIMIT 1`, [...params, bottom.timestamp]) !== null;
  return { changes: readChanges(db, catalog, rows), next: more ? timestampFromSql(bottom.timestamp) : null };
}
