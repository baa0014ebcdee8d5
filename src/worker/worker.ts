/** The worker of a tab: composition root. Puts the store on OPFS, joins it to sync, and serves it to the tabs. */
import { openStore } from '../store/book.ts';
import { SqlError } from '../store/database.ts';
import type { OpenError } from '../store/store.ts';
import { Book } from './book.ts';
import { bundleMessages } from './bundle-messages.ts';
import { forgetCredentials, loadCredentials, nextEpoch, saveCredentials, type Credentials } from './credentials.ts';
import { messageOf, type Opened } from './leader.ts';
import { hasOpfs, installPool, type OpfsPool } from './opfs-pool.ts';
import { clock, random } from './platform.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { loadEngine, type Engine } from './sqlite-engine.ts';
import { runTabWorker } from './tab-worker.ts';

const DIRECTORY = '/daybook';
const DATABASE = '/book.db';

/** Installed once per worker; between two turns of leading it is only let go. */
let pool: OpfsPool | null = null;

async function acquirePool(engine: Engine): Promise<OpfsPool> {
  if (pool) await pool.acquire();
  else pool = await installPool(engine, DIRECTORY);
  return pool;
}

async function open(): Promise<Opened<Book>> {
  let files: OpfsPool | null = null;
  try {
    const engine = await loadEngine();
    // Without them the records can be read and written all the same; sync starts when they can be read again.
    const credentials = loadCredentials().catch((error: unknown) => {
      console.error('The account of this device could not be read:', error);
      return 'unreadable' as const;
    });
    files = await acquirePool(engine);
    const opened = openBook(engine, files, await credentials);
    if (opened.kind !== 'open') files.release();
    return opened;
  } catch (error) {
    files?.release();
    return { kind: 'failed', message: wordsFor(openErrorOf(error)) };
  }
}

async function openInMemory(): Promise<Opened<Book>> {
  try {
    return openBook(await loadEngine(), null, null);
  } catch (error) {
    return { kind: 'failed', message: wordsFor(openErrorOf(error)) };
  }
}

/** @param files where the book lies; null: in memory */
function openBook(
  engine: Engine,
  files: OpfsPool | null,
  credentials: Credentials | null | 'unreadable',
): Opened<Book> {
  const database = files
    ? new SqliteDatabase(engine, DATABASE, files.vfs)
    : new SqliteDatabase(engine, ':memory:', null);
  try {
    const opened = openStore(database, { random, now: () => clock.wall(), messages: bundleMessages });
    if (!opened.ok) {
      database.close();
      return opened.error.kind === 'newer' ? { kind: 'newer' } : { kind: 'failed', message: wordsFor(opened.error) };
    }
    const book = new Book({
      store: opened.value,
      lasting: files !== null,
      credentials,
      keepCredentials: (kept) => (kept ? saveCredentials(kept) : forgetCredentials()),
      logBytes: () => database.logBytes(),
      release: () => files?.release(),
    });
    return { kind: 'open', book };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What was thrown before the store could say what is wrong. */
function openErrorOf(error: unknown): Exclude<OpenError, { kind: 'newer' }> {
  const message = messageOf(error);
  if (!(error instanceof SqlError)) return { kind: 'storage', reason: 'other', message };
  if (error.reason === 'corrupt') return { kind: 'damaged', message };
  return { kind: 'storage', reason: error.reason === 'full' ? 'full' : 'other', message };
}

function wordsFor(error: Exclude<OpenError, { kind: 'newer' }>): string {
  switch (error.kind) {
    case 'notABook':
      return 'The file in which the records should lie is something else. It was left untouched.';
    case 'damaged':
      return `The file of the records is damaged and was left untouched: ${error.message}`;
    case 'storage':
      return error.reason === 'full'
        ? 'The storage is full, so the records could not be opened.'
        : `The records could not be opened: ${error.message}`;
  }
}

runTabWorker({
  prepare: async () => {
    await loadEngine();
    return (await hasOpfs()) && 'locks' in navigator ? 'lasting' : 'memory';
  },
  nextEpoch,
  open,
  openInMemory,
});
