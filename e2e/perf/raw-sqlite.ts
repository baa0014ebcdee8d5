/**
 * The yardstick: sqlite-wasm on OPFS used the plain way (`oo1`, prepared statements, one bind a value), with the same
 * pragmas and the same two tables, and nothing of ours. What Daybook does is measured as a ratio to this, in one run.
 */
import sqlite3InitModule, { type Database, type PreparedStatement } from '@sqlite.org/sqlite-wasm';

const TABLES = `
  CREATE TABLE events(
    id BLOB NOT NULL, client_id BLOB NOT NULL, entity_id BLOB NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL,
    timestamp BLOB NOT NULL, PRIMARY KEY(entity_id, attribute, timestamp, id)) WITHOUT ROWID;
  CREATE TABLE attributes(
    entity_id BLOB NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL, timestamp BLOB NOT NULL,
    PRIMARY KEY(entity_id, attribute)) WITHOUT ROWID;`;

export interface RawEvent {
  readonly id: Uint8Array;
  readonly clientId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly attribute: string;
  readonly value: string;
  readonly timestamp: Uint8Array;
}

export interface RawBook {
  readonly db: Database;
  /** Writes events and their attributes in one transaction, a bind a value. */
  ingest(events: readonly RawEvent[]): void;
  setDurability(durability: 'full' | 'normal'): void;
  close(): void;
}

export interface RawStorage {
  open(name: string): RawBook;
  wipe(): Promise<void>;
}

/** Installs a pool of its own; nothing else may use `directory`. */
export async function installRawStorage(directory: string): Promise<RawStorage> {
  const sqlite3 = await sqlite3InitModule();
  const pool = await sqlite3.installOpfsSAHPoolVfs({ name: directory, directory, initialCapacity: 12 });
  return {
    open: (name) => openRawBook(new pool.OpfsSAHPoolDb(name)),
    wipe: () => pool.wipeFiles(),
  };
}

function openRawBook(db: Database): RawBook {
  db.exec(
    'PRAGMA locking_mode=exclusive; PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384',
  );
  if (db.selectValue(`SELECT count(*) FROM sqlite_schema WHERE name = 'events'`) === 0) db.exec(TABLES);
  let insert: PreparedStatement | null = null;
  let upsert: PreparedStatement | null = null;
  return {
    db,
    ingest(events) {
      insert ??= db.prepare('INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?)');
      upsert ??= db.prepare(`INSERT INTO attributes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
        SET value = excluded.value, timestamp = excluded.timestamp WHERE excluded.timestamp > timestamp`);
      db.exec('BEGIN IMMEDIATE');
      for (const event of events) {
        insert
          .bind([event.id, event.clientId, event.entityId, event.attribute, event.value, event.timestamp])
          .stepReset();
        upsert.bind([event.entityId, event.attribute, event.value, event.timestamp]).stepReset();
      }
      db.exec('COMMIT');
    },
    setDurability(durability) {
      db.exec(`PRAGMA synchronous=${durability}`);
    },
    close() {
      insert?.finalize();
      upsert?.finalize();
      db.close();
    },
  };
}
