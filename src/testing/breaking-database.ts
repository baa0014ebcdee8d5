/**
 * A database that breaks at one chosen point: its process dies there, the disk is full from there on, or one call fails.
 * Every statement is a point, every row of a `bulk`, and the beginning, the commit and the end of every transaction.
 */
import { SqlError, type Durability, type SqlDatabase, type SqlRow, type SqlValue } from '../store/database.ts';

/** `answer`: the transaction is committed, and nobody knows it yet. */
export type PointKind = 'read' | 'write' | 'begin' | 'commit' | 'answer';

export interface Fault {
  /** Number of the point, counted from 0 when the fault is armed. */
  readonly at: number;
  /** `death`: nothing runs any more. `full`: every write from there on fails. `io`: that one call fails. */
  readonly by: 'death' | 'full' | 'io';
}

/** What the process would have done next; nobody catches it but the test. */
export class Death extends Error {}

export interface Watcher {
  /** At every point, before what happens there. */
  onPoint?(kind: PointKind): void;
  /** After every commit. */
  onCommit?(): void;
  /** At the moment of death: the files are as the process leaves them. */
  onDeath?(): void;
}

export class BreakingDatabase implements SqlDatabase {
  readonly #inner: SqlDatabase;
  readonly #watcher: Watcher;
  #fault: Fault | null = null;
  #point = 0;
  #inTransaction = false;
  #dead = false;
  /** Commits since the fault was armed. */
  commits = 0;

  constructor(inner: SqlDatabase, watcher: Watcher = {}) {
    this.#inner = inner;
    this.#watcher = watcher;
  }

  /** Counts points and commits from 0, and breaks at the one that the fault names; null: at none. */
  arm(fault: Fault | null): void {
    this.#fault = fault;
    this.#point = 0;
    this.commits = 0;
  }

  exec(sql: string): void {
    this.#pass('write');
    this.#inner.exec(sql);
    this.#autocommit(sql);
  }

  run(sql: string, params?: readonly SqlValue[]): number {
    this.#pass('write');
    const changed = this.#inner.run(sql, params);
    this.#autocommit(sql);
    return changed;
  }

  all<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T[] {
    this.#pass('read');
    return this.#inner.all<T>(sql, params);
  }

  get<T extends SqlRow = SqlRow>(sql: string, params?: readonly SqlValue[]): T | null {
    this.#pass('read');
    return this.#inner.get<T>(sql, params);
  }

  /** Breaks between two rows, with those before written. */
  bulk(sql: string, rows: readonly (readonly SqlValue[])[]): number {
    if (!this.#inTransaction) return this.transaction('full', () => this.bulk(sql, rows));
    let passed = 0;
    try {
      for (; passed < rows.length; passed++) this.#pass('write');
    } catch (error) {
      this.#inner.bulk(sql, rows.slice(0, passed));
      // The files are looked at when those rows are written.
      if (error instanceof Death) this.#watcher.onDeath?.();
      throw error;
    }
    return this.#inner.bulk(sql, rows);
  }

  transaction<T>(durability: Durability, work: () => T): T {
    this.#pass('begin');
    const result = this.#inner.transaction(durability, () => {
      this.#inTransaction = true;
      try {
        const made = work();
        this.#pass('commit');
        return made;
      } finally {
        this.#inTransaction = false;
      }
    });
    this.#committed();
    this.#pass('answer');
    return result;
  }

  export(): Uint8Array<ArrayBuffer> {
    return this.#inner.export();
  }

  close(): void {
    this.#inner.close();
  }

  #autocommit(sql: string): void {
    // Another file is laid beside the database, or taken away: nothing is written.
    if (!this.#inTransaction && !/^(ATTACH|DETACH) /.test(sql)) this.#committed();
  }

  #committed(): void {
    this.commits += 1;
    this.#watcher.onCommit?.();
  }

  #pass(kind: PointKind): void {
    if (this.#dead) throw new Death('the process is gone');
    this.#watcher.onPoint?.(kind);
    const point = this.#point++;
    const fault = this.#fault;
    if (fault === null || point < fault.at) return;
    switch (fault.by) {
      case 'death':
        this.#dead = true;
        this.#watcher.onDeath?.();
        throw new Death(`the process died at point ${point}`);
      case 'full':
        if (kind === 'write' || kind === 'commit') throw new SqlError('full', 'database or disk is full');
        return;
      case 'io':
        if (point === fault.at && kind !== 'answer') throw new SqlError('io', 'disk I/O error');
    }
  }
}
