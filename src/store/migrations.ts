/** Brings a database to the schema of this version, or refuses it untouched. */
import { err, ok, type Result } from '../core/result.ts';
import type { SqlDatabase } from './database.ts';
import { APPLICATION_ID, SCHEMA_VERSION, VERSION_1, VERSION_2 } from './schema.ts';

export type MigrationError =
  | { readonly kind: 'newer'; readonly found: number; readonly known: number }
  | { readonly kind: 'notABook' };

/** Step i leads from version i to version i + 1. Steps are never edited once released. */
const STEPS: readonly ((db: SqlDatabase) => void)[] = [
  (db) => {
    db.exec(`PRAGMA application_id=${APPLICATION_ID}`);
    db.exec(VERSION_1);
  },
  (db) => db.exec(VERSION_2),
];

/**
 * Carries out every step that is missing, each with its version number in one SQL transaction. Throws SqlError.
 * @param target version at which to stop; only to see what an earlier one was like
 */
export function migrate(db: SqlDatabase, target = SCHEMA_VERSION): Result<null, MigrationError> {
  const found = pragma(db, 'user_version');
  if (found > SCHEMA_VERSION) return err({ kind: 'newer', found, known: SCHEMA_VERSION });
  if (found === 0) {
    const tables = db.get<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema');
    if (tables && tables.n > 0) return err({ kind: 'notABook' });
  } else if (pragma(db, 'application_id') !== APPLICATION_ID) {
    return err({ kind: 'notABook' });
  }
  for (const [version, step] of STEPS.entries()) {
    if (version < found || version >= target) continue;
    db.transaction('full', () => {
      step(db);
      db.exec(`PRAGMA user_version=${version + 1}`);
    });
  }
  return ok(null);
}

function pragma(db: SqlDatabase, name: 'user_version' | 'application_id'): number {
  return Number(Object.values(db.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
}
