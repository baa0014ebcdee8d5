/**
 * Fetches the history that a snapshot stood in for, page by page, while the book is in use ([SNAP-6]). Where it has come to
 * lies in the store: a session that ends anywhere is followed by one that goes on there.
 */
import { backoffMillis } from './backoff.ts';
import { pause } from './pause.ts';
import type { After, Applied, Page, Signal, SyncStore, Transport } from './ports.ts';
import { slicesOf } from './slices.ts';

export interface HistoryParts {
  readonly store: SyncStore;
  readonly after: After;
  /** At random from [0, 1). */
  readonly random: () => number;
  /** Lets everything else that waits have its turn: a macrotask. */
  readonly breathe: () => Promise<void>;
  /** Estimated server time, Unix milliseconds. */
  readonly serverMillis: () => number;
  readonly onApplied: (applied: Applied) => void;
  /** What the store threw: the same is tried again later. */
  readonly onTrouble: (error: unknown) => void;
  /** Share of the stream that lies before what comes next, 0 to 1; null when all history is here. */
  readonly onProgress: (share: number | null) => void;
}

export class HistoryFetch {
  readonly #parts: HistoryParts;
  #failures = 0;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** Resolves to whether all history is here: false when it was called off, or the server's log is another one. Never rejects. */
  async run(transport: Transport, signal: Signal): Promise<boolean> {
    while (!signal.aborted) {
      let went: 'on' | 'wrong' | boolean;
      try {
        went = await this.#step(transport, signal);
      } catch (error) {
        this.#parts.onTrouble(error);
        went = 'wrong';
      }
      if (typeof went === 'boolean') return went;
      this.#failures = went === 'on' ? 0 : this.#failures + 1;
      if (went === 'wrong') await this.#wait(null, signal);
    }
    return false;
  }

  /** One page, or the end of it. Throws what the store throws. */
  async #step(transport: Transport, signal: Signal): Promise<'on' | 'wrong' | boolean> {
    const { store, onProgress, breathe } = this.#parts;
    const history = store.history();
    if (history === null) {
      onProgress(null);
      return true;
    }
    // Offsets of one stream sort as text.
    if (history.at !== null && history.at >= history.until) {
      onProgress(1);
      for (const _ of store.finishHistory()) {
        await breathe();
        if (signal.aborted) return false;
      }
      return 'on';
    }
    const outcome = await transport.read(history.at, signal);
    if (signal.aborted) return false;
    switch (outcome.kind) {
      case 'page':
        onProgress(outcome.page.progress ?? 0);
        return this.#apply(outcome.page, history.at, signal);
      case 'trimmed':
        store.missHistory(outcome.earliest, outcome.before);
        return 'on';
      case 'noStream':
      case 'reset':
        // The live connection finds that too, and what follows from it ([SYNC-4]).
        return false;
      case 'busy':
        await this.#wait(outcome.retryAfterMillis, signal);
        return 'on';
      case 'unreachable':
      case 'unauthorized':
        return 'wrong';
    }
  }

  async #apply(page: Page, after: string | null, signal: Signal): Promise<'on' | 'wrong'> {
    const { store, serverMillis, onApplied, breathe } = this.#parts;
    for (const slice of slicesOf(page)) {
      if (signal.aborted) return 'on';
      onApplied(store.applyHistory(slice, after, serverMillis()));
      // Whoever has something to do comes first.
      await breathe();
    }
    // An empty page before the end would be asked for without end.
    return page.messages.length > 0 || (after !== null && page.cursor > after) ? 'on' : 'wrong';
  }

  #wait(retryAfterMillis: number | null, signal: Signal): Promise<void> {
    const { after, random } = this.#parts;
    return pause(after, backoffMillis(Math.max(1, this.#failures), random(), retryAfterMillis), signal);
  }
}
