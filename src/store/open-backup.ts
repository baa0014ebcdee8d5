/** A backup beside the book: what it would bring, and bringing it in. Each step is short, so that edits go on in between. */
import { openBundle } from '../core/bundle-codec.ts';
import { mintId, type Id } from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import { millisOf, type Timestamp } from '../core/timestamp.ts';
import type { BackupPreview, FileError, Replaceable, Taken } from '../core/transfer.ts';
import { checkEvent } from '../core/validate.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { fileErrorOf } from './examine.ts';
import { readIdentity } from './identity.ts';
import {
  attachIncoming,
  countIncoming,
  countMissingThere,
  detachIncoming,
  isAhead,
  missingIn,
  newestIn,
  rangesOfIncoming,
} from './incoming.ts';
import { readFacts } from './incoming-facts.ts';
import { Intake, type Ingested } from './ingest.ts';
import { countWaiting } from './outbox.ts';
import { UnsealedCount } from './unsealed.ts';
import { replaceBook } from './replace.ts';
import { isBlank, takeFromFile } from './take-events.ts';
import type { Backup, StoreOptions } from './store.ts';

/** A clock further ahead than this is no clock that was set wrong: it would never be caught up with. */
const MAX_LEAD_MILLIS = 10 * 366 * 86_400_000;
const QUARANTINED_AT_A_TIME = 200;

/** What the rest of the store hears of it. */
export interface BackupListener {
  /** Events came in; this installation may have got another name. */
  took(ingested: Ingested): void;
  /** Nothing is as it was. */
  replaced(): void;
}

interface Checked {
  /** Of this look at it. */
  readonly token: string;
  readonly replaceable: Replaceable;
  readonly newest: Timestamp | null;
}

export class OpenBackup implements Backup {
  readonly #db: SqlDatabase;
  /** With the corrected clock. */
  readonly #options: StoreOptions;
  readonly #path: string;
  readonly #listener: BackupListener;
  #checked: Checked | null = null;

  constructor(db: SqlDatabase, options: StoreOptions, path: string, listener: BackupListener) {
    this.#db = db;
    this.#options = options;
    this.#path = path;
    this.#listener = listener;
  }

  compare(): Generator<number, Result<BackupPreview, FileError>> {
    return this.#beside(() => this.#compare());
  }

  merge(): Generator<number, Result<Taken, FileError>> {
    return this.#beside(() => this.#merge());
  }

