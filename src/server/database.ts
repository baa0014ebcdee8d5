import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/** One step of the schema. Steps are only ever added: the database remembers how many it has taken. */
export type Migration = string;

/** How long a statement waits for another process (a backup, `setup-code`) to let go of the file, in milliseconds. */
const BUSY_MILLIS = 5_000;

/**
 * Opens the server's database, durable at every commit (WAL, synchronous=FULL), and brings its schema up to date.
 * Throws when the file was written by a newer server, or is no database.
 * @param file path, or ':memory:'
 */
export function openDatabase(file: string, migrations: readonly Migration[]): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_MILLIS });
  try {
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864',
    );
    migrate(db, migrations);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, migrations: readonly Migration[]): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > migrations.length) {
      throw new Error(
        `this data folder was written by a newer Daybook (schema ${version}, this one knows ${migrations.length})`,
      );
    }
    for (const step of migrations.slice(version)) db.exec(step);
    if (version < migrations.length) db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Whether SQLite refused a write for want of room: the disk or the allowed size is full, or the file system failed to write. */
export function isStorageFull(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 13 || code === 10;
}

/** Whether another process held the database for longer than we wait. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 5 || code === 6;
}

/** The primary result code of an SQLite error, or null when `error` is something else. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/** A statement that yields one row or none; `Row` is what the SQL selects. */
export function prepareOne<Row>(db: DatabaseSync, sql: string): (...values: SQLInputValue[]) => Row | null {
  const statement = db.prepare(sql);
  return (...values) => (statement.get(...values) as Row | undefined) ?? null;
}

/** A statement that changes rows; answers how many. */
export function prepareRun(db: DatabaseSync, sql: string): (...values: SQLInputValue[]) => number {
  const statement = db.prepare(sql);
  return (...values) => Number(statement.run(...values).changes);
}

/** A statement that yields all its rows. */
export function prepareAll<Row>(db: DatabaseSync, sql: string): (...values: SQLInputValue[]) => Row[] {
  const statement = db.prepare(sql);
  return (...values) => statement.all(...values) as unknown as Row[];
}
