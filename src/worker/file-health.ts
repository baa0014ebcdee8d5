/** Whether the file of an open book is sound, as far as anybody knows. */
export class FileHealth {
  /** Resolves when it turned out not to be. */
  readonly spoiled: Promise<void>;
  readonly #resolve: () => void;
  readonly #onSpoil: () => void;
  #sound = true;

  constructor(onSpoil: () => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.spoiled = promise;
    this.#resolve = resolve;
    this.#onSpoil = onSpoil;
  }

  get sound(): boolean {
    return this.#sound;
  }

  /** It was found to be damaged. */
  spoil(): void {
    if (!this.#sound) return;
    this.#sound = false;
    this.#onSpoil();
    this.#resolve();
  }
}
