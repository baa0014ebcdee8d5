/** Books: Durable Streams in JSON mode whose messages are bundles. docs/server.md says what of the protocol is there. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { header, inPath, json, operation, type Parameter, type Paths, type ResponseDescription } from './operation.ts';

const tag = 'Books';

const OFFSET: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{12}_[0-9a-f]{13}_[0-9a-f]{8}$' };
const WHOLE: JsonSchema = { type: 'string', pattern: '^(0|[1-9][0-9]*)$' };
const TRUE: JsonSchema = { const: 'true' };

export const bookId = inPath('bookId', 'Id of a book that the caller is a member of.');

const sent = (name: string, description: string, schema: JsonSchema, example: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema,
  example,
});
const asked = (name: string, description: string, schema: JsonSchema, example: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
  example,
});

const contentType = sent('Content-Type', '`application/json`', { type: 'string' }, 'application/json');
const closing = sent('Stream-Closed', '`true` closes the book for good; the owner alone may.', TRUE, 'false');
const producer = [
  sent('Producer-Id', 'The device’s own clientId. Needed with bundles.', { type: 'string' }, ''),
  sent('Producer-Epoch', 'Goes up when the producer starts anew. Needed with bundles.', WHOLE, '0'),
  sent('Producer-Seq', 'Number of this append in its epoch, from 0. Needed with bundles.', WHOLE, '0'),
];

const nextOffset = header('Offset behind what was answered or stored.', true, OFFSET);
const closed = header('`true` once nothing more can come.', false, TRUE);
const earliest = header('Offset of the first message that is kept, where older ones are not.', false, OFFSET);
const tail = { 'Stream-Next-Offset': nextOffset, 'Stream-Closed': closed };
const stored = {
  ...tail,
  'Producer-Epoch': header('The producer’s epoch.', false, WHOLE),
  'Producer-Seq': header('The highest number that is stored.', false, WHOLE),
};
const page = {
  ...tail,
  'Cache-Control': header('What is in a book is nobody’s to keep.', true, {
    enum: ['private, no-store', 'no-store', 'no-cache, no-store'],
  }),
  'Daybook-Position': header('Messages before the next offset, and in all.', true, {
    type: 'string',
    pattern: '^[0-9]+/[0-9]+$',
  }),
  'Stream-Up-To-Date': header('`true` when the stream held nothing more.', false, TRUE),
  'Stream-Cursor': header('To be sent with the next live read.'),
};

const pageOfBundles: ResponseDescription = {
  ...json('Bundles', 'Bundles behind the offset.', { ...page, ETag: header('Of this page.') }),
};
const read: ResponseDescription = {
  ...pageOfBundles,
  description: 'Bundles behind the offset; with `live=sse`, an endless stream of `data` and `control` events.',
  headers: Object.fromEntries(
    // Events say where they are in themselves.
    Object.entries(pageOfBundles.headers!).map(([name, described]) => [name, { ...described, required: false }]),
  ),
  content: { ...pageOfBundles.content, 'text/event-stream': { schema: { type: 'string' } } },
};

export const bookPaths: Paths = {
  '/v1/books/{bookId}/bundles': {
    get: operation({
      id: 'listBundles',
      summary: 'List the ids of the bundles that the stream holds, page by page',
      description:
        'For a device that compares them with its own. What is kept no longer is passed over; the page says so.',
      tag,
      access: 'member',
      parameters: [
        bookId,
        asked('after', 'Where to begin: `-1` or nothing for the start, `now`, or an offset.', { type: 'string' }, '-1'),
        asked('until', 'Offset at which to end; the end of the stream, unless given.', OFFSET, ''),
        asked('limit', 'Most ids in this page.', { type: 'string', pattern: '^[1-9][0-9]{0,8}$' }, '1000'),
      ],
      answers: {
        200: json('BundleIds', 'A page of ids.', {
          'Cache-Control': header('What is in a book is nobody’s to keep.', true, { const: 'private, no-store' }),
        }),
      },
      refusals: [400, 404, 410],
    }),
  },
  '/v1/books/{bookId}/stream': {
    get: operation({
      id: 'readBook',
      summary: 'Read bundles: a page, a long-poll, or live',
      tag,
      access: 'member',
      parameters: [
        bookId,
        asked(
          'offset',
          'Where to read on: `-1` from the start, `now`, or a `Stream-Next-Offset`.',
          { type: 'string' },
          '-1',
        ),
        asked('live', 'Wait for what comes; needs an offset.', { enum: ['long-poll', 'sse'] }, 'long-poll'),
        asked('cursor', 'The `Stream-Cursor` of the last live answer.', { type: 'string' }, '1'),
        sent('If-None-Match', 'ETag of a page that the caller has.', { type: 'string' }, 'W/"x"'),
      ],
      answers: {
        200: read,
        204: { description: 'A long-poll that nothing came for.', headers: page },
        304: { description: 'The caller has this page.', headers: tail },
      },
      refusals: [400, 404, 410],
    }),
    head: operation({
      id: 'headBook',
      summary: 'Where the book ends',
      tag,
      access: 'member',
      parameters: [bookId],
      answers: { 200: { description: 'It is there.', headers: { ...tail, 'Daybook-Earliest-Offset': earliest } } },
      refusals: [404],
    }),
    put: operation({
      id: 'createBook',
      summary: 'Make sure that the book’s stream is there',
      tag,
      access: 'member',
      parameters: [
        bookId,
        contentType,
        closing,
        sent('Stream-TTL', 'Refused: a book does not expire.', WHOLE, '10'),
        sent('Stream-Expires-At', 'Refused: a book does not expire.', { type: 'string' }, '2030-01-01T00:00:00Z'),
        sent('Stream-Forked-From', 'Refused with 501.', { type: 'string' }, '/v1/stream'),
      ],
      body: { schema: 'Bundles', required: false },
      answers: {
        200: { description: 'It was there already.', headers: tail },
        201: { description: 'It was made.', headers: { ...tail, Location: header('Its address.', true) } },
      },
      refusals: [409, 501],
    }),
    post: operation({
      id: 'appendToBook',
      summary: 'Append bundles; acknowledged once they are durable',
      description:
        'Idempotent by producer and number: an append that was stored before is answered with 204 and not stored again. The body may be gzipped (`Content-Encoding: gzip`).',
      tag,
      access: 'member',
      parameters: [
        bookId,
        contentType,
        ...producer,
        closing,
        sent('Stream-Seq', 'Must be greater than that of the append before.', { type: 'string' }, 'a'),
      ],
      body: { schema: 'Bundles', required: false },
      answers: {
        200: { description: 'Stored.', headers: stored },
        204: { description: 'Stored before under this number, or closed.', headers: stored },
      },
      refusals: [404, 409],
    }),
    delete: operation({
      id: 'deleteBook',
      summary: 'Delete the book’s stream',
      tag,
      access: 'owner',
      parameters: [bookId],
      answers: { 204: { description: 'It is gone.' } },
      refusals: [404],
    }),
  },
};
