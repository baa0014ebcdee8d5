/**
 * What tabs ask about files: backups are copied into the pool, looked through there and taken from there; lines are read
 * from where they are. One thing at a time, in steps between which everybody else has a turn.
 */
import { readHeader, MAX_LINE_BYTES } from '../core/json-lines.ts';
import type { BookId } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import type {
  KeptBook,
  LinesPage,
  LinesPlace,
  LinesPreview,
  RefusedLine,
  Taken,
  BackupPreview,
  FileError,
} from '../core/transfer.ts';
import type { ReadableFile } from '../protocol/worker.ts';
import { SqlError, type SqlDatabase } from '../store/database.ts';
import { examineBackup, examineHeader, fileErrorOf, HEADER_BYTES } from '../store/examine.ts';
import { APPLICATION_ID } from '../store/schema.ts';
import type { Backup, Store } from '../store/store.ts';
import { lineBatches } from './line-batches.ts';
import type { OpfsPool } from './opfs-pool.ts';

/** The backup that is looked at. */
const INCOMING = '/incoming.db';
/** The book before the present one: the other name is free for the next time. */
const KEPT = ['/before-1.db', '/before-2.db'] as const;
const CHUNK_BYTES = 4_000_000;
/** Copying takes about as long as looking through. */
const COPYING = 0.5;
const REFUSALS_TOLD = 100;

export interface TransferParts {
  readonly store: Store;
  /** Where the book lies; null: in memory. */
  readonly pool: Pick<OpfsPool, 'names' | 'write' | 'contents' | 'makeRoom' | 'remove'> | null;
  /** Opens a file of the pool whose content came from elsewhere; throws SqlError. */
  readonly openForeign: (path: string) => SqlDatabase;
  /** An empty database in memory. */
  readonly openScratch: () => SqlDatabase;
  /** Something was committed. */
  readonly changed: () => void;
  /** This installation has another name, or another book: sync begins anew. */
  readonly relink: () => void;
  /** Lets everybody else have a turn. */
  readonly breathe: () => Promise<void>;
}

type Tell = (done: number) => void;

