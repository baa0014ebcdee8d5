/**
 * Makes projections anew, part by part, while the book is in use: those that another version of the app left here, those
 * that this version brings, and those that were asked for. How far it has come is written with each part, so that it goes on
 * after a crash, and nothing is done twice that was done.
 */
import type { PreparingAnswer, ProjectionName } from '../../core/query.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { isStart, START, type Position, type Projection } from './projection.ts';
import { PROJECTIONS, withFed } from './registry.ts';

/** Rows of a part when somebody waits for the whole. */
const LARGE_PART = 20_000;

interface Progress {
  done: number;
  readonly total: number;
}

export class Upkeep {
  readonly #db: SqlDatabase;
  /** What is not complete; progress is null until it is worked on. */
  #pending: ReadonlyMap<ProjectionName, Progress | null> = new Map();

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.reload();
  }

  /** Whether what these projections say may be incomplete or out of date. */
  isPending(...names: readonly ProjectionName[]): boolean {
    return names.some((name) => this.#pending.has(name));
  }

  get done(): boolean {
    return this.#pending.size === 0;
  }

  /** Looks again at what the database says: after every rebuild that was not made here. */
  reload(): void {
    const rows = new Map(readStates(this.#db).map((row) => [row.name, row]));
    const started: ProjectionName[] = [];
    const fresh: ProjectionName[] = [];
    for (const { name, version } of PROJECTIONS) {
      const row = rows.get(name);
      if (row?.version !== version || isStart(row.position)) fresh.push(name);
      else if (row.position !== null) started.push(name);
    }
    const pending = new Set([...started, ...withFed(fresh)]);
    this.#pending = new Map(PROJECTIONS.flatMap(({ name }) => (pending.has(name) ? [[name, null] as const] : [])));
  }

  /** Has a projection made anew, and what is made from it. One SQL transaction. */
  begin(name: ProjectionName): void {
    this.#db.transaction('normal', () => {
      for (const each of PROJECTIONS) if (withFed([name]).has(each.name)) writeState(this.#db, each, START);
    });
    this.reload();
  }

  /**
   * Makes the next part anew, in one SQL transaction.
   * @param rows about how many rows to look at
   * @returns the projection that is complete now; null when none was completed
   */
  step(rows: number): ProjectionName | null {
    const db = this.#db;
    const projection = PROJECTIONS.find(({ name }) => this.#pending.has(name));
    if (!projection) return null;
    const { name } = projection;
    let progress = this.#pending.get(name) ?? null;
    const part = db.transaction('normal', () => {
      const from = readPosition(db, projection);
      progress ??= measure(db, projection, from);
      const renewed = projection.renew(db, from, rows);
      if (isStart(from)) {
        for (const each of PROJECTIONS) if (projection.feeds.includes(each.name)) writeState(db, each, START);
      }
      writeState(db, projection, renewed.position);
      return renewed;
    });
    const pending = new Map(this.#pending);
    if (part.position === null) pending.delete(name);
    else if (progress) pending.set(name, { ...progress, done: progress.done + part.done });
    this.#pending = pending;
    return part.position === null ? name : null;
  }

  /** Makes a projection anew, and what is made from it, before it returns: in as many SQL transactions as it takes. */
  complete(name: ProjectionName): void {
    this.begin(name);
    const wanted = withFed([name]);
    while ([...wanted].some((each) => this.isPending(each))) this.step(LARGE_PART);
  }

  preparing(): PreparingAnswer {
    return {
      parts: Array.from(this.#pending, ([name, progress]) => ({ name, progress: progress ? shareOf(progress) : 0 })),
    };
  }
}

/** Notes that every projection is complete as this version of the app makes it. Inside the caller's SQL transaction. */
export function declareComplete(db: SqlDatabase): void {
  for (const projection of PROJECTIONS) writeState(db, projection, null);
}

/** Whether this projection is complete, and as this version of the app makes it. */
export function isComplete(db: SqlDatabase, { name, version }: Projection): boolean {
  const row = readStates(db).find((each) => each.name === name);
  return row?.version === version && row.position === null;
}

/** Has a projection begun from the start again that is being made anew. Inside the caller's SQL transaction. */
export function startAgain(db: SqlDatabase, projection: Projection): void {
  writeState(db, projection, START);
}

/** Makes every projection anew from `attributes` and the log, inside the caller's SQL transaction. */
export function renewAll(db: SqlDatabase): void {
  for (const projection of PROJECTIONS) {
    let position = START;
    do position = projection.renew(db, position, LARGE_PART).position;
    while (position !== null);
  }
  declareComplete(db);
}

function readStates(db: SqlDatabase): { name: string; version: SqlValue; position: Position }[] {
  return db.all<{ name: string; version: SqlValue; position: Position }>(
    'SELECT name, version, position FROM projections',
  );
}

/** Where to go on; what is complete, or of another version, begins at the start. */
function readPosition(db: SqlDatabase, { name, version }: Projection): Position {
  const row = readStates(db).find((each) => each.name === name);
  return row?.version === version ? (row.position ?? START) : START;
}

function writeState(db: SqlDatabase, { name, version }: Projection, position: Position): void {
  db.run(
    `INSERT INTO projections (name, version, position) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, position = excluded.position`,
    [name, version, position],
  );
}

function measure(db: SqlDatabase, projection: Projection, from: Position): Progress {
  const total = projection.remaining(db, START);
  return { total, done: total - projection.remaining(db, from) };
}

/** In hundredths, so that it is news only now and then; 1 is for what is complete. */
function shareOf({ done, total }: Progress): number {
  return total <= 0 ? 0 : Math.max(0, Math.min(0.99, Math.floor((done / total) * 100) / 100));
}
