/** SqlDatabase on sqlite-wasm in memory that counts the steps of SQLite's virtual machine: a measure of work without a clock. */
import type { Database, PreparedStatement } from '@sqlite.org/sqlite-wasm';
import type { Durability, SqlDatabase, SqlRow, SqlValue } from '../store/database.ts';
import type { Engine } from '../worker/sqlite-engine.ts';

export class CountingDatabase implements SqlDatabase {
  /** Steps since it was last set to 0. */
  steps = 0;
  /** Statements that ran since it was last cleared. */
  readonly texts = new Set<string>();
  readonly #engine: Engine;
  readonly #db: Database;
  readonly #statements = new Map<string, PreparedStatement>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#db = new engine.sqlite3.oo1.DB(':memory:');
    this.#db.exec('PRAGMA temp_store=memory');
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  run(sql: string, params: readonly SqlValue[] = []): number {
    const before = this.#db.changes(true);
    this.#rows(sql, params, 0);
    return this.#db.changes(true) === before ? 0 : this.#db.changes();
  }

  all<T extends SqlRow = SqlRow>(sql: string, params: readonly SqlValue[] = []): T[] {
    return this.#rows(sql, params, Infinity) as T[];
  }

  get<T extends SqlRow = SqlRow>(sql: string, params: readonly SqlValue[] = []): T | null {
    return (this.#rows(sql, params, 1)[0] as T | undefined) ?? null;
  }

  bulk(sql: string, rows: readonly (readonly SqlValue[])[]): number {
    return rows.reduce((changed, row) => changed + this.run(sql, row), 0);
  }

  transaction<T>(_: Durability, work: () => T): T {
    return this.#db.transaction('IMMEDIATE', work);
  }

  /** What SQLite would do for a statement, line by line. */
  plan(sql: string): string[] {
    const rows = this.#db.selectObjects(`EXPLAIN QUERY PLAN ${sql}`) as unknown as { readonly detail: string }[];
    return rows.map((row) => row.detail);
  }

  export(): Uint8Array<ArrayBuffer> {
    return this.#engine.sqlite3.capi.sqlite3_js_db_export(this.#db);
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#db.close();
  }

  /** Rows, at most so many; with 0 it runs to the end and keeps none. */
  #rows(sql: string, params: readonly SqlValue[], limit: number): SqlRow[] {
    const statement = this.#prepare(sql);
    const { capi } = this.#engine.sqlite3;
    const rows: SqlRow[] = [];
    try {
      if (params.length > 0) statement.bind([...params]);
      while (statement.step()) {
        if (limit > 0 && rows.push(statement.get({}) as SqlRow) >= limit) break;
      }
    } finally {
      statement.reset();
      this.texts.add(sql);
      this.steps += capi.sqlite3_stmt_status(statement, capi.SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return rows;
  }

  #prepare(sql: string): PreparedStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
