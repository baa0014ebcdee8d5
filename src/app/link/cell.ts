/** One value that changes, for useSyncExternalStore. */
export class Cell<T> {
  #value: T;
  readonly #listeners = new Set<{ readonly call: () => void }>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly getSnapshot = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    // An entry of its own, so that a function that listens twice is called twice and leaves once at a time.
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  };

  /** Whether anybody listens. */
  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const { call } of [...this.#listeners]) call();
  }
}
