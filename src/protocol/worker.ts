/** What a tab may ask of the leader's worker, through comlink. Every argument and result is structured-cloneable. */
import type { ClientId, CommandId } from '../core/ids.ts';
import type { CheckName, DoctorProgress, DoctorReport, RepairNote } from '../core/health.ts';
import type { Result } from '../core/result.ts';
import type { AttentionKind, Retried, ThingId, ThingsPage } from './attention.ts';
import type { Device, Link, LinkRequest, ServerInfo } from './account.ts';
import type { CommandError, CommandRequest, Done } from './command.ts';
import type { Query } from './query.ts';
import type { Status, SyncDetails } from './status.ts';
import type { BackupPreview, FileError, KeptBook, LinesPage, LinesPlace, LinesPreview, Taken } from './transfer.ts';

/** Why a call to a server came to nothing. `message` is a sentence for the person. */
export interface ServerError {
  readonly kind: 'unreachable' | 'refused' | 'wrongCode' | 'notDaybook' | 'notLinked' | 'storage';
  readonly message: string;
}

export interface StorageUse {
  /** Bytes of the database, write-ahead log included. */
  readonly databaseBytes: number;
  readonly events: number;
  /** Whether the browser promised not to evict it. */
  readonly persisted: boolean;
  /** What the browser says is used and allowed, in bytes; null when it does not say. */
  readonly usage: number | null;
  readonly quota: number | null;
}

/** Why history was not shortened, or not all of the way; what went is gone, and everything is in order. */
export interface ShorteningError {
  readonly kind: 'refused' | 'storage';
  /** A sentence or two for the person. */
  readonly message: string;
}

export interface Shortened {
  /** Changes that went. */
  readonly events: number;
  /** Bytes that the book took on disk before, and takes now. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Why the file could not be made smaller, a sentence; null when it could, or there was no need. */
  readonly left: string | null;
}

/** Why something that needs attention could not be dealt with. */
export interface AttentionError {
  readonly kind: 'unanswered' | 'storage';
  /** A sentence for the person. */
  readonly message: string;
}

/** Whom this device syncs with; null before sync is set up. Never holds the token. */
export interface Account {
  readonly serverUrl: string;
  readonly userId: string;
  readonly clientId: ClientId;
  readonly bookId: string;
  readonly role: 'owner' | 'member';
}

/** A file that a person chose, as far as it is read here: a Blob, which crosses the boundary by reference. */
export interface ReadableFile {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export interface WorkerApi {
  /** Carries out a command; resolves after its transaction is committed to OPFS ([LOG-4]). Idempotent by id. */
  execute(request: CommandRequest): Promise<Result<Done, CommandError>>;
  /** Undo/redo of this client's own commands, newest first. Idempotent by id. `force` overwrites what changed since. */
  undo(id: CommandId, force: boolean): Promise<Result<Done, CommandError>>;
  redo(id: CommandId, force: boolean): Promise<Result<Done, CommandError>>;

  /** Answers a query with JSON text (`AnswerOf<Q>`): one string crosses the boundary faster than cloned objects. */
  query(query: Query): Promise<string>;
  /**
   * Calls `onAnswer` with the answer now and again each time it has changed; never when it has not. `onAnswer` is a
   * comlink proxy. Resolves to a number for `unsubscribe`.
   */
  subscribe(query: Query, onAnswer: (answer: string) => void): Promise<number>;
  unsubscribe(subscription: number): Promise<void>;

  /** Calls `onStatus` (a comlink proxy) with the status now and at every change. */
  subscribeStatus(onStatus: (status: Status, details: SyncDetails) => void): Promise<number>;
  /** Of what this tab could not save nothing is to be saved any more: as far as it is concerned, "Not saved" is over. */
  letGo(): Promise<void>;
  syncNow(): Promise<void>;
  /**
   * Begins to compare the book with the server, and to repair either side ([SYNC-9]); harmless while one is under way. How far
   * it is, and what came of it, is told with the status (SyncDetails).
   */
  verify(): Promise<void>;
  stopVerifying(): Promise<void>;

  account(): Promise<Account | null>;
  /** Looks at a server before anything is agreed with it. */
  probe(serverUrl: string): Promise<Result<ServerInfo, ServerError>>;
  claim(request: {
    readonly serverUrl: string;
    readonly setupCode: string | null;
    readonly personName: string;
    readonly deviceName: string;
  }): Promise<Result<Account, ServerError>>;
  join(request: {
    readonly serverUrl: string;
    readonly code: string;
    readonly personName: string | null;
    readonly deviceName: string;
  }): Promise<Result<Account, ServerError>>;
  createLink(request: LinkRequest): Promise<Result<Link, ServerError>>;
  devices(): Promise<Result<readonly Device[], ServerError>>;
  renameDevice(clientId: ClientId, name: string): Promise<Result<Device, ServerError>>;
  revokeDevice(clientId: ClientId): Promise<Result<null, ServerError>>;
  /** Forgets the server and the token; records and history stay. Unsent changes stay unsent and are kept. */
  disconnect(): Promise<Result<null, ServerError>>;

