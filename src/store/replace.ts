/** Makes a backup the book: the tables of the present one are emptied and filled from it, in one SQL transaction. */
import { idToBytes } from '../core/ids.ts';
import { timestampToBytes, ZERO_TIMESTAMP, type Timestamp } from '../core/timestamp.ts';
import { timestampFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { readIdentity } from './identity.ts';
import { renewClient } from './new-client.ts';
import { rebuildAll } from './rebuild.ts';
import type { StoreOptions } from './store.ts';

/**
 * Taken as they are: the log, who wrote it, which bundles brought it and which wait. Everything that is derived is derived
 * anew. A backup is then like a device that has slept since: sync goes on where it had come to, and what was sealed and
 * never acknowledged is sealed again under the new client id. Commands stay as they are: their ids are never used twice.
 */
export const COPIED = [
  'events',
  'clients',
  'bundles',
  'outbox',
  'dead_letters',
  'quarantine',
  'arrivals',
  'pruned',
  'lost',
] as const;

/** Settings that come with it. Those of this device (its clock, its account) stay, and its names are minted. */
const COPIED_SETTINGS = `key IN ('book', 'cursor', 'start', 'history', 'snapshots', 'history_since', 'sealed_through', 'resent_through',
    'resend_through', 'lost', 'lost_held', 'horizon')
  OR (key >= 'unechoed:' AND key < 'unechoed;')`;

/**
 * Fills the book from the attached backup, inside the caller's SQL transaction. Every event of it has been checked.
 * @param newest the greatest timestamp in the backup; null when it holds no event
 * @param look the look at the backup that leads to this, and where the present book was set aside
 */
export function replaceBook(
  db: SqlDatabase,
  options: StoreOptions,
  newest: Timestamp | null,
  look: { readonly token: string; readonly keptAs: string | null },
): void {
  const { bookId, userId } = readIdentity(db);
  const clock = timestampFromSql(readConfig(db, 'clock'));
  const selves = db.all<{ id: SqlValue; node_id: SqlValue; user_id: SqlValue }>(
    'SELECT id, node_id, user_id FROM main.clients WHERE self = 1',
  );
  // Handlers deal with another log, from its beginning: at least once.
  db.exec('DELETE FROM forks; DELETE FROM undo; DELETE FROM handlers');
  for (const table of COPIED) {
    db.exec(`DELETE FROM main.${table}`);
    // Both are made by the same statement, so that SQLite copies the trees as they are.
    db.exec(`INSERT INTO main.${table} SELECT * FROM incoming.${table}`);
  }
  db.bulk(
    `INSERT INTO clients (id, node_id, user_id, self) VALUES (?, ?, ?, 1)
     ON CONFLICT (id) DO UPDATE SET self = 1, user_id = coalesce(excluded.user_id, user_id)`,
    selves.map((self) => [self.id, self.node_id, self.user_id]),
  );
  db.exec(`DELETE FROM main.config WHERE ${COPIED_SETTINGS}`);
  db.exec(`INSERT INTO main.config SELECT * FROM incoming.config WHERE ${COPIED_SETTINGS}`);
  const last = nextArrival(db) - 1;
  for (const key of ['sealed_through', 'resent_through', 'resend_through'] as const) {
    if (readConfig(db, key) !== null) writeConfig(db, key, Math.min(readNumber(db, key, 0), last));
  }
  const sameBook = readIdentity(db).bookId === bookId;
  writeConfig(db, 'user', sameBook && userId !== null ? idToBytes(userId) : null);
  writeConfig(db, 'restamped_through', null);
  writeConfig(db, 'sent', null);
  // [HLC-1] No reading of the log that was, nor of the one that is, is ever issued again.
  writeConfig(db, 'clock', timestampToBytes(greater(clock, newest ?? ZERO_TIMESTAMP)));
  renewClient(db, options);
  writeConfig(db, 'replaced_by', look.token);
  writeConfig(db, 'kept_as', look.keptAs);
  writeConfig(db, 'kept_at', look.keptAs === null ? null : Math.floor(options.now()));
  rebuildAll(db);
}

const greater = (a: Timestamp, b: Timestamp): Timestamp => (a > b ? a : b);
