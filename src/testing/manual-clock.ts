/** A wall clock that stands still until a test moves it; it may be moved back, as real ones are. */
export class ManualClock {
  #millis: number;

  /** @param millis Unix milliseconds to start at; 2026-11-23T09:00:00.000Z unless given */
  constructor(millis = Date.UTC(2026, 10, 23, 9)) {
    this.#millis = millis;
  }

  readonly now = (): number => this.#millis;

  /** Moves the clock by so many milliseconds. */
  advance(millis: number): void {
    this.#millis += millis;
  }

  set(millis: number): void {
    this.#millis = millis;
  }
}
