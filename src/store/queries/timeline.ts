import type { TimelineAnswer } from '../../core/query.ts';
import { timestampFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readCompleteSince } from '../superseded.ts';

export function answerTimeline(db: SqlDatabase): TimelineAnswer {
  const end = (direction: 'ASC' | 'DESC'): TimelineAnswer['first'] => {
    const row = db.get<{ timestamp: SqlValue }>(
      `SELECT timestamp FROM transactions ORDER BY timestamp ${direction} LIMIT 1`,
    );
    return row && timestampFromSql(row.timestamp);
  };
  return { first: end('ASC'), last: end('DESC'), completeSince: readCompleteSince(db) };
}
