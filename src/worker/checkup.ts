/**
 * Looks through the database a while after it was opened, so that damage is found before it is stepped on. The first
 * screen does not wait for it, and neither does an edit: one table at a time, when nobody has written for a moment.
 *
 * Measured in Chromium on OPFS: 100 ms for 100,000 events (32 MB), a second for 1,000,000 (316 MB), of which the two large
 * tables take four tenths each. So a small book is looked through at each start, a large one once a day.
 */
import type { Result } from '../core/result.ts';
import type { After } from '../sync/ports.ts';

/** The first screen, the first sync and whoever begins to type at once come first. */
const FIRST_AFTER_MILLIS = 5_000;
/** So long nobody must have written before the next table is looked at. */
const QUIET_MILLIS = 1_000;
const BETWEEN_TABLES_MILLIS = 50;
const LARGE_BYTES = 64_000_000;
const LARGE_EVERY_MILLIS = 24 * 3_600_000;

export interface CheckupParts {
  /** Size of the database. */
  readonly bytes: () => number;
  /** Yields before each table. */
  readonly check: () => Generator<void, Result<null, string>>;
  readonly onDamage: (complaint: string) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly after: After;
  /** When a database of this device was last found in order, Unix milliseconds. */
  readonly memory: { read(): Promise<number | null>; write(millis: number): Promise<void> };
}

export class Checkup {
  readonly #parts: CheckupParts;
  #lastUse = -Infinity;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(parts: CheckupParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#later(FIRST_AFTER_MILLIS, () => void this.#begin());
  }

  /** Somebody wrote: whoever writes goes on writing. */
  used(): void {
    this.#lastUse = this.#parts.now();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #begin(): Promise<void> {
    const { bytes, memory, now, check } = this.#parts;
    if (bytes() > LARGE_BYTES) {
      const last = await memory.read().catch(() => null);
      // A clock that was set back does not put it off for longer.
      if (last !== null && Math.abs(now() - last) < LARGE_EVERY_MILLIS) return;
    }
    this.#step(check());
  }

  #step(steps: Generator<void, Result<null, string>>): void {
    if (this.#stopped) return;
    const { now, onDamage, memory } = this.#parts;
    const quiet = now() - this.#lastUse;
    if (quiet >= 0 && quiet < QUIET_MILLIS) {
      this.#later(QUIET_MILLIS, () => this.#step(steps));
      return;
    }
    const step = steps.next();
    if (!step.done) this.#later(BETWEEN_TABLES_MILLIS, () => this.#step(steps));
    else if (step.value.ok) void memory.write(now()).catch(() => undefined);
    else onDamage(step.value.error);
  }

  #later(millis: number, run: () => void): void {
    if (!this.#stopped) this.#cancel = this.#parts.after(millis, run);
  }
}
