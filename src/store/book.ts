/** Opens a book, or makes one, and ties the parts of the store together. */
import type { CommandError, CommandRequest, Done } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import type { CheckName, DoctorProgress, DoctorReport, RepairNote } from '../core/health.ts';
import { idToBytes, type BookId, type CommandId, type EntityId, type UserId } from '../core/ids.ts';
import type { ProjectionName, Query } from '../core/query.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { EVENT_SCHEMA } from '../core/upcast.ts';
import { wasLinked } from './acknowledged.ts';
import { BookAttention } from './attention/attention.ts';
import { numberOf, textOf } from './blob.ts';
import { readCatalog, type Catalog } from './catalog.ts';
import { Changes } from './changes.ts';
import { executeCommand } from './commands.ts';
import { compactFile } from './compacting.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import { SqlError, type SqlDatabase, type SqlValue } from './database.ts';
import { examine } from './doctor/doctor.ts';
import { mendKept } from './doctor/mend.ts';
import type { Outcome } from './executed.ts';
import { Positions } from './handlers.ts';
import { BookFiles } from './files.ts';
import { hasIdentity, mintBook, mintClient, readIdentity } from './identity.ts';
import type { Reader } from './ingest.ts';
import { migrate } from './migrations.ts';
import { renewClient } from './new-client.ts';
import { queueEverything, unsealOutbox, writeProducer } from './outbox.ts';
import { Past } from './past/past.ts';
import { answerQuery } from './queries/answer.ts';
import { ViewCache } from './queries/view-cache.ts';
import { PROJECTIONS } from './projections/registry.ts';
import { declareComplete, Upkeep } from './projections/upkeep.ts';
import { LogPruning, refusalOf } from './pruning.ts';
import { quickCheck } from './quick-check.ts';
import { rebuildAll, rebuildAttributes } from './rebuild.ts';
import { replayEntity } from './replay.ts';
import { createStaging } from './staging.ts';
import type {
  HandlerPositions,
  Identity,
  OpenError,
  PruneRefusal,
  Pruning,
  Stats,
  Store,
  StoreAttention,
  StoreFiles,
  StoreOptions,
  StoreSync,
  Subscriptions,
} from './store.ts';
import { LiveQueries } from './subscriptions.ts';
import { readHorizon } from './superseded.ts';
import { BookSync } from './sync.ts';
import { stepUndo } from './undo.ts';

/** Opens the book in `db`, or makes one when it is empty. A database that is not ours, or newer, is left as it is. */
export function openStore(db: SqlDatabase, options: StoreOptions): Result<Store, OpenError> {
  try {
    const migrated = migrate(db);
    if (!migrated.ok) return migrated;
    if (!hasIdentity(db)) {
      db.transaction('full', () => {
        mintBook(db, options.now(), options.random);
        mintClient(db, options.now(), options.random);
        declareComplete(db);
      });
    }
    createStaging(db);
    return ok(new Book(db, options));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.reason === 'corrupt') return err({ kind: 'damaged', message: error.message });
    return err({ kind: 'storage', reason: error.reason === 'full' ? 'full' : 'other', message: error.message });
  }
}

class Book implements Store {
  readonly subscriptions: Subscriptions;
  readonly handlers: HandlerPositions;
  readonly sync: StoreSync;
  readonly attention: StoreAttention;
  readonly files: StoreFiles;
  readonly #db: SqlDatabase;
  /** With the corrected clock. */
  readonly #options: StoreOptions;
  readonly #reader: Reader;
  readonly #live: LiveQueries;
  readonly #views = new ViewCache();
  readonly #counts = new Map<string, number>();
  readonly #upkeep: Upkeep;
  readonly #past: Past;
  #catalog: Catalog | null = null;

