/**
 * The server's side of sync over HTTP: the parts of the Durable Streams protocol that a book needs. What comes back is held
 * against the protocol before it is believed: a captive portal's page is nobody's acknowledgement.
 */
import { gzip } from '../core/gzip.ts';
import type { BookId, BundleId } from '../core/ids.ts';
import { encodeText } from '../core/utf8.ts';
import { BundleIds, ServerTime } from '../protocol/account.ts';
import { BundleMessage } from '../protocol/bundle-message.ts';
import { asker, failureOf, isPage, messageOf, notAServer, numberOf, parse, textOf, withMessage } from './answers.ts';
import { NoAnswer, type Answer, type Limits, type Platform, type Request } from './http-call.ts';
import type {
  AppendOutcome,
  CreateOutcome,
  IdsOutcome,
  OutboxBundle,
  Producer,
  ReadOutcome,
  Signal,
  TailOutcome,
  TimeOutcome,
  Transport,
} from './ports.ts';
import { createSnapshotTransport } from './snapshot-transport.ts';
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
  /** Where the server keeps snapshots of the book; null for a server that has none. */
  readonly snapshotsUrl: string | null;
}

export function createHttpTransport<S>(options: HttpTransportOptions<S>): Transport {
  const { platform, streamUrl, timeUrl, producerId, token } = options;
  const ask = asker(platform, token);
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
    snapshots: options.snapshotsUrl === null ? null : createSnapshotTransport(ask, options.snapshotsUrl),

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
  const earliest = answer.header('daybook-earliest-offset');
  const before = numberOf(answer.header('daybook-trimmed-by'));
  if (answer.status === 410 && earliest && before !== null) {
    const message = await messageOf(answer, 'The server has no changes that old any more.');
    return { kind: 'trimmed', earliest, before, message };
  }
  // 400: the offset is none of this server's. From the start it cannot be the offset.
  if (answer.status === 410 || (answer.status === 400 && cursor !== null)) {
    return { kind: 'reset', message: await messageOf(answer, 'The server has another log of this book.') };
  }
  throw notAServer();
}

/** Offsets of one stream sort as text: one that lies before ours is of a log that was put back, or made anew. */
const goesBack = (cursor: string | null, next: string): boolean => cursor !== null && next < cursor;

const rewound = (): ReadOutcome & { kind: 'reset' } => ({
  kind: 'reset',
  message: 'The server has forgotten changes that it had.',
});

/** `Daybook-Position: 1000/56000`: messages before the cursor, and in all. */
function progressOf(header: string | null): number | null {
  const match = /^(\d{1,15})\/(\d{1,15})$/.exec(header ?? '');
  if (!match) return null;
  const [at, all] = [Number(match[1]), Number(match[2])];
  return all === 0 ? 1 : Math.min(1, at / all);
}
