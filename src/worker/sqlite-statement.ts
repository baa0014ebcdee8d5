/** One prepared statement, driven through the wasm module's own functions: several times faster than the JS wrapper. */
import type { SqlRow, SqlValue } from '../store/database.ts';
import type { HeapArena } from './heap-arena.ts';
import type { Engine } from './sqlite-engine.ts';

const OK = 0;
const ROW = 100;
const DONE = 101;
const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;
/** SQLite reads the value where it lies; the arena keeps it until the next row. */
const STATIC = 0;
const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;
/** Below this length a loop over the bytes beats a call of the decoder. */
const SHORT_TEXT = 24;

/** A byte order mark at the start of a text belongs to the text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Calls into SQLite that fail do so through this: it turns the result code into the error to throw. */
export type Fail = (code: number, sql: string) => Error;

export class Statement {
  readonly sql: string;
  readonly #engine: Engine;
  readonly #arena: HeapArena;
  readonly #pointer: number;
  readonly #fail: Fail;
  readonly #parameters: number;
  readonly #columns: readonly string[];

  constructor(engine: Engine, arena: HeapArena, pointer: number, sql: string, fail: Fail) {
    const { raw } = engine;
    this.sql = sql;
    this.#engine = engine;
    this.#arena = arena;
    this.#pointer = pointer;
    this.#fail = fail;
    this.#parameters = raw.sqlite3_bind_parameter_count(pointer);
    const count = raw.sqlite3_column_count(pointer);
    this.#columns = Array.from(
      { length: count },
      (_, column) => engine.sqlite3.wasm.cstrToJs(raw.sqlite3_column_name(pointer, column)) ?? '',
    );
  }

  /** Runs it to the end, ignoring rows. */
  run(params: readonly SqlValue[]): void {
    this.#bind(params);
    const { raw } = this.#engine;
    let code = raw.sqlite3_step(this.#pointer);
    while (code === ROW) code = raw.sqlite3_step(this.#pointer);
    this.#finish(code);
  }

  /** Rows, at most `limit` of them. */
  rows(params: readonly SqlValue[], limit: number): SqlRow[] {
    this.#bind(params);
    const { raw } = this.#engine;
    const rows: SqlRow[] = [];
    try {
      let code = raw.sqlite3_step(this.#pointer);
      while (code === ROW) {
        rows.push(this.#row());
        if (rows.length >= limit) {
          code = DONE;
          break;
        }
        code = raw.sqlite3_step(this.#pointer);
      }
      this.#finish(code);
    } catch (error) {
      raw.sqlite3_reset(this.#pointer);
      throw error;
    }
    return rows;
  }

  finalize(): void {
    this.#engine.raw.sqlite3_finalize(this.#pointer);
  }

  #bind(params: readonly SqlValue[]): void {
    if (params.length !== this.#parameters) {
      throw new RangeError(`${params.length} parameters for ${this.#parameters} places in: ${this.sql}`);
    }
    this.#arena.reset();
    for (let i = 0; i < params.length; i++) {
      const code = this.#bindOne(i + 1, params[i]!);
      if (code !== OK) throw this.#fail(code, this.sql);
    }
  }

  #bindOne(index: number, value: SqlValue): number {
    const { raw } = this.#engine;
    const stmt = this.#pointer;
    if (value === null) return raw.sqlite3_bind_null(stmt, index);
    switch (typeof value) {
      case 'string': {
        const at = this.#arena.putText(value);
        return raw.sqlite3_bind_text(stmt, index, at, this.#arena.lastLength, STATIC);
      }
      case 'number':
        if (!Number.isSafeInteger(value)) return raw.sqlite3_bind_double(stmt, index, value);
        return value >= MIN_INT32 && value <= MAX_INT32
          ? raw.sqlite3_bind_int(stmt, index, value)
          : raw.sqlite3_bind_int64(stmt, index, BigInt(value));
      case 'bigint':
        return raw.sqlite3_bind_int64(stmt, index, value);
      default:
        if (!(value instanceof Uint8Array)) throw new TypeError(`not a value for SQL: ${typeof value}`);
        return raw.sqlite3_bind_blob(stmt, index, this.#arena.putBytes(value), value.length, STATIC);
    }
  }

  #row(): SqlRow {
    const row: { [column: string]: SqlValue } = {};
    for (let column = 0; column < this.#columns.length; column++) row[this.#columns[column]!] = this.#value(column);
    return row;
  }

  #value(column: number): SqlValue {
    const { raw } = this.#engine;
    const stmt = this.#pointer;
    switch (raw.sqlite3_column_type(stmt, column)) {
      case INTEGER: {
        // Exact below 2^53, and cheaper than a BigInt.
        const double = raw.sqlite3_column_double(stmt, column);
        return Number.isSafeInteger(double) ? double : raw.sqlite3_column_int64(stmt, column);
      }
      case FLOAT:
        return raw.sqlite3_column_double(stmt, column);
      case TEXT: {
        // Asked for after the column: reading it may make the heap grow, which detaches every older view.
        const at = raw.sqlite3_column_text(stmt, column);
        const bytes = raw.sqlite3_column_bytes(stmt, column);
        return textAt(this.#engine.sqlite3.wasm.heap8u(), at, at + bytes);
      }
      case BLOB: {
        const at = raw.sqlite3_column_blob(stmt, column);
        const bytes = raw.sqlite3_column_bytes(stmt, column);
        return this.#engine.sqlite3.wasm.heap8u().slice(at, at + bytes);
      }
      default:
        return null;
    }
  }

  /** Resets, so that no statement holds a transaction open; then reports what the last step said. */
  #finish(code: number): void {
    if (code === DONE) {
      this.#engine.raw.sqlite3_reset(this.#pointer);
      return;
    }
    const error = this.#fail(code, this.sql);
    this.#engine.raw.sqlite3_reset(this.#pointer);
    throw error;
  }
}

function textAt(heap: Uint8Array, from: number, to: number): string {
  if (to - from > SHORT_TEXT) return decoder.decode(heap.subarray(from, to));
  let text = '';
  for (let at = from; at < to; at++) {
    const byte = heap[at]!;
    if (byte > 127) return decoder.decode(heap.subarray(from, to));
    text += String.fromCharCode(byte);
  }
  return text;
}
