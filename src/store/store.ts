/** What the worker may ask of an open book: the store's whole face. `openStore` (book.ts) makes one. */
import type { AttentionKind, Retried, ThingId, ThingsPage } from '../core/attention.ts';
import type { Bundle } from '../core/bundle.ts';
import type { CommandError, CommandRequest, Done } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import type { CheckName, DoctorProgress, DoctorReport, RepairNote } from '../core/health.ts';
import type { BookId, BundleId, ClientId, CommandId, EntityId, UserId } from '../core/ids.ts';
import type { ProjectionName, Query } from '../core/query.ts';
import type { Random } from '../core/random.ts';
import type { EventSchema } from '../core/upcast.ts';
import type { Result } from '../core/result.ts';
import type { SnapshotError } from '../core/snapshot-codec.ts';
import type { NodeId, Timestamp } from '../core/timestamp.ts';
import type { BackupPreview, FileError, LinesPage, LinesPlace, RefusedLine, Taken } from '../core/transfer.ts';

/** What the store needs of the world besides a database. */
export interface StoreOptions {
  readonly random: Random;
  /** This device's wall clock, Unix milliseconds. Edits are stamped with it less the clock offset that sync noted ([HLC-5]). */
  readonly now: () => number;
  /** How bundles look on the wire (protocol/bundle-message.ts): the store keeps and reads messages, and knows no format. */
  readonly messages: BundleMessages;
  /** Which event schema is read, and how older ones are brought to it: this version's, unless tests look ahead. */
  readonly schema?: EventSchema;
  /** In what portions a snapshot is taken: those of books as they are, unless tests have smaller ones. */
  readonly portions?: SnapshotPortions;
}

export interface SnapshotPortions {
  /** Events looked at in one step, so that nobody waits for long. */
  readonly eventsAtATime: number;
  /** Events, and timestamps, that are gathered for one part. */
  readonly eventsAPart: number;
  readonly stampsAPart: number;
  /** A piece is closed when it has so many bytes; the last part may add a megabyte, and what is held somewhat more. */
  readonly pieceBytes: number;
}

export interface BundleMessages {
  /** JSON text of a bundle, as it will be sent byte for byte. */
  write(bundle: Bundle): string;
  /** Reads a message of a stream; anything may be in there. The error says in plain words what is wrong. */
  read(message: unknown): Result<Bundle, string>;
}

export type OpenError =
  /** The database was written by a newer version of the app; it was left untouched. */
  | { readonly kind: 'newer'; readonly found: number; readonly known: number }
  /** It is a database, but not a book. Left untouched. */
  | { readonly kind: 'notABook' }
  /** It cannot be read any more. Left untouched. */
  | { readonly kind: 'damaged'; readonly message: string }
  | { readonly kind: 'storage'; readonly reason: 'full' | 'other'; readonly message: string };

/** Who this installation is. Client and node change together, at `newClient`. */
export interface Identity {
  readonly bookId: BookId;
  readonly clientId: ClientId;
  readonly nodeId: NodeId;
  /** Whose book this is on the server; null before it is linked. */
  readonly userId: UserId | null;
}

/** Who seals bundles for which book. */
export interface SyncLink {
  readonly bookId: BookId;
  readonly userId: UserId;
  readonly clientId: ClientId;
}

export interface Stats {
  readonly events: number;
  readonly attributes: number;
  readonly records: number;
  /** Events of this client in no bundle yet. */
  readonly unsealed: number;
  /** Keys for which a copied database made two different events; the greater id wins everywhere. */
  readonly collisions: number;
  /** Bytes of the database file, without the write-ahead log. */
  readonly databaseBytes: number;
}

/**
 * An open book. Synchronous: what returns has been committed. Every verb throws SqlError when the engine fails, except
 * `execute`, `undo` and `redo`, which say so in their result. Nothing is ever half written.
 */
export interface Store {
  identity(): Identity;

  /** Carries out a command as one transaction, durable when it returns ([LOG-4]). The same id is carried out once, ever. */
  execute(request: CommandRequest): Result<Done, CommandError>;
  /** Takes back this client's last command that still stands, with new events. Idempotent by id. */
  undo(id: CommandId, force: boolean): Result<Done, CommandError>;
  /** Does again what was last taken back. Idempotent by id. */
  redo(id: CommandId, force: boolean): Result<Done, CommandError>;

  /** JSON text of the answer (`AnswerOf<Q>`) as things stand. */
  answer(query: Query): string;
  readonly subscriptions: Subscriptions;

