/** The open book of the tab that leads: store, sync, status and account together, served to every tab. */
import type { Command, CommandError, Done } from '../core/command.ts';
import type { CheckName } from '../core/health.ts';
import { mintId, type CommandId } from '../core/ids.ts';
import type { ConflictsAnswer } from '../core/query.ts';
import type { Result } from '../core/result.ts';
import type { Shortened, ShorteningError, StorageUse } from '../protocol/worker.ts';
import type { Store } from '../store/store.ts';
import { Driver } from '../sync/driver.ts';
import { AccountClient } from './account-client.ts';
import { Accounts } from './accounts.ts';
import { Attention } from './attention.ts';
import { Checkup } from './checkup.ts';
import { ContactNote } from './contact-note.ts';
import { checkupMemory, contactMemory, verifiedMemory, type Credentials } from './credentials.ts';
import { Examination } from './examination.ts';
import type { FileHealth } from './file-health.ts';
import { Handlers } from './handlers.ts';
import { serveLeaderApi } from './leader-api.ts';
import { after, breathe, clock, platform, random, randomFraction } from './platform.ts';
import { Preparation } from './preparation.ts';
import { Refresher } from './refresher.ts';
import type { SetAside } from './set-aside.ts';
import { badgeOf, reviewBadge } from './review-badge.ts';
import { countShortened, shorten, type ShorteningParts } from './shortening.ts';
import { StatusBoard } from './status-board.ts';
import { createSession } from './sync-session.ts';
import type { ServedBook } from './tab-worker.ts';
import { Transfers, type TransferParts } from './transfers.ts';
import { WriteFailures } from './write-failures.ts';

/** Rows looked at in one turn while something is made ready: few enough that an edit waits for some milliseconds. */
const ROWS_OF_A_PART = 1_000;

export interface BookParts {
  readonly store: Store;
  /** Whether the book lies on disk. */
  readonly lasting: boolean;
  /** The account of this device; `unreadable`: there may be one, so the book stays as it is and does not sync. */
  readonly credentials: Credentials | null | 'unreadable';
  readonly keepCredentials: (credentials: Credentials | null) => Promise<void>;
  /** Bytes in the write-ahead log. */
  readonly logBytes: () => number;
  readonly health: FileHealth;
  /** Databases that were found damaged before. */
  readonly setAside: SetAside;
  /** What files need of the place where the book lies. */
  readonly files: Pick<TransferParts, 'pool' | 'openForeign' | 'openScratch'>;
  /** Lets go of the files, after the store is closed. */
  readonly release: () => void;
}

export class Book implements ServedBook {
  readonly store: Store;
  readonly status = new StatusBoard();
  readonly accounts: Accounts;
  readonly examination: Examination;
  readonly transfers: Transfers;
  readonly attention: Attention;
  readonly #parts: BookParts;
  readonly #refresher: Refresher;
  readonly #driver: Driver;
  readonly #preparation: Preparation;
  readonly #checkup: Checkup;
  readonly #handlers: Handlers;
  readonly #contact = new ContactNote(contactMemory.write);
  readonly #failures = new WriteFailures((failure) => this.#driver.wrote(failure));
  #open = true;

