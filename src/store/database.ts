/** The store's view of SQLite: small and synchronous, so that sqlite-wasm on OPFS and node:sqlite both fit behind it. */

/** A value bound to or read from SQL. Blobs are bytes. */
export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = { readonly [column: string]: SqlValue };

/** `full`: on disk before it returns (local edits); `normal`: may be lost by a power cut, for what the server still has. */
export type Durability = 'full' | 'normal';

export interface SqlDatabase {
  /** Runs one or more statements without parameters. */
  exec(sql: string): void;
  /** Runs one statement; returns how many rows it changed. Statements are prepared once and kept. */
  run(sql: string, params?: readonly SqlValue[]): number;
  /** Rows of one statement. */
  all<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T[];
  /** First row, or null. */
  get<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T | null;
  /**
   * Runs `sql` (an insert or upsert with positional parameters) for each row, in as few calls into the engine as the
   * engine allows: 3-4 times faster than `run` in a loop. Returns how many rows were changed.
   */
  bulk(sql: string, rows: readonly (readonly SqlValue[])[]): number;
  /** One transaction; rolled back when `work` throws, and the error is thrown on. Does not nest. */
  transaction<T>(durability: Durability, work: () => T): T;
  /** Bytes of the whole database, write-ahead log included, as one plain database file. */
  export(): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Thrown by any verb when the engine failed. `full`: out of disk or quota (on OPFS it shows as an I/O error while writing). */
export class SqlError extends Error {
  readonly reason: 'full' | 'io' | 'corrupt' | 'constraint' | 'other';
  constructor(reason: SqlError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SqlError';
    this.reason = reason;
  }
}
