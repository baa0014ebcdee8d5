/** What the sync loop needs of the world. The worker wires these to the store and to a server. */
import type { BookId, BundleId, ClientId, UserId } from '../core/ids.ts';
import type { Result } from '../core/result.ts';
import type { SnapshotFinish, SnapshotOffer } from '../protocol/snapshot-offer.ts';

/** The part of an AbortSignal that the ports heed; src/sync knows no DOM. */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A sealed bundle as it goes over the wire. `message` is JSON text, byte for byte the same at every try ([SYNC-2]). */
export interface OutboxBundle {
  readonly id: BundleId;
  readonly message: string;
  readonly events: number;
  /** Whether `markTried` was called for it under the producer's present epoch: only then may the server know its number. */
  readonly tried: boolean;
}

/** Who seals bundles for which book. */
export interface SyncLink {
  readonly bookId: BookId;
  readonly userId: UserId;
  readonly clientId: ClientId;
}

/** The Durable Streams idempotent producer of this client for this book; `seq` is that of the next append. */
export interface Producer {
  readonly epoch: number;
  readonly seq: number;
}

export interface SyncCounts {
  /** Local changes (events) that the server has not acknowledged, sealed or not. */
  readonly waiting: number;
  /** Unix milliseconds at which the oldest of them was made; null when there is none. */
  readonly waitingSince: number | null;
  /** How many were acknowledged since something waits without a break; 0 when nothing waits. */
  readonly sent: number;
  readonly quarantined: number;
  readonly rejected: number;
}

/** One page of a stream: what it brought, and the offset behind it. */
export interface Page {
  /** JSON messages as they came; anything may be in there. */
  readonly messages: readonly unknown[];
  /** The server's offset behind the last message: opaque, kept exactly as it came. */
  readonly cursor: string;
  /** Whether the stream held nothing more when this page was made. */
  readonly upToDate: boolean;
  /** Share of the stream that lies before the cursor, 0 to 1; null when the server does not say. */
  readonly progress: number | null;
}

/** A part of a page, small enough to apply without keeping local edits waiting. */
export interface Slice {
  readonly messages: readonly unknown[];
  /** Where the cursor goes: the page's for its last slice; null leaves it where it is, since more of the page follows ([SYNC-3]). */
  readonly cursor: string | null;
  /** The server's offset from which they were read (null: the start); unless given, the cursor as it stands. */
  readonly from?: string | null;
}

export interface Applied {
  /** Events that were new here. */
  readonly events: number;
  /** Bundles or events that went into quarantine. */
  readonly quarantined: number;
}

/** The store's side of sync. Synchronous: each verb is one SQL transaction in the leader's worker, done when it returns. */
export interface SyncStore {
  /**
   * How far this device's clock was last found ahead of server time, in milliseconds; 0 before the first time. Local edits
   * are stamped with the wall clock less this ([HLC-5]).
   */
  clockOffset(): number;
  /** Notes a slightly different offset. */
  setClockOffset(offsetMillis: number): void;
  /**
   * [HLC-5] Notes an offset, and gives the transactions that were never sealed the timestamps of a right clock, in order:
   * they were stamped wrong by the difference from the offset noted before, and none was made later than now. One
   * transaction, so that it is done once; called before `seal`.
   * @returns how many transactions were stamped anew
   */
  restamp(offsetMillis: number): number;
  /** When the newest transaction that is in no bundle yet was made, as it was stamped (Unix milliseconds); null when there is none. */
  newestUnsealed(): number | null;
  /**
   * Seals local transactions that are in no bundle yet, oldest first, persisting each bundle before it is ever sent. Stops
   * after `limit` bundles, so that a large import does not keep local edits waiting. Returns how many bundles were made.
   */
  seal(link: SyncLink, limit: number): number;
  /** The oldest sealed bundle that is neither acknowledged nor rejected. */
  nextInOutbox(): OutboxBundle | null;
  /**
   * Notes, durably and before it is first sent, that this bundle goes out under the producer's present number. A server that
   * calls a bundle never tried a duplicate has had that number from somebody else: a copy of this database.
   */
  markTried(id: BundleId): void;
  /** The server has it durably; takes it out of the outbox and advances the producer to `next`. One transaction. */
  acknowledge(id: BundleId, next: Producer): void;
  /** The server refused it for good: to the dead letters, with the reason in plain words; the next bundle takes its number. */
  reject(id: BundleId, reason: string): void;
  producer(): Producer;
  /** A gap, an unknown producer or a fence: a new epoch, counting from 0; no bundle counts as tried any more. */
  setProducer(producer: Producer): void;
  /** Offset behind the last applied page; null before the first ([SYNC-1]). */
  cursor(): string | null;
  /**
   * Applies a slice and moves the cursor in one SQL transaction ([SYNC-3]). Bundles seen before are dropped; what cannot be
   * read, or lies in the future ([HLC-4]), is quarantined and the rest goes on ([SYNC-6]).
   * @param serverMillis estimated server time
   */
  apply(slice: Slice, serverMillis: number): Applied;
  /** Applies quarantined events whose time has come. Returns how many. */
  release(serverMillis: number): number;
  /** The log on the server is another one or was rewound ([SYNC-4]): cursor to the start, everything held is queued again. */
  resendAll(link: SyncLink): void;
  /**
   * Bundles that the server has acknowledged, and that have not come back in its stream. Once a page is applied that the
   * server made after the acknowledgement, and that is its last, there can be none: else the server has lost them.
   */
  unechoed(): number;
  counts(): SyncCounts;
  /** Bundles that were read in the server's log ([SYNC-9]): those whose ids follow `after`, by id. */
  places(after: BundleId | null, limit: number): readonly LogPlace[];
  /**
   * The server lacks these bundles, which were read in its log: what they held is queued to be sent again, own events and
   * others'. Each step is one SQL transaction; cut short, another comparison finds the rest.
   */
  queueLost(ids: readonly BundleId[]): { step(): { readonly done: boolean; readonly shortened: boolean } };

