/** Reading of Durable Streams over HTTP: catch-up (5.6), long-poll (5.7) and SSE (5.8). */
import { mediaType } from '../streams/media-type.ts';
import { formatOffset } from '../streams/offset.ts';
import type { ReadLimit, ReadOutcome, StreamPage } from '../streams/port.ts';
import { Bell } from './bell.ts';
import { compressed } from './compress.ts';
import { laterCursor, nextCursor } from './cursor.ts';
import { joinMessages } from './json-mode.ts';
import { liveAnswer } from './live-answer.ts';
import { LiveHub } from './live-hub.ts';
import { whenOver } from './over.ts';
import { Refusal, tooMany } from './refusal.ts';
import { isTextual, sendEvents } from './sse.ts';
import { parseRead, type ReadRequest } from './stream-request.ts';
import {
  EARLIEST,
  noStream,
  TRIMMED_BY,
  type StreamContext,
  type StreamServices,
  type StreamTarget,
} from './stream-target.ts';

export class StreamReader {
  readonly #services: StreamServices;
  readonly #hub: LiveHub;
  readonly #openByReader = new Map<string, number>();
  /** What ends each live read under way. */
  readonly #ends = new Set<() => void>();

  constructor(services: StreamServices) {
    this.#services = services;
    // One listener for all: a signal looks through those it has for each that comes or goes, and there are thousands.
    services.stopping.addEventListener('abort', () => {
      for (const end of [...this.#ends]) end();
    });
    this.#hub = new LiveHub(services.store, services.limits.livePage);
  }

  /** Live reads under way. */
  get liveReaders(): number {
    return this.#ends.size;
  }

  /** GET, in the mode that the query asks for. */
  async read(c: StreamContext, target: StreamTarget): Promise<Response> {
    const request = parseRead(new URL(c.req.url).searchParams);
    if (request.live && target.reader !== null) this.#countReader(c, target.reader);
    if (request.live === 'sse') return this.#readEvents(c, target, request);
    if (request.live === 'long-poll') return this.#longPoll(c, target, request);
    const page = await this.#page(target.path, request, this.#services.limits.page);
    if (request.from === 'now') return this.#answer(c, target, page, { 'Cache-Control': 'no-store' });
    const etag = etagOf(page);
    const headers = { ETag: etag, 'Cache-Control': target.cacheControl };
    if (matches(c.req.header('If-None-Match'), etag)) return c.body(null, 304, { ...headers, ...pageHeaders(page) });
    return this.#answer(c, target, page, headers);
  }

  async #page(path: string, { from }: ReadRequest, limit: ReadLimit): Promise<StreamPage> {
    return pageOf(await this.#services.store.read(path, from, limit));
  }

  async #answer(
    c: StreamContext,
    target: StreamTarget,
    page: StreamPage,
    headers: Record<string, string>,
  ): Promise<Response> {
    const { contentType } = page.head;
    const bytes = isJson(contentType) ? joinMessages(page.messages) : Buffer.concat(page.messages);
    const { body, encoding } = await compressed(bytes, c.req.header('Accept-Encoding'));
    return c.body(new Uint8Array(body), 200, {
      'Cache-Control': target.cacheControl,
      ...headers,
      ...pageHeaders(page),
      'Content-Type': contentType,
      Vary: 'Accept-Encoding',
      ...(encoding && { 'Content-Encoding': encoding }),
    });
  }

  async #longPoll(c: StreamContext, target: StreamTarget, request: ReadRequest): Promise<Response> {
    const { now, random, limits } = this.#services;
    const bell = new Bell();
    const ring = (): void => bell.ring();
    const unfollow = this.#hub.follow(target.path, ring);
    const ended = this.#endOf(c, target);
    ended.addEventListener('abort', ring);
    try {
      const deadline = now() + limits.longPollMillis;
      let page = await this.#page(target.path, request, limits.livePage);
      let waited = false;
      while (page.messages.length === 0 && !page.head.closed && !ended.aborted && !waited) {
        waited = !(await bell.wait(Math.max(0, deadline - now())));
        page = await this.#page(target.path, { ...request, from: page.next }, limits.livePage);
      }
      const cursor =
        page.head.closed && page.upToDate ? {} : { 'Stream-Cursor': nextCursor(now(), request.cursor, random()) };
      if (page.messages.length === 0) {
        return c.body(null, 204, { 'Cache-Control': 'no-store', ...pageHeaders(page), ...cursor });
      }
      return await this.#answer(c, target, page, { ETag: etagOf(page), ...cursor });
    } finally {
      ended.removeEventListener('abort', ring);
      unfollow();
    }
  }

