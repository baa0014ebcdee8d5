/** Writing of Durable Streams over HTTP: creation (5.1), appends (5.2), idempotent producers (5.2.1) and closing (5.3). */
import { mediaType } from '../streams/media-type.ts';
import { formatOffset } from '../streams/offset.ts';
import type { Append } from '../streams/port.ts';
import { readBody } from './body.ts';
import { splitMessages } from './json-mode.ts';
import { badRequest, Refusal } from './refusal.ts';
import { parseProducer, parseSettings, wantsClosed } from './stream-request.ts';
import {
  noStream,
  type StreamContext,
  type StreamLimits,
  type StreamServices,
  type StreamTarget,
  tailHeaders,
} from './stream-target.ts';

const conflict = (message: string, headers: Record<string, string>): Refusal =>
  new Refusal(409, 'conflict', message, headers);

/** PUT: makes the stream, or makes sure that it is there. */
export async function createStream(
  c: StreamContext,
  target: StreamTarget,
  { store, limits }: StreamServices,
): Promise<Response> {
  const header = headerOf(c);
  if (
    ['Stream-Forked-From', 'Stream-Fork-Offset', 'Stream-Fork-Sub-Offset'].some((name) => header(name) !== undefined)
  ) {
    throw new Refusal(501, 'notSupported', 'This server does not fork streams.');
  }
  const settings = parseSettings(header);
  const closed = wantsClosed(header);
  const body = await readBody(c.env.incoming, limits);
  const { messages, values } = body.length > 0 ? messagesOf(body, settings.contentType, limits) : NO_MESSAGES;
  target.check({ action: 'create', closes: closed, settings, producer: null, values });

  const outcome = await store.create(target.path, { ...settings, closed, messages });
  const headers = { ...tailHeaders(outcome.head), 'Content-Type': outcome.head.contentType };
  if (outcome.kind === 'differs') {
    throw conflict('A stream with other settings is there already.', tailHeaders(outcome.head));
  }
  if (outcome.kind === 'exists') return c.body('', 200, headers);
  return c.body('', 201, { ...headers, Location: c.req.url });
}

/** POST: appends, closes, or both. */
export async function appendToStream(
  c: StreamContext,
  target: StreamTarget,
  { store, limits }: StreamServices,
): Promise<Response> {
  const header = headerOf(c);
  const producer = parseProducer(header);
  const close = wantsClosed(header);
  const body = await readBody(c.env.incoming, limits);
  if (body.length === 0 && !close) throw badRequest('There is nothing to append.');
  const contentType = header('Content-Type');
  if (body.length > 0 && contentType === undefined) throw badRequest('An append needs a Content-Type.');
  const { messages, values } = body.length > 0 ? messagesOf(body, contentType!, limits) : NO_MESSAGES;
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
  const outcome = await store.append(target.path, append);
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

const NO_MESSAGES = { messages: [], values: null } as const;

const headerOf = (c: StreamContext) => (name: string) => c.req.header(name);

function messagesOf(
  body: Buffer,
  contentType: string,
  { json: limits }: StreamLimits,
): { messages: readonly Uint8Array[]; values: readonly unknown[] | null } {
  if (mediaType(contentType) !== 'application/json') return { messages: [body], values: null };
  const json = splitMessages(body, limits);
  if (json === 'damaged') throw badRequest('The body is not valid JSON.');
  if (json === 'tooMuch') {
    throw new Refusal(
      413,
      'tooLarge',
      `An append has at most ${limits.messages} messages and ${limits.values} values, ${limits.depth} of them in each other.`,
    );
  }
  return json;
}
