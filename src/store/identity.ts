/** Who this installation is, and its clock. Both live in the database alone, so that a rollback takes them back as well. */
import type { ClockState } from '../core/clock.ts';
import { bytesToHex } from '../core/hex.ts';
import { idToBytes, mintId, type BookId, type ClientId, type UserId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import { bytesToNodeId, makeTimestamp, timestampToBytes, ZERO_TIMESTAMP, type NodeId } from '../core/timestamp.ts';
import { bytesOf, idFromSql, timestampFromSql } from './blob.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import type { Identity } from './store.ts';

/** The identity of an open book. Throws when there is none: `openStore` sees to it. */
export function readIdentity(db: SqlDatabase): Identity {
  const user = readConfig(db, 'user');
  return {
    bookId: idFromSql<BookId>(readConfig(db, 'book')),
    clientId: idFromSql<ClientId>(readConfig(db, 'client')),
    nodeId: bytesToHex(bytesOf(readConfig(db, 'node'))) as NodeId,
    userId: user === null ? null : idFromSql<UserId>(user),
  };
}

export function hasIdentity(db: SqlDatabase): boolean {
  return readConfig(db, 'client') !== null;
}

/** Mints the book's id; the first step of a new book. Inside a transaction. */
export function mintBook(db: SqlDatabase, millis: number, random: Random): void {
  writeConfig(db, 'book', idToBytes(mintId<BookId>(millis, random)));
}

/**
 * Mints a client and a node id, for a new book as for one that was restored or copied ([HLC-6]). The clock goes on from
 * where the log stands. Inside a transaction.
 */
export function mintClient(db: SqlDatabase, millis: number, random: Random): void {
  const client = idToBytes(mintId<ClientId>(millis, random));
  const node = random(8);
  const last = readConfig(db, 'clock');
  writeConfig(db, 'client', client);
  writeConfig(db, 'node', node);
  writeConfig(db, 'clock', last ?? timestampToBytes(makeTimestamp(0, 0, bytesToNodeId(node))));
  db.run('INSERT INTO clients (id, node_id, user_id, self) VALUES (?, ?, ?, 1)', [
    client,
    node,
    readConfig(db, 'user'),
  ]);
}

export function readClock(db: SqlDatabase): ClockState {
  const last = readConfig(db, 'clock');
  return { node: readIdentity(db).nodeId, last: last === null ? ZERO_TIMESTAMP : timestampFromSql(last) };
}

/** Keeps the clock with the events it stamped or took note of ([HLC-6]): inside their transaction. */
export function writeClock(db: SqlDatabase, clock: ClockState): void {
  writeConfig(db, 'clock', timestampToBytes(clock.last));
}