  async #readEvents(c: StreamContext, target: StreamTarget, request: ReadRequest): Promise<Response> {
    const { now, random, limits } = this.#services;
    const first = await this.#page(target.path, request, limits.livePage);
    const cursor = nextCursor(now(), request.cursor, random());
    const headers = {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-store',
      'X-Accel-Buffering': 'no',
      ...(!isTextual(first.head.contentType) && { 'Stream-SSE-Data-Encoding': 'base64' }),
    };
    const reader = {
      path: target.path,
      hub: this.#hub,
      limits,
      cursor: () => laterCursor(now(), cursor),
      ended: this.#endOf(c, target),
      outgoing: c.env.outgoing,
    };
    return liveAnswer(c, headers, () => sendEvents(reader, first));
  }

  /** Counts a live read of a reader until its connection closes; throws a Refusal 429 when it is one too many. */
  #countReader(c: StreamContext, reader: string): void {
    const open = this.#openByReader.get(reader) ?? 0;
    if (open >= this.#services.limits.liveReads) throw tooMany('This device has too many live connections open.', 5);
    this.#openByReader.set(reader, open + 1);
    whenOver(c.env.outgoing, () => {
      const left = this.#openByReader.get(reader)! - 1;
      if (left > 0) this.#openByReader.set(reader, left);
      else this.#openByReader.delete(reader);
    });
  }

  /** Aborted when the connection closes, the caller's access is revoked or the server stops. */
  #endOf(c: StreamContext, target: StreamTarget): AbortSignal {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    if (this.#services.stopping.aborted || target.ended?.aborted) end();
    this.#ends.add(end);
    target.ended?.addEventListener('abort', end);
    whenOver(c.env.outgoing, () => {
      this.#ends.delete(end);
      target.ended?.removeEventListener('abort', end);
      end();
    });
    return ended.signal;
  }
}

/** The page, or the Refusal that a reader gets in its place. */
export function pageOf(outcome: ReadOutcome): StreamPage {
  switch (outcome.kind) {
    case 'page':
      return outcome;
    case 'missing':
      throw noStream();
    case 'trimmed':
      throw new Refusal(
        410,
        'trimmed',
        'This server keeps messages for a limited time, and has none that old. Start from a snapshot.',
        { [EARLIEST]: formatOffset(outcome.earliest), [TRIMMED_BY]: String(outcome.before) },
      );
    case 'gone':
      throw new Refusal(
        410,
        'gone',
        outcome.reason === 'otherLog'
          ? 'The offset belongs to another log: this stream was made anew. Read from the start.'
          : 'The log does not hold what lies before this offset: it was put back to an older state. Read from the start.',
      );
  }
}

const isJson = (contentType: string): boolean => mediaType(contentType) === 'application/json';

function pageHeaders(page: StreamPage): Record<string, string> {
  return {
    'Stream-Next-Offset': formatOffset(page.next),
    // An extension (protocol, 11.1), so that a first sync can show how far it is: messages before the next offset, and in all.
    'Daybook-Position': `${page.next.position}/${page.head.tail.position}`,
    ...(page.upToDate && { 'Stream-Up-To-Date': 'true' }),
    ...(page.upToDate && page.head.closed && { 'Stream-Closed': 'true' }),
  };
}

/** Weak, since the same page may travel compressed or not. Differs once the stream is closed. */
function etagOf({ start, next, upToDate, head }: StreamPage): string {
  return `W/"${formatOffset(start)}:${formatOffset(next)}${upToDate && head.closed ? ':c' : ''}"`;
}

const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined && header.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*');
