/** The store's side of files: what goes out to them, and what comes in. */
import type { BookId } from '../core/ids.ts';
import type { LinesPage, LinesPlace, Taken } from '../core/transfer.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import { readIdentity } from './identity.ts';
import { isAhead } from './incoming.ts';
import { sortLines } from './lines-in.ts';
import { linesPage } from './lines-out.ts';
import { OpenBackup, type BackupListener } from './open-backup.ts';
import type { Backup, LineCounts, StoreFiles, StoreOptions } from './store.ts';
import { isBlank, takeFromFile } from './take-events.ts';

export interface FilesListener extends BackupListener {
  /** The projection `transactions` is about to be relied on: it may be in the making. */
  completeTransactions(): void;
}

export class BookFiles implements StoreFiles {
  readonly #db: SqlDatabase;
  /** With the corrected clock. */
  readonly #options: StoreOptions;
  readonly #listener: FilesListener;

  constructor(db: SqlDatabase, options: StoreOptions, listener: FilesListener) {
    this.#db = db;
    this.#options = options;
    this.#listener = listener;
  }

  copyTo(path: string): void {
    this.#db.run('VACUUM main INTO ?', [path]);
  }

  open(path: string): Backup {
    return new OpenBackup(this.#db, this.#options, path, this.#listener);
  }

  replacedBy(): string | null {
    const token = readConfig(this.#db, 'replaced_by');
    return typeof token === 'string' ? token : null;
  }

  kept(): ReturnType<StoreFiles['kept']> {
    const path = readConfig(this.#db, 'kept_as');
    const millis = readConfig(this.#db, 'kept_at');
    return typeof path === 'string' ? { path, millis: typeof millis === 'number' ? millis : null } : null;
  }

  forgetKept(): void {
    this.#db.transaction('normal', () => {
      writeConfig(this.#db, 'kept_as', null);
      writeConfig(this.#db, 'kept_at', null);
    });
  }

  lines(place: LinesPlace | null): LinesPage {
    this.#listener.completeTransactions();
    return linesPage(this.#db, place);
  }

  isSameBook(bookId: BookId): boolean {
    return readIdentity(this.#db).bookId === bookId || isBlank(this.#db);
  }

  countLines(lines: readonly (string | null)[], first: number): LineCounts {
    const { fresh, known, refused } = sortLines(this.#db, lines, first);
    const now = this.#options.now();
    return { fresh: fresh.length, ahead: fresh.filter((event) => isAhead(event, now)).length, known, refused };
  }

  takeLines(lines: readonly (string | null)[], first: number, bookId: BookId): Taken {
    const { fresh, refused } = sortLines(this.#db, lines, first);
    if (fresh.length === 0) return { events: 0, ahead: 0, refused: refused.length };
    const ingested = takeFromFile(this.#db, this.#options, fresh, bookId);
    this.#listener.took(ingested);
    return { events: ingested.fresh.length, ahead: ingested.quarantined, refused: refused.length };
  }
}
