/** What a book holds, told by the ids of its bundles alone, so that a device can compare them with its own ([SYNC-9]). */
import { type BundleId, parseId } from '../../core/ids.ts';
import type { BundleIds } from '../../protocol/account.ts';
import { formatOffset, parseOffset, type Offset } from '../streams/offset.ts';
import type { ReadFrom, ReadLimit, StreamStore } from '../streams/port.ts';
import { badRequest } from './refusal.ts';
import { pageOf } from './stream-reads.ts';
import { parseFrom } from './stream-request.ts';

export interface IdsRequest {
  readonly after: ReadFrom;
  /** Null: the end of the stream as it is. */
  readonly until: Offset | null;
  readonly limit: number;
}

const LIMIT = /^[1-9]\d{0,8}$/;

/** @param most ids that a page may have; a request for more gets as many */
export function parseIdsRequest(query: URLSearchParams, most: number): IdsRequest {
  for (const name of ['after', 'until', 'limit']) {
    if (query.getAll(name).length > 1) throw badRequest(`There is more than one ${name}.`);
  }
  const [until, limit] = [query.get('until'), query.get('limit')];
  const end = until === null ? null : parseOffset(until);
  if (until !== null && end === null) throw badRequest('until is not an offset of this server.');
  if (limit !== null && !LIMIT.test(limit)) throw badRequest('limit is a whole number from 1 on.');
  return {
    after: parseFrom(query.get('after') ?? undefined),
    until: end,
    limit: limit === null ? most : Math.min(most, Number(limit)),
  };
}

/**
 * The next page of ids. What is kept no longer is passed over, and the page says so. Throws a Refusal where the log is
 * another one, or was put back to before `after` or `until`.
 */
export async function listIds(
  streams: StreamStore,
  path: string,
  { after, until, limit }: IdsRequest,
  { bytes }: ReadLimit,
): Promise<BundleIds> {
  // Whoever has read up to `until` has to be told where the log does not hold what lies before it any more.
  const end = until && (await streams.read(path, until, { messages: 0, bytes: 0 }));
  if (end?.kind === 'trimmed') {
    const next = formatOffset(until!);
    return { ids: [], from: next, next, upToDate: true, trimmed: true };
  }
  if (end) pageOf(end);

  const first = await streams.read(path, after, { messages: limit, bytes });
  const trimmed = first.kind === 'trimmed';
  const page = pageOf(trimmed ? await streams.read(path, first.earliest, { messages: limit, bytes }) : first);
  const { start, messages, next, upToDate } = page;
  const wanted = until ? Math.max(0, until.position - start.position) : messages.length;
  const ends = until !== null && messages.length >= wanted;
  return {
    ids: messages.slice(0, wanted).flatMap((message) => idOf(message) ?? []),
    from: formatOffset(start),
    next: formatOffset(ends ? until : next),
    upToDate: ends || upToDate,
    trimmed,
  };
}

/** Null for a message that is no bundle: a book takes none, and whatever got in by other ways has no id to compare. */
function idOf(message: Uint8Array): BundleId | null {
  const value: unknown = JSON.parse(Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString());
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'string' ? parseId<BundleId>(id) : null;
}
