/** The worker of a tab: composition root. Puts the store on OPFS, joins it to sync, and serves it to the tabs. */
import { openStore } from '../store/book.ts';
import { SqlError } from '../store/database.ts';
import { isRepaired } from '../store/repair.ts';
import type { OpenError } from '../store/store.ts';
import { Book } from './book.ts';
import { booksAmong, FIRST_BOOK } from './book-names.ts';
import { bundleMessages } from './bundle-messages.ts';
import { forgetCredentials, loadCredentials, nextEpoch, saveCredentials, type Credentials } from './credentials.ts';
import { FileHealth } from './file-health.ts';
import { messageOf, type Opened } from './leader.ts';
import { hasOpfs, installPool, type OpfsPool } from './opfs-pool.ts';
import { clock, random } from './platform.ts';
import { removeBook, repairFiles } from './repair.ts';
import { SetAside } from './set-aside.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { loadEngine, type Engine } from './sqlite-engine.ts';
import { runTabWorker } from './tab-worker.ts';

const DIRECTORY = '/daybook';

/** Installed once per worker; between two turns of leading it is only let go. */
let pool: OpfsPool | null = null;
/** The book that was found damaged while it was open. */
let spoiledBook: string | null = null;

async function acquirePool(engine: Engine): Promise<OpfsPool> {
  if (pool) await pool.acquire();
  else pool = await installPool(engine, DIRECTORY);
  return pool;
}

async function open(_: number, onRepair: () => void): Promise<Opened<Book>> {
  let files: OpfsPool | null = null;
  try {
    const engine = await loadEngine();
    // Without them the records can be read and written all the same; sync starts when they can be read again.
    const loading = loadCredentials().catch((error: unknown) => {
      console.error('The account of this device could not be read:', error);
      return 'unreadable' as const;
    });
    files = await acquirePool(engine);
    const credentials = await loading;
    let opened = openNewest(engine, files, credentials);
    if (opened.kind === 'damaged') {
      onRepair();
      opened = await openRepaired(engine, files, opened.books, credentials);
    }
    if (opened.kind !== 'open') files.release();
    return opened;
  } catch (error) {
    files?.release();
    return { kind: 'failed', message: wordsFor(openErrorOf(error)) };
  }
}

async function openInMemory(): Promise<Opened<Book>> {
  try {
    const opened = openBook(await loadEngine(), null, FIRST_BOOK, null);
    if (opened.kind === 'damaged') throw new Error('a book in memory is damaged');
    return opened;
  } catch (error) {
    return { kind: 'failed', message: wordsFor(openErrorOf(error)) };
  }
}

/** Books that are to be repaired together, the oldest first. */
interface Damaged {
  readonly kind: 'damaged';
  readonly books: readonly string[];
}

type Account = Credentials | null | 'unreadable';

/** Opens the book that counts: the newest, unless a repair did not finish it. */
function openNewest(engine: Engine, files: OpfsPool, credentials: Account): Opened<Book> | Damaged {
  const books = booksAmong(files.names());
  const newest = books.at(-1) ?? FIRST_BOOK;
  const before = books.at(-2);
  if (newest === spoiledBook) return { kind: 'damaged', books: [newest] };
  if (newest !== FIRST_BOOK) {
    const finished = isFinished(engine, files, newest);
    if (finished === null) return { kind: 'damaged', books: before === undefined ? [newest] : [before, newest] };
    if (!finished && before !== undefined) {
      removeBook(files, newest);
      return { kind: 'damaged', books: [before] };
    }
  }
  return openBook(engine, files, newest, credentials);
}

async function openRepaired(
  engine: Engine,
  files: OpfsPool,
  books: readonly string[],
  credentials: Account,
): Promise<Opened<Book>> {
  const account = credentials === 'unreadable' ? null : credentials;
  try {
    const clients = account ? [account.membership.clientId] : [];
    const repaired = await repairFiles(engine, files, books, { linked: account !== null, clients });
    spoiledBook = null;
    const opened = openBook(engine, files, repaired, credentials);
    if (opened.kind !== 'damaged') return opened;
    return { kind: 'failed', message: 'The database on this device is damaged, and so is the one that replaces it.' };
  } catch (error) {
    const full = error instanceof SqlError && error.reason === 'full';
    return {
      kind: 'failed',
      message: full
        ? 'The database on this device is damaged, and there is no room to repair it. Nothing was deleted: make room on this device, then reload.'
        : `The database on this device is damaged, and could not be repaired: ${messageOf(error)} Nothing was deleted.`,
    };
  }
}

/** Whether a book that was made by a repair is finished; null when it is damaged itself. */
function isFinished(engine: Engine, files: OpfsPool, name: string): boolean | null {
  let database: SqliteDatabase;
  try {
    database = new SqliteDatabase(engine, name, files.vfs);
  } catch (error) {
    if (error instanceof SqlError && error.reason === 'corrupt') return null;
    throw error;
  }
  try {
    return isRepaired(database);
  } finally {
    database.close();
  }
}

/** @param files where the book lies; null: in memory */
function openBook(engine: Engine, files: OpfsPool | null, name: string, credentials: Account): Opened<Book> | Damaged {
  let database: SqliteDatabase | null = null;
  const health = new FileHealth(() => {
    spoiledBook = name;
    // What is wrong with it stays as it is for the repair to read.
    database?.keepLog();
  });
  try {
    database = files
      ? new SqliteDatabase(engine, name, files.vfs, { onCorrupt: () => health.spoil() })
      : new SqliteDatabase(engine, ':memory:', null);
    const opened = openStore(database, { random, now: () => clock.wall(), messages: bundleMessages });
    if (!opened.ok) {
      database.close();
      if (opened.error.kind === 'damaged') return { kind: 'damaged', books: [name] };
      return opened.error.kind === 'newer' ? { kind: 'newer' } : { kind: 'failed', message: wordsFor(opened.error) };
    }
    const onDisk = database;
    const book = new Book({
      store: opened.value,
      lasting: files !== null,
      credentials,
      keepCredentials: (kept) => (kept ? saveCredentials(kept) : forgetCredentials()),
      logBytes: () => onDisk.logBytes(),
      health,
      setAside: new SetAside(files, name),
      files: {
        pool: files,
        openForeign: (path) => new SqliteDatabase(engine, path, files?.vfs ?? null, { foreign: true }),
        openScratch: () => new SqliteDatabase(engine, ':memory:', null),
      },
      release: () => files?.release(),
    });
    return { kind: 'open', book };
  } catch (error) {
    database?.close();
    if (files && error instanceof SqlError && error.reason === 'corrupt') return { kind: 'damaged', books: [name] };
    throw error;
  }
}

type ToldError = Exclude<OpenError, { kind: 'newer' | 'damaged' }>;

/** What was thrown before the store could say what is wrong. */
function openErrorOf(error: unknown): ToldError {
  const full = error instanceof SqlError && error.reason === 'full';
  return { kind: 'storage', reason: full ? 'full' : 'other', message: messageOf(error) };
}

function wordsFor(error: ToldError): string {
  switch (error.kind) {
    case 'notABook':
      return 'The file in which the records should lie is something else. It was left untouched.';
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
