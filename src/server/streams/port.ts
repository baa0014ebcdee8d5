import type { Offset } from './offset.ts';

/** What a stream is made with. Making it again with the same settings is no error. */
export interface StreamSettings {
  /** As the maker wrote it; compared by media type alone, in lower case. */
  readonly contentType: string;
  /** Sliding lifetime in seconds, counted from the last read or write; null: for good. */
  readonly ttlSeconds: number | null;
  /** Absolute end of life, Unix milliseconds; null: none. */
  readonly expiresAt: number | null;
}

export interface StreamHead extends StreamSettings {
  /** Offset behind the last message. */
  readonly tail: Offset;
  /** Offset of the first message that is kept: the start, unless earlier ones were trimmed. */
  readonly earliest: Offset;
  readonly closed: boolean;
}

export interface NewStream extends StreamSettings {
  readonly closed: boolean;
  readonly messages: readonly Uint8Array[];
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly head: StreamHead }
  /** It was there already, with the same settings and the same closure. */
  | { readonly kind: 'exists'; readonly head: StreamHead }
  | { readonly kind: 'differs'; readonly head: StreamHead };

/** Position of an append in its producer's sequence. */
export interface ProducerStamp {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
}

export interface Append {
  /** Must match the stream's; not looked at when there are no messages. */
  readonly contentType: string;
  /** Stored in order, all or none. Empty only together with `close`. */
  readonly messages: readonly Uint8Array[];
  readonly close: boolean;
  /** Stream-Seq: must be greater than the last one, byte by byte. Scoped to the stream. */
  readonly seq: string | null;
  readonly producer: ProducerStamp | null;
}

export interface Stored {
  readonly tail: Offset;
  readonly closed: boolean;
  /** Highest number accepted of the producer's epoch; null without a producer. */
  readonly producer: { readonly epoch: number; readonly seq: number } | null;
}

export type AppendOutcome =
  /** Durable. */
  | ({ readonly kind: 'appended' } & Stored)
  /** Had been stored before: nothing was written. */
  | ({ readonly kind: 'duplicate' } & Stored)
  | { readonly kind: 'missing' }
  | { readonly kind: 'closed'; readonly tail: Offset }
  | { readonly kind: 'wrongType'; readonly expected: string }
  | { readonly kind: 'seqRegressed'; readonly last: string }
  | { readonly kind: 'staleEpoch'; readonly epoch: number }
  | { readonly kind: 'gap'; readonly expected: number }
  /** A new epoch has to begin at 0. */
  | { readonly kind: 'epochStart' };

/** Where to read from. */
export type ReadFrom = 'start' | 'now' | Offset;

export interface ReadLimit {
  readonly messages: number;
  /** A page ends before the message that would exceed it, but holds at least one. */
  readonly bytes: number;
}

export interface StreamPage {
  readonly kind: 'page';
  readonly head: StreamHead;
  readonly start: Offset;
  readonly messages: readonly Uint8Array[];
  /** Offset behind the last message of the page. */
  readonly next: Offset;
  /** Whether the stream held nothing more when the page was read. */
  readonly upToDate: boolean;
}

export type ReadOutcome =
  | StreamPage
  | { readonly kind: 'missing' }
  /** The offset belongs to another log, or to messages that this log never had or has no more: the log was reset or rewound. */
  | { readonly kind: 'gone'; readonly reason: 'otherLog' | 'rewound' }
  /** What lies behind the offset is kept from `earliest` on; everything before was stored by `before`, Unix milliseconds. */
  | { readonly kind: 'trimmed'; readonly earliest: Offset; readonly before: number };

/** Which messages are to be kept no more. */
export interface Trim {
  /** They lie before this offset of the present log. */
  readonly upTo: Offset;
  /** They are known to have been stored by then, Unix milliseconds. */
  readonly storedBy: number;
  /** How many at once; the oldest go first. */
  readonly limit: number;
}

/**
 * Where streams live. Paths are opaque keys. Every promise rejects only for faults of the storage (disk full, another
 * process in the way) or broken invariants; what a caller can do wrong comes back as an outcome.
 *
 * Held to by src/testing/stream-store-contract.ts, whatever the storage.
 */
export interface StreamStore {
  create(path: string, stream: NewStream): Promise<CreateOutcome>;
  /** Assigns offsets under the stream's lock and resolves after the durable commit, the producer's state included. */
  append(path: string, append: Append): Promise<AppendOutcome>;
  read(path: string, from: ReadFrom, limit: ReadLimit): Promise<ReadOutcome>;
  /** Null when there is none. Unlike a read it does not lengthen the stream's life. */
  head(path: string): Promise<StreamHead | null>;
  /** Whether there was one. */
  delete(path: string): Promise<boolean>;
  /**
   * Calls `wake` after every change of the stream: an append, its closing or deletion, and perhaps without a cause: look again.
   * Returns what stops it.
   */
  watch(path: string, wake: () => void): () => void;
  /**
   * Deletes messages for good, in one transaction of bounded size. Offsets, producers and the tail stay as they are. When
   * messages were stored is noted with each call, so it has to be called now and then for anything to become old.
   * @returns how many went
   */
  trim(path: string, trim: Trim): Promise<number>;
  /** Deletes expired streams that nobody asked for. Returns how many. */
  sweep(): Promise<number>;
}
