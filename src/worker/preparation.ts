/** Makes ready in the background what this version of the app keeps otherwise than the last one: a part at a time, between other work. */
import type { After } from '../sync/ports.ts';

/** What could not be written is tried again after so long. */
const RETRY_MILLIS = 30_000;

export interface PreparationParts {
  /** Makes the next part, and returns whether more is to be done. Throws when it cannot be written. */
  readonly step: () => boolean;
  /** Called after each part. */
  readonly onProgress: () => void;
  /** Lets everything else that waits have its turn. */
  readonly breathe: () => Promise<void>;
  readonly after: After;
}

export class Preparation {
  readonly #parts: PreparationParts;
  #stopped = false;
  #callOff: () => void = () => {};

  constructor(parts: PreparationParts) {
    this.#parts = parts;
  }

  /** Resolves when everything is ready, when it failed and will be tried again, or when it was stopped. Never rejects. */
  async run(): Promise<void> {
    try {
      for (;;) {
        // First of all the turn of others: a book that was just opened has somebody waiting for its first screen.
        await this.#parts.breathe();
        if (this.#stopped) return;
        const more = this.#parts.step();
        this.#parts.onProgress();
        if (!more) return;
      }
    } catch (error) {
      console.error('What is made ready in the background could not be written:', error);
      if (!this.#stopped) this.#callOff = this.#parts.after(RETRY_MILLIS, () => void this.run());
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#callOff();
  }
}
