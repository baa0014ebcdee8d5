/**
 * How far a book has come that starts from a snapshot: which piece comes next; and then, which part of the stream's history,
 * that the snapshot stood in for, is still to be fetched. Both are rows of `config`, written with what they speak of.
 */
import type { BundleId } from '../core/ids.ts';
import { textOf } from './blob.ts';
import { isResending } from './acknowledged.ts';
import { readConfig, writeConfig } from './config.ts';
import { isUnconfirmed } from './unconfirmed.ts';
import type { SqlDatabase } from './database.ts';

/** A start from a snapshot. */
export interface Start {
  /** Which one is being applied; null before the first piece. */
  readonly snapshot: BundleId | null;
  /** The piece that comes next. */
  readonly piece: number;
  /** Up to which offset the stream had been read before: null for a new book. History is fetched from there. */
  readonly from: string | null;
  /** What is missing of the history before that, as in `History`. */
  readonly missing: number | null;
}

/** History that is still to be fetched. */
export interface History {
  /** Offset of the stream up to which it is here; null at its start. */
  readonly at: string | null;
  /** Offset of the snapshot: from there on the stream was read as ever. */
  readonly until: string;
  /** The server does not keep what was stored up to then, Unix milliseconds; null while nothing was missed. */
  readonly missing: number | null;
}

/** Of a book that has read nothing. */
export const BEFORE_ALL: Start = { snapshot: null, piece: 0, from: null, missing: null };

/**
 * Null for a book that reads the stream as it is: it has begun to, or is telling it everything again, or was made of a damaged
 * one and holds most of it.
 */
export function readStart(db: SqlDatabase): Start | null {
  if (readConfig(db, 'cursor') !== null) return null;
  const start = readConfig(db, 'start');
  if (start !== null) return JSON.parse(textOf(start)) as Start;
  return isResending(db) || readConfig(db, 'repaired') !== null ? null : BEFORE_ALL;
}

export function writeStart(db: SqlDatabase, start: Start | null): void {
  writeConfig(db, 'start', start && JSON.stringify(start));
}

/**
 * The stream is read from its start, although a part of a snapshot was applied: what that said is held against the log once
 * everything up to the first page, and what came since, is here. Inside the caller's SQL transaction, before the cursor moves.
 */
export function leaveStart(db: SqlDatabase, cursor: string): void {
  if (!isUnconfirmed(db)) return;
  const start = readStart(db);
  if (start === null) return;
  writeStart(db, null);
  writeHistory(db, { at: cursor, until: cursor, missing: start.missing });
}

export function readHistory(db: SqlDatabase): History | null {
  const history = readConfig(db, 'history');
  return history === null ? null : (JSON.parse(textOf(history)) as History);
}

export function writeHistory(db: SqlDatabase, history: History | null): void {
  writeConfig(db, 'history', history && JSON.stringify(history));
}
