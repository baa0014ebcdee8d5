/** Makes the file as small as what lies in it. */
import type { SqlDatabase } from './database.ts';

export function compactFile(db: SqlDatabase): void {
  db.exec('VACUUM');
  // In a write-ahead log the new file lies in the log until it is moved over, and the log keeps its size until it is cut.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
