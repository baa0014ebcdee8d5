/** Tells one tab the latest of something, one message at a time: a tab that sleeps is sent no more than it can take. */
export class Push<T extends readonly unknown[]> {
  readonly #send: (...value: T) => Promise<unknown>;
  #next: T | null = null;
  #sending = false;

  /** @param send resolves when the tab has taken it; may never do so when the tab is gone */
  constructor(send: (...value: T) => Promise<unknown>) {
    this.#send = send;
  }

  /** Sends it, or keeps it until the tab has taken what was sent before; a later value replaces it then. */
  readonly push = (...value: T): void => {
    this.#next = value;
    if (!this.#sending) void this.#drain();
  };

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#next !== null) {
      const value = this.#next;
      this.#next = null;
      try {
        await this.#send(...value);
      } catch {
        // The tab's listener failed; it will be told the next value all the same.
      }
    }
    this.#sending = false;
  }
}
