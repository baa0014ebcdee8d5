/**
 * How many events are in no bundle yet, without counting a large import anew after each bundle that is sealed of it: what was
 * counted is kept in memory, and only what changed since is looked at.
 */
import { readConfig, readNumber } from './config.ts';
import { SqlError, type SqlDatabase, type SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { readIdentity } from './identity.ts';

interface Counted {
  /** Of whom, and between which arrivals: the first excluded, the last included. A book that was replaced has another client. */
  readonly client: string;
  readonly sealed: number;
  readonly last: number;
  /** How far a log had been told again: begun anew, what went that way alone is in no bundle any more. */
  readonly resent: SqlValue;
  readonly count: number;
}

export class UnsealedCount {
  readonly #db: SqlDatabase;
  #counted: Counted | null = null;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  /** Events that are in no bundle. */
  read(): number {
    const client = readIdentity(this.#db).clientId;
    const sealed = readNumber(this.#db, 'sealed_through', 0);
    const last = nextArrival(this.#db) - 1;
    const resent = readConfig(this.#db, 'resent_through');
    const known = this.#counted;
    const counts = known?.client === client && known.sealed === sealed && known.resent === resent && known.last <= last;
    const count = counts ? known.count + this.#between(known.last, last) : this.#between(sealed, last);
    this.#counted = { client, sealed, last, resent, count };
    return count;
  }

  /** Does what seals events, and keeps count of how many it took. What is sealed is done, whether it can be counted or not. */
  seal(work: () => number): number {
    const before = this.#counted;
    this.#counted = null;
    const made = work();
    if (before === null) return made;
    try {
      this.#counted = this.#without(before, made);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
    return made;
  }

  /** What is left of a count when so many bundles have been made since; null when it is to be counted anew. */
  #without(before: Counted, made: number): Counted | null {
    const sealed = readNumber(this.#db, 'sealed_through', 0);
    const newest = `SELECT id, repair FROM outbox ORDER BY number DESC LIMIT ${made}`;
    // What is told again may have been in no bundle either, anywhere.
    const again = this.#db.get(`SELECT 1 FROM (${newest}) WHERE repair = 1`) !== null;
    if (again || sealed < before.sealed || sealed > before.last) return null;
    const taken = this.#db.get<{ n: number }>(
      `SELECT count(*) AS n FROM events WHERE arrival > ? AND arrival <= ? AND bundle_id IN (SELECT id FROM (${newest}))`,
      [before.sealed, sealed],
    );
    return { ...before, sealed, count: before.count - (taken?.n ?? 0) };
  }

  #between(after: number, through: number): number {
    if (through <= after) return 0;
    return (
      this.#db.get<{ n: number }>(
        'SELECT count(*) AS n FROM events WHERE arrival > ? AND arrival <= ? AND bundle_id IS NULL',
        [after, through],
      )?.n ?? 0
    );
  }
}
