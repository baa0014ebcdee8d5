/** SqlDatabase on node:sqlite, for unit tests: the same SQL as in the browser, without a browser. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SqlError, type Durability, type SqlDatabase, type SqlRow, type SqlValue } from '../store/database.ts';

export class NodeSqlite implements SqlDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #inTransaction = false;

  /** @param path a file, or `:memory:` */
  constructor(path = ':memory:') {
    this.#db = guarded('open', () => new DatabaseSync(path));
    try {
      this.exec('PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA temp_store=memory; PRAGMA cache_size=-16384');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** In memory, with what these bytes of a database file hold. */
  static holding(file: Uint8Array): NodeSqlite {
    const db = new NodeSqlite();
    const bytes = file.slice();
    // Read and write version 1 instead of 2: memory has no write-ahead log.
    bytes[18] = bytes[19] = 1;
    db.#db.deserialize(bytes);
    db.exec('PRAGMA temp_store=memory; PRAGMA cache_size=-16384');
    return db;
  }

  exec(sql: string): void {
    guarded(sql, () => this.#db.exec(sql));
  }

  run(sql: string, params: readonly SqlValue[] = []): number {
    return guarded(sql, () => Number(this.#prepare(sql).run(...params).changes));
  }

  all<T extends SqlRow = SqlRow>(sql: string, params: readonly SqlValue[] = []): T[] {
    return guarded(sql, () => this.#prepare(sql).all(...params) as T[]);
  }

  get<T extends SqlRow = SqlRow>(sql: string, params: readonly SqlValue[] = []): T | null {
    return guarded(sql, () => (this.#prepare(sql).get(...params) as T | undefined) ?? null);
  }

  bulk(sql: string, rows: readonly (readonly SqlValue[])[]): number {
    if (!this.#inTransaction) return this.transaction('full', () => this.bulk(sql, rows));
    return guarded(sql, () => {
      const statement = this.#prepare(sql);
      let changed = 0;
      for (const row of rows) changed += Number(statement.run(...row).changes);
      return changed;
    });
  }

  transaction<T>(durability: Durability, work: () => T): T {
    if (this.#inTransaction) throw new Error('transactions do not nest');
    this.exec(durability === 'full' ? 'PRAGMA synchronous=FULL' : 'PRAGMA synchronous=NORMAL');
    this.exec('BEGIN IMMEDIATE');
    this.#inTransaction = true;
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.exec('ROLLBACK');
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** The file byte for byte as the last commit left it, for `holding`. */
  serialize(): Uint8Array {
    return this.#db.serialize();
  }

  export(): Uint8Array<ArrayBuffer> {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-export-'));
    try {
      const file = join(folder, 'book.db');
      this.run('VACUUM INTO ?', [file]);
      return new Uint8Array(readFileSync(file));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function guarded<T>(sql: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
      throw new SqlError(reasonOf(error.errcode), `${error.message} in: ${sql.slice(0, 200)}`, { cause: error });
    }
    throw error;
  }
}

function reasonOf(code: number): SqlError['reason'] {
  switch (code & 0xff) {
    case 13:
      return 'full';
    case 10:
      return 'io';
    case 11:
    case 26:
      return 'corrupt';
    case 19:
      return 'constraint';
    default:
      return 'other';
  }
}
