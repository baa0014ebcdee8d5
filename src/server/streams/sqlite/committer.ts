import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Most pieces of work that share one transaction: bounds how long the process is busy with one commit. */
const MAX_BATCH = 256;
/** How long work that can wait waits at the most. */
const SOON_MILLIS = 1_000;

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/**
 * Group commit: writes that wait at the same moment share one transaction and so one flush to disk. Work is synchronous,
 * runs one piece after the other (which is the lock under which offsets are assigned), and is told that it succeeded only
 * after the commit. A piece that throws is undone alone.
 */
export class Committer {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  #waiting: Job[] = [];
  /** Work that can wait, and goes with whatever is committed next. */
  #patient: Job[] = [];
  #soon: NodeJS.Timeout | null = null;
  #scheduled = false;
  #transactions = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#savepoint = db.prepare('SAVEPOINT piece');
    this.#release = db.prepare('RELEASE piece');
    this.#undo = db.prepare('ROLLBACK TO piece');
  }

  /** Transactions committed so far. */
  get transactions(): number {
    return this.#transactions;
  }

  /**
   * Runs `work` in a transaction and resolves to what it returned once that is durable; rejects with what it threw. Work may
   * run a second time when the first transaction fell: it changes nothing but the database.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /**
   * The same for work that can wait a second: it joins the next transaction that somebody else needs, or shares one with all
   * that came in that second. So what is noted of thousands of readers does not cost a flush to disk for each.
   */
  runSoon<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#patient.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#soon ??= setTimeout(() => this.flush(), SOON_MILLIS).unref();
    });
  }

  /** Commits everything that waits, now. */
  flush(): void {
    this.#takePatient(Infinity);
    while (this.#waiting.length > 0) this.#commitBatch();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the poll phase: every request that has arrived by now joins this commit.
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#commitBatch();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #takePatient(room: number): void {
    this.#waiting.push(...this.#patient.splice(0, room));
    if (this.#patient.length > 0 || !this.#soon) return;
    clearTimeout(this.#soon);
    this.#soon = null;
  }

  #commitBatch(): void {
    this.#takePatient(Math.max(0, MAX_BATCH - this.#waiting.length));
    const batch = this.#waiting.splice(0, MAX_BATCH);
    let settled: Settled[] | null = null;
    try {
      settled = this.#together(batch);
    } catch (error) {
      this.#rollBack();
      if (batch.length === 1) settled = [{ ok: false, error }];
    }
    // The whole transaction fell (a full disk does that): each once more, alone, so that what can be kept is kept.
    settled ??= batch.map((job) => this.#alone(job));
    for (const [i, job] of batch.entries()) {
      const outcome = settled[i]!;
      if (outcome.ok) job.resolve(outcome.value);
      else job.reject(outcome.error);
    }
  }

  #together(batch: readonly Job[]): Settled[] {
    this.#begin.run();
    const settled = batch.map((job): Settled => {
      this.#savepoint.run();
      try {
        const value = job.work();
        this.#release.run();
        return { ok: true, value };
      } catch (error) {
        // SQLite may have rolled back the whole transaction; then there is no savepoint and nothing to go on with.
        if (!this.#db.isTransaction) throw error;
        this.#undo.run();
        this.#release.run();
        return { ok: false, error };
      }
    });
    this.#commit.run();
    this.#transactions += 1;
    return settled;
  }

  #alone(job: Job): Settled {
    try {
      return this.#together([job])[0]!;
    } catch (error) {
      this.#rollBack();
      return { ok: false, error };
    }
  }

  #rollBack(): void {
    // Closed: the process stops, and work that could wait came too late.
    if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
  }
}
