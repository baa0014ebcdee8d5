/** The `config` table: the few values that a book has one of. */
import type { BundleId } from '../core/ids.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

export type ConfigKey =
  | 'book'
  | 'client'
  | 'node'
  /** The account's user; absent before the book is linked. */
  | 'user'
  /** Greatest timestamp ever issued or applied ([HLC-6]). */
  | 'clock'
  /** How far the wall clock was last found ahead of server time, in milliseconds. */
  | 'clock_offset'
  | 'cursor'
  | 'producer_epoch'
  | 'producer_seq'
  /** Every event up to this arrival is in a bundle. */
  | 'sealed_through'
  /** While own changes wait: how many were acknowledged since something waits without a break. */
  | 'sent'
  /** Transactions up to this arrival have been stamped anew, or need not be. */
  | 'restamped_through'
  /** While everything is queued again ([SYNC-4]): the last arrival that was queued, and the last that is to be. */
  | 'resent_through'
  | 'resend_through'
  /** While there is something to send again in the table `lost`: how many of it this client made; and whether what is held is sent as well (1). */
  | 'lost'
  | 'lost_held'
  /** Timestamp to which history was shortened here; absent while nothing has been pruned. */
  | 'horizon'
  /** A start from a snapshot that is under way, as JSON text (start-state.ts). */
  | 'start'
  /** The history that a snapshot stood in for and that is still to be fetched, as JSON text (start-state.ts). */
  | 'history'
  /** Ids of snapshots whose events are still to be held against the log, as JSON text (confirming.ts). */
  | 'snapshots'
  /** A snapshot whose upload was begun, and which pieces the server has, as JSON text (snapshot.ts). */
  | 'upload'
  /** Timestamp since which history is complete; absent unless a snapshot stood in for older history that is not all here. */
  | 'history_since'
  /** How this book was made of a damaged one, as JSON text (core/health.ts); and whether the person knows (1). */
  | 'repaired'
  | 'repair_told'
  /** When the last backup was made, Unix milliseconds; a backup says so itself. */
  | 'backed_up_at'
  /** The look at a file (its token) that ended in this book, so that asking for it again is harmless. */
  | 'replaced_by'
  /** When the book before this one was set aside, Unix milliseconds, and the path at which it lies. */
  | 'kept_at'
  | 'kept_as'
  /** One for each bundle that the server has acknowledged and that has not come back in its stream ([SYNC-4]). */
  | `unechoed:${BundleId}`;

export function readConfig(db: SqlDatabase, key: ConfigKey): SqlValue {
  return db.get<{ value: SqlValue }>('SELECT value FROM config WHERE key = ?', [key])?.value ?? null;
}

/** Reads a number; `otherwise` where there is none. */
export function readNumber(db: SqlDatabase, key: ConfigKey, otherwise: number): number {
  const value = readConfig(db, key);
  return typeof value === 'number' ? value : otherwise;
}

/** Writes a value; null removes it. */
export function writeConfig(db: SqlDatabase, key: ConfigKey, value: SqlValue): void {
  if (value === null) db.run('DELETE FROM config WHERE key = ?', [key]);
  else db.run('INSERT INTO config VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [key, value]);
}
