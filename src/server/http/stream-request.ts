/** Reading of what a Durable Streams request says in its headers and query. Everything malformed is a Refusal 400. */
import { parseOffset } from '../streams/offset.ts';
import type { ProducerStamp, ReadFrom, StreamSettings } from '../streams/port.ts';
import { badRequest } from './refusal.ts';

type Header = (name: string) => string | undefined;

/** Decimal, no sign, no leading zeros. */
const WHOLE_NUMBER = /^(0|[1-9]\d*)$/;

/** 200 years: beyond it a date is out of reach of JavaScript and of sense. */
const MAX_TTL_SECONDS = 6_307_200_000;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

export const wantsClosed = (header: Header): boolean => header('Stream-Closed')?.trim().toLowerCase() === 'true';

export function parseSettings(header: Header): StreamSettings {
  const ttl = header('Stream-TTL');
  const expires = header('Stream-Expires-At');
  if (ttl !== undefined && expires !== undefined)
    throw badRequest('Stream-TTL and Stream-Expires-At exclude each other.');
  if (ttl !== undefined && (!WHOLE_NUMBER.test(ttl) || Number(ttl) > MAX_TTL_SECONDS)) {
    throw badRequest('Stream-TTL is a whole number of seconds.');
  }
  const expiresAt = expires === undefined ? null : RFC3339.test(expires) ? Date.parse(expires) : Number.NaN;
  if (Number.isNaN(expiresAt)) throw badRequest('Stream-Expires-At is an RFC 3339 time.');
  return {
    contentType: header('Content-Type') ?? 'application/octet-stream',
    ttlSeconds: ttl === undefined ? null : Number(ttl),
    expiresAt,
  };
}

/** Null when the request names no producer. */
export function parseProducer(header: Header): ProducerStamp | null {
  const id = header('Producer-Id');
  const epoch = header('Producer-Epoch');
  const seq = header('Producer-Seq');
  if (id === undefined && epoch === undefined && seq === undefined) return null;
  if (id === undefined || epoch === undefined || seq === undefined) {
    throw badRequest('Producer-Id, Producer-Epoch and Producer-Seq come together.');
  }
  if (id === '' || id.length > 256) throw badRequest('Producer-Id has 1 to 256 characters.');
  return { id, epoch: counter(epoch, 'Producer-Epoch'), seq: counter(seq, 'Producer-Seq') };
}

function counter(text: string, name: string): number {
  const value = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw badRequest(`${name} is a whole number below 2^53.`);
  return value;
}

export type LiveMode = 'long-poll' | 'sse';

export interface ReadRequest {
  readonly from: ReadFrom;
  readonly live: LiveMode | null;
  /** Cursor of the reader's last live answer. */
  readonly cursor: string | undefined;
}

export function parseRead(query: URLSearchParams): ReadRequest {
  const offsets = query.getAll('offset');
  if (offsets.length > 1) throw badRequest('There is more than one offset.');
  const live = query.get('live');
  if (live !== null && live !== 'long-poll' && live !== 'sse') throw badRequest('live is long-poll or sse.');
  if (live !== null && offsets.length === 0) throw badRequest('A live read needs an offset.');
  return { from: parseFrom(offsets[0]), live, cursor: query.get('cursor') ?? undefined };
}

/** Where a reader is; nothing stands for the start. */
export function parseFrom(text: string | undefined): ReadFrom {
  if (text === undefined || text === '-1') return 'start';
  if (text === 'now') return 'now';
  const offset = parseOffset(text);
  if (!offset) throw badRequest('The offset is not one of this server.');
  return offset;
}
