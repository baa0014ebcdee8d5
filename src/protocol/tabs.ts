/**
 * How the tabs of one browser find the tab that holds the data. Ports never travel in these messages but beside them
 * (`event.ports`), so that this folder needs no DOM.
 *
 * Every tab has a worker; the one that holds the Web Lock leads. A tab reaches its own worker directly and the leader of
 * another tab through a port that the broker, a SharedWorker, hands on. Who leads is announced on a BroadcastChannel.
 * The lock alone is the truth: whatever is lost of the rest is asked for again.
 */
import type { WorkerApi } from './worker.ts';

/** Held exclusively by the worker that leads. */
export const LEADER_LOCK = 'daybook:leader';
/** Held by each tab under its own name while it lives, so that the leader sees it go. */
export const tabLock = (tab: string): string => `daybook:tab:${tab}`;
/** Held by the leader's page under the title of its tab: readable by the others when nothing answers there any more. */
export const TITLE_LOCK_PREFIX = 'daybook:title:';
export const CHANNEL = 'daybook';
export const BROKER_NAME = 'daybook-broker';

/** From a page to its own worker. */
export type ToWorker =
  /** Ask for the lock; lead when it is granted, and serve tabs of this build alone. */
  | { readonly kind: 'contend'; readonly build: string }
  /** Close the files and let go of the lock, or leave the queue for it. */
  | { readonly kind: 'release' }
  /** With a port: a tab wants the WorkerApi on it. The broker sends the same. */
  | ConnectMessage
  /** With a port: the broker sends ConnectMessages on it. */
  | { readonly kind: 'broker' };

export interface ConnectMessage {
  readonly kind: 'connect';
  readonly tab: string;
  /** Of the tab's page. A leader of another build refuses it: what it would ask may have another shape. */
  readonly build: string;
}

/** From a worker to its own page. */
export type FromWorker =
  /** Another tab holds the lock; this one waits in the queue. */
  | { readonly kind: 'queued' }
  /** The lock is ours; the files are being opened. */
  | { readonly kind: 'holding' }
  /** The database is damaged, and a new one is being made of what it still holds. */
  | { readonly kind: 'repairing' }
  /** The book is open: tabs may connect. Each leader has a greater epoch than all before it. */
  | { readonly kind: 'leading'; readonly epoch: number }
  | { readonly kind: 'released' }
  /** No OPFS in this window: a book in memory is open. */
  | { readonly kind: 'unsaved' }
  | { readonly kind: 'newer' }
  | { readonly kind: 'failed'; readonly message: string };

/** From a page to the broker, each with a port. */
export type ToBroker =
  /** The other end of the port is with the leader's worker. */
  | { readonly kind: 'lead'; readonly epoch: number }
  /** Hand the port on to the leader of this epoch or of a later one. */
  | { readonly kind: 'seek'; readonly epoch: number; readonly tab: string; readonly build: string };

/**
 * Which version of the app a page runs: builds have no order, so of two the one that was loaded later counts as the newer. A
 * tab that hears of a newer one lets go of the lock, and asks to be reloaded.
 */
export interface Build {
  readonly build: string;
  /** When the page was loaded, Unix milliseconds. */
  readonly loaded: number;
}

/** Between pages, on the BroadcastChannel. */
export type Announcement =
  /** Who leads? The page of the lock's holder answers with `leads`. `again`: the broker did not help, sign up there anew. */
  | ({ readonly kind: 'whoLeads'; readonly again: boolean } & Build)
  /** The page of the tab that holds the lock is alive. `epoch` is null while its worker is still opening the files. */
  | ({ readonly kind: 'leads'; readonly epoch: number | null } & Build);

/** On a port between a tab and the leader, beside comlink's own messages. */
export type FromLeader =
  /** First message: the port is connected to the leader of this epoch. */
  | { readonly kind: 'welcome'; readonly epoch: number }
  /** Last message: this worker does not lead (any more). */
  | { readonly kind: 'farewell' };

/** What the leader serves on each port. */
export interface LeaderApi extends WorkerApi {
  /** Answers at once: the worker is not stuck. */
  ping(): Promise<void>;
}
