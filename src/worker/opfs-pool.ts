/** The pool of OPFS files in which the database lies. Only the holder of the leader's Web Lock may install it. */
import type { SAHPoolUtil } from '@sqlite.org/sqlite-wasm';
import type { Engine } from './sqlite-engine.ts';

/** A database, its log, and room for temporary files and a second database. */
const SLOTS = 16;
/** Slots that a second database and its log may need. */
const SPARE_SLOTS = 4;
/** Where the pool keeps its files in its directory, each with its name before its contents. */
const FILES = '.opaque';
const NAME_BYTES = 512;
const HEADER_BYTES = 4_096;
/** Handles of a tab that was just closed or crashed are let go a moment after its lock. */
const RETRY_FOR_MILLIS = 8_000;
const FIRST_DELAY_MILLIS = 10;
const MAX_DELAY_MILLIS = 400;

export interface OpfsPool {
  /** Name to open databases with. */
  readonly vfs: string;
  /**
   * Writes a database file piece by piece, so that memory stays bounded; replaces what is there under that name. Rejects with
   * what `next` throws, with a QuotaExceededError, or when it is no database; then nothing is there under that name.
   * @param next the next bytes; undefined at the end
   */
  write(name: string, next: () => Promise<Uint8Array<ArrayBuffer> | undefined>): Promise<void>;
  /** Lets go of every file, so that another tab may take them. Every database must be closed. */
  release(): void;
  /** Names of the files that lie in it, in no order. */
  names(): string[];
  /** Deletes a file, if it is there; nothing may have it open. Returns whether it was. */
  remove(name: string): boolean;
  /** Makes sure that there is room for one more database and its log. */
  makeRoom(): Promise<void>;
  /** The contents of a file that nobody writes to, read only when they are asked for; null when there is none. */
  contents(name: string): Promise<{ readonly blob: Blob; readonly changedAt: number } | null>;
  /** Takes the files again after `release`. Rejects when another tab still has them after some seconds. */
  acquire(): Promise<void>;
}

/** Whether this window has files that last: not so in private windows of some browsers, nor over plain HTTP. */
export async function hasOpfs(): Promise<boolean> {
  const storage = (navigator as Partial<WorkerNavigator>).storage;
  const handle = globalThis.FileSystemFileHandle as typeof FileSystemFileHandle | undefined;
  if (typeof storage?.getDirectory !== 'function' || !handle || !('createSyncAccessHandle' in handle.prototype))
    return false;
  try {
    await storage.getDirectory();
    return true;
  } catch {
    return false;
  }
}

/**
 * Installs the pool, trying for some seconds while files are still held elsewhere.
 * @param directory folder of the pool in OPFS; nothing else may lie in it
 */
export async function installPool(engine: Engine, directory: string): Promise<OpfsPool> {
  const pool = await retry(() =>
    engine.sqlite3.installOpfsSAHPoolVfs({
      name: directory,
      directory,
      initialCapacity: SLOTS,
      // Without the first a failed start deletes every file; without the second a retry answers with the old failure.
      preserveOnInitFailure: true,
      ...{ forceReinitIfPreviouslyFailed: true },
    }),
  );
  await fill(pool);
  return {
    vfs: pool.vfsName,
    names: () => pool.getFileNames(),
    remove: (name) => pool.unlink(name),
    write: async (name, next) => {
      // While the first bytes are awaited, SQLite could be given the same free slot: the name takes one at once.
      await pool.importDb(name, placeholder());
      await pool.importDb(name, next);
    },
    makeRoom: async () => {
      await pool.reserveMinimumCapacity(pool.getFileCount() + SPARE_SLOTS);
    },
    contents: (name) => findFile(directory, name),
    release: () => {
      pool.pauseVfs();
    },
    acquire: async () => {
      await retry(() => pool.unpauseVfs());
    },
  };
}

/** The least that passes for a database. */
function placeholder(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512);
  bytes.set(new TextEncoder().encode('SQLite format 3\0'));
  return bytes;
}

/** A pool whose making was cut short has fewer slots than it should. */
async function fill(pool: SAHPoolUtil): Promise<void> {
  await pool.reserveMinimumCapacity(SLOTS);
}

async function findFile(directory: string, name: string): ReturnType<OpfsPool['contents']> {
  let folder = await navigator.storage.getDirectory();
  for (const part of [...directory.split('/').filter((each) => each !== ''), FILES]) {
    folder = await folder.getDirectoryHandle(part);
  }
  for await (const entry of folder.values()) {
    if (!(entry instanceof FileSystemFileHandle)) continue;
    const file = await entry.getFile();
    const header = new Uint8Array(await file.slice(0, NAME_BYTES).arrayBuffer());
    const end = header.indexOf(0);
    if (new TextDecoder().decode(header.subarray(0, end < 0 ? NAME_BYTES : end)) !== name) continue;
    return { blob: file.slice(HEADER_BYTES), changedAt: file.lastModified };
  }
  return null;
}

async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + RETRY_FOR_MILLIS;
  for (let delay = FIRST_DELAY_MILLIS; ; delay = Math.min(delay * 2, MAX_DELAY_MILLIS)) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}
