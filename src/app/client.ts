// Over 400 lines on purpose: the whole of what the interface may ask is read, and implemented, in one place.
/**
 * The interface's way to the book: one object that finds the tab which holds the data, wherever that is, and keeps
 * asking when it changes. The only file of app/ that knows comlink.
 */
import type { Command, CommandError, CommandRequest, Done } from '../core/command.ts';
import { mintId, type ClientId, type CommandId, type EntityId, type Id } from '../core/ids.ts';
import type { CheckName, DoctorProgress, DoctorReport, RepairNote } from '../core/health.ts';
import type { AnswerOf, Query } from '../core/query.ts';
import { err, type Result } from '../core/result.ts';
import type { Device, Link, LinkRequest, ServerInfo } from '../protocol/account.ts';
import type { AttentionKind, Retried, ThingId, ThingsPage } from '../protocol/attention.ts';
import type { Status, SyncDetails } from '../protocol/status.ts';
import type { LeaderApi } from '../protocol/tabs.ts';
import type {
  BackupPreview,
  FileError,
  KeptBook,
  LinesPage,
  LinesPlace,
  LinesPreview,
  Taken,
} from '../protocol/transfer.ts';
import type {
  Account,
  AttentionError,
  Connection,
  DamagedFileInfo,
  ServerError,
  Shortened,
  ShorteningError,
  StorageUse,
  WorkerApi,
} from '../protocol/worker.ts';
import { Calls, UnansweredError } from './link/calls.ts';
import { Cell } from './link/cell.ts';
import { keepRequests, keptRequests } from './link/handover.ts';
import { LiveQueries } from './link/live-queries.ts';
import { TabLink } from './link/tab-link.ts';
import * as Comlink from 'comlink';

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

  /** What the page before this one could not save because the app was updated, and what became of it here. */
  readonly carriedOver: Promise<{ readonly saved: number; readonly lost: number }>;
  /**
   * Loads the page anew although a newer build took over: what this one waits to save is kept for the page that comes. False
   * when there is no room to keep it; then nothing happens.
   */
  reloadOutdated(): boolean;

  /**
   * Carries out a command; resolves after its transaction is committed to OPFS ([LOG-4]). When the leader tab goes
   * away meanwhile, the same command (with the same id) is carried out by the next one, once. Never rejects.
   */
  execute(command: Command): Promise<Outcome>;
  /** Undo and redo of this device's own commands, newest first. `force` overwrites what changed since. */
  undo(force?: boolean): Promise<Outcome>;
  redo(force?: boolean): Promise<Outcome>;

  /** See WorkerApi. Rejects when no tab answers; nothing depends on it. */
  letGo(): Promise<void>;

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
  /** "Verify with server": begins, and ends before it is done. Told of with the status. */
  verify(): Promise<void>;
  stopVerifying(): Promise<void>;
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

  /** See WorkerApi. These never reject: every failure is an AttentionError. */
  retryThings(kind: AttentionKind, id: ThingId | null): Promise<Result<Retried, AttentionError>>;
  discardThings(kind: AttentionKind, id: ThingId | null): Promise<Result<number, AttentionError>>;
  exportThings(kind: AttentionKind, id: ThingId | null, after: number): Promise<Result<ThingsPage, AttentionError>>;

  /** A backup as a plain SQLite database file. Rejects with an Error for people when it cannot be made. */
  backup(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Looks through a backup; the book is not touched. `onProgress` is told how much is done, 0 to 1. These never reject: every
   * failure is a FileError.
   */
  examineBackup(file: Blob, onProgress: (done: number) => void): Promise<Result<BackupPreview, FileError>>;
  /** Takes in what is missing here, or lets it be the book. `token`: of the preview. */
  mergeBackup(token: string, onProgress: (done: number) => void): Promise<Result<Taken, FileError>>;
  replaceBook(token: string): Promise<Result<null, FileError>>;
  /** Lets go of the backup that was looked at. */
  dropBackup(): Promise<void>;
  /** The book as it was before it was replaced; null when there is none. */
  keptBook(): Promise<KeptBook | null>;
  exportKept(): Promise<Blob>;
  removeKept(): Promise<void>;
  /** A page of all changes as JSON Lines. Rejects with an Error for people. */
  exportLines(place: LinesPlace | null): Promise<LinesPage>;
  examineLines(file: Blob, onProgress: (done: number) => void): Promise<Result<LinesPreview, FileError>>;
  takeLines(file: Blob, onProgress: (done: number) => void): Promise<Result<Taken, FileError>>;
  storage(): Promise<StorageUse>;

  /** See WorkerApi; rejects with an Error for people. */
  examine(onProgress: (progress: DoctorProgress) => void): Promise<DoctorReport | null>;
  stopExamining(): Promise<void>;
  mend(checks: readonly CheckName[]): Promise<void>;

  /** How many changes would go if history began at `since` (Unix milliseconds). Never rejects. */
  prunable(since: number): Promise<Result<number, ShorteningError>>;
  /**
   * Shortens the history of this device for good. `onProgress` hears how far it has come, 0 to 1, and null while the file is
   * written anew. Never rejects.
   */
  prune(since: number, onProgress: (share: number | null) => void): Promise<Result<Shortened, ShorteningError>>;

  /** See WorkerApi. */
  repairNote(): Promise<RepairNote | null>;
  dismissRepairNote(): Promise<void>;
  damagedFiles(): Promise<readonly DamagedFileInfo[]>;
  damagedFile(name: string): Promise<readonly { readonly name: string; readonly blob: Blob }[]>;
  deleteDamagedFile(name: string): Promise<void>;
}

