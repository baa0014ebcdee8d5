/**
 * The server's side of sync over HTTP: the parts of the Durable Streams protocol that a book needs. What comes back is held
 * against the protocol before it is believed: a captive portal's page is nobody's acknowledgement.
 */
import { gzip } from '../core/gzip.ts';
import type { BookId, BundleId } from '../core/ids.ts';
import { decodeText, encodeText } from '../core/utf8.ts';
import { ApiError, BundleIds, ServerTime } from '../protocol/account.ts';
import { BundleMessage } from '../protocol/bundle-message.ts';
import { call, NoAnswer, type Answer, type Limits, type Platform, type Request } from './http-call.ts';
import type {
  AppendOutcome,
  CreateOutcome,
  Failure,
  IdsOutcome,
  OutboxBundle,
  Producer,
  ReadOutcome,
  Signal,
  TailOutcome,
  TimeOutcome,
  Transport,
} from './ports.ts';
import { readEvents } from './sse.ts';
import * as v from 'valibot';

const MB = 1_000_000;
const QUICK: Limits = { answerMillis: 15_000, silenceMillis: 15_000, bodyBytes: 100_000 };
/** Time to send a bundle of 1.4 MB over a slow network. */
const APPEND: Limits = { answerMillis: 60_000, silenceMillis: 15_000, bodyBytes: 100_000 };
/** Our server's pages have 2 MB; others may send a whole stream at once. */
const READ: Limits = { answerMillis: 30_000, silenceMillis: 30_000, bodyBytes: 256 * MB };
/** A live connection shows that it is alive every 15 to 30 seconds, and ends after a minute or so. */
const TAIL: Limits = { answerMillis: 20_000, silenceMillis: 75_000, bodyBytes: Infinity };
const EVENT_BYTES = 64 * MB;
/** A bundle smaller than this fits into one packet anyway. */
const GZIP_FROM_CHARACTERS = 1_000;
/** Where the stream starts, in the protocol's words. */
const START = '-1';

export interface HttpTransportOptions<S> {
  readonly platform: Platform<S>;
  /** Address of the book's stream. */
  readonly streamUrl: string;
  /** Where the server tells its time; null for a server that does not. */
  readonly timeUrl: string | null;
  /** The server tells ids of bundles alone under this address; unless given, they are taken out of the stream. */
  readonly idsUrl?: string | null;
  /** Which bundles of a stream are told of: those of this book; unless given, all. */
  readonly bookId?: BookId;
  /** Producer-Id: the client. */
  readonly producerId: string;
  /** Sent as a bearer token, in a header alone; null for a server without accounts. */
  readonly token: string | null;
  /** Whether the server undoes `Content-Encoding: gzip`; Daybook's does. */
  readonly gzip: boolean;
}

