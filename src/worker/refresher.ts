/** Decides when live queries are answered again: at once after an edit, and never for more than a part of the time. */

/** After a refresh that took a while, the next one waits for so many times as long. */
const REST = 4;

export interface RefresherParts {
  readonly refresh: () => void;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly later: (work: () => void, millis: number) => void;
}

export class Refresher {
  readonly #parts: RefresherParts;
  #restUntil = -Infinity;
  #scheduled = false;

  constructor(parts: RefresherParts) {
    this.#parts = parts;
  }

  /** Something was committed: refreshes now, or as soon as the last refresh has been rested from. */
  changed(): void {
    if (this.#scheduled) return;
    const wait = this.#restUntil - this.#parts.now();
    if (wait <= 0) {
      this.#refresh();
      return;
    }
    this.#scheduled = true;
    this.#parts.later(() => {
      this.#scheduled = false;
      this.#refresh();
    }, wait);
  }

  #refresh(): void {
    const start = this.#parts.now();
    try {
      this.#parts.refresh();
    } finally {
      const end = this.#parts.now();
      this.#restUntil = end + (end - start) * REST;
    }
  }
}
