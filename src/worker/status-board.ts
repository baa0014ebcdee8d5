/** What the status chip was last told, for tabs that come later. */
import type { Status, SyncDetails } from '../protocol/status.ts';

type Listener = (status: Status, details: SyncDetails) => void;

export class StatusBoard {
  #told: Parameters<Listener> | null = null;
  readonly #listeners = new Set<Listener>();

  /** Tells every listener. */
  readonly tell = (...told: Parameters<Listener>): void => {
    this.#told = told;
    for (const listener of this.#listeners) listener(...told);
  };

  /** Calls `listener` now, if there is anything to tell, and at every change, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#told) listener(...this.#told);
    return () => void this.#listeners.delete(listener);
  }
}
