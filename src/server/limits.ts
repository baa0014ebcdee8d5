import type { AtOnce } from './http/at-once.ts';
import type { Rate } from './http/rate-limit.ts';
import type { ReadLimit } from './streams/port.ts';
import type { StreamLimits } from './http/stream-target.ts';

export interface Limits extends StreamLimits {
  /** Messages looked through for a page of ids. */
  readonly idsPage: ReadLimit;
  /** Requests by one address that has shown no token. */
  readonly addressRate: Rate;
  /** Requests by one device. */
  readonly deviceRate: Rate;
  /** Requests that one device has under way at a time. */
  readonly atOnce: AtOnce;
  /** Requests without a token that one address has under way at a time. */
  readonly addressAtOnce: AtOnce;
  /** Wrong codes by one address. */
  readonly guessRate: Rate;
  /** Wrong codes by everybody together. */
  readonly allGuessesRate: Rate;
  /** Of a whole snapshot of a book. */
  readonly snapshotBytes: number;
  /** How long a request may take to arrive with its headers, and with its body. */
  readonly headersMillis: number;
  readonly requestMillis: number;
  readonly headerBytes: number;
  /** How long nothing may move on a connection in the middle of a request: a reader that takes nothing, for one. */
  readonly idleMillis: number;
  /** How long a stop waits for answers under way. */
  readonly stopMillis: number;
}

const MB = 1024 * 1024;

/** What protects a server from too much of anything. A bundle is at most 1.4 MB of JSON. */
export const LIMITS: Limits = {
  bodyBytes: 8 * MB,
  decodedBytes: 16 * MB,
  json: { messages: 1_000, depth: 100, values: 100_000 },
  page: { messages: 1_000, bytes: 2 * MB },
  idsPage: { messages: 5_000, bytes: 4 * MB },
  livePage: { messages: 500, bytes: MB / 2 },
  longPollMillis: 20_000,
  liveReads: 16,
  lifeMillis: 60_000,
  heartbeatMillis: 10_000,
  stallMillis: 30_000,
  addressRate: { burst: 300, perSecond: 50 },
  deviceRate: { burst: 1_000, perSecond: 200 },
  atOnce: { all: 32, writes: 8 },
  addressAtOnce: { all: 100, writes: 100 },
  guessRate: { burst: 10, perSecond: 1 / 6 },
  allGuessesRate: { burst: 200, perSecond: 20 },
  snapshotBytes: 512 * MB,
  headersMillis: 10_000,
  requestMillis: 300_000,
  headerBytes: 16_384,
  idleMillis: 60_000,
  stopMillis: 1_500,
};
