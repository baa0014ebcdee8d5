/** Repairs a damaged book on OPFS: makes the next one beside it of what it still holds. */
import type { ClientId } from '../core/ids.ts';
import { openStore } from '../store/book.ts';
import { SqlError } from '../store/database.ts';
import { repairBook } from '../store/repair.ts';
import { logOf, nextBook } from './book-names.ts';
import { bundleMessages } from './bundle-messages.ts';
import type { OpfsPool } from './opfs-pool.ts';
import { breathe, clock, random } from './platform.ts';
import { openPoolFile } from './pool-file.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import type { Engine } from './sqlite-engine.ts';

/**
 * Makes a new book of what `sources` (the oldest first) still hold, and closes it again. The sources are only read. When it
 * cannot be finished, the new one is removed again, and the error is thrown on: SqlError, `full` where there is no room.
 * @param clients client ids that this device is known to have had
 * @param linked whether it syncs
 * @returns name of the new book
 */
export async function repairFiles(
  engine: Engine,
  pool: OpfsPool,
  sources: readonly string[],
  { linked, clients }: { readonly linked: boolean; readonly clients: readonly ClientId[] },
): Promise<string> {
  const target = nextBook(sources.at(-1) ?? '');
  const opened: { close(): void }[] = [];
  try {
    await pool.makeRoom();
    removeBook(pool, target);
    const names = new Set(pool.names());
    const open = (name: string) => {
      const file = openPoolFile(engine, pool.vfs, name);
      opened.push(file);
      return file;
    };
    const files = sources.map((name) => ({
      main: open(name),
      log: names.has(logOf(name)) ? open(logOf(name)) : null,
    }));
    const database = new SqliteDatabase(engine, target, pool.vfs);
    opened.unshift(database);
    const store = openStore(database, { random, now: () => clock.wall(), messages: bundleMessages });
    if (!store.ok) throw new SqlError(store.error.kind === 'storage' && store.error.reason === 'full' ? 'full' : 'other', JSON.stringify(store.error)); // prettier-ignore
    const options = { linked, clients, now: clock.wall(), messages: bundleMessages };
    const steps = repairBook(database, store.value, files, options);
    while (steps.next().done !== true) await breathe();
    for (const file of opened.splice(0)) file.close();
    return target;
  } catch (error) {
    for (const file of opened.splice(0)) attempt(() => file.close());
    attempt(() => removeBook(pool, target));
    throw error;
  }
}

/** Removes a book that a repair did not finish. */
export function removeBook(pool: OpfsPool, name: string): void {
  pool.remove(name);
  pool.remove(logOf(name));
}

/** What fails while an error is dealt with is not the error to tell. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error(error);
  }
}
