import type { DatabaseSync } from 'node:sqlite';
import { prepareOne, prepareRun } from '../../database.ts';
import { type Offset, START_TAG } from '../offset.ts';
import type { StreamHead } from '../port.ts';

/** A row of `streams`. */
export interface StreamRow {
  readonly stream_id: number;
  readonly log: string;
  readonly content_type: string;
  readonly ttl_seconds: number | null;
  readonly expires_at: number | null;
  readonly used_at: number;
  readonly tail: number;
  readonly tail_tag: string;
  readonly last_seq: string | null;
  readonly closed: number;
  readonly closed_by: string | null;
  readonly closed_epoch: number | null;
  readonly closed_seq: number | null;
  readonly earliest: number;
  readonly earliest_tag: string;
  readonly trimmed_by: number | null;
}

export interface MessageRow {
  readonly tag: string;
  readonly data: Uint8Array;
}

/** The statements that streams need, prepared once. */
export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: DatabaseSync) {
  const page = db.prepare(
    'SELECT tag, data FROM messages WHERE stream_id = ? AND position >= ? ORDER BY position LIMIT ?',
  );
  return {
    stream: prepareOne<StreamRow>(db, 'SELECT * FROM streams WHERE path = ?'),
    insertStream: prepareOne<StreamRow>(
      db,
      `INSERT INTO streams (path, log, content_type, ttl_seconds, expires_at, created_at, used_at, closed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
    ),
    updateTail: prepareRun(
      db,
      'UPDATE streams SET tail = ?, tail_tag = ?, last_seq = ?, used_at = ? WHERE stream_id = ?',
    ),
    closeStream: prepareRun(
      db,
      'UPDATE streams SET closed = 1, closed_by = ?, closed_epoch = ?, closed_seq = ? WHERE stream_id = ?',
    ),
    touch: prepareRun(db, 'UPDATE streams SET used_at = ? WHERE stream_id = ?'),
    deleteStream: prepareRun(db, 'DELETE FROM streams WHERE stream_id = ?'),
    sweep: prepareRun(
      db,
      'DELETE FROM streams WHERE expires_at <= ?1 OR (ttl_seconds IS NOT NULL AND used_at + ttl_seconds * 1000 <= ?1)',
    ),
    insertMessage: prepareRun(db, 'INSERT INTO messages (stream_id, position, tag, data) VALUES (?, ?, ?, ?)'),
    tagBefore: prepareOne<{ tag: string }>(db, 'SELECT tag FROM messages WHERE stream_id = ? AND position = ? - 1'),
    page: (streamId: number, position: number, limit: number) =>
      page.iterate(streamId, position, limit) as unknown as Iterable<MessageRow>,
    markTail: prepareRun(
      db,
      `INSERT INTO tail_marks (stream_id, position, noted_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    markBy: prepareOne<{ position: number; noted_at: number }>(
      db,
      'SELECT position, noted_at FROM tail_marks WHERE stream_id = ? AND noted_at <= ? ORDER BY position DESC LIMIT 1',
    ),
    dropMarks: prepareRun(db, 'DELETE FROM tail_marks WHERE stream_id = ? AND position < ?'),
    deleteMessages: prepareRun(db, 'DELETE FROM messages WHERE stream_id = ? AND position < ?'),
    updateEarliest: prepareRun(
      db,
      'UPDATE streams SET earliest = ?, earliest_tag = ?, trimmed_by = ? WHERE stream_id = ?',
    ),
    producer: prepareOne<{ epoch: number; seq: number }>(
      db,
      'SELECT epoch, seq FROM producers WHERE stream_id = ? AND producer_id = ?',
    ),
    setProducer: prepareRun(
      db,
      `INSERT INTO producers (stream_id, producer_id, epoch, seq) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq`,
    ),
  };
}

export const tailOf = (row: StreamRow): Offset => ({ log: row.log, position: row.tail, tag: row.tail_tag });

export const startOf = (row: StreamRow): Offset => ({ log: row.log, position: 0, tag: START_TAG });

export const earliestOf = (row: StreamRow): Offset => ({
  log: row.log,
  position: row.earliest,
  tag: row.earliest_tag,
});

export function headOf(row: StreamRow): StreamHead {
  return {
    contentType: row.content_type,
    ttlSeconds: row.ttl_seconds,
    expiresAt: row.expires_at,
    tail: tailOf(row),
    earliest: earliestOf(row),
    closed: row.closed === 1,
  };
}

export function isExpired(row: StreamRow, now: number): boolean {
  if (row.expires_at !== null && row.expires_at <= now) return true;
  return row.ttl_seconds !== null && row.used_at + row.ttl_seconds * 1_000 <= now;
}