export function createHttpTransport<S>(options: HttpTransportOptions<S>): Transport {
  const { platform, streamUrl, timeUrl, producerId, token } = options;
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };

  /** Makes a call and lets `look` see the answer; whatever goes wrong on the way is an `unreachable`. */
  async function ask<T>(
    request: Request,
    limits: Limits,
    signal: Signal,
    look: (answer: Answer) => Promise<T>,
  ): Promise<T | Failure> {
    try {
      const answer = await call(
        platform,
        { ...request, headers: { ...authorization, ...request.headers } },
        limits,
        signal,
      );
      try {
        return await look(answer);
      } finally {
        answer.end();
      }
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'unreachable', message: error.message };
      throw error;
    }
  }

  const readUrl = (cursor: string | null, live: string): string =>
    `${streamUrl}?${live}offset=${encodeURIComponent(cursor ?? START)}`;

  /** A page of the stream, and of its messages the ids. */
  async function idsOfPage(after: string | null, until: string, signal: Signal): Promise<IdsOutcome> {
    const outcome = await transport.read(after, signal);
    if (outcome.kind !== 'page') return outcome;
    const { messages, cursor, upToDate } = outcome.page;
    const ids = messages.flatMap((message) => idOf(message, options.bookId) ?? []);
    const page = { ids, messages, from: after, next: cursor, done: upToDate || cursor >= until, trimmed: false };
    return { kind: 'ids', page };
  }

  const transport: Transport = {
    create: (signal) =>
      ask<CreateOutcome>(
        { method: 'PUT', url: streamUrl, headers: { 'content-type': 'application/json' } },
        QUICK,
        signal,
        async (answer) => {
          if ((answer.status === 200 || answer.status === 201) && answer.header('stream-next-offset'))
            return { kind: 'created' };
          const failure = failureOf(answer);
          if (failure) return withMessage(failure, answer);
          return { kind: 'refused', message: await messageOf(answer, 'The server does not take this book.') };
        },
      ),

    append(bundle: OutboxBundle, producer: Producer, signal: Signal): Promise<AppendOutcome> {
      const zipped = options.gzip && bundle.message.length >= GZIP_FROM_CHARACTERS;
      const request: Request = {
        method: 'POST',
        url: streamUrl,
        headers: {
          'content-type': 'application/json',
          ...(zipped ? { 'content-encoding': 'gzip' } : {}),
          'producer-id': producerId,
          'producer-epoch': String(producer.epoch),
          'producer-seq': String(producer.seq),
        },
        body: zipped ? new Uint8Array(gzip(encodeText(bundle.message))) : bundle.message,
      };
      return ask<AppendOutcome>(request, APPEND, signal, (answer) => appended(answer, producer));
    },

    read: (cursor, signal) =>
      ask<ReadOutcome>(
        { method: 'GET', url: readUrl(cursor, ''), headers: { accept: 'application/json' } },
        READ,
        signal,
        async (answer) => {
          if (answer.status !== 200) return notRead(answer, cursor);
          if (answer.mediaType !== 'application/json') throw notAServer();
          const messages = parse(textOf(await answer.bytes()));
          const next = answer.header('stream-next-offset');
          if (!Array.isArray(messages) || !next) throw notAServer();
          if (goesBack(cursor, next)) return rewound();
          const upToDate = answer.header('stream-up-to-date') === 'true';
          return {
            kind: 'page',
            page: { messages, cursor: next, upToDate, progress: progressOf(answer.header('daybook-position')) },
          };
        },
      ),

    tail: (cursor, onPage, signal) =>
      ask<TailOutcome>(
        { method: 'GET', url: readUrl(cursor, 'live=sse&'), headers: { accept: 'text/event-stream' } },
        TAIL,
        signal,
        async (answer) => {
          if (answer.status !== 200) return notRead(answer, cursor);
          if (answer.mediaType !== 'text/event-stream') throw notAServer();
          let at = cursor;
          let messages: unknown[] = [];
          let size = 0;
          for await (const { event, data } of readEvents(answer.pieces(), EVENT_BYTES)) {
            if (event === 'data') {
              size += data.length;
              if (size > EVENT_BYTES) throw new NoAnswer('The server sent more than fits.');
              messages = messages.concat(parse(data));
            } else if (event === 'control') {
              const control = v.safeParse(Control, parse(data));
              if (!control.success) throw notAServer();
              const { streamNextOffset: next, upToDate, streamClosed } = control.output;
              if (goesBack(at, next)) return rewound();
              await onPage({
                messages,
                cursor: next,
                upToDate: upToDate === true || streamClosed === true,
                progress: null,
              });
              at = next;
              messages = [];
              size = 0;
            }
          }
          return { kind: 'ended' };
        },
      ),

    async time(signal): Promise<TimeOutcome> {
      if (timeUrl === null) return { kind: 'unknown' };
      const { clock } = platform;
      const start = clock.steady();
      return ask<TimeOutcome>(
        { method: 'GET', url: timeUrl, headers: { accept: 'application/json' } },
        QUICK,
        signal,
        async (answer) => {
          if (answer.status === 200 && answer.mediaType === 'application/json') {
            // When the head of the answer is in: its few bytes of body come with it.
            const roundTripMillis = clock.steady() - start;
            const receivedAt = clock.wall();
            const time = v.safeParse(ServerTime, parse(textOf(await answer.bytes())));
            if (!time.success) throw notAServer();
            return { kind: 'time', serverMillis: time.output.millis, roundTripMillis, receivedAt };
          }
          const failure = failureOf(answer);
          if (failure) return withMessage(failure, answer);
          if (isPage(answer)) throw notAServer();
          return { kind: 'unknown' };
        },
      );
    },

    async ids(after, until, signal): Promise<IdsOutcome> {
      const { idsUrl = null } = options;
      if (idsUrl === null) return idsOfPage(after, until, signal);
      const query = `after=${encodeURIComponent(after ?? START)}&until=${encodeURIComponent(until)}`;
      const outcome = await ask<IdsOutcome | { readonly kind: 'unknown' }>(
        { method: 'GET', url: `${idsUrl}?${query}`, headers: { accept: 'application/json' } },
        { ...QUICK, bodyBytes: 8 * MB },
        signal,
        async (answer) => {
          if (answer.status === 404 && !isPage(answer)) return { kind: 'unknown' };
          if (answer.status !== 200) return notRead(answer, until);
          if (answer.mediaType !== 'application/json') throw notAServer();
          const told = v.safeParse(BundleIds, parse(textOf(await answer.bytes())));
          if (!told.success) throw notAServer();
          const { ids, from, next, upToDate, trimmed } = told.output;
          return { kind: 'ids', page: { ids, messages: null, from, next, done: upToDate, trimmed } };
        },
      );
      // A server of an earlier version, or one without this stream: reading it says which.
      return outcome.kind === 'unknown' ? idsOfPage(after, until, signal) : outcome;
    },
  };
  return transport;
}

/** The id of a bundle in a stream that may hold anything; null when the message is none, or belongs to another book. */
function idOf(message: unknown, bookId: BookId | undefined): BundleId | null {
  const bundle = v.safeParse(BundleMessage, message);
  if (!bundle.success) return null;
  return bookId === undefined || bundle.output.bookId === bookId ? bundle.output.id : null;
}