  readonly handlers: HandlerPositions;

  /** The store's side of sync; satisfies `SyncStore` of src/sync/ports.ts. */
  readonly sync: StoreSync;
  readonly attention: StoreAttention;

  /**
   * Links this book to an account: from now on it is `bookId` of the server, and what it holds merges with what is there.
   * Nothing is lost or renamed here; the first seal sends everything this client made. Idempotent.
   */
  adoptBook(bookId: BookId, userId: UserId): void;
  /** Forgets the account: nothing is sealed any more. Records, history and sealed bundles stay. */
  leaveBook(): void;
  /** After a restore, a copy, or a fence by the server ([HLC-6]): a new client and node id, before the next write. */
  newClient(): Identity;

  /** How this book was made of a damaged one, until the person has taken note of it; null otherwise. */
  repairNote(): RepairNote | null;
  dismissRepairNote(): void;

  stats(): Stats;
  /** Whether SQLite finds the file in order; the first complaints otherwise. */
  quickCheck(): Result<null, string>;
  /** The same, table by table: yields before each, so that the caller can do something else meanwhile. */
  checkTables(): Generator<void, Result<null, string>>;
  /**
   * Looks through everything in small steps, and changes nothing: whether the file is in order, attributes and projections
   * are what the log comes to ([LOG-1], [LOG-2]), and nothing unacknowledged is missing ([LOG-3]). Between two steps the book
   * may be used, and the rest be left off.
   * @param steadyMillis milliseconds of a clock that nobody sets
   */
  examine(steadyMillis: () => number): Generator<DoctorProgress, DoctorReport>;
  /** Puts right what was found bad. Damage to the file is not: that takes a repair. Harmless to what is good. */
  mend(checks: readonly CheckName[]): void;
  /**
   * Derives anew from the log ([LOG-2]): everything, or the attributes alone, in one SQL transaction; or one projection and
   * what is made from it, in several ([PROJ-3]). Complete when it returns; a rebuild of a projection that was broken off goes
   * on with `catchUp`.
   */
  rebuild(part?: 'attributes' | ProjectionName): void;
  /** Derives the attributes of one entity, and its rows in every projection, anew from the log. One SQL transaction. */
  replay(entity: EntityId): void;
  /**
   * Makes the next part of a projection ready that is not complete, in one SQL transaction: after an update, a migration or
   * a rebuild that was broken off ([PROJ-2]). Returns whether more is to be done; the query `preparing` tells how far it is.
   * @param rows about how many rows to look at
   */
  catchUp(rows: number): boolean;

  /** The time before which history may have been shortened; null while it is complete. */
  horizon(): Timestamp | null;
  /**
   * Shortens history: superseded events before `horizon` that the server is known to have leave the log, step by step
   * ([LOG-3]). State, conflicts and sync stay as they are. What was taken out is gone when its step returns; a run that was
   * left off can be begun again at any time.
   * @param count only counts what would go, and changes nothing
   */
  prune(horizon: Timestamp, count?: 'count'): Result<Pruning, PruneRefusal>;
  /**
   * Gives the room that deleted rows left in the file back to the disk. It is written anew for that: nothing else can be
   * done meanwhile, and it needs as much room again for a moment. Throws SqlError (`full`), and then it is as it was.
   */
  compact(): void;
  /** Bytes of the file in which nothing lies. */
  unusedBytes(): number;

  /** A plain SQLite database file of the whole book; it says when it was made. */
  export(): Uint8Array<ArrayBuffer>;
  readonly files: StoreFiles;
  close(): void;
}

/** Why history cannot be shortened; `message` is a sentence for the person. */
export interface PruneRefusal {
  readonly kind: 'earlier' | 'future' | 'neverLinked' | 'resending' | 'arriving';
  readonly message: string;
}

/** Why no snapshot can be taken; `message` is a sentence for the person. */
export interface SnapshotRefusal {
  readonly kind: 'notSynced' | 'resending';
  readonly message: string;
}

/** A snapshot that is taken step by step; between two of them the book may be used. */
export interface SnapshotTaking {
  readonly id: BundleId;
  /** The server's offset up to which it stands in for the stream. */
  readonly cursor: string;
  /** How many events had arrived here. */
  readonly events: number;
  /** Number of the piece that comes first: the server has those before it. */
  readonly first: number;
  /**
   * Yields after each short step: a piece when one is complete, else null. Returns whether that was all; false when the snapshot
   * is worth nothing: the server lost its log meanwhile, or what belongs to it has changed.
   */
  pieces(): Generator<TakenPiece | null, boolean>;
}

