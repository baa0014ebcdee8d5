/** Which snapshots are still to be held against the log ([SNAP-8]): what only they have said carries their id as its bundle. */
import { bytesToHex } from '../core/hex.ts';
import { bytesToId, idToBytes, type BundleId } from '../core/ids.ts';
import { textOf } from './blob.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/** Snapshots whose events have not all been held against the log. */
function readUnconfirmed(db: SqlDatabase): readonly BundleId[] {
  const ids = readConfig(db, 'snapshots');
  return ids === null ? [] : (JSON.parse(textOf(ids)) as BundleId[]);
}

/** A snapshot is begun with. Inside the caller's SQL transaction. */
export function noteSnapshot(db: SqlDatabase, id: BundleId): void {
  const known = readUnconfirmed(db);
  if (!known.includes(id)) writeConfig(db, 'snapshots', JSON.stringify([...known, id]));
}

/** Whether there is anything to hold against the log. */
export function isUnconfirmed(db: SqlDatabase): boolean {
  return readConfig(db, 'snapshots') !== null;
}

/** `bundle_id` of what only a snapshot has said so far. */
export function unconfirmed(db: SqlDatabase): string {
  const ids = readUnconfirmed(db).map((id) => `x'${bytesToHex(idToBytes(id))}'`);
  return `bundle_id IN (${ids.join()})`;
}

/** Whether something that is held has come with nothing but a snapshot so far: it is not tried before the log brings it. */
export function isHearsay(db: SqlDatabase, bundleId: SqlValue): boolean {
  if (!(bundleId instanceof Uint8Array)) return false;
  const id = bytesToId<BundleId>(bundleId);
  return readUnconfirmed(db).includes(id);
}

/** What is held came out of the log as well. */
export function confirmHeld(db: SqlDatabase, number: number, bundleId: BundleId | null): void {
  if (!isUnconfirmed(db)) return;
  db.run(`UPDATE quarantine SET bundle_id = ? WHERE number = ? AND ${unconfirmed(db)}`, [
    bundleId === null ? null : idToBytes(bundleId),
    number,
  ]);
}
