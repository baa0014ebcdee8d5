import type { Context } from 'hono';
import { formatOffset } from '../streams/offset.ts';
import type { ProducerStamp, ReadLimit, StreamHead, StreamSettings, StreamStore } from '../streams/port.ts';
import type { BodyLimits } from './body.ts';
import type { Env } from './env.ts';
import type { JsonLimits } from './json-mode.ts';
import { notFound, type Refusal } from './refusal.ts';
import type { SseLimits } from './sse.ts';

export interface StreamLimits extends BodyLimits, SseLimits {
  /** Of one append. */
  readonly json: JsonLimits;
  /** Of a catch-up page. */
  readonly page: ReadLimit;
  /** Of one live answer. */
  readonly livePage: ReadLimit;
  readonly longPollMillis: number;
  /** Live reads that one reader may have open at a time. */
  readonly liveReads: number;
}

/** A write that is about to happen, as rules of the stream's keeper may want to see it. */
export interface StreamWrite {
  readonly action: 'create' | 'append';
  readonly closes: boolean;
  readonly settings: StreamSettings;
  readonly producer: ProducerStamp | null;
  /** Parsed messages of a JSON stream; null for other content types. */
  readonly values: readonly unknown[] | null;
}

/** A stream, and what its keeper allows. */
export interface StreamTarget {
  /** Its key in the store. */
  readonly path: string;
  readonly cacheControl: string;
  /** Whose live reads are counted together; null: not counted. */
  readonly reader: string | null;
  /** Ends live reads: access was revoked. */
  readonly ended: AbortSignal | null;
  /** Throws a Refusal for what must not be written here. */
  readonly check: (write: StreamWrite) => void;
  /** Throws a Refusal when the caller must not delete it. */
  readonly checkDelete: () => void;
}

export interface StreamServices {
  readonly store: StreamStore;
  readonly limits: StreamLimits;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** 0 <= random < 1 */
  readonly random: () => number;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

export type StreamContext = Context<Env>;

/** Extensions of the protocol (11.1): where a stream begins that is not kept whole. */
export const EARLIEST = 'Daybook-Earliest-Offset';
export const TRIMMED_BY = 'Daybook-Trimmed-By';

export const noStream = (): Refusal => notFound('There is no such stream.');

export function tailHeaders({ tail, closed }: Pick<StreamHead, 'tail' | 'closed'>): Record<string, string> {
  return { 'Stream-Next-Offset': formatOffset(tail), ...(closed && { 'Stream-Closed': 'true' }) };
}
