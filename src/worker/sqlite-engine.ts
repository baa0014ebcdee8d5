/** Loads sqlite-wasm once per worker and keeps what the operating system said when storage last failed. */
import sqlite3InitModule, { type Sqlite3Static } from '@sqlite.org/sqlite-wasm';

/** The functions of the wasm module itself, without the argument conversions of the JS wrapper: pointers are numbers. */
export interface RawSqlite {
  sqlite3_bind_null(stmt: number, index: number): number;
  sqlite3_bind_int(stmt: number, index: number, value: number): number;
  sqlite3_bind_int64(stmt: number, index: number, value: bigint): number;
  sqlite3_bind_double(stmt: number, index: number, value: number): number;
  sqlite3_bind_text(stmt: number, index: number, pointer: number, bytes: number, destructor: number): number;
  sqlite3_bind_blob(stmt: number, index: number, pointer: number, bytes: number, destructor: number): number;
  sqlite3_bind_parameter_count(stmt: number): number;
  sqlite3_clear_bindings(stmt: number): number;
  sqlite3_step(stmt: number): number;
  sqlite3_reset(stmt: number): number;
  sqlite3_finalize(stmt: number): number;
  sqlite3_column_count(stmt: number): number;
  sqlite3_column_name(stmt: number, column: number): number;
  sqlite3_column_type(stmt: number, column: number): number;
  sqlite3_column_int64(stmt: number, column: number): bigint;
  sqlite3_column_double(stmt: number, column: number): number;
  sqlite3_column_text(stmt: number, column: number): number;
  sqlite3_column_blob(stmt: number, column: number): number;
  sqlite3_column_bytes(stmt: number, column: number): number;
  sqlite3_prepare_v3(db: number, sql: number, bytes: number, flags: number, outStmt: number, outTail: number): number;
  sqlite3_changes(db: number): number;
  sqlite3_total_changes(db: number): number;
  sqlite3_get_autocommit(db: number): number;
  sqlite3_extended_errcode(db: number): number;
  sqlite3_errmsg(db: number): number;
  sqlite3_file_control(db: number, schema: number, operation: number, argument: number): number;
}

export interface Engine {
  readonly sqlite3: Sqlite3Static;
  readonly raw: RawSqlite;
  /** The exception with which the file system last refused SQLite, or null; asking forgets it. */
  takeIoError(): Error | null;
}

interface ApiConfig {
  disable: { vfs: Record<string, boolean> };
  error(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
}

let loading: Promise<Engine> | null = null;

/** The engine of this worker. Rejects when the wasm cannot be fetched or run; the next call tries again. */
export function loadEngine(): Promise<Engine> {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load(): Promise<Engine> {
  let ioError: Error | null = null;
  // The pool's VFS tells SQLite no more than "I/O error" and hands the exception to this logger: it is the only place
  // that knows a full disk from a broken one. The other VFSs need headers that we do not send, and would complain.
  const config: ApiConfig = {
    disable: { vfs: { kvvfs: true, opfs: true, 'opfs-vfs': true, 'opfs-wl': true } },
    error: (...parts) => {
      ioError = parts.find((part) => part instanceof Error) ?? ioError;
    },
    warn: (...parts) => console.warn(...parts),
  };
  (globalThis as { sqlite3ApiConfig?: ApiConfig }).sqlite3ApiConfig = config;
  const sqlite3 = await sqlite3InitModule();
  return {
    sqlite3,
    raw: (sqlite3.wasm as unknown as { exports: RawSqlite }).exports,
    takeIoError: () => {
      const taken = ioError;
      ioError = null;
      return taken;
    },
  };
}
