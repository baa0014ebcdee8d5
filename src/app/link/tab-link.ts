// Over 400 lines on purpose: one line to the leader, and every message and timer of it moves the same state.
/**
 * This tab's line to the tab that leads: starts its own worker, finds the leader, asks it for a port, and starts over
 * whenever the leader changes, falls silent, or this tab sleeps.
 */
import { mintId } from '../../core/ids.ts';
import {
  BROKER_NAME,
  CHANNEL,
  tabLock,
  type Announcement,
  type Build,
  type ConnectMessage,
  type FromLeader,
  type FromWorker,
  type ToBroker,
  type ToWorker,
} from '../../protocol/tabs.ts';
import type { Connection } from '../../protocol/worker.ts';
import { Cell } from './cell.ts';
import { connectionOf, sameConnection } from './connection-state.ts';
import { titleOfLeader, TitleSign } from './title-sign.ts';

const TICK_MILLIS = 1_000;
const PING_EVERY_TICKS = 3;
/** A port that was sent off and not welcomed for so long is given up. */
const SEEK_LIMIT_TICKS = 2;
const RETRY_FAILED_TICKS = 5;

/** The address of a built file has a fingerprint of its content: tabs of another build cannot talk to this one. */
const BUILD: Build = { build: new URL(import.meta.url).pathname, loaded: performance.timeOrigin };

interface Line {
  readonly port: MessagePort;
  readonly epoch: number;
  readonly own: boolean;
  ticks: number;
}

export interface TabLinkParts {
  /** A new line to the leader is open. */
  readonly onLink: (port: MessagePort, epoch: number) => void;
  /** The line is gone; nothing sent on it will be answered. */
  readonly onUnlink: () => void;
  /** Asks the leader for a sign of life, on the present line. */
  readonly ping: () => Promise<void>;
  /** Whether calls wait for an answer. */
  readonly busy: () => boolean;
  readonly onTick: () => void;
}

export class TabLink {
  readonly connection = new Cell<Connection>({ kind: 'opening' });
  readonly #parts: TabLinkParts;
  readonly #title = new TitleSign();
  #worker: Worker;
  #workerSaid: FromWorker | null = null;
  #tab = '';
  #leaveTab: (() => void) | null = null;
  #channel: BroadcastChannel | null = null;
  #broker: SharedWorker | null = null;
  #link: Line | null = null;
  #seeking: Line | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  #connectedBefore = false;
  #unlinked = 0;
  /** Ticks for which a ping has been unanswered; null when none is under way. */
  #pinged: number | null = null;
  #sincePing = 0;
  #leaderHeard: number | null = null;
  #foreign = false;
  /** A page of a newer build was heard: this one never contends again. */
  #outdated = false;
  #holder: string | null = null;
  #failedTicks = 0;
  /** Whether the worker's script never started: only a new worker can help. */
  #stillborn = false;

