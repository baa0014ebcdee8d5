/**
 * The interface's way to the book: one object that finds the tab which holds the data, wherever that is, and keeps
 * asking when it changes. The only file of app/ that knows comlink.
 */
import type { ClientId, EntityId, Id } from '../core/ids.ts';
import type { Result } from '../core/result.ts';
import type { Device, Link, LinkRequest, ServerInfo } from '../protocol/account.ts';
import type { Command, CommandError, Done } from '../protocol/command.ts';
import type { AnswerOf, Query } from '../protocol/query.ts';
import type { Status, SyncDetails } from '../protocol/status.ts';
import type { Account, Connection, ServerError, StorageUse, WorkerApi } from '../protocol/worker.ts';

/** Something that changes, in the form that React's useSyncExternalStore takes. Both verbs may be passed around unbound. */
export interface Subscribable<T> {
  /** The present value: the same reference until it changes. */
  readonly getSnapshot: () => T;
  /** Calls `listener` after each change until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A query that answers again whenever its answer has changed; undefined until the first answer. */
export type LiveQuery<Q extends Query> = Subscribable<AnswerOf<Q> | undefined>;

/**
 * No tab that holds the data answered for 30 seconds. Whether the command was carried out is not known: it was not
 * acknowledged, and will not be carried out twice if it is retried with the same values.
 */
export interface Unanswered {
  readonly kind: 'unanswered';
  /** A sentence for the person. */
  readonly message: string;
}

export type Outcome = Result<Done, CommandError | Unanswered>;

export interface Client {
  /** How this tab reaches the book. */
  readonly connection: Subscribable<Connection>;
  /** What the status chip says and the numbers behind it; undefined until the first leader has told. */
  readonly status: Subscribable<{ readonly status: Status; readonly details: SyncDetails } | undefined>;
  /** How many commands of this tab are not yet acknowledged. While it is not 0, never reload. */
  readonly pending: Subscribable<number>;

  /**
   * Carries out a command; resolves after its transaction is committed to OPFS ([LOG-4]). When the leader tab goes
   * away meanwhile, the same command (with the same id) is carried out by the next one, once. Never rejects.
   */
  execute(command: Command): Promise<Outcome>;
  /** Undo and redo of this device's own commands, newest first. `force` overwrites what changed since. */
  undo(force?: boolean): Promise<Outcome>;
  redo(force?: boolean): Promise<Outcome>;

  /** Answers once. Rejects with an Error for people when no tab answers for 30 seconds. */
  query<const Q extends Query>(query: Q): Promise<AnswerOf<Q>>;
  /**
   * The live answer. Equal queries share one, and its last answer is kept for a while after the last listener left, so
   * that going back shows no flash. Free of effects until it is subscribed to: may be called while rendering.
   */
  watch<const Q extends Query>(query: Q): LiveQuery<Q>;

  /** A fresh id for an entity (a record, type, field or option), minted before the command that makes it. */
  mintId<T extends Id<string> = EntityId>(): T;

  syncNow(): Promise<void>;
  account(): Promise<Account | null>;
  /** Looks at a server before anything is agreed with it. These never reject: every failure is a ServerError. */
  probe(serverUrl: string): Promise<Result<ServerInfo, ServerError>>;
  claim(request: Parameters<WorkerApi['claim']>[0]): Promise<Result<Account, ServerError>>;
  join(request: Parameters<WorkerApi['join']>[0]): Promise<Result<Account, ServerError>>;
  createLink(request: LinkRequest): Promise<Result<Link, ServerError>>;
  devices(): Promise<Result<readonly Device[], ServerError>>;
  renameDevice(clientId: ClientId, name: string): Promise<Result<Device, ServerError>>;
  revokeDevice(clientId: ClientId): Promise<Result<null, ServerError>>;
  disconnect(): Promise<Result<null, ServerError>>;

  /** A backup as a plain SQLite database file. Rejects with an Error for people when it cannot be made. */
  backup(): Promise<Uint8Array<ArrayBuffer>>;
  storage(): Promise<StorageUse>;
}
