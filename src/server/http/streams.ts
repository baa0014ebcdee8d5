/**
 * The Durable Streams protocol over HTTP, for a stream that the caller has found and may use: creation, appends, closing,
 * deletion, catch-up, long-poll and SSE reads. What is left out, and why: docs/server.md.
 */
import type { Context } from 'hono';
import { formatOffset } from '../streams/offset.ts';
import { mediaType } from '../streams/media-type.ts';
import type {
  Append,
  ProducerStamp,
  ReadLimit,
  StreamHead,
  StreamPage,
  StreamSettings,
  StreamStore,
} from '../streams/port.ts';
import { Bell } from './bell.ts';
import { type BodyLimits, readBody } from './body.ts';
import { compressed } from './compress.ts';
import { nextCursor } from './cursor.ts';
import type { Env } from './env.ts';
import { joinMessages, splitMessages } from './json-mode.ts';
import { LiveHub } from './live-hub.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';
import { isTextual, liveEvents, type SseLimits } from './sse.ts';
import { parseProducer, parseRead, parseSettings, type ReadRequest, wantsClosed } from './stream-request.ts';

export interface StreamLimits extends BodyLimits, SseLimits {
  /** Of a catch-up page. */
  readonly page: ReadLimit;
  /** Of one live answer. */
  readonly livePage: ReadLimit;
  readonly longPollMillis: number;
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

const noStream = (): Refusal => notFound('There is no such stream.');
const conflict = (message: string, headers: Record<string, string>): Refusal =>
  new Refusal(409, 'conflict', message, headers);

export class StreamHandler {
  readonly #services: StreamServices;
  readonly #hub: LiveHub;
  #liveReaders = 0;

  constructor(services: StreamServices) {
    this.#services = services;
    this.#hub = new LiveHub(services.store, services.limits.livePage);
  }

  /** Live reads under way. */
  get liveReaders(): number {
    return this.#liveReaders;
  }

  async handle(c: Context<Env>, target: StreamTarget): Promise<Response> {
    switch (c.req.method) {
      case 'GET':
        return this.#read(c, target);
      case 'HEAD':
        return this.#head(c, target);
      case 'PUT':
        return this.#create(c, target);
      case 'POST':
        return this.#append(c, target);
      case 'DELETE':
        return this.#delete(c, target);
      default:
        throw new Refusal(405, 'notSupported', 'A stream knows GET, HEAD, PUT, POST and DELETE.', {
          Allow: 'GET, HEAD, PUT, POST, DELETE',
        });
    }
  }

  async #create(c: Context<Env>, target: StreamTarget): Promise<Response> {
    const header = headerOf(c);
    if (
      ['Stream-Forked-From', 'Stream-Fork-Offset', 'Stream-Fork-Sub-Offset'].some((name) => header(name) !== undefined)
    ) {
      throw new Refusal(501, 'notSupported', 'This server does not fork streams.');
    }
    const settings = parseSettings(header);
    const closed = wantsClosed(header);
    const body = await readBody(c.env.incoming, this.#services.limits);
    const { messages, values } = body.length > 0 ? messagesOf(body, settings.contentType) : NO_MESSAGES;
    target.check({ action: 'create', closes: closed, settings, producer: null, values });

    const outcome = await this.#services.store.create(target.path, { ...settings, closed, messages });
    const headers = { ...tailHeaders(outcome.head), 'Content-Type': outcome.head.contentType };
    if (outcome.kind === 'differs') {
      throw conflict('A stream with other settings is there already.', tailHeaders(outcome.head));
    }
    if (outcome.kind === 'exists') return c.body('', 200, headers);
    return c.body('', 201, { ...headers, Location: c.req.url });
  }

