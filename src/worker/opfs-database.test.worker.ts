/** Serves a database on OPFS to the test in the page. */
import { SqlError } from '../store/database.ts';
import type { DatabaseHost, Outcome } from '../testing/database-host.ts';
import { installPool, type OpfsPool } from './opfs-pool.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { loadEngine } from './sqlite-engine.ts';
import * as Comlink from 'comlink';

let pool: OpfsPool | null = null;
let database: SqliteDatabase | null = null;

function open(): SqliteDatabase {
  if (!database) throw new Error('not open');
  return database;
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof SqlError) return { reason: error.reason, message: error.message };
    throw error;
  }
}

const host: DatabaseHost = {
  async open(directory) {
    const engine = await loadEngine();
    if (directory === null) {
      database = new SqliteDatabase(engine, ':memory:', null);
      return;
    }
    if (pool) await pool.acquire();
    else pool = await installPool(engine, directory);
    database = new SqliteDatabase(engine, '/book.db', pool.vfs);
  },
  close() {
    database?.close();
    database = null;
    pool?.release();
  },
  exec: (sql) => attempt(() => open().exec(sql)),
  run: (sql, params) => attempt(() => open().run(sql, params)),
  all: (sql, params) => attempt(() => open().all(sql, params)),
  get: (sql, params) => attempt(() => open().get(sql, params)),
  bulk: (sql, rows) => attempt(() => open().bulk(sql, rows)),
  transaction: (durability, steps) =>
    attempt(() => open().transaction(durability, () => steps.map(([sql, params]) => open().run(sql, params)))),
  export() {
    const bytes = open().export();
    return Comlink.transfer(bytes, [bytes.buffer]);
  },
};

Comlink.expose(host);