  constructor(db: SqlDatabase, options: StoreOptions) {
    this.#db = db;
    this.#options = { ...options, now: () => options.now() - readNumber(db, 'clock_offset', 0) };
    this.#upkeep = new Upkeep(db);
    this.handlers = new Positions(db);
    this.#past = new Past(db);
    this.#live = new LiveQueries(
      (query) => this.answer(query),
      () => this.#schema(),
    );
    this.subscriptions = this.#live;
    const listener = {
      arrived: (events: readonly Event[]) => this.#committed(events),
      waitingChanged: () => this.#live.changes.waitingChanged(),
      everythingChanged: () => this.#forget(),
    };
    this.#reader = { messages: options.messages, schema: options.schema ?? EVENT_SCHEMA };
    this.sync = new BookSync(db, this.#options, this.#reader, options.now, listener);
    this.attention = new BookAttention(db, this.#options, this.#reader, listener);
    this.files = new BookFiles(db, this.#options, {
      took: ({ fresh, told }) => {
        this.#committed([...fresh, ...told]);
        this.#live.changes.undoChanged();
        this.#live.changes.waitingChanged();
      },
      replaced: () => this.#forget(),
      completeTransactions: () => {
        while (this.#upkeep.isPending('transactions')) this.catchUp(20_000);
      },
    });
  }

  identity(): Identity {
    return readIdentity(this.#db);
  }

  execute(request: CommandRequest): Result<Done, CommandError> {
    return this.#write(() => executeCommand(this.#db, this.#options, this.#schema(), request));
  }

  undo(id: CommandId, force: boolean): Result<Done, CommandError> {
    return this.#write(() => stepUndo(this.#db, this.#options, id, 'undo', force));
  }

  redo(id: CommandId, force: boolean): Result<Done, CommandError> {
    return this.#write(() => stepUndo(this.#db, this.#options, id, 'redo', force));
  }

  answer(query: Query): string {
    const sources = {
      db: this.#db,
      catalog: this.#schema(),
      views: this.#views,
      counts: this.#counts,
      upkeep: this.#upkeep,
      past: this.#past,
      reader: this.#reader,
    };
    return JSON.stringify(answerQuery(sources, query));
  }

  adoptBook(bookId: BookId, userId: UserId): void {
    const before = this.identity();
    const db = this.#db;
    db.transaction('full', () => {
      if (before.bookId !== bookId && wasLinked(db)) {
        // Another log, which knows nothing of this book: it is to be told everything.
        queueEverything(db);
        writeProducer(db, { epoch: 0, seq: 0 });
      } else if (
        db.get('SELECT 1 FROM outbox JOIN bundles USING (id) WHERE user_id <> ? LIMIT 1', [idToBytes(userId)]) !== null
      ) {
        // A server takes nothing that another user sealed: what waits is sealed again.
        unsealOutbox(db);
      }
      writeConfig(db, 'book', idToBytes(bookId));
      writeConfig(db, 'user', idToBytes(userId));
      db.run('UPDATE clients SET user_id = ? WHERE self = 1', [idToBytes(userId)]);
    });
    this.#live.changes.waitingChanged();
  }

  leaveBook(): void {
    this.#db.transaction('full', () => writeConfig(this.#db, 'user', null));
    this.#live.changes.waitingChanged();
  }

  newClient(): Identity {
    const db = this.#db;
    const identity = db.transaction('full', () => {
      renewClient(db, this.#options);
      return readIdentity(db);
    });
    this.#live.changes.undoChanged();
    this.#live.changes.waitingChanged();
    return identity;
  }

  repairNote(): RepairNote | null {
    const note = readConfig(this.#db, 'repaired');
    if (note === null || readConfig(this.#db, 'repair_told') === 1) return null;
    return JSON.parse(textOf(note)) as RepairNote;
  }

  dismissRepairNote(): void {
    this.#db.transaction('full', () => writeConfig(this.#db, 'repair_told', 1));
  }

  stats(): Stats {
    const db = this.#db;
    const count = (sql: string, params: readonly SqlValue[] = []): number =>
      Number(db.get<{ n: SqlValue }>(sql, params)?.n ?? 0);
    return {
      events: count(
        this.#upkeep.isPending('transactions')
          ? 'SELECT count(*) AS n FROM events'
          : 'SELECT sum(events) AS n FROM transactions',
      ),
      attributes: count('SELECT count(*) AS n FROM attributes'),
      records: count(`SELECT sum(records) AS n FROM type_counts WHERE typeof(type) = 'blob'`),
      unsealed: count('SELECT count(*) AS n FROM events WHERE arrival > ? AND bundle_id IS NULL', [
        readNumber(db, 'sealed_through', 0),
      ]),
      collisions: count('SELECT count(*) AS n FROM collisions'),
      databaseBytes: pragma(db, 'page_count') * pragma(db, 'page_size'),
    };
  }

  quickCheck(): Result<null, string> {
    const check = this.checkTables();
    for (;;) {
      const step = check.next();
      if (step.done) return step.value;
    }
  }

  checkTables(): Generator<void, Result<null, string>> {
    return quickCheck(this.#db);
  }

  examine(steadyMillis: () => number): Generator<DoctorProgress, DoctorReport> {
    const isPending = (name: ProjectionName): boolean => this.#upkeep.isPending(name);
    return examine({ db: this.#db, messages: this.#options.messages, steadyMillis, isPending });
  }

  mend(checks: readonly CheckName[]): void {
    const bad = new Set(checks);
    if (bad.has('attributes') || bad.has('versions')) this.rebuild();
    for (const { name } of PROJECTIONS) if (bad.has(name)) this.rebuild(name);
    const db = this.#db;
    db.transaction('full', () => {
      for (const name of ['outbox', 'log', 'clock'] as const) if (bad.has(name)) mendKept(db, name);
    });
    this.#live.changes.waitingChanged();
  }

  rebuild(part?: 'attributes' | ProjectionName): void {
    const db = this.#db;
    try {
      if (part === undefined) db.transaction('full', () => rebuildAll(db));
      else if (part === 'attributes') db.transaction('full', () => rebuildAttributes(db));
      else this.#upkeep.complete(part);
    } finally {
      // It takes several transactions: when one fails, those before it have changed what may be relied on.
      this.#forget();
    }
  }

  replay(entity: EntityId): void {
    const db = this.#db;
    db.transaction('full', () => replayEntity(db, entity));
    this.#forget();
  }

  catchUp(rows: number): boolean {
    if (this.#upkeep.done) return false;
    if (this.#upkeep.step(rows) !== null) this.#forget();
    else this.#live.changes.preparingChanged();
    return !this.#upkeep.done;
  }

  horizon(): Timestamp | null {
    return readHorizon(this.#db);
  }

  prune(horizon: Timestamp, count?: 'count'): Result<Pruning, PruneRefusal> {
    const nowMillis = this.#options.now;
    const refusal = refusalOf(this.#db, horizon, nowMillis());
    if (refusal) return err(refusal);
    return ok(
      new LogPruning(this.#db, horizon, { remove: count === undefined, nowMillis, onRemoved: () => this.#forget() }),
    );
  }

  compact(): void {
    compactFile(this.#db);
  }

  unusedBytes(): number {
    return pragma(this.#db, 'freelist_count') * pragma(this.#db, 'page_size');
  }

  export(): Uint8Array<ArrayBuffer> {
    try {
      this.#db.transaction('normal', () => writeConfig(this.#db, 'backed_up_at', Math.floor(this.#options.now())));
    } catch (error) {
      // A disk that is full keeps nobody from taking a copy away.
      if (!(error instanceof SqlError)) throw error;
    }
    return this.#db.export();
  }

  close(): void {
    this.#db.close();
  }

  /** One SQL transaction; what the storage refuses becomes an error of the command, and nothing is written. */
  #write(work: () => Outcome): Result<Done, CommandError> {
    let outcome: Outcome;
    try {
      outcome = this.#db.transaction('full', work);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return err({ kind: 'storage', reason: error.reason === 'full' ? 'full' : 'other', message: error.message });
    }
    if (!outcome.ok) return outcome;
    this.#committed(outcome.value.events);
    this.#live.changes.undoChanged();
    return ok(outcome.value.done);
  }

  /** What is kept in memory follows. It never fails: what is committed is done, whatever cannot be read afterwards. */
  #committed(events: readonly Event[]): void {
    if (events.length === 0) return;
    try {
      const changes = new Changes();
      changes.add(events, this.#options.now());
      if (changes.system) this.#catalog = null;
      this.#views.drop(changes, this.#schema());
      this.#past.committed(events);
      this.#live.changes.add(events, this.#options.now());
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#forget();
    }
  }

  #schema(): Catalog {
    this.#catalog ??= readCatalog(this.#db);
    return this.#catalog;
  }

  /** It never fails either: what is not known about projections afterwards is at worst made twice. */
  #forget(): void {
    this.#catalog = null;
    this.#views.clear();
    this.#past.close();
    this.#counts.clear();
    this.#live.changes.everythingChanged();
    try {
      this.#upkeep.reload();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
  }
}

function pragma(db: SqlDatabase, name: 'page_count' | 'page_size' | 'freelist_count'): number {
  return numberOf(Object.values(db.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
}
