/** A database whose process can die at any statement, and whose disk can be full from any write on. */
import { SqlError, type Durability, type SqlDatabase, type SqlRow, type SqlValue } from '../store/database.ts';

/** The process is no more: whatever still runs of it comes to nothing. */
export class Crash extends Error {}

/** What goes to memory, or nowhere: a full disk does not refuse it. */
const NOT_ON_DISK = /^\s*(CREATE TEMP|PRAGMA|ATTACH|DETACH)/;

export class MortalDatabase implements SqlDatabase {
  #db: SqlDatabase;
  readonly #onDeath: () => void;
  /** Statements until the crash; null: none is planned. */
  #countdown: number | null = null;
  #dead = false;
  /** Writes until the disk is full; null: there is room. */
  #room: number | null = null;
  /** Whether a write was refused since the process began. */
  refused = false;

  constructor(db: SqlDatabase, onDeath: () => void) {
    this.#db = db;
    this.#onDeath = onDeath;
  }

  get full(): boolean {
    return this.#room === 0;
  }

  set full(full: boolean) {
    this.#room = full ? 0 : null;
  }

  /** The disk takes so many writes more, and is full. */
  fullAfter(writes: number): void {
    this.#room = writes;
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

  /**
   * As a process that is started again: the file is what it was after the last commit.
   * @param file the same file, as it is opened anew
   */
  revive(file: SqlDatabase = this.#db): void {
    this.#db = file;
    this.#dead = false;
    this.#countdown = null;
    this.refused = false;
  }

  exec(sql: string): void {
    this.#step();
    if (!NOT_ON_DISK.test(sql)) this.#write();
    this.#db.exec(sql);
  }

  run(sql: string, params?: readonly SqlValue[]): number {
    this.#step();
    this.#write();
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
    this.#write();
    return this.#db.bulk(sql, rows);
  }

  transaction<T>(durability: Durability, work: () => T): T {
    this.#step();
    if (this.full) this.#refuse();
    const result = this.#db.transaction(durability, () => {
      const made = work();
      // Not committed yet: all of it is undone.
      this.#step();
      this.#write();
      return made;
    });
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

  #write(): void {
    if (this.#room === null) return;
    if (this.#room === 0) this.#refuse();
    this.#room -= 1;
  }

  #refuse(): never {
    this.refused = true;
    throw new SqlError('full', 'database or disk is full');
  }
}