  /**
   * How a book that has not been read from the server may start from a snapshot: the piece that comes next, and of which
   * snapshot (null: of any, from piece 0 on). Null for a book that reads the stream.
   */
  start(): { readonly snapshot: BundleId | null; readonly piece: number } | null;
  /**
   * Applies a piece: one short step each time it is asked, so that others have their turn in between. Left off, or killed, the
   * piece is due again. With the last one the cursor moves behind the snapshot.
   * @returns what is wrong with the piece; then nothing of it was applied
   */
  applyPiece(bytes: Uint8Array, piece: PieceName, serverMillis: number): Generator<Applied, Result<null, PieceError>>;
  /** The server keeps nothing as old as the cursor: to be read again, the book needs a snapshot. What it holds stays. */
  startOver(): void;
  /**
   * The history that a snapshot stood in for, as far as it is still to be fetched: the stream from `at` (null: its start) up to
   * `until`. Null when there is none.
   */
  history(): { readonly at: string | null; readonly until: string } | null;
  /** Applies a slice of the page of history behind `after`; its cursor, unless null, is where history goes on. One transaction. */
  applyHistory(slice: Slice, after: string | null, serverMillis: number): Applied;
  /** The server keeps history from `earliest` on only; what it does not keep had been stored by `before`, Unix milliseconds. */
  missHistory(earliest: string, before: number): void;
  /** All history has come: puts an end to it, in short steps. Left off, it is begun again. */
  finishHistory(): Generator<void, void>;
  /** Begins a snapshot of what the server is known to have. */
  takeSnapshot(): Result<SnapshotTaking, { readonly message: string }>;
  /** Goes on with the one whose upload was broken off, behind what was noted last; null when there is none that is worth it. */
  resumeSnapshot(): SnapshotTaking | null;
  /** Notes that the server has a piece, by its `mark`; null: there is no snapshot to go on with. */
  noteUpload(mark: string | null): void;
  /** How many events have come to this book so far, whoever made them. */
  arrived(): number;
  /** About how many of them are not the newest of their attribute: what a snapshot leaves out. */
  spared(): number;
}

/** A bundle that was read in the server's log. */
export interface LogPlace {
  readonly id: BundleId;
  /** The offset from which the page with it was read (empty: the start), so it lies behind that; null: it was found lost before. */
  readonly place: string | null;
}

/** Which piece of which snapshot bytes are said to be. */
export interface PieceName {
  readonly snapshot: BundleId;
  readonly number: number;
  readonly last: boolean;
  /** Up to which offset of the stream the server says that it stands in for it. */
  readonly cursor: string;
}

export interface PieceError {
  readonly kind: string;
  readonly message: string;
}

/** A snapshot that is taken in short steps: each yields a piece when one is complete, else null. */
export interface SnapshotTaking {
  readonly id: BundleId;
  readonly cursor: string;
  /** How many events had come. */
  readonly events: number;
  /** Number of the piece that comes first: the server has those before it. */
  readonly first: number;
  /** Returns false when what was taken is worth nothing: the server has lost its log meanwhile, or what belongs to it has changed. */
  pieces(): Generator<TakenPiece | null, boolean>;
}

export interface TakenPiece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What to note once the server has it. */
  readonly mark: string;
}

/** Failures that every call to the server can meet. */
export type Failure =
  /** No answer: offline, refused, timed out, or an answer that no Daybook server gives (a captive portal). */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** 429, 503, 507: try again after so many milliseconds (null: as the backoff says). */
  | { readonly kind: 'busy'; readonly message: string; readonly retryAfterMillis: number | null }
  /** 401, 403 on membership: the token was revoked or is not known. Needs a person. */
  | { readonly kind: 'unauthorized'; readonly message: string };

export type AppendOutcome =
  /** Stored durably. `duplicate`: it had been stored under this number before, and was not stored again ([SYNC-2]). */
  | { readonly kind: 'stored'; readonly duplicate: boolean }
  /** The server expects another number: it forgot what it had acknowledged. */
  | { readonly kind: 'gap'; readonly expected: number }
  /** A newer epoch of this producer exists: a copy of this database, or a restored one. */
  | { readonly kind: 'fenced'; readonly epoch: number }
  /** 404: the server does not have the book (any more). */
  | { readonly kind: 'noStream' }
  /** The book takes no appends at all: closed, or not of our kind. No bundle is to blame. */
  | { readonly kind: 'closed'; readonly message: string }
  /**
   * 400, 413 and the like: this bundle will never be taken. `perhapsNumber`: a server that forgot this producer's epoch
   * says the same of any number but 0.
   */
  | { readonly kind: 'refused'; readonly message: string; readonly perhapsNumber: boolean }
  | Failure;

