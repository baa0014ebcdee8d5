/** Makes a new book of what a damaged one still holds. The damaged file is only read, and stays as it is. */
import type { RepairNote } from '../core/health.ts';
import { writeConfig } from './config.ts';
import { SqlError, type SqlDatabase } from './database.ts';
import type { DamagedFile } from './salvage/page-file.ts';
import { salvage, type SalvageOptions } from './salvage/salvage.ts';
import type { Store } from './store.ts';

/**
 * Fills `store`, a new book in `db` with a client and a node of its own ([HLC-6]). It counts as finished with the last
 * commit alone (`isRepaired`): one that was cut short is thrown away and begun anew, since nothing was taken out of the
 * damaged file. Yields now and then, so that the caller can do something else. Throws SqlError, also when the disk is full.
 */
export function* repairBook(
  db: SqlDatabase,
  store: Store,
  files: readonly DamagedFile[],
  options: SalvageOptions,
): Generator<void, RepairNote> {
  const salvaged = yield* salvage(db, files, options);
  yield;
  store.rebuild();
  const note: RepairNote = { at: options.now, linked: options.linked, ...salvaged };
  db.transaction('full', () => {
    writeConfig(db, 'repaired', JSON.stringify(note));
    writeConfig(db, 'repair_told', 0);
  });
  return note;
}

/** Whether `db` is a book that a repair has finished; null when that cannot be read. */
export function isRepaired(db: SqlDatabase): boolean | null {
  try {
    if (!db.get(`SELECT 1 FROM sqlite_schema WHERE name = 'config'`)) return false;
    return db.get(`SELECT 1 FROM config WHERE key = 'repaired'`) !== null;
  } catch (error) {
    if (error instanceof SqlError && error.reason === 'corrupt') return null;
    throw error;
  }
}
