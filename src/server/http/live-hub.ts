import { formatOffset, type Offset } from '../streams/offset.ts';
import type { ReadLimit, ReadOutcome, StreamStore } from '../streams/port.ts';

interface Channel {
  readonly followers: Set<() => void>;
  /** Reads under way since the last change, by offset: what thousands of readers ask at once is read once. */
  readonly reads: Map<string, Promise<ReadOutcome>>;
  readonly stop: () => void;
}

/** Lets many live readers follow one stream for the price of one. */
export class LiveHub {
  readonly #store: StreamStore;
  readonly #limit: ReadLimit;
  readonly #channels = new Map<string, Channel>();

  constructor(store: StreamStore, limit: ReadLimit) {
    this.#store = store;
    this.#limit = limit;
  }

  /** Calls `wake` after each change of the stream; returns what stops it. */
  follow(path: string, wake: () => void): () => void {
    let channel = this.#channels.get(path);
    if (!channel) {
      channel = this.#open(path);
      this.#channels.set(path, channel);
    }
    const { followers, stop } = channel;
    followers.add(wake);
    return () => {
      followers.delete(wake);
      if (followers.size > 0 || this.#channels.get(path)?.followers !== followers) return;
      this.#channels.delete(path);
      stop();
    };
  }

  /** A page behind `from`, shared with everybody who asks for the same before the next change. */
  read(path: string, from: Offset): Promise<ReadOutcome> {
    const reads = this.#channels.get(path)?.reads;
    if (!reads) return this.#store.read(path, from, this.#limit);
    const key = formatOffset(from);
    const shared = reads.get(key);
    if (shared) return shared;
    const read = this.#store.read(path, from, this.#limit);
    reads.set(key, read);
    const forget = (): void => {
      if (reads.get(key) === read) reads.delete(key);
    };
    read.then(forget, forget);
    return read;
  }

  #open(path: string): Channel {
    const followers = new Set<() => void>();
    const reads = new Map<string, Promise<ReadOutcome>>();
    const stop = this.#store.watch(path, () => {
      // A read that began before this change may not show it: whoever asks from now on gets a new one.
      reads.clear();
      for (const wake of [...followers]) wake();
    });
    return { followers, reads, stop };
  }
}