export class Transfers {
  readonly #parts: TransferParts;
  #look: { readonly preview: BackupPreview; readonly backup: Backup } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#tidy();
  }

  examineBackup(file: ReadableFile, tell: Tell): Promise<Result<BackupPreview, FileError>> {
    return this.#next(async () => {
      const { store, pool } = this.#parts;
      if (!pool) return err({ kind: 'unsaved' });
      this.#drop();
      await pool.makeRoom();
      const done = await this.#copyIn(pool, file, tell);
      if (!done.ok) return done;
      const backup = store.files.open(INCOMING);
      const preview = await this.#run(backup.compare(), (share) => tell(COPYING + share * (1 - COPYING)));
      if (preview.ok) this.#look = { preview: preview.value, backup };
      else this.#drop();
      return preview;
    });
  }

  mergeBackup(token: string, tell: Tell): Promise<Result<Taken, FileError>> {
    return this.#next(async () => {
      const look = this.#lookOf(token);
      if (!look) return err({ kind: 'gone' });
      return this.#renaming(() =>
        this.#run(look.backup.merge(), (share) => {
          tell(share);
          this.#parts.changed();
        }),
      );
    });
  }

  replaceBook(token: string): Promise<Result<null, FileError>> {
    return this.#next(async () => {
      const { store, pool, relink, changed } = this.#parts;
      // Asked again, since the answer was lost with the tab that was to give it.
      if (store.files.replacedBy() === token) return ok(null);
      const look = this.#lookOf(token);
      if (!look || !pool) return err({ kind: 'gone' });
      const { replaceable } = look.preview;
      if (replaceable !== 'yes') return err({ kind: 'notReplaceable', because: replaceable });
      await pool.makeRoom();
      const keptAs = store.files.kept()?.path === KEPT[0] ? KEPT[1] : KEPT[0];
      pool.remove(keptAs);
      try {
        store.files.copyTo(keptAs);
        this.#settle(keptAs);
      } catch (error) {
        pool.remove(keptAs);
        return err(fileErrorOf(error));
      }
      const replaced = look.backup.replace(keptAs);
      this.#tidy();
      if (!replaced.ok) return replaced;
      this.#drop();
      relink();
      changed();
      return replaced;
    });
  }

  dropBackup(): Promise<void> {
    return this.#next(async () => this.#drop());
  }

  keptBook(): Promise<KeptBook | null> {
    return this.#next(async () => {
      const kept = this.#parts.store.files.kept();
      const contents = kept && (await this.#parts.pool?.contents(kept.path));
      return contents ? { keptAt: kept.millis, bytes: contents.blob.size } : null;
    });
  }

  /** Nothing is read before somebody reads the blob. */
  exportKept(): Promise<Blob> {
    return this.#next(async () => {
      const kept = this.#parts.store.files.kept();
      const contents = kept && (await this.#parts.pool?.contents(kept.path));
      if (!contents) throw new Error('There is no earlier book.');
      return contents.blob;
    });
  }

  removeKept(): Promise<void> {
    return this.#next(async () => {
      this.#parts.store.files.forgetKept();
      this.#tidy();
    });
  }

  exportLines(place: LinesPlace | null): LinesPage {
    return this.#parts.store.files.lines(place);
  }

  examineLines(file: ReadableFile, tell: Tell): Promise<Result<LinesPreview, FileError>> {
    const { files } = this.#parts.store;
    const sum = { fresh: 0, ahead: 0, known: 0, refused: 0 };
    const refusals: RefusedLine[] = [];
    return this.#next(async () => {
      const read = await this.#eachBatch(file, tell, (lines, first) => {
        const counts = files.countLines(lines, first);
        sum.fresh += counts.fresh;
        sum.ahead += counts.ahead;
        sum.known += counts.known;
        sum.refused += counts.refused.length;
        refusals.push(...counts.refused.slice(0, REFUSALS_TOLD - refusals.length));
      });
      if (!read.ok) return read;
      return ok({
        bookId: read.value,
        sameBook: files.isSameBook(read.value),
        events: sum.fresh + sum.known,
        missingHere: sum.fresh,
        ahead: sum.ahead,
        known: sum.known,
        refused: sum.refused,
        refusals,
      });
    });
  }

  takeLines(file: ReadableFile, tell: Tell): Promise<Result<Taken, FileError>> {
    const sum = { events: 0, ahead: 0, refused: 0 };
    const take = async () => {
      const read = await this.#eachBatch(file, tell, (lines, first, bookId) => {
        const taken = this.#parts.store.files.takeLines(lines, first, bookId);
        sum.events += taken.events;
        sum.ahead += taken.ahead;
        sum.refused += taken.refused;
        this.#parts.changed();
      });
      return read.ok ? ok(sum) : read;
    };
    return this.#next(() => this.#renaming(take));
  }

  /** After what is under way. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #copyIn(
    pool: NonNullable<TransferParts['pool']>,
    file: ReadableFile,
    tell: Tell,
  ): Promise<Result<null, FileError>> {
    try {
      const header = examineHeader(await readBytes(file, 0, HEADER_BYTES));
      if (!header.ok) return header;
      let offset = 0;
      await pool.write(INCOMING, async () => {
        tell((offset / file.size) * COPYING);
        if (offset >= file.size) return undefined;
        const chunk = await readBytes(file, offset, offset + CHUNK_BYTES);
        offset += chunk.length;
        return chunk;
      });
    } catch (error) {
      return err(copyErrorOf(error));
    }
    try {
      const [copy, scratch] = [this.#parts.openForeign(INCOMING), this.#parts.openScratch()];
      const examined = examineBackup(copy, scratch);
      scratch.close();
      copy.close();
      if (!examined.ok) this.#drop();
      return examined;
    } catch (error) {
      this.#drop();
      return err(fileErrorOf(error));
    }
  }

  /** Takes every step, and lets others have a turn after each. */
  async #run<T>(steps: Generator<number, T>, tell: Tell): Promise<T> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      tell(step.value);
      await this.#parts.breathe();
    }
  }

  /** The header is read first; then `take` is given batch after batch. */
  async #eachBatch(
    file: ReadableFile,
    tell: Tell,
    take: (lines: readonly (string | null)[], first: number, bookId: BookId) => void,
  ): Promise<Result<BookId, FileError>> {
    let bookId: BookId | null = null;
    try {
      for await (const { first, lines, done } of lineBatches(file, MAX_LINE_BYTES)) {
        let from = 0;
        if (bookId === null) {
          const header = readHeader(lines[0] ?? '');
          if (!header.ok) return header;
          bookId = header.value;
          from = 1;
        }
        take(from === 0 ? lines : lines.slice(from), first + from, bookId);
        tell(done);
        await this.#parts.breathe();
      }
    } catch (error) {
      return err(error instanceof SqlError ? fileErrorOf(error) : copyErrorOf(error));
    }
    return bookId === null ? err({ kind: 'notABook' }) : ok(bookId);
  }

  /** What is taken in may show that this installation needs another name ([HLC-6]). */
  async #renaming<T>(work: () => Promise<T>): Promise<T> {
    const { store, relink, changed } = this.#parts;
    const before = store.identity().clientId;
    try {
      return await work();
    } finally {
      if (store.identity().clientId !== before) relink();
      changed();
    }
  }

  #lookOf(token: string) {
    return this.#look?.preview.token === token ? this.#look : null;
  }

  #drop(): void {
    this.#look = null;
    this.#parts.pool?.remove(INCOMING);
  }

  /** Brings a copy that the engine wrote onto the disk, whatever the engine left to the system. */
  #settle(path: string): void {
    const copy = this.#parts.openForeign(path);
    try {
      copy.exec(`PRAGMA application_id=${APPLICATION_ID}`);
    } finally {
      copy.close();
    }
  }

  /** Files that a tab left behind, and copies that no book speaks of. */
  #tidy(): void {
    const { store, pool } = this.#parts;
    if (!pool) return;
    const kept = store.files.kept()?.path;
    for (const name of pool.names()) {
      if ((name === INCOMING && !this.#look) || (KEPT.some((each) => each === name) && name !== kept))
        pool.remove(name);
    }
  }
}

/** The chosen file failed, and not ours. */
class UnreadableError extends Error {}

async function readBytes(file: ReadableFile, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const bytes = new Uint8Array(await file.slice(from, Math.min(to, file.size)).arrayBuffer());
    if (bytes.length === 0 && from < file.size) throw new Error('it ends too early');
    return bytes;
  } catch (error) {
    throw new UnreadableError(messageOf(error));
  }
}

function copyErrorOf(error: unknown): FileError {
  const message = messageOf(error);
  if (error instanceof UnreadableError) return { kind: 'unreadable', message };
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotReadableError' || name === 'NotFoundError') return { kind: 'unreadable', message };
  if (name === 'QuotaExceededError') return { kind: 'storage', reason: 'full', message };
  // What the pool says of a file whose size no database has.
  if (/is not correct for an SQLite database|does not contain an SQLite/.test(message))
    return { kind: 'damaged', message };
  return { kind: 'storage', reason: 'other', message };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