type Told = { readonly status: Status; readonly details: SyncDetails };

/** Opens this tab's line to the book: starts its worker and looks for the leader. Once per page. */
export function openClient(): Client {
  return new TabClient();
}

class TabClient implements Client {
  readonly #calls = new Calls<Comlink.Remote<LeaderApi>>();
  readonly #live = new LiveQueries();
  readonly #status = new Cell<Told | undefined>(undefined);
  readonly #pending = new Cell(0);
  /** Commands that are not answered yet, oldest first. */
  readonly #requests = new Set<CommandRequest>();
  #remote: Comlink.Remote<LeaderApi> | null = null;
  readonly #link: TabLink;

  readonly connection: Subscribable<Connection>;
  readonly status: Subscribable<Told | undefined> = this.#status;
  readonly pending: Subscribable<number> = this.#pending;
  readonly carriedOver: Client['carriedOver'];

  constructor() {
    this.#link = new TabLink({
      onLink: (port) => this.#connect(port),
      onUnlink: () => this.#disconnect(),
      ping: () => this.#remote?.ping() ?? Promise.resolve(),
      busy: () => this.#calls.count > 0,
      onTick: () => this.#calls.tick(this.#reached()),
    });
    this.connection = this.#link.connection;
    addEventListener('online', () => this.#nudge());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#nudge();
    });
    this.#pending.subscribe(() => this.#guardUnload());
    this.carriedOver = this.#carryOver();
  }

  execute(command: Command): Promise<Outcome> {
    return this.#request({ id: this.mintId<CommandId>(), command });
  }

  reloadOutdated(): boolean {
    if (!keepRequests(sessionStorage, [...this.#requests])) return false;
    removeEventListener('beforeunload', stay);
    location.reload();
    return true;
  }

  undo(force = false): Promise<Outcome> {
    const id = this.mintId<CommandId>();
    return this.#change((leader) => leader.undo(id, force));
  }

  redo(force = false): Promise<Outcome> {
    const id = this.mintId<CommandId>();
    return this.#change((leader) => leader.redo(id, force));
  }

  letGo(): Promise<void> {
    return this.#calls.ask((leader) => leader.letGo());
  }

  async query<const Q extends Query>(query: Q): Promise<AnswerOf<Q>> {
    return JSON.parse(await this.#calls.ask((leader) => leader.query(query))) as AnswerOf<Q>;
  }

  watch<const Q extends Query>(query: Q): LiveQuery<Q> {
    return this.#live.watch(query);
  }

  mintId<T extends Id<string> = EntityId>(): T {
    return mintId<T>(Date.now(), (length) => crypto.getRandomValues(new Uint8Array(length)));
  }

  syncNow(): Promise<void> {
    return this.#calls.ask((leader) => leader.syncNow());
  }

  verify(): Promise<void> {
    return this.#calls.ask((leader) => leader.verify());
  }

  stopVerifying(): Promise<void> {
    return this.#calls.ask((leader) => leader.stopVerifying());
  }

  account(): Promise<Account | null> {
    return this.#calls.ask((leader) => leader.account());
  }

  probe(serverUrl: string): Promise<Result<ServerInfo, ServerError>> {
    return this.#server((leader) => leader.probe(serverUrl));
  }

  claim(request: Parameters<WorkerApi['claim']>[0]): Promise<Result<Account, ServerError>> {
    return this.#server((leader) => leader.claim(request));
  }

  join(request: Parameters<WorkerApi['join']>[0]): Promise<Result<Account, ServerError>> {
    return this.#server((leader) => leader.join(request));
  }

  createLink(request: LinkRequest): Promise<Result<Link, ServerError>> {
    return this.#server((leader) => leader.createLink(request));
  }

  devices(): Promise<Result<readonly Device[], ServerError>> {
    return this.#server((leader) => leader.devices());
  }

  renameDevice(clientId: ClientId, name: string): Promise<Result<Device, ServerError>> {
    return this.#server((leader) => leader.renameDevice(clientId, name));
  }

  revokeDevice(clientId: ClientId): Promise<Result<null, ServerError>> {
    return this.#server((leader) => leader.revokeDevice(clientId));
  }

  disconnect(): Promise<Result<null, ServerError>> {
    return this.#server((leader) => leader.disconnect());
  }

  retryThings(kind: AttentionKind, id: ThingId | null): Promise<Result<Retried, AttentionError>> {
    return this.#attention((leader) => leader.retryThings(kind, id));
  }

  discardThings(kind: AttentionKind, id: ThingId | null): Promise<Result<number, AttentionError>> {
    return this.#attention((leader) => leader.discardThings(kind, id));
  }

  exportThings(kind: AttentionKind, id: ThingId | null, after: number): Promise<Result<ThingsPage, AttentionError>> {
    return this.#attention((leader) => leader.exportThings(kind, id, after));
  }

  backup(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#calls.ask((leader) => leader.backup());
  }

  examineBackup(file: Blob, onProgress: (done: number) => void): Promise<Result<BackupPreview, FileError>> {
    return this.#file((leader) => leader.examineBackup(file, Comlink.proxy(onProgress)));
  }

  mergeBackup(token: string, onProgress: (done: number) => void): Promise<Result<Taken, FileError>> {
    return this.#file((leader) => leader.mergeBackup(token, Comlink.proxy(onProgress)));
  }

  replaceBook(token: string): Promise<Result<null, FileError>> {
    return this.#file((leader) => leader.replaceBook(token));
  }

  dropBackup(): Promise<void> {
    return this.#calls.ask((leader) => leader.dropBackup());
  }

  keptBook(): Promise<KeptBook | null> {
    return this.#calls.ask((leader) => leader.keptBook());
  }

  async exportKept(): Promise<Blob> {
    return (await this.#calls.ask((leader) => leader.exportKept())) as Blob;
  }

  removeKept(): Promise<void> {
    return this.#calls.ask((leader) => leader.removeKept());
  }

  exportLines(place: LinesPlace | null): Promise<LinesPage> {
    return this.#calls.ask((leader) => leader.exportLines(place));
  }

  examineLines(file: Blob, onProgress: (done: number) => void): Promise<Result<LinesPreview, FileError>> {
    return this.#file((leader) => leader.examineLines(file, Comlink.proxy(onProgress)));
  }

  takeLines(file: Blob, onProgress: (done: number) => void): Promise<Result<Taken, FileError>> {
    return this.#file((leader) => leader.takeLines(file, Comlink.proxy(onProgress)));
  }

  storage(): Promise<StorageUse> {
    return this.#calls.ask((leader) => leader.storage());
  }

  examine(onProgress: (progress: DoctorProgress) => void): Promise<DoctorReport | null> {
    return this.#calls.ask((leader) => leader.examine(Comlink.proxy(onProgress)));
  }

  stopExamining(): Promise<void> {
    return this.#calls.ask((leader) => leader.stopExamining());
  }

  mend(checks: readonly CheckName[]): Promise<void> {
    return this.#calls.ask((leader) => leader.mend(checks));
  }

  prunable(since: number): Promise<Result<number, ShorteningError>> {
    return this.#shortening((leader) => leader.prunable(since));
  }

  prune(since: number, onProgress: (share: number | null) => void): Promise<Result<Shortened, ShorteningError>> {
    return this.#shortening((leader) => leader.prune(since, Comlink.proxy(onProgress)));
  }

  repairNote(): Promise<RepairNote | null> {
    return this.#calls.ask((leader) => leader.repairNote());
  }

  dismissRepairNote(): Promise<void> {
    return this.#calls.ask((leader) => leader.dismissRepairNote());
  }

  damagedFiles(): Promise<readonly DamagedFileInfo[]> {
    return this.#calls.ask((leader) => leader.damagedFiles());
  }

  async damagedFile(name: string): Promise<readonly { readonly name: string; readonly blob: Blob }[]> {
    const files = await this.#calls.ask((leader) => leader.damagedFile(name));
    return files.map((file) => ({ name: file.name, blob: file.blob as Blob }));
  }

  deleteDamagedFile(name: string): Promise<void> {
    return this.#calls.ask((leader) => leader.deleteDamagedFile(name));
  }

  async #request(request: CommandRequest): Promise<Outcome> {
    this.#requests.add(request);
    const outcome = await this.#change((leader) => leader.execute(request));
    this.#requests.delete(request);
    return outcome;
  }

  async #carryOver(): Promise<{ saved: number; lost: number }> {
    const { requests, lost } = keptRequests(sessionStorage);
    // One after another: each may build on the one before.
    const refused: CommandRequest[] = [];
    const unanswered: CommandRequest[] = [];
    for (const request of requests) {
      const outcome = await this.#request(request);
      if (!outcome.ok) (outcome.error.kind === 'unanswered' ? unanswered : refused).push(request);
    }
    // What nobody answered is tried once more after the next reload.
    keepRequests(sessionStorage, unanswered);
    return { saved: requests.length - refused.length - unanswered.length, lost: lost + refused.length };
  }

  #connect(port: MessagePort): void {
    const leader = Comlink.wrap<LeaderApi>(port);
    this.#remote = leader;
    this.#calls.connect(leader);
    this.#live.connect({
      subscribe: (query, onAnswer) => leader.subscribe(query, Comlink.proxy(onAnswer)),
      unsubscribe: (subscription) => leader.unsubscribe(subscription),
    });
    const tell = (status: Status, details: SyncDetails) => {
      if (this.#remote === leader) this.#status.set({ status, details });
    };
    void leader.subscribeStatus(Comlink.proxy(tell));
  }

  #disconnect(): void {
    this.#remote = null;
    this.#calls.disconnect();
    this.#live.disconnect();
  }

  /** Whether a leader is there, if only busy. */
  #reached(): boolean {
    const { kind } = this.connection.getSnapshot();
    return kind === 'repairing' || (this.#remote !== null && kind !== 'frozen');
  }

  async #change(run: (leader: Comlink.Remote<LeaderApi>) => Promise<Result<Done, CommandError>>): Promise<Outcome> {
    this.#pending.set(this.#pending.getSnapshot() + 1);
    try {
      return await this.#calls.ask(run);
    } catch (error) {
      const message = messageOf(error);
      return err(
        error instanceof UnansweredError
          ? { kind: 'unanswered', message }
          : { kind: 'storage', reason: 'other', message },
      );
    } finally {
      this.#pending.set(this.#pending.getSnapshot() - 1);
    }
  }

  async #server<T>(
    run: (leader: Comlink.Remote<LeaderApi>) => Promise<Result<T, ServerError>>,
  ): Promise<Result<T, ServerError>> {
    try {
      return await this.#calls.ask(run);
    } catch (error) {
      return err({ kind: error instanceof UnansweredError ? 'unreachable' : 'storage', message: messageOf(error) });
    }
  }

  async #attention<T>(
    run: (leader: Comlink.Remote<LeaderApi>) => Promise<Result<T, AttentionError>>,
  ): Promise<Result<T, AttentionError>> {
    try {
      return await this.#calls.ask(run);
    } catch (error) {
      return err({ kind: error instanceof UnansweredError ? 'unanswered' : 'storage', message: messageOf(error) });
    }
  }

  async #file<T>(
    run: (leader: Comlink.Remote<LeaderApi>) => Promise<Result<T, FileError>>,
  ): Promise<Result<T, FileError>> {
    try {
      return await this.#calls.ask(run);
    } catch (error) {
      return err({ kind: 'storage', reason: 'other', message: messageOf(error) });
    }
  }

  async #shortening<T>(
    run: (leader: Comlink.Remote<LeaderApi>) => Promise<Result<T, ShorteningError>>,
  ): Promise<Result<T, ShorteningError>> {
    try {
      return await this.#calls.ask(run);
    } catch (error) {
      const message =
        error instanceof UnansweredError
          ? 'The tab that keeps your records does not answer. History may have been shortened: look again in a while.'
          : messageOf(error);
      return err({ kind: 'storage', message });
    }
  }

  /**
   * Usually a save takes milliseconds; while no tab answers, leaving would lose what was typed. The listener is there only
   * as long as it is needed: browsers keep pages with one out of the back/forward cache.
   */
  #guardUnload(): void {
    if (this.#pending.getSnapshot() > 0) addEventListener('beforeunload', stay);
    else removeEventListener('beforeunload', stay);
  }

  /** A good moment to try the server: the network is back, or somebody looks. */
  #nudge(): void {
    this.#remote?.syncNow().catch(() => undefined);
  }
}

function stay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
