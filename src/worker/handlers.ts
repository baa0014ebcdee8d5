/**
 * Handlers: what is done outside of the database because something was committed. Each runs after the commit, at least once
 * for every event ([HANDLER-1]), by itself ([HANDLER-2]), and is tried again when it fails ([HANDLER-3]).
 */
import type { Committed, HandlerPositions } from '../store/store.ts';
import { backoffMillis } from '../sync/backoff.ts';
import type { After } from '../sync/ports.ts';

/** What is committed in so short a time is handled together: people type, and slices of a page follow one another. */
const REST_MILLIS = 250;

export interface Handler {
  /** Its position is kept under this name: another one begins at the start of the log. */
  readonly name: string;
  /** Deals with what was committed since it last resolved. What it throws or rejects with is tried again; so is what a crash cut off. */
  readonly handle: (committed: Committed) => Promise<void>;
}

export interface HandlersParts {
  readonly positions: HandlerPositions;
  readonly handlers: readonly Handler[];
  /** Lets everything else that waits have its turn. */
  readonly breathe: () => Promise<void>;
  readonly after: After;
  /** At random from [0, 1). */
  readonly random: () => number;
}

export class Handlers {
  readonly #runs: readonly HandlerRun[];

  constructor(parts: HandlersParts) {
    this.#runs = parts.handlers.map((handler) => new HandlerRun(handler, parts));
  }

  /** Something was committed, or may have been: at every commit, and when the book was opened. */
  changed(): void {
    for (const run of this.#runs) run.changed();
  }

  /** Nothing is handled any more; what is being handled stays unmarked. */
  stop(): void {
    for (const run of this.#runs) run.stop();
  }
}

type State = 'idle' | 'running' | 'waiting' | 'stopped';

class HandlerRun {
  readonly #handler: Handler;
  readonly #parts: HandlersParts;
  #state: State = 'idle';
  #failures = 0;
  #callOff: () => void = () => {};

  constructor(handler: Handler, parts: HandlersParts) {
    this.#handler = handler;
    this.#parts = parts;
  }

  changed(): void {
    if (this.#state === 'idle') this.#wait(REST_MILLIS);
  }

  stop(): void {
    this.#state = 'stopped';
    this.#callOff();
  }

  /** Until nothing is left that was committed, or it failed. */
  async #run(): Promise<void> {
    const { name, handle } = this.#handler;
    const { positions, breathe } = this.#parts;
    this.#state = 'running';
    try {
      for (;;) {
        // Never in the turn of a commit: who made it hears of it first.
        await breathe();
        if (this.#isStopped()) return;
        const committed = positions.next(name);
        if (committed === null) {
          this.#state = 'idle';
          return;
        }
        await handle(committed);
        if (this.#isStopped()) return;
        positions.done(name, committed.through);
        this.#failures = 0;
      }
    } catch (error) {
      if (!this.#isStopped()) this.#waitAfter(error);
    }
  }

  #waitAfter(error: unknown): void {
    console.error(`“${this.#handler.name}” failed, and is tried again later:`, error);
    this.#failures += 1;
    this.#wait(backoffMillis(this.#failures, this.#parts.random(), null));
  }

  #wait(millis: number): void {
    this.#state = 'waiting';
    this.#callOff = this.#parts.after(millis, () => void this.#run());
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }
}