  replace(keptAs: string | null): Result<null, FileError> {
    const checked = this.#checked;
    if (!checked) throw new Error('a backup was not looked through before it was to be the book');
    if (checked.replaceable !== 'yes') return err({ kind: 'notReplaceable', because: checked.replaceable });
    const db = this.#db;
    try {
      attachIncoming(db, this.#path);
      try {
        db.transaction('full', () => replaceBook(db, this.#options, checked.newest, { token: checked.token, keptAs }));
      } finally {
        detachIncoming(db);
      }
    } catch (error) {
      return err(fileErrorOf(error));
    }
    this.#listener.replaced();
    return ok(null);
  }

  /** Attached while the steps are taken; also let go of when they are not taken to the end. */
  *#beside<T>(steps: () => Generator<number, T>): Generator<number, Result<T, FileError>> {
    try {
      attachIncoming(this.#db, this.#path);
      try {
        return ok(yield* steps());
      } finally {
        detachIncoming(this.#db);
      }
    } catch (error) {
      return err(fileErrorOf(error));
    }
  }

  *#compare(): Generator<number, BackupPreview> {
    const db = this.#db;
    const now = this.#options.now();
    const facts = readFacts(db);
    const identity = readIdentity(db);
    const events = countIncoming(db);
    let [seen, missingHere, ahead, refused, irregular] = [0, 0, 0, 0, 0];
    let newest: Timestamp | null = null;
    for (const range of rangesOfIncoming(db)) {
      const missing = missingIn(db, range);
      missingHere += missing.events.length;
      ahead += missing.events.filter((event) => isAhead(event, now)).length;
      refused += missing.refused;
      irregular += missing.irregular;
      const late = newestIn(db, range);
      if (late !== null && (newest === null || late > newest)) newest = late;
      seen += range.rows;
      yield seen / (events + 1);
    }
    const counting = countMissingThere(db);
    let step = counting.next();
    for (; !step.done; step = counting.next()) yield seen / (events + 1);
    const sameBook = facts.bookId === identity.bookId || isBlank(db);
    const replaceable: Replaceable =
      facts.bookId !== identity.bookId && identity.userId !== null
        ? 'otherBook'
        : refused + irregular > 0
          ? 'malformed'
          : newest !== null && millisOf(newest) - now > MAX_LEAD_MILLIS
            ? 'future'
            : 'yes';
    const token = mintId<Id<'look'>>(now, this.#options.random);
    this.#checked = { token, replaceable, newest };
    return {
      ...facts,
      token,
      sameBook,
      events,
      missingHere,
      ahead,
      refused,
      missingThere: step.value,
      newestAt: newest === null ? null : millisOf(newest),
      unsent: identity.userId === null ? null : countWaiting(db, () => new UnsealedCount(db).read()).waiting,
      replaceable,
    };
  }

  *#merge(): Generator<number, Taken> {
    const db = this.#db;
    const events = countIncoming(db);
    let [seen, taken, ahead, refused] = [0, 0, 0, 0];
    const { bookId } = readFacts(db);
    for (const range of rangesOfIncoming(db)) {
      const missing = missingIn(db, range);
      refused += missing.refused;
      if (missing.events.length > 0) {
        const ingested = takeFromFile(db, this.#options, missing.events, bookId);
        taken += ingested.fresh.length;
        ahead += ingested.quarantined;
        this.#listener.took(ingested);
      }
      seen += range.rows;
      yield seen / (events + 1);
    }
    for (let after = 0; ;) {
      const held = this.#takeHeld(after);
      if (held === null) break;
      taken += held.ingested.fresh.length;
      this.#listener.took(held.ingested);
      after = held.last;
      yield seen / (events + 1);
    }
    this.#nameUsers();
    return { events: taken, ahead, refused };
  }

  /** Whose clients are that the backup knows more of; only now that all are known who wrote here. */
  #nameUsers(): void {
    const db = this.#db;
    const known = `main.clients c CROSS JOIN incoming.clients i ON i.id = c.id WHERE c.user_id IS NULL AND i.user_id IS NOT NULL`;
    if (!db.get(`SELECT 1 FROM ${known} LIMIT 1`)) return;
    db.transaction('full', () =>
      db.run(
        `UPDATE clients SET user_id = (SELECT i.user_id FROM incoming.clients i WHERE i.id = clients.id)
         WHERE id IN (SELECT c.id FROM ${known})`,
      ),
    );
  }

  /** What the backup could not apply yet is tried here, and waits here when it must. Null at the end. */
  #takeHeld(after: number): { readonly ingested: Ingested; readonly last: number } | null {
    const db = this.#db;
    const rows = db.all<{ number: number; kind: string; content: string; bundle_id: SqlValue; reason: string }>(
      `SELECT number, kind, content, bundle_id, reason FROM incoming.quarantine
       WHERE number > ? AND kind IN ('future', 'newer') ORDER BY number LIMIT ${QUARANTINED_AT_A_TIME}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return null;
    const ingested = db.transaction('full', () => {
      const intake = new Intake(db, this.#options.now());
      for (const { kind, content, bundle_id: bundle, reason } of rows) {
        const held: unknown = JSON.parse(content);
        if (kind === 'future') {
          if (checkEvent(held).ok) intake.takeEvents([held], null, null);
          continue;
        }
        if (bundle !== null && db.get('SELECT 1 FROM bundles WHERE id = ?', [bundle])) continue;
        const read = this.#options.messages.read(held);
        const opened = read.ok ? openBundle(read.value) : read;
        if (opened.ok) intake.takeEvents(opened.value, null, null);
        else intake.setAside('newer', content, read.ok ? read.value.id : null, reason);
      }
      return intake.finish();
    });
    return { ingested, last: last.number };
  }
}
