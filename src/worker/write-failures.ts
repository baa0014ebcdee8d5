/** What could not be written, for as long as somebody still wants it written: until it can be, or they have given it up. */
import type { WriteFailure } from '../sync/status.ts';

export class WriteFailures {
  readonly #tell: (failure: WriteFailure | null) => void;
  /** Whose writes failed: tabs, each by something that stands for it. */
  readonly #whose = new Set<object>();

  /** @param tell is told of each failure, and with null once there is none any more */
  constructor(tell: (failure: WriteFailure | null) => void) {
    this.#tell = tell;
  }

  failed(whose: object, failure: WriteFailure): void {
    this.#whose.add(whose);
    this.#tell(failure);
  }

  /** Something was written: so there is room for the rest as well. */
  wrote(): void {
    if (this.#whose.size === 0) return;
    this.#whose.clear();
    this.#tell(null);
  }

  /** Of what failed nothing is to be saved by this one any more. */
  letGo(whose: object): void {
    if (this.#whose.delete(whose) && this.#whose.size === 0) this.#tell(null);
  }
}
