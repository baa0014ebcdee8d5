/**
 * Who leads: the worker that holds the Web Lock. The lock is taken before the first file is touched, and let go after
 * the last one is closed.
 *
 *     idle --contend--> queued --lock--> holding --open--> leading
 *      ^                  |                 | ^               |  |
 *      +-----release------+-----------------+-|--- close -----+  |
 *                                             +-- spoiled: close-+
 */
import { LEADER_LOCK, type FromWorker } from '../protocol/tabs.ts';

/** After this long without the lock a tab is told that another one leads. */
const QUEUED_AFTER_MILLIS = 300;

/** An open book; `close` must let go of every file before it resolves. */
export interface OpenBook {
  /** Resolves when its file turns out to be damaged: then it is to be closed, and opened (and so repaired) anew. */
  readonly spoiled?: Promise<void>;
  close(): Promise<void>;
}

export type Opened<B extends OpenBook> =
  | { readonly kind: 'open'; readonly book: B }
  /** Nothing was touched: the lock goes back. */
  | { readonly kind: 'newer' }
  | { readonly kind: 'failed'; readonly message: string };

export interface LeaderParts {
  readonly locks: Pick<LockManager, 'request'>;
  /** A number greater than that of every leader before; called while the lock is held. */
  readonly nextEpoch: () => Promise<number>;
  /** Opens the book; called while the lock is held. Must not throw. `onRepair` hears when that takes a repair. */
  readonly open: (epoch: number, onRepair: () => void) => Promise<Opened<OpenBook>>;
  readonly tell: (message: FromWorker) => void;
}

export class Leader {
  readonly #parts: LeaderParts;
  #turn: AbortController | null = null;
  /** Settles when the turn before is wholly over, so that two turns never overlap. */
  #over: Promise<void> = Promise.resolve();

  constructor(parts: LeaderParts) {
    this.#parts = parts;
  }

  /** Asks for the lock, unless this worker has it or waits for it already. */
  contend(): void {
    if (this.#turn) return;
    const turn = new AbortController();
    this.#turn = turn;
    this.#over = this.#over.then(() => this.#take(turn.signal));
  }

  /** Closes the book and lets go of the lock, or leaves the queue. Resolves when that is done. */
  async release(): Promise<void> {
    this.#turn?.abort();
    this.#turn = null;
    await this.#over;
  }

  async #take(signal: AbortSignal): Promise<void> {
    const { locks, tell } = this.#parts;
    const queued = setTimeout(() => tell({ kind: 'queued' }), QUEUED_AFTER_MILLIS);
    try {
      await locks.request(LEADER_LOCK, { signal }, async () => {
        clearTimeout(queued);
        if (!signal.aborted) await this.#hold(signal);
      });
    } catch (error) {
      if (!signal.aborted) tell({ kind: 'failed', message: messageOf(error) });
    } finally {
      clearTimeout(queued);
      if (signal.aborted) tell({ kind: 'released' });
      // Not let go but failed: may be asked to try again.
      else this.#turn = null;
    }
  }

  async #hold(signal: AbortSignal): Promise<void> {
    const { nextEpoch, open, tell } = this.#parts;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    do {
      tell({ kind: 'holding' });
      const epoch = await nextEpoch();
      const opened = await open(epoch, () => tell({ kind: 'repairing' }));
      if (opened.kind !== 'open') {
        tell(opened);
        return;
      }
      try {
        if (!signal.aborted) {
          tell({ kind: 'leading', epoch });
          await Promise.race([aborted, opened.book.spoiled ?? aborted]);
          // Calls that were sent before the release are carried out before the book closes.
          await new Promise((resolve) => setTimeout(resolve));
        }
      } finally {
        await opened.book.close();
      }
    } while (!signal.aborted);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
