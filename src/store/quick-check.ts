/** Whether SQLite finds the file in order, table by table: one check of a whole book can take a second or more. */
import { err, ok, type Result } from '../core/result.ts';
import { SqlError, type SqlDatabase } from './database.ts';

/** Yields before each table. Ends with the first complaints, in SQLite's words. */
export function* quickCheck(db: SqlDatabase): Generator<void, Result<null, string>> {
  try {
    const tables = db.all<{ name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rootpage`,
    );
    for (const { name } of tables) {
      yield;
      const complaints = db
        .all(`PRAGMA quick_check("${name.replaceAll('"', '""')}")`)
        .flatMap((row) => Object.values(row));
      if (complaints.length !== 1 || complaints[0] !== 'ok') return err(complaints.slice(0, 10).join('; '));
    }
    return ok(null);
  } catch (error) {
    if (error instanceof SqlError && error.reason === 'corrupt') return err(error.message);
    throw error;
  }
}