export interface TakenPiece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For `noteUpload`, once the server has it. */
  readonly mark: string;
}

export type StartError = SnapshotError | { readonly kind: 'otherBook' | 'notEmpty'; readonly message: string };

export interface PruneProgress {
  readonly done: boolean;
  /** How much of the log was looked through, 0 to 1. */
  readonly share: number;
  /** Events that went so far, or would go. */
  readonly events: number;
}

/** History being shortened. Each step is one SQL transaction of bounded size, and leaves everything in order. */
export interface Pruning {
  step(): Result<PruneProgress, PruneRefusal>;
}

/** What was committed and is to be handled: everything up to arrival number `through`. */
export interface Committed {
  readonly through: number;
  /** Its events that are still in the log, in order of arrival; read when asked for. */
  readonly events: () => readonly Event[];
}

/** How far each handler, by name, has come in what was committed ([HANDLER-1]). */
export interface HandlerPositions {
  /** What comes next for it, in bounded batches from the start of the log; null when it has dealt with everything. */
  next(name: string): Committed | null;
  /** It has dealt with everything up to this arrival number. One SQL transaction. */
  done(name: string, through: number): void;
}

/** Live queries. Pure bookkeeping: the caller decides when to `refresh`, at once after a command, now and then during ingest. */
export interface Subscriptions {
  /** Calls `onAnswer` now, and at each `refresh` that finds another answer. Returns a number for `remove`. */
  add(query: Query, onAnswer: (answer: string) => void): number;
  remove(subscription: number): void;
  /** Whether something was committed since the last refresh that a subscription may have read. */
  readonly stale: boolean;
  /** Answers again those that may have changed, each once, and tells those that have. */
  refresh(): void;
}

/** A bundle that was read in the server's log, and the offset behind which it lies there; null: found lost. */
export interface LogPlace {
  readonly id: BundleId;
  readonly place: string | null;
}

export interface LostProgress {
  readonly done: boolean;
  /** Whether some of it may be in nobody's history here any more, since history was shortened. Known when it is done. */
  readonly shortened: boolean;
}

/** Lost bundles being queued. Each step is one SQL transaction of bounded size; cut short, another comparison finds the rest. */
export interface LostQueue {
  step(): LostProgress;
}

/** Each verb is one SQL transaction, done when it returns. Meanings as in src/sync/ports.ts, which it satisfies. */
export interface StoreSync {
  seal(link: SyncLink, limit: number): number;
  nextInOutbox(): {
    readonly id: BundleId;
    readonly message: string;
    readonly events: number;
    readonly tried: boolean;
  } | null;
  markTried(id: BundleId): void;
  acknowledge(id: BundleId, next: { readonly epoch: number; readonly seq: number }): void;
  reject(id: BundleId, reason: string): void;
  producer(): { readonly epoch: number; readonly seq: number };
  setProducer(producer: { readonly epoch: number; readonly seq: number }): void;
  cursor(): string | null;
  apply(
    slice: { readonly messages: readonly unknown[]; readonly cursor: string | null; readonly from?: string | null },
    serverMillis: number,
  ): { readonly events: number; readonly quarantined: number };
  release(serverMillis: number): number;
  resendAll(link: SyncLink): void;
  /** Bundles that the server has acknowledged, and that have not come back in its stream. */
  unechoed(): number;
  /** A part of the bundles that were read in the server's log, by id. */
  places(after: BundleId | null, limit: number): readonly LogPlace[];
  /** The server lacks these bundles, which were read in its log: what they held is to be sent again. Nothing is done yet. */
  queueLost(ids: readonly BundleId[]): LostQueue;
  counts(): {
    readonly waiting: number;
    readonly waitingSince: number | null;
    readonly sent: number;
    readonly quarantined: number;
    readonly rejected: number;
  };
  start(): { readonly snapshot: BundleId | null; readonly piece: number } | null;
  applyPiece(
    bytes: Uint8Array,
    piece: { readonly snapshot: BundleId; readonly number: number; readonly last: boolean; readonly cursor: string },
    serverMillis: number,
  ): Generator<{ readonly events: number; readonly quarantined: number }, Result<null, StartError>>;
  startOver(): void;
  history(): { readonly at: string | null; readonly until: string } | null;
  applyHistory(
    slice: { readonly messages: readonly unknown[]; readonly cursor: string | null },
    after: string | null,
    serverMillis: number,
  ): ReturnType<StoreSync['apply']>;
  missHistory(earliest: string, before: number): void;
  finishHistory(): Generator<void, void>;
  takeSnapshot(): Result<SnapshotTaking, SnapshotRefusal>;
  resumeSnapshot(): SnapshotTaking | null;
  noteUpload(mark: string | null): void;
  arrived(): number;
  spared(): number;
  /** How far this device's clock was last found ahead of server time, in milliseconds; 0 before the first time. */
  clockOffset(): number;
  setClockOffset(offsetMillis: number): void;
  /**
   * [HLC-5] Notes the offset, and gives this client's transactions that were never sealed the timestamps of a right clock: they were
   * stamped wrong by its difference from the offset noted before. One transaction.
   * @param offsetMillis how far this device's clock is ahead of server time (negative: behind)
   * @returns how many transactions were stamped anew
   */
  restamp(offsetMillis: number): number;
  /** When this client's newest transaction that is in no bundle was made, as it was stamped (Unix milliseconds); null when there is none. */
  newestUnsealed(): number | null;
}

