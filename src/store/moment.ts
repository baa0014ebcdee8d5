/** Which events a moment of the past consists of, and what attributes held then, found by their keys in the log. */
import type { Moment } from '../core/query.ts';
import { timestampToBytes } from '../core/timestamp.ts';
import { lastKnown } from './arrivals.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/** An event belongs to a moment when neither its timestamp nor its arrival number is greater than these. */
export interface Bounds {
  readonly timestamp: SqlValue;
  readonly arrival: number;
}

/** The present: everything that the log holds. */
export const EVERYTHING: Bounds = { timestamp: new Uint8Array(16).fill(255), arrival: Number.MAX_SAFE_INTEGER };

export function boundsOf(db: SqlDatabase, { at, reading }: Moment): Bounds {
  return reading === 'dated'
    ? { ...EVERYTHING, timestamp: timestampToBytes(at) }
    : { ...EVERYTHING, arrival: lastKnown(db, at) };
}

/** Parameters of `winnerAt`, in order. */
export const boundParams = ({ timestamp, arrival }: Bounds): readonly SqlValue[] => [timestamp, arrival];

/**
 * SQL for the arrival number of the event that held the attribute of a row `k` (entity_id, attribute) at a moment; null when
 * there was none. It is answered by the index of the log alone; parameters are those of `boundParams`.
 */
export const winnerAt = (k: string): string => `(
  SELECT w.arrival FROM events w INDEXED BY events_key
  WHERE w.entity_id = ${k}.entity_id AND w.attribute = ${k}.attribute AND w.timestamp <= ? AND +w.arrival <= ?
  ORDER BY w.timestamp DESC, w.id DESC LIMIT 1)`;