export type ReadOutcome =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'noStream' }
  /** 410 or an offset of another log: the log was reset or rewound ([SYNC-4]). */
  | { readonly kind: 'reset'; readonly message: string }
  /**
   * 410 `trimmed`: the server keeps nothing as old as that. It has what comes behind `earliest`; all that went had been stored by
   * `before`, Unix milliseconds.
   */
  | { readonly kind: 'trimmed'; readonly earliest: string; readonly before: number; readonly message: string }
  | Failure;

/** Why a live connection is over. `ended`: the server closed it in good order, as it does every minute or so. */
export type TailOutcome = Exclude<ReadOutcome, { kind: 'page' }> | { readonly kind: 'ended' };

/** What a stretch of a stream holds, by the ids of its bundles. */
export interface IdsPage {
  readonly ids: readonly BundleId[];
  /** The messages themselves, from a server that does not tell ids alone; null otherwise. */
  readonly messages: readonly unknown[] | null;
  /** The server's offset before the first of them (null: the start), and behind the last. */
  readonly from: string | null;
  readonly next: string;
  /** Whether the stretch that was asked for ends here. */
  readonly done: boolean;
  /** Whether older ones lay before them that the server does not keep any more. */
  readonly trimmed: boolean;
}

export type IdsOutcome = { readonly kind: 'ids'; readonly page: IdsPage } | Exclude<ReadOutcome, { kind: 'page' }>;

export type CreateOutcome =
  | { readonly kind: 'created' }
  /** Somebody must look at it: the stream cannot be made here. */
  | { readonly kind: 'refused'; readonly message: string }
  | Failure;

export type TimeOutcome =
  | {
      readonly kind: 'time';
      readonly serverMillis: number;
      /** How long the call took, by a clock that nobody sets. */
      readonly roundTripMillis: number;
      /** This device's wall clock when the answer came. */
      readonly receivedAt: number;
    }
  /** A server that does not tell the time (any other Durable Streams server): the clock stays as it is. */
  | { readonly kind: 'unknown' }
  | Failure;

/** The server's side of sync, over HTTP. Every promise resolves: each call has a time limit and heeds `signal`. */
export interface Transport {
  /** Makes sure the book's stream exists (idempotent PUT). */
  create(signal: Signal): Promise<CreateOutcome>;
  append(bundle: OutboxBundle, producer: Producer, signal: Signal): Promise<AppendOutcome>;
  /** One catch-up page behind `cursor` (null: from the start). */
  read(cursor: string | null, signal: Signal): Promise<ReadOutcome>;
  /**
   * Live pages behind `cursor`, one after another: the next is not read before `onPage` has resolved. Resolves to why the
   * connection ended.
   */
  tail(cursor: string | null, onPage: (page: Page) => Promise<void>, signal: Signal): Promise<TailOutcome>;
  time(signal: Signal): Promise<TimeOutcome>;
  /** The ids of a page of what lies between two offsets (`after` null: the start) ([SYNC-9]). */
  ids(after: string | null, until: string, signal: Signal): Promise<IdsOutcome>;
  /** Null for a server that is known to have none. */
  readonly snapshots: SnapshotTransport | null;
}

export type OffersOutcome =
  /** Whole snapshots, that which reaches furthest first. */
  | { readonly kind: 'offers'; readonly offers: readonly SnapshotOffer[] }
  /** The server knows nothing of snapshots. */
  | { readonly kind: 'unknown' }
  | Failure;

export type PieceOutcome =
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  /** Another snapshot has taken its place. */
  | { readonly kind: 'gone' }
  | Failure;

export type UploadOutcome =
  | { readonly kind: 'stored' }
  /** The server does not take it, and will not. */
  | { readonly kind: 'refused'; readonly message: string }
  | Failure;

/** Snapshots of the book on the server. Every promise resolves, as in `Transport`. */
export interface SnapshotTransport {
  offers(signal: Signal): Promise<OffersOutcome>;
  piece(snapshot: BundleId, number: number, signal: Signal): Promise<PieceOutcome>;
  putPiece(snapshot: BundleId, number: number, bytes: Uint8Array<ArrayBuffer>, signal: Signal): Promise<UploadOutcome>;
  /** All pieces are there. */
  finish(snapshot: BundleId, finish: SnapshotFinish, signal: Signal): Promise<UploadOutcome>;
}

/** Wall and steady clock, in milliseconds. */
export interface Clock {
  /** Unix milliseconds, as this device believes. */
  wall(): number;
  /** A clock that nobody sets; where it starts does not matter. */
  steady(): number;
}

/** Runs `run` after so many milliseconds; the function returned calls it off. */
export type After = (millis: number, run: () => void) => () => void;
