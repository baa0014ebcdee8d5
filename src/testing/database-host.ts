/** How a test in the page reaches a database in a worker: files of OPFS open synchronously in workers alone. */
import type { Durability, SqlError, SqlRow, SqlValue } from '../store/database.ts';

export type Step = readonly [sql: string, params?: readonly SqlValue[]];
export type Outcome<T> = { readonly value: T } | { readonly reason: SqlError['reason']; readonly message: string };

export interface DatabaseHost {
  /** Opens the database in a pool of its own, or in memory (null). */
  open(directory: string | null): Promise<void>;
  /** Closes it and lets go of the files. */
  close(): void;
  exec(sql: string): Outcome<void>;
  run(sql: string, params: SqlValue[]): Outcome<number>;
  all(sql: string, params: SqlValue[]): Outcome<SqlRow[]>;
  get(sql: string, params: SqlValue[]): Outcome<SqlRow | null>;
  bulk(sql: string, rows: SqlValue[][]): Outcome<number>;
  transaction(durability: Durability, steps: Step[]): Outcome<number[]>;
  export(): Uint8Array<ArrayBuffer>;
}