const Control = v.object({
  streamNextOffset: v.pipe(v.string(), v.minLength(1)),
  upToDate: v.optional(v.boolean()),
  streamClosed: v.optional(v.boolean()),
});

async function appended(answer: Answer, producer: Producer): Promise<AppendOutcome> {
  const epoch = numberOf(answer.header('producer-epoch'));
  switch (answer.status) {
    case 200:
    case 204:
      // The server repeats the number that it stored; anything else acknowledges nothing.
      if (epoch !== producer.epoch || (numberOf(answer.header('producer-seq')) ?? -1) < producer.seq)
        throw notAServer();
      return { kind: 'stored', duplicate: answer.status === 204 };
    case 403:
      if (epoch !== null) return { kind: 'fenced', epoch };
      break;
    case 404:
    case 410:
      if (isPage(answer)) throw notAServer();
      return { kind: 'noStream' };
    case 409: {
      if (isPage(answer)) throw notAServer();
      const expected = numberOf(answer.header('producer-expected-seq'));
      if (expected !== null) return { kind: 'gap', expected };
      return { kind: 'closed', message: await messageOf(answer, 'The book on the server takes no more changes.') };
    }
    case 400:
    case 413:
    case 415:
    case 422:
      // Of our number it is only that a server says 400.
      if (isPage(answer) && answer.status !== 413) throw notAServer();
      return {
        kind: 'refused',
        message: await messageOf(
          answer,
          answer.status === 413
            ? 'It is too large for the server, or for a proxy before it.'
            : 'The server does not take this change.',
        ),
        perhapsNumber: answer.status === 400,
      };
  }
  const failure = failureOf(answer);
  if (failure) return withMessage(failure, answer);
  return { kind: 'closed', message: await messageOf(answer, 'The server takes no changes.') };
}

async function notRead(answer: Answer, cursor: string | null): Promise<Exclude<ReadOutcome, { kind: 'page' }>> {
  if (isPage(answer)) throw notAServer();
  const failure = failureOf(answer);
  if (failure) return withMessage(failure, answer);
  if (answer.status === 404) return { kind: 'noStream' };
  // 400: the offset is none of this server's. From the start it cannot be the offset.
  if (answer.status === 410 || (answer.status === 400 && cursor !== null)) {
    return { kind: 'reset', message: await messageOf(answer, 'The server has another log of this book.') };
  }
  throw notAServer();
}

/** What any call can meet; null when the status says something about the call itself. The message is a stand-in. */
function failureOf(answer: Answer): Failure | null {
  const { status } = answer;
  if (status === 401 || status === 403) {
    if (isPage(answer)) throw notAServer();
    return { kind: 'unauthorized', message: 'The server does not know this device any more.' };
  }
  if (status === 429 || status === 503 || status === 507 || status === 500) {
    const seconds = numberOf(answer.header('retry-after'));
    const message = status === 507 ? "The server's storage is full." : 'The server is busy.';
    return { kind: 'busy', message, retryAfterMillis: seconds === null ? null : seconds * 1_000 };
  }
  // Gateways of servers that are not there, redirects, and what else no server of ours says.
  if (status < 400 || status >= 500) return { kind: 'unreachable', message: 'The server is not there.' };
  return null;
}

async function withMessage<F extends Failure>(failure: F, answer: Answer): Promise<F> {
  return { ...failure, message: await messageOf(answer, failure.message) };
}

/** What the server itself says, in its one plain sentence; otherwise ours. */
async function messageOf(answer: Answer, ours: string): Promise<string> {
  if (answer.mediaType !== 'application/json') return ours;
  try {
    const error = v.safeParse(ApiError, parse(textOf(await answer.bytes())));
    return error.success ? error.output.error.message.slice(0, 300) : ours;
  } catch {
    return ours;
  }
}

/** Web pages come from portals and proxies, never from a stream. */
const isPage = (answer: Answer): boolean => answer.mediaType === 'text/html';

const notAServer = (): NoAnswer =>
  new NoAnswer('Something else than the server answered: is there a login page on this network?');

/** Offsets of one stream sort as text: one that lies before ours is of a log that was put back, or made anew. */
const goesBack = (cursor: string | null, next: string): boolean => cursor !== null && next < cursor;

const rewound = (): ReadOutcome & { kind: 'reset' } => ({
  kind: 'reset',
  message: 'The server has forgotten changes that it had.',
});

function textOf(bytes: Uint8Array): string {
  try {
    return decodeText(bytes, 'answer');
  } catch (error) {
    throw new NoAnswer('The server sent something that is not text.', { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NoAnswer("The server's answer broke off.", { cause: error });
  }
}

/** A whole number in a header; null for anything else. */
const numberOf = (text: string | null): number | null =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;

/** `Daybook-Position: 1000/56000`: messages before the cursor, and in all. */
function progressOf(header: string | null): number | null {
  const match = /^(\d{1,15})\/(\d{1,15})$/.exec(header ?? '');
  if (!match) return null;
  const [at, all] = [Number(match[1]), Number(match[2])];
  return all === 0 ? 1 : Math.min(1, at / all);
}