/**
 * What a person does about what needs attention: one thing, or (null) everything of a kind that was not discarded. What is
 * gone by then is passed over, so that each verb may be repeated. The query `attention` lists it all.
 */
export interface StoreAttention {
  /**
   * What was refused goes back into the outbox; what is held is tried as though it came now. Some at a time, each time one SQL
   * transaction.
   * @param after 0, or `next` of the time before: null at the end
   */
  retry(kind: AttentionKind, id: ThingId | null, after: number): Retried & { readonly next: number | null };
  /**
   * Neither counted nor tried any more, nor taken for news when it comes again; kept, and `retry` takes it back. Changes that
   * were refused stay on this device, and are not sent again with a log that is told everything. One SQL transaction.
   * @returns how many things were discarded
   */
  discard(kind: AttentionKind, id: ThingId | null): number;
  /** Everything there is to know of each, some at a time, as JSON text; nothing is written. */
  export(kind: AttentionKind, id: ThingId | null, after: number): ThingsPage;
}

/** What goes out to files and comes in from them. Verbs throw SqlError when the engine fails, except where they say so. */
export interface StoreFiles {
  /** Writes a plain copy of the book to a path of the file system in which it lies; nothing may lie there. */
  copyTo(path: string): void;
  /** A backup at such a path, which `examineBackup` (examine.ts) has found in order. Nothing is read yet. */
  open(path: string): Backup;
  /** The look at a backup that ended in the present book; null when it is none's. */
  replacedBy(): string | null;
  /** Where the book before the present one was set aside, and when (Unix milliseconds); null when it is not there. */
  kept(): { readonly path: string; readonly millis: number | null } | null;
  /** The one that was set aside is gone. */
  forgetKept(): void;

  /** The log as JSON Lines, from a place on (null: the beginning). */
  lines(place: LinesPlace | null): LinesPage;
  /** Whether events of a book are of this one; so they are when nothing was ever written here. */
  isSameBook(bookId: BookId): boolean;
  /**
   * Reads lines of such a file without its header; nothing is written. Null stands for a line that is none (too long).
   * @param first number of the first of them in the file, from 1
   */
  countLines(lines: readonly (string | null)[], first: number): LineCounts;
  /** Takes those that are in order and not here, in one transaction. Lines that were refused are passed over. */
  takeLines(lines: readonly (string | null)[], first: number, bookId: BookId): Taken;
}

export interface LineCounts {
  readonly fresh: number;
  readonly ahead: number;
  readonly known: number;
  readonly refused: readonly RefusedLine[];
}

/**
 * A backup beside the book. Generators yield how much is done, 0 to 1; each step is short and at most one transaction, and
 * other verbs may be called in between. They are to be run to the end, or ended with `return`.
 */
export interface Backup {
  /** What it is and what it would bring. Nothing is written. */
  compare(): Generator<number, Result<BackupPreview, FileError>>;
  /** Takes the events that are missing here. Cut short, it has taken some; done again, it takes the rest. */
  merge(): Generator<number, Result<Taken, FileError>>;
  /**
   * Makes it the book, in one transaction: all of it, or nothing. `compare` must have been run.
   * @param keptAs path at which the present book was set aside with `copyTo`; null when it was not
   */
  replace(keptAs: string | null): Result<null, FileError>;
}