  /** Throws SqlError when the book cannot be joined to its account; it is not closed then. */
  constructor(parts: BookParts) {
    const { store, credentials } = parts;
    this.#parts = parts;
    this.store = store;
    this.#refresher = new Refresher({
      refresh: () => this.#refresh(),
      now: () => performance.now(),
      later: (work, millis) => void setTimeout(work, millis),
    });
    const badge = badgeOf(navigator);
    const conflicts = () => (JSON.parse(store.answer({ kind: 'conflicts', limit: 0 })) as ConflictsAnswer).total;
    this.#handlers = new Handlers({
      positions: store.handlers,
      handlers: badge && parts.lasting ? [reviewBadge(conflicts, badge)] : [],
      breathe,
      after,
      random: randomFraction,
    });
    this.#driver = new Driver({
      store: store.sync,
      clock,
      after,
      random: randomFraction,
      breathe,
      onStatus: (status, details) => {
        if (parts.lasting) this.#contact.note(details);
        this.status.tell(status, details);
      },
      onChanged: () => this.#changed(),
    });
    this.accounts = new Accounts(
      {
        lasting: parts.lasting,
        clientFor: (origin) => new AccountClient(origin, location.origin),
        keep: parts.keepCredentials,
        identity: () => store.identity(),
        link: (to) => this.#link(to),
        execute: (command) => this.#execute(command),
        now: () => clock.wall(),
      },
      credentials === 'unreadable' ? null : credentials,
    );
    this.transfers = new Transfers({
      ...parts.files,
      store,
      changed: () => {
        this.#changed();
        this.#driver.changed();
      },
      relink: () => this.accounts.relink(),
      breathe,
    });
    this.attention = new Attention({
      store: store.attention,
      changed: () => {
        this.#changed();
        this.#driver.recount();
        this.#driver.changed();
      },
      breathe,
    });
    if (credentials !== 'unreadable') this.#link(credentials);
    this.#preparation = new Preparation({
      step: () => store.catchUp(ROWS_OF_A_PART),
      onProgress: () => this.#refresher.changed(),
      breathe,
      after,
    });
    void this.#preparation.run();
    this.examination = new Examination({
      examine: () => store.examine(() => performance.now()),
      now: () => performance.now(),
      breathe,
    });
    this.#checkup = new Checkup({
      bytes: () => store.stats().databaseBytes,
      check: () => store.checkTables(),
      onDamage: (complaint) => {
        console.error('The database is damaged:', complaint);
        parts.health.spoil();
      },
      now: () => clock.wall(),
      after,
      memory: checkupMemory,
    });
    if (parts.lasting) this.#checkup.start();
    this.#handlers.changed();
  }

  get spoiled(): Promise<void> {
    return this.#parts.health.spoiled;
  }

  get setAside(): SetAside {
    return this.#parts.setAside;
  }

  serve(port: MessagePort): () => void {
    return serveLeaderApi(this, port);
  }

  /**
   * Asks the book something. Should that find its file damaged, there is no answer: the book is closed in a moment, and
   * whoever asked asks the repaired one.
   */
  async ask<T>(run: () => T): Promise<T> {
    try {
      return run();
    } catch (error) {
      if (this.#parts.health.sound) throw error;
      return new Promise<never>(() => undefined);
    }
  }

  /** A change by a command, as in `ask`: it has an id, and is carried out once. `tab`: whose it is. */
  async change(tab: object, run: () => Result<Done, CommandError>): Promise<Result<Done, CommandError>> {
    const result = this.#change(tab, run);
    const unanswered = !result.ok && result.error.kind === 'storage' && !this.#parts.health.sound;
    return unanswered ? new Promise<never>(() => undefined) : result;
  }

  /** Notes whether it could be written, and lets everybody know. */
  #change(whose: object, run: () => Result<Done, CommandError>): Result<Done, CommandError> {
    const result = run();
    this.#checkup.used();
    if (result.ok) {
      this.#failures.wrote();
      this.#changed();
      this.#driver.changed();
    } else if (result.error.kind === 'storage') {
      this.#failures.failed(whose, { reason: result.error.reason, message: result.error.message });
    }
    return result;
  }

  /** Puts right what was found bad; a damaged file is closed and repaired in a moment. */
  mend(checks: readonly CheckName[]): void {
    this.store.mend(checks);
    this.#refresher.changed();
    this.#driver.changed();
    if (checks.includes('file')) this.#parts.health.spoil();
  }

  /** What this tab could not save was given up, or the tab is gone. */
  letGo(tab: object): void {
    if (this.#open) this.#failures.letGo(tab);
  }

  syncNow(): void {
    this.#driver.nudge();
  }

  /** Compares the book with the server ([SYNC-9]); what comes of it is told with the status, and kept. */
  verify(): void {
    const { lasting } = this.#parts;
    const serverUrl = this.accounts.account()?.serverUrl;
    void this.#driver.verify().then((outcome) => {
      const told = outcome.kind !== 'stopped' && outcome.kind !== 'failed';
      if (!told || !lasting || serverUrl === undefined) return;
      return verifiedMemory.write(serverUrl, { at: clock.wall(), outcome }).catch(() => undefined);
    });
  }

  stopVerifying(): void {
    this.#driver.stopVerifying();
  }

  countShortened(since: number): Promise<Result<number, ShorteningError>> {
    return this.#lasting(() => countShortened(this.#shorteningParts(), since));
  }

  async shorten(
    since: number,
    onProgress: (share: number | null) => void,
  ): Promise<Result<Shortened, ShorteningError>> {
    const shortened = await this.#lasting(() => shorten(this.#shorteningParts(), since, onProgress));
    this.#refresher.changed();
    return shortened;
  }

  async storage(): Promise<StorageUse> {
    const { events } = this.store.stats();
    const { storage } = navigator as Partial<WorkerNavigator>;
    const [estimate, persisted] = await Promise.all([
      storage?.estimate().catch(() => null),
      storage?.persisted().catch(() => false),
    ]);
    return {
      databaseBytes: this.#bytes(),
      events,
      persisted: persisted === true && this.#parts.lasting,
      usage: estimate?.usage ?? null,
      quota: estimate?.quota ?? null,
    };
  }

  close(): Promise<void> {
    this.#open = false;
    this.#checkup.stop();
    this.examination.stop();
    this.#driver.stop();
    this.#preparation.stop();
    this.#handlers.stop();
    this.store.close();
    this.#parts.release();
    return Promise.resolve();
  }

  /** Bytes of the database on disk, its write-ahead log included. */
  #bytes(): number {
    return this.store.stats().databaseBytes + this.#parts.logBytes();
  }

  #shorteningParts(): ShorteningParts {
    return { store: this.store, bytes: () => this.#bytes(), breathe };
  }

  /** As in `ask`, for what takes several turns: the book may be closed in between, and the next one is asked then. */
  async #lasting<T>(run: () => Promise<T>): Promise<T> {
    const lasts = (): boolean => this.#open && this.#parts.health.sound;
    try {
      const outcome = await run();
      if (lasts()) return outcome;
    } catch (error) {
      if (lasts()) throw error;
    }
    return new Promise<never>(() => undefined);
  }

  /** Joins the book to an account and starts to sync; or (null) makes sure that it belongs to none. Idempotent. */
  #link(credentials: Credentials | null): void {
    const { store } = this;
    if (!this.#open) return;
    this.#driver.stop();
    const identity = store.identity();
    if (credentials) {
      const { bookId, userId } = credentials.membership;
      if (identity.bookId !== bookId || identity.userId !== userId) store.adoptBook(bookId, userId);
      this.#driver.start(createSession(store, this.accounts, platform, credentials));
      void this.#recall(credentials.serverUrl);
    } else if (identity.userId !== null) {
      store.leaveBook();
      this.#driver.recount();
    }
    this.#refresher.changed();
  }

  /** What the last run of the app knew of this server. */
  async #recall(serverUrl: string): Promise<void> {
    const [verified, contact] = await Promise.all([
      verifiedMemory.read(serverUrl).catch(() => null),
      contactMemory.read(serverUrl).catch(() => null),
    ]);
    if (!this.#open || this.accounts.account()?.serverUrl !== serverUrl) return;
    if (verified) this.#driver.recallVerified(verified);
    if (contact !== null) this.#driver.recallContact(contact);
  }

  /** Something was committed. */
  #changed(): void {
    this.#refresher.changed();
    this.#handlers.changed();
  }

  #refresh(): void {
    const { subscriptions } = this.store;
    if (!this.#open || !subscriptions.stale) return;
    try {
      subscriptions.refresh();
    } catch (error) {
      // What was written stays written, whatever became of looking at it.
      console.error('Live queries could not be answered:', error);
    }
  }

  #execute(command: Command): void {
    const id = mintId<CommandId>(clock.wall(), random);
    const result = this.#change(this, () => this.store.execute({ id, command }));
    if (!result.ok) console.error('A name could not be written:', result.error);
  }
}
