/** A database whose process can die at any statement, and whose disk can be full. */
import { SqlError, type Durability, type SqlDatabase, type SqlRow, type SqlValue } from '../store/database.ts';

/** The process is no more: whatever still runs of it comes to nothing. */
export class Crash extends Error {}

export class MortalDatabase implements SqlDatabase {
  readonly #db: SqlDatabase;
  readonly #onDeath: () => void;
  /** Statements until the crash; null: none is planned. */
  #countdown: number | null = null;
  #dead = false;
  full = false;

  constructor(db: SqlDatabase, onDeath: () => void) {
    this.#db = db;
    this.#onDeath = onDeath;
  }

  /** Dies at the so-manieth statement from now: inside a transaction it is rolled back, right after one it stands. */
  dieAfter(statements: number): void {
    this.#countdown = statements;
  }

  /** Called off: it lives on. */
  spare(): void {
    this.#countdown = null;
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#onDeath();
  }

  /** As a process that is started again: the file is what it was after the last commit. */
  revive(): void {
    this.#dead = false;
    this.#countdown = null;
  }

  exec(sql: string): void {
    this.#step();
    this.#db.exec(sql);
  }

  run(sql: string, params?: readonly SqlValue[]): number {
    this.#step();
    return this.#db.run(sql, params);
  }

  all<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T[] {
    this.#step();
    return this.#db.all<T>(sql, params);
  }

  get<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T | null {
    this.#step();
    return this.#db.get<T>(sql, params);
  }

  bulk(sql: string, rows: readonly (readonly SqlValue[])[]): number {
    this.#step();
    return this.#db.bulk(sql, rows);
  }

  transaction<T>(durability: Durability, work: () => T): T {
    this.#step();
    if (this.full) throw new SqlError('full', 'database or disk is full');
    const result = this.#db.transaction(durability, work);
    // Committed; the caller may still never hear of it.
    this.#step();
    return result;
  }

  export(): Uint8Array<ArrayBuffer> {
    return this.#db.export();
  }

  close(): void {
    this.#db.close();
  }

  #step(): void {
    if (this.#dead) throw new Crash('the process is gone');
    if (this.#countdown === null) return;
    this.#countdown -= 1;
    if (this.#countdown > 0) return;
    this.die();
    throw new Crash('the process died');
  }
}
