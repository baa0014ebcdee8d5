/**
 * The yardstick: sqlite-wasm used the plain way (`oo1`, prepared statements, one bind a value), with the same pragmas and the
 * same two tables, and nothing of ours; on OPFS, and in memory. What Daybook does is measured as a ratio to this, in one run.
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

export class RawBook {
  readonly db: Database;
  #insert: PreparedStatement | null = null;
  #upsert: PreparedStatement | null = null;

  constructor(db: Database) {
    this.db = db;
    db.exec(
      'PRAGMA locking_mode=exclusive; PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536',
    );
    if (db.selectValue(`SELECT count(*) FROM sqlite_schema WHERE name = 'events'`) === 0) db.exec(TABLES);
  }

  /** Writes events and their attributes in one transaction, a bind a value. */
  ingest(events: readonly RawEvent[]): void {
    const { db } = this;
    const insert = (this.#insert ??= db.prepare('INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?)'));
    const upsert = (this.#upsert ??= db.prepare(`INSERT INTO attributes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
      SET value = excluded.value, timestamp = excluded.timestamp WHERE excluded.timestamp > timestamp`));
    db.exec('BEGIN IMMEDIATE');
    for (const event of events) {
      insert
        .bind([event.id, event.clientId, event.entityId, event.attribute, event.value, event.timestamp])
        .stepReset();
      upsert.bind([event.entityId, event.attribute, event.value, event.timestamp]).stepReset();
    }
    db.exec('COMMIT');
  }

  setDurability(durability: 'full' | 'normal'): void {
    this.db.exec(`PRAGMA synchronous=${durability}`);
  }

  rebuild(): void {
    this.db.exec(`BEGIN; DELETE FROM attributes;
      INSERT INTO attributes SELECT entity_id, attribute, value, max(timestamp) FROM events GROUP BY entity_id, attribute;
      COMMIT`);
  }

  indexTypes(): void {
    this.db.exec("CREATE INDEX by_type ON attributes(value, entity_id) WHERE attribute = 'type'");
  }

  /** Attributes of the first records of a type; `type` as JSON text. */
  firstRecords(type: string, limit: number): unknown[] {
    return this.db.selectArrays(
      `SELECT * FROM attributes WHERE entity_id IN
         (SELECT entity_id FROM attributes WHERE attribute = 'type' AND value = ? ORDER BY entity_id LIMIT ${limit})`,
      [type],
    );
  }

  /** A record as it is now, and when it was first and last changed. */
  record(id: Uint8Array): unknown[] {
    return [
      this.db.selectArrays('SELECT * FROM attributes WHERE entity_id = ?', [id]),
      this.db.selectArrays('SELECT min(timestamp), max(timestamp) FROM events WHERE entity_id = ?', [id]),
    ];
  }

  /** A record as it was: of each attribute the last event up to then. */
  recordAt(id: Uint8Array, timestamp: Uint8Array): unknown[] {
    return this.db.selectArrays(
      'SELECT attribute, value, max(timestamp) FROM events WHERE entity_id = ? AND timestamp <= ? GROUP BY attribute',
      [id, timestamp],
    );
  }

  history(id: Uint8Array, limit: number): unknown[] {
    return this.db.selectArrays('SELECT * FROM events WHERE entity_id = ? ORDER BY timestamp DESC LIMIT ?', [
      id,
      limit,
    ]);
  }

  /** Bytes of the database, without its write-ahead log. */
  size(): number {
    return Number(this.db.selectValue('PRAGMA page_count')) * Number(this.db.selectValue('PRAGMA page_size'));
  }

  close(): void {
    this.#insert?.finalize();
    this.#upsert?.finalize();
    this.db.close();
  }
}

export interface RawStorage {
  open(name: string): RawBook;
  openInMemory(): RawBook;
}

/** Installs a pool of its own, empty; nothing else may use `directory`. */
export async function installRawStorage(directory: string): Promise<RawStorage> {
  const sqlite3 = await sqlite3InitModule();
  const pool = await sqlite3.installOpfsSAHPoolVfs({ name: directory, directory, initialCapacity: 12 });
  await pool.wipeFiles();
  return {
    open: (name) => new RawBook(new pool.OpfsSAHPoolDb(name)),
    openInMemory: () => new RawBook(new sqlite3.oo1.DB(':memory:')),
  };
}