  /**
   * Tries one thing again that needs attention or was discarded, or (null) everything of a kind that needs attention; the query
   * `attention` lists them. These never throw, and may be repeated.
   */
  retryThings(kind: AttentionKind, id: ThingId | null): Promise<Result<Retried, AttentionError>>;
  /** Neither counted nor tried any more. Resolves to how many there were. */
  discardThings(kind: AttentionKind, id: ThingId | null): Promise<Result<number, AttentionError>>;
  /** A page of things in full, from 0 on. */
  exportThings(kind: AttentionKind, id: ThingId | null, after: number): Promise<Result<ThingsPage, AttentionError>>;

  /** A backup as a plain SQLite database file; its bytes are transferred. */
  backup(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Copies a backup beside the book and looks through it; the book is not touched. One is looked at at a time: another one,
   * or `dropBackup`, ends it. `onProgress` (a comlink proxy) is told how much is done, 0 to 1.
   */
  examineBackup(file: ReadableFile, onProgress: (done: number) => void): Promise<Result<BackupPreview, FileError>>;
  /** Takes what is missing here out of the backup that was looked at. Done again after it was cut short, it takes the rest. */
  mergeBackup(token: string, onProgress: (done: number) => void): Promise<Result<Taken, FileError>>;
  /** Makes it the book; the book as it was is set aside (`keptBook`) first. Idempotent by token. */
  replaceBook(token: string): Promise<Result<null, FileError>>;
  dropBackup(): Promise<void>;
  /** The book as it was before it was replaced; null when there is none. */
  keptBook(): Promise<KeptBook | null>;
  /** It, as a plain SQLite database file: a Blob. Rejects when there is none. */
  exportKept(): Promise<unknown>;
  removeKept(): Promise<void>;

  /** A page of all changes as JSON Lines (docs/export.md). */
  exportLines(place: LinesPlace | null): Promise<LinesPage>;
  /** Reads such a file through; nothing is written. */
  examineLines(file: ReadableFile, onProgress: (done: number) => void): Promise<Result<LinesPreview, FileError>>;
  /** Reads it again, and takes what is in order and not here. Done again after it was cut short, it takes the rest. */
  takeLines(file: ReadableFile, onProgress: (done: number) => void): Promise<Result<Taken, FileError>>;
  storage(): Promise<StorageUse>;

  /**
   * Looks through the whole book; the book may be used meanwhile. `onProgress` is a comlink proxy. Null when it was stopped,
   * also by another look.
   */
  examine(onProgress: (progress: DoctorProgress) => void): Promise<DoctorReport | null>;
  stopExamining(): Promise<void>;
  /** Puts right what was found bad; where the file itself is damaged, by a repair: then the leader changes. */
  mend(checks: readonly CheckName[]): Promise<void>;

  /** How many changes would go from this device if its history began at `since` (Unix milliseconds). */
  prunable(since: number): Promise<Result<number, ShorteningError>>;
  /**
   * Shortens the history of this device to `since`: superseded changes before it that the server has go for good, and the
   * file becomes smaller. `onProgress` (a comlink proxy) hears how far it has come, 0 to 1, and null while the file is
   * written anew, when nothing else is answered. Harmless twice.
   */
  prune(since: number, onProgress: (share: number | null) => void): Promise<Result<Shortened, ShorteningError>>;

  /** How the book was made of a damaged one, until the person has taken note of it; null otherwise. */
  repairNote(): Promise<RepairNote | null>;
  dismissRepairNote(): Promise<void>;
  /** Damaged databases that were set aside, the newest first. */
  damagedFiles(): Promise<readonly DamagedFileInfo[]>;
  /** One of them, and its log if there is one, for the person to keep; `blob` is a Blob. Empty when it is gone. */
  damagedFile(name: string): Promise<readonly { readonly name: string; readonly blob: unknown }[]>;
  /** Deletes one of them, when the person no longer wants it. */
  deleteDamagedFile(name: string): Promise<void>;
}

/** A damaged database that was set aside. */
export interface DamagedFileInfo {
  readonly name: string;
  /** Its log included. */
  readonly bytes: number;
  /** When it was last written to, Unix milliseconds. */
  readonly changedAt: number;
}

/** How this tab reaches the book. app/client.ts tells it to the interface. */
export type Connection =
  | { readonly kind: 'opening' }
  /** Ready; `epoch` counts leaders seen. */
  | { readonly kind: 'ready'; readonly leading: boolean; readonly epoch: number }
  /** The database is damaged, and a new one is being made of what it still holds; calls wait. */
  | { readonly kind: 'repairing' }
  /** The leader changed or does not answer yet; calls wait. */
  | { readonly kind: 'waiting' }
  /** The tab that holds the data does not answer: `title` names it. */
  | { readonly kind: 'frozen'; readonly title: string }
  /** No SharedWorker in this browser, and another tab holds the data. */
  | { readonly kind: 'elsewhere' }
  /** A newer build of the app runs in another tab, and holds the data or will: this tab can do nothing but reload. */
  | { readonly kind: 'outdated' }
  /** A tab with an older build holds the data, and does not let go of it. */
  | { readonly kind: 'behind' }
  /** This window has no OPFS (a private window): works in memory only after the person was told. */
  | { readonly kind: 'unsaved' }
  /** The database was made by a newer version of the app: reload to update. Nothing was touched. */
  | { readonly kind: 'newer' }
  | { readonly kind: 'failed'; readonly message: string };