  constructor(parts: TabLinkParts) {
    this.#parts = parts;
    this.#worker = this.#startWorker();
    addEventListener('pagehide', () => this.#sleep());
    document.addEventListener('freeze', () => this.#sleep());
    addEventListener('pageshow', (event) => event.persisted && this.#wake());
    document.addEventListener('resume', () => this.#wake());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#tick();
    });
    this.#wake();
  }

  // ---- Life of the tab

  #wake(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MILLIS);
    this.#tab = mintId(Date.now(), (length) => crypto.getRandomValues(new Uint8Array(length)));
    this.#unlinked = 0;
    this.#leaderHeard = null;
    this.#holder = null;
    this.#workerSaid = null;
    if (!this.#outdated) this.#contend();
    const tab = this.#tab;
    const locks = (navigator as Partial<Navigator>).locks;
    if (locks) {
      const left = new Promise<void>((resolve) => (this.#leaveTab = resolve));
      // The leader takes a free lock for a tab that is gone, so nothing is sought before it is held.
      void locks.request(tabLock(tab), () => {
        if (tab === this.#tab) this.#listen();
        return left;
      });
    } else {
      this.#listen();
    }
    this.#show();
  }

  #listen(): void {
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.onmessage = ({ data }: MessageEvent<Announcement>) => this.#hear(data);
    if (this.#workerSaid?.kind === 'leading') this.#lead(this.#workerSaid.epoch);
    else if (this.#workerSaid?.kind === 'unsaved') this.#connectOwn(1);
    else this.#announce({ kind: 'whoLeads', again: false, ...BUILD });
  }

  /** Lets go of everything that another tab may need: this one will not answer for a while, or ever. */
  #sleep(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#post({ kind: 'release' });
    this.#title.remove();
    this.#tab = '';
    this.#unlink();
    this.#dropSeeking();
    this.#channel?.close();
    this.#channel = null;
    this.#dropBroker();
    this.#leaveTab?.();
    this.#leaveTab = null;
  }

  #tick(): void {
    if (this.#timer === undefined) return;
    if (this.#outdated) return;
    if (this.#leaderHeard !== null) this.#leaderHeard++;
    if (this.#seeking && ++this.#seeking.ticks >= SEEK_LIMIT_TICKS && !this.#seeking.own) this.#giveUpSeeking();
    if (this.#link) this.#tickLinked();
    else this.#tickUnlinked();
    const quiet = Math.max(this.#pinged ?? 0, this.#link ? 0 : this.#unlinked);
    if (quiet >= 3) {
      void titleOfLeader().then((title) => {
        this.#holder = title;
        this.#show();
      });
    }
    if (this.#workerSaid?.kind === 'failed' && ++this.#failedTicks >= RETRY_FAILED_TICKS) this.#retryWorker();
    this.#parts.onTick();
    this.#show();
  }

  #tickLinked(): void {
    if (this.#pinged !== null) {
      this.#pinged++;
      if (this.#pinged >= 2 && !this.#link?.own) this.#announce({ kind: 'whoLeads', again: false, ...BUILD });
      return;
    }
    const due = ++this.#sincePing >= PING_EVERY_TICKS && document.visibilityState === 'visible';
    if (due || this.#parts.busy()) this.#ping();
  }

  #tickUnlinked(): void {
    this.#unlinked++;
    if (this.#seeking) return;
    if (this.#workerSaid?.kind === 'leading') this.#connectOwn(this.#workerSaid.epoch);
    else if (this.#workerSaid?.kind === 'unsaved') this.#connectOwn(1);
    else this.#announce({ kind: 'whoLeads', again: this.#unlinked > SEEK_LIMIT_TICKS, ...BUILD });
  }

  /** It may be the broker that is gone: go to a fresh one, and the leader too. */
  #giveUpSeeking(): void {
    this.#dropSeeking();
    this.#announce({ kind: 'whoLeads', again: true, ...BUILD });
  }

  #ping(): void {
    this.#pinged = 0;
    this.#sincePing = 0;
    const link = this.#link;
    const answered = () => {
      if (this.#link !== link) return;
      this.#pinged = null;
      this.#show();
    };
    // An error is an answer too.
    this.#parts.ping().then(answered, answered);
  }

  // ---- The own worker

  #startWorker(): Worker {
    const worker = new Worker(new URL('../../worker/worker.ts', import.meta.url), { type: 'module', name: 'daybook' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hearWorker(data);
    worker.onerror = (event) => {
      event.preventDefault();
      // Once it has spoken, an error is one call that went wrong and is answered as such.
      if (this.#workerSaid !== null) return;
      this.#hearWorker({
        kind: 'failed',
        message: event.message || 'The part of the app that keeps the records did not start.',
      });
      this.#stillborn = true;
    };
    return worker;
  }

  #retryWorker(): void {
    this.#failedTicks = 0;
    if (this.#stillborn) {
      this.#worker.terminate();
      this.#stillborn = false;
      this.#worker = this.#startWorker();
    }
    this.#contend();
  }

  #post(message: ToWorker, port?: MessagePort): void {
    this.#worker.postMessage(message, port ? [port] : []);
  }

  #hearWorker(said: FromWorker): void {
    const before = this.#workerSaid?.kind;
    if (this.#timer === undefined || this.#outdated) return;
    this.#workerSaid = said;
    switch (said.kind) {
      case 'holding':
        this.#title.put();
        break;
      case 'leading':
        if (this.#channel) this.#lead(said.epoch);
        break;
      case 'unsaved':
        if (this.#channel) this.#connectOwn(1);
        break;
      case 'newer':
      case 'failed':
      case 'released':
        if (before === 'holding' || before === 'repairing' || before === 'leading') this.#title.remove();
        break;
      case 'queued':
      case 'repairing':
        break;
      default:
        said satisfies never;
    }
    this.#show();
  }

  #lead(epoch: number): void {
    this.#signUp(epoch);
    this.#announce({ kind: 'leads', epoch, ...BUILD });
    this.#connectOwn(epoch);
  }

  #connectOwn(epoch: number): void {
    const { port1, port2 } = new MessageChannel();
    this.#post({ kind: 'connect', tab: this.#tab, build: BUILD.build } satisfies ConnectMessage, port2);
    this.#await({ port: port1, epoch, own: true, ticks: 0 });
  }

  // ---- The other tabs

  #hear(said: Announcement): void {
    if (said.build !== BUILD.build && isNewer(said)) {
      this.#retire();
      return;
    }
    if (said.kind === 'whoLeads') {
      const worker = this.#workerSaid;
      if (worker?.kind !== 'holding' && worker?.kind !== 'repairing' && worker?.kind !== 'leading') return;
      const epoch = worker.kind === 'leading' ? worker.epoch : null;
      if (said.again && epoch !== null) this.#signUp(epoch);
      this.#announce({ kind: 'leads', epoch, ...BUILD });
      return;
    }
    this.#leaderHeard = 0;
    this.#foreign = said.build !== BUILD.build;
    // So that it hears of this build, should it not have.
    if (this.#foreign) this.#announce({ kind: 'whoLeads', again: false, ...BUILD });
    if (said.epoch !== null && !this.#foreign) this.#seek(said.epoch);
    this.#show();
  }

  /** Leaves the data to the newer build. What this page shows stays, and what it waits to save is kept for after the reload. */
  #retire(): void {
    // A book in memory would be gone with this page.
    if (this.#outdated || this.#workerSaid?.kind === 'unsaved') return;
    this.#outdated = true;
    this.#post({ kind: 'release' });
    this.#title.remove();
    this.#unlink();
    this.#dropSeeking();
    this.#dropBroker();
    this.#show();
  }

  #contend(): void {
    this.#post({ kind: 'contend', build: BUILD.build });
  }

  /** Asks the broker for a port to the leader of `epoch`. */
  #seek(epoch: number): void {
    const known = Math.max(this.#link?.epoch ?? 0, this.#seeking?.epoch ?? 0);
    if (epoch <= known || this.#workerSaid?.kind === 'leading') return;
    const { port1, port2 } = new MessageChannel();
    this.#dropBroker();
    if (!this.#tellBroker({ kind: 'seek', epoch, tab: this.#tab, build: BUILD.build }, port2)) return;
    this.#await({ port: port1, epoch, own: false, ticks: 0 });
  }

  #signUp(epoch: number): void {
    const { port1, port2 } = new MessageChannel();
    this.#dropBroker();
    if (this.#tellBroker({ kind: 'lead', epoch }, port1)) this.#post({ kind: 'broker' }, port2);
  }

  #tellBroker(message: ToBroker, port: MessagePort): boolean {
    if (typeof SharedWorker === 'undefined') return false;
    this.#broker ??= new SharedWorker(new URL('../../worker/broker.ts', import.meta.url), {
      type: 'module',
      name: BROKER_NAME,
    });
    this.#broker.port.start();
    this.#broker.port.postMessage(message, [port]);
    return true;
  }

  /** The broker lives in the process of some tab, and dies with it unnoticed: every new leader is sought through a fresh line. */
  #dropBroker(): void {
    this.#broker?.port.close();
    this.#broker = null;
  }

  #announce(message: Announcement): void {
    this.#channel?.postMessage(message);
  }

  // ---- The line

  #await(line: Line): void {
    this.#dropSeeking();
    this.#seeking = line;
    line.port.addEventListener('message', ({ data }: MessageEvent<Partial<FromLeader>>) => {
      if (data.kind === 'welcome') this.#welcome(line);
      else if (data.kind === 'farewell') this.#farewell(line);
    });
    line.port.start();
  }

  #welcome(line: Line): void {
    if (this.#seeking !== line) return;
    this.#seeking = null;
    this.#unlink();
    this.#link = line;
    this.#connectedBefore = true;
    this.#holder = null;
    this.#parts.onLink(line.port, line.epoch);
    this.#show();
  }

  #farewell(line: Line): void {
    if (this.#seeking === line) this.#dropSeeking();
    if (this.#link !== line) return;
    this.#unlink();
    this.#announce({ kind: 'whoLeads', again: false, ...BUILD });
    this.#show();
  }

  #unlink(): void {
    if (!this.#link) return;
    this.#link.port.close();
    this.#link = null;
    this.#pinged = null;
    this.#sincePing = 0;
    this.#unlinked = 0;
    this.#parts.onUnlink();
  }

  #dropSeeking(): void {
    this.#seeking?.port.close();
    this.#seeking = null;
  }

  #show(): void {
    const connection = connectionOf({
      worker: this.#workerSaid,
      link: this.#link && { epoch: this.#link.epoch, own: this.#link.own, silent: this.#pinged ?? 0 },
      connectedBefore: this.#connectedBefore,
      unlinked: this.#unlinked,
      leaderHeard: this.#leaderHeard,
      foreign: this.#foreign,
      outdated: this.#outdated,
      broker: typeof SharedWorker !== 'undefined',
      holder: this.#holder,
    });
    // Another tab usually takes over within a fraction of a second: nobody needs to see that.
    if (connection.kind === 'waiting' && !this.#link && this.#unlinked < 1) return;
    if (!sameConnection(connection, this.connection.getSnapshot())) this.connection.set(connection);
  }
}

/** Of two builds that were loaded at the same moment, either may go, but the same for both. */
const isNewer = ({ build, loaded }: Build): boolean =>
  loaded === BUILD.loaded ? build > BUILD.build : loaded > BUILD.loaded;
