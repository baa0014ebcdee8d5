/** A database whose nth write fails, as on a full disk; counts rows written by `bulk` one by one, and the commit. */
import { SqlError, type Durability, type SqlDatabase, type SqlRow, type SqlValue } from '../store/database.ts';

export class FaultyDatabase implements SqlDatabase {
  readonly #inner: SqlDatabase;
  #left = Infinity;

  constructor(inner: SqlDatabase) {
    this.#inner = inner;
  }

  /** The write after so many more fails, and each one behind it; Infinity: none does. */
  failAfter(writes: number): void {
    this.#left = writes;
  }

  exec(sql: string): void {
    this.#write();
    this.#inner.exec(sql);
  }

  run(sql: string, params?: readonly SqlValue[]): number {
    this.#write();
    return this.#inner.run(sql, params);
  }

  all<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T[] {
    return this.#inner.all<T>(sql, params);
  }

  get<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T | null {
    return this.#inner.get<T>(sql, params);
  }

  bulk(sql: string, rows: readonly (readonly SqlValue[])[]): number {
    if (rows.length > this.#left) this.#inner.bulk(sql, rows.slice(0, this.#left));
    for (let i = 0; i < rows.length; i++) this.#write();
    return this.#inner.bulk(sql, rows);
  }

  transaction<T>(durability: Durability, work: () => T): T {
    return this.#inner.transaction(durability, () => {
      const result = work();
      this.#write();
      return result;
    });
  }

  export(): Uint8Array<ArrayBuffer> {
    return this.#inner.export();
  }

  close(): void {
    this.#inner.close();
  }

  #write(): void {
    if (this.#left <= 0) throw new SqlError('full', 'database or disk is full');
    this.#left -= 1;
  }
}