  async #append(c: Context<Env>, target: StreamTarget): Promise<Response> {
    const header = headerOf(c);
    const producer = parseProducer(header);
    const close = wantsClosed(header);
    const body = await readBody(c.env.incoming, this.#services.limits);
    if (body.length === 0 && !close) throw badRequest('There is nothing to append.');
    const contentType = header('Content-Type');
    if (body.length > 0 && contentType === undefined) throw badRequest('An append needs a Content-Type.');
    const { messages, values } = body.length > 0 ? messagesOf(body, contentType!) : NO_MESSAGES;
    if (body.length > 0 && messages.length === 0) throw badRequest('An empty array appends nothing.');
    const settings = { contentType: contentType ?? '', ttlSeconds: null, expiresAt: null };
    target.check({ action: 'append', closes: close, settings, producer, values });

    const append: Append = {
      contentType: settings.contentType,
      messages,
      close,
      seq: header('Stream-Seq') ?? null,
      producer,
    };
    const outcome = await this.#services.store.append(target.path, append);
    switch (outcome.kind) {
      case 'appended':
      case 'duplicate': {
        const fresh = outcome.kind === 'appended' && producer !== null && messages.length > 0;
        const headers = {
          ...tailHeaders(outcome),
          ...(outcome.producer && {
            'Producer-Epoch': String(outcome.producer.epoch),
            'Producer-Seq': String(outcome.producer.seq),
          }),
        };
        return fresh ? c.body('', 200, headers) : c.body(null, 204, headers);
      }
      case 'missing':
        throw noStream();
      case 'closed':
        throw conflict('The stream is closed.', {
          'Stream-Closed': 'true',
          'Stream-Next-Offset': formatOffset(outcome.tail),
        });
      case 'wrongType':
        throw conflict(`The stream holds ${outcome.expected}.`, {});
      case 'seqRegressed':
        throw conflict('Stream-Seq must be greater than the last one.', {});
      case 'staleEpoch':
        throw new Refusal(403, 'forbidden', 'A newer epoch of this producer writes here.', {
          'Producer-Epoch': String(outcome.epoch),
        });
      case 'gap':
        throw conflict('Appends of this producer are missing before this one.', {
          'Producer-Expected-Seq': String(outcome.expected),
          'Producer-Received-Seq': String(producer!.seq),
        });
      case 'epochStart':
        throw badRequest('A new epoch begins with Producer-Seq 0.');
    }
  }

  async #delete(c: Context<Env>, target: StreamTarget): Promise<Response> {
    target.checkDelete();
    if (!(await this.#services.store.delete(target.path))) throw noStream();
    return c.body(null, 204);
  }

  async #head(c: Context<Env>, target: StreamTarget): Promise<Response> {
    const head = await this.#services.store.head(target.path);
    if (!head) throw noStream();
    return c.body(null, 200, {
      ...tailHeaders(head),
      'Content-Type': head.contentType,
      'Cache-Control': 'no-store',
      ...(head.ttlSeconds !== null && { 'Stream-TTL': String(head.ttlSeconds) }),
      ...(head.expiresAt !== null && { 'Stream-Expires-At': new Date(head.expiresAt).toISOString() }),
    });
  }

  async #read(c: Context<Env>, target: StreamTarget): Promise<Response> {
    const request = parseRead(new URL(c.req.url).searchParams);
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
    const outcome = await this.#services.store.read(path, from, limit);
    switch (outcome.kind) {
      case 'page':
        return outcome;
      case 'missing':
        throw noStream();
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

  async #answer(
    c: Context<Env>,
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

  async #longPoll(c: Context<Env>, target: StreamTarget, request: ReadRequest): Promise<Response> {
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

  async #readEvents(c: Context<Env>, target: StreamTarget, request: ReadRequest): Promise<Response> {
    const { now, random, limits } = this.#services;
    const first = await this.#page(target.path, request, limits.livePage);
    let cursor = request.cursor;
    const { outgoing } = c.env;
    const events = liveEvents(
      {
        path: target.path,
        hub: this.#hub,
        limits,
        now,
        cursor: () => (cursor = nextCursor(now(), cursor, random())),
        ended: this.#endOf(c, target),
        cutOff: () => outgoing.destroy(),
      },
      first,
    );
    return c.body(ReadableStream.from(events), 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-store',
      'X-Accel-Buffering': 'no',
      ...(!isTextual(first.head.contentType) && { 'Stream-SSE-Data-Encoding': 'base64' }),
    });
  }

  /** Aborted when the connection closes, the caller's access is revoked or the server stops. */
  #endOf(c: Context<Env>, target: StreamTarget): AbortSignal {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const causes = [this.#services.stopping, ...(target.ended ? [target.ended] : [])];
    for (const cause of causes) {
      if (cause.aborted) end();
      cause.addEventListener('abort', end);
    }
    this.#liveReaders += 1;
    c.env.outgoing.once('close', () => {
      this.#liveReaders -= 1;
      for (const cause of causes) cause.removeEventListener('abort', end);
      end();
    });
    return ended.signal;
  }
}

const NO_MESSAGES = { messages: [], values: null } as const;

const headerOf = (c: Context<Env>) => (name: string) => c.req.header(name);

const isJson = (contentType: string): boolean => mediaType(contentType) === 'application/json';

function messagesOf(
  body: Buffer,
  contentType: string,
): { messages: readonly Uint8Array[]; values: readonly unknown[] | null } {
  if (!isJson(contentType)) return { messages: [body], values: null };
  const json = splitMessages(body);
  if (!json) throw badRequest('The body is not valid JSON.');
  return json;
}

function tailHeaders({ tail, closed }: Pick<StreamHead, 'tail' | 'closed'>): Record<string, string> {
  return { 'Stream-Next-Offset': formatOffset(tail), ...(closed && { 'Stream-Closed': 'true' }) };
}

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
