/** Keeps over restarts when the server last answered: to the minute, since it answers all the time. */
import type { SyncDetails } from '../protocol/status.ts';

const EVERY_MILLIS = 60_000;

export class ContactNote {
  readonly #write: (serverUrl: string, at: number) => Promise<void>;
  #kept: { readonly serverUrl: string; readonly at: number } | null = null;

  constructor(write: (serverUrl: string, at: number) => Promise<void>) {
    this.#write = write;
  }

  note({ serverUrl, lastContactAt: at }: Pick<SyncDetails, 'serverUrl' | 'lastContactAt'>): void {
    if (serverUrl === null || at === null) return;
    // A clock that was set back is believed: what is kept is told by the same clock.
    if (this.#kept?.serverUrl === serverUrl && Math.abs(at - this.#kept.at) < EVERY_MILLIS) return;
    this.#kept = { serverUrl, at };
    // Where there is no room, the next start does not know: nothing depends on it.
    this.#write(serverUrl, at).catch(() => undefined);
  }
}
