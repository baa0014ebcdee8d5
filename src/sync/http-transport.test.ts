import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { BundleId } from '../core/ids.ts';
import { nodePlatform } from '../testing/node-platform.ts';
import { createHttpTransport } from './http-transport.ts';
import type { After, OutboxBundle, Page, Signal, Transport } from './ports.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

const open: { close: () => void }[] = [];
afterEach(() => open.splice(0).forEach((server) => server.close()));

/** No time limit runs out but the one that is set as the `last`-th, at once: how fast this machine is does not matter. */
function limits(last = Infinity): After {
  let left = last;
  return (_millis, run) => {
    left -= 1;
    if (left !== 0) return () => {};
    const soon = setImmediate(run);
    return () => clearImmediate(soon);
  };
}

/** A transport to a server that does as it is told. */
async function against(handler: Handler, gzip = true, after = limits()): Promise<Transport> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return transportTo((server.address() as AddressInfo).port, gzip, after);
}

function transportTo(port: number, gzip = true, after = limits()): Transport {
  const origin = `http://127.0.0.1:${port}`;
  return createHttpTransport({
    platform: { ...nodePlatform(), after },
    streamUrl: `${origin}/v1/books/b/stream`,
    timeUrl: `${origin}/v1/time`,
    producerId: 'client-1',
    token: 'secret',
    gzip,
    snapshotsUrl: `${origin}/v1/books/b/snapshots`,
  });
}

/** Answers every request with this. */
const answers =
  (status: number, headers: Record<string, string>, body = ''): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

const never: Signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };
const PAGE = { ...JSON_TYPE, 'stream-next-offset': 'a_2', 'stream-up-to-date': 'true' };
const LOGIN = '<html>Welcome to this hotel</html>';
const error = (message: string): string => JSON.stringify({ error: { code: 'badRequest', message } });
const bundle = (message = '{"id":"1"}'): OutboxBundle => ({ id: '1' as BundleId, message, events: 1, tried: false });
const at = { epoch: 3, seq: 7 };

describe('an append', () => {
  test('carries token, number and bytes, gzipped when that pays', async () => {
    const seen: { headers: IncomingMessage['headers']; body: string }[] = [];
    const transport = await against((request, response, body) => {
      const zipped = request.headers['content-encoding'] === 'gzip';
      seen.push({ headers: request.headers, body: (zipped ? gunzipSync(body) : body).toString() });
      response.writeHead(200, { 'producer-epoch': '3', 'producer-seq': '7', 'stream-next-offset': 'a_2' }).end();
    });
    const long = JSON.stringify({ payload: 'ä'.repeat(2_000) });
    expect(await transport.append(bundle(), at, never)).toEqual({ kind: 'stored', duplicate: false });
    await transport.append(bundle(long), at, never);
    expect(seen.map(({ body }) => body)).toEqual(['{"id":"1"}', long]);
    expect(seen[0]!.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/json',
      'producer-id': 'client-1',
      'producer-epoch': '3',
      'producer-seq': '7',
    });
    expect(seen.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip']);
  });

  test('is sent as it is to a server that knows no gzip', async () => {
    let encoding: string | undefined = 'none seen';
    const transport = await against((request, response) => {
      encoding = request.headers['content-encoding'];
      response.writeHead(204, { 'producer-epoch': '3', 'producer-seq': '9' }).end();
    }, false);
    expect(await transport.append(bundle('x'.repeat(9_000)), at, never)).toEqual({ kind: 'stored', duplicate: true });
    expect(encoding).toBe(undefined);
  });

  const number = { 'producer-epoch': '3', 'producer-seq': '7' };
  test.each<[string, Handler, object]>([
    ['[SYNC-2] a login page acknowledges nothing', answers(200, HTML, LOGIN), { kind: 'unreachable' }],
    [
      '[SYNC-2] nor does success without our number',
      answers(200, { 'stream-next-offset': 'a_2' }),
      { kind: 'unreachable' },
    ],
    ['[SYNC-2] nor one of another epoch', answers(200, { ...number, 'producer-epoch': '2' }), { kind: 'unreachable' }],
    [
      '[SYNC-2] nor one of an earlier number',
      answers(204, { ...number, 'producer-seq': '6' }),
      { kind: 'unreachable' },
    ],
    ['201 is not a success of the protocol', answers(201, number), { kind: 'unreachable' }],
    ['a redirect leads nowhere', answers(302, { location: 'http://127.0.0.1:9/' }), { kind: 'unreachable' }],
    ['a newer epoch fences', answers(403, { ...number, 'producer-epoch': '5' }), { kind: 'fenced', epoch: 5 }],
    [
      '403 without one is about us',
      answers(403, JSON_TYPE, error('You may not.')),
      { kind: 'unauthorized', message: 'You may not.' },
    ],
    ['401', answers(401, JSON_TYPE, '{}'), { kind: 'unauthorized' }],
    ['a proxy that wants a login is not the server', answers(401, HTML, LOGIN), { kind: 'unreachable' }],
    ['404', answers(404, JSON_TYPE, error('no')), { kind: 'noStream' }],
    ['404 of a proxy says nothing of the book', answers(404, HTML, '<h1>nginx</h1>'), { kind: 'unreachable' }],
    ['a gap', answers(409, { 'producer-expected-seq': '4' }), { kind: 'gap', expected: 4 }],
    [
      'a closed stream',
      answers(409, { ...JSON_TYPE, 'stream-closed': 'true' }, error('Closed.')),
      { kind: 'closed', message: 'Closed.' },
    ],
    [
      '400',
      answers(400, JSON_TYPE, error('Bundle 1: no.')),
      { kind: 'refused', message: 'Bundle 1: no.', perhapsNumber: true },
    ],
    ['413', answers(413, HTML, '<h1>nginx</h1>'), { kind: 'refused', perhapsNumber: false }],
    ['405', answers(405, JSON_TYPE, error('No appends.')), { kind: 'closed', message: 'No appends.' }],
    [
      '429',
      answers(429, { ...JSON_TYPE, 'retry-after': '7' }, error('Slowly.')),
      { kind: 'busy', retryAfterMillis: 7_000, message: 'Slowly.' },
    ],
    ['507', answers(507, {}), { kind: 'busy', retryAfterMillis: null }],
    [
      '503 with a date',
      answers(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
      { kind: 'busy', retryAfterMillis: null },
    ],
    ['502 of a gateway', answers(502, HTML, 'bad gateway'), { kind: 'unreachable' }],
    ['a broken connection', (_request, response) => void response.destroy(), { kind: 'unreachable' }],
    [
      'an error that breaks off',
      answers(400, JSON_TYPE, '{"error":{"co'),
      { kind: 'refused', message: 'The server does not take this change.' },
    ],
  ])('%s', async (_name, handler, outcome) => {
    expect(await (await against(handler)).append(bundle(), at, never)).toMatchObject(outcome);
  });

  test('to a server that says nothing', async () => {
    const transport = await against(() => {}, true, limits(1));
    const message = 'The server did not answer in time.';
    expect(await transport.append(bundle(), at, never)).toEqual({ kind: 'unreachable', message });
  });

  test('called off settles at once', async () => {
    const transport = await against(() => {});
    const controller = new AbortController();
    const outcome = transport.append(bundle(), at, controller.signal);
    controller.abort();
    expect(await outcome).toEqual({ kind: 'unreachable', message: 'It was called off.' });
    expect(await transport.append(bundle(), at, controller.signal)).toMatchObject({ kind: 'unreachable' });
  });

  test('to nobody', async () => {
    expect(await transportTo(9).append(bundle(), at, never)).toMatchObject({ kind: 'unreachable' });
  });
});

describe('a read', () => {
  test('[SYNC-1] asks behind the cursor, kept exactly, and says where it is', async () => {
    const urls: string[] = [];
    const transport = await against((request, response) => {
      urls.push(request.url!);
      response
        .writeHead(200, { ...PAGE, 'stream-next-offset': 'z+/=&9', 'daybook-position': '30/120' })
        .end('[{"k":1},7]');
    });
    expect(await transport.read(null, never)).toEqual({
      kind: 'page',
      page: { messages: [{ k: 1 }, 7], cursor: 'z+/=&9', upToDate: true, progress: 0.25 },
    });
    await transport.read('a+/=&9', never);
    expect(urls).toEqual(['/v1/books/b/stream?offset=-1', '/v1/books/b/stream?offset=a%2B%2F%3D%269']);
  });

  test.each<[string, string | null, Handler, object]>([
    [
      'a page that is not the last',
      null,
      answers(200, { ...JSON_TYPE, 'stream-next-offset': 'a_2' }, '[1]'),
      { kind: 'page', page: { upToDate: false, progress: null } },
    ],
    ['a login page', null, answers(200, HTML, LOGIN), { kind: 'unreachable' }],
    [
      'a page without its offset',
      null,
      answers(200, { ...JSON_TYPE, 'stream-up-to-date': 'true' }, '[]'),
      { kind: 'unreachable' },
    ],
    ['something else than messages', null, answers(200, PAGE, '{"messages":[]}'), { kind: 'unreachable' }],
    ['JSON that breaks off', null, answers(200, PAGE, '[{"k":1},{"k'), { kind: 'unreachable' }],
    [
      'bytes that are not text',
      null,
      (_q, response) => void response.writeHead(200, PAGE).end(Buffer.of(0x5b, 0xff, 0x5d)),
      { kind: 'unreachable' },
    ],
    [
      'a body that breaks off',
      null,
      (_q, response) => {
        response.writeHead(200, { ...PAGE, 'content-length': '99' });
        response.write('[1');
        setTimeout(() => response.destroy(), 20);
      },
      { kind: 'unreachable' },
    ],
    ['[SYNC-4] 410', 'a_5', answers(410, JSON_TYPE, error('Another log.')), { kind: 'reset', message: 'Another log.' }],
    ['[SYNC-4] 400 to our offset', 'a_5', answers(400, {}), { kind: 'reset' }],
    ['400 to the start is no reset', null, answers(400, {}), { kind: 'unreachable' }],
    ['[SYNC-4] an offset that goes backwards', 'a_5', answers(200, PAGE, '[]'), { kind: 'reset' }],
    ['404', 'a_5', answers(404, JSON_TYPE, error('no')), { kind: 'noStream' }],
    ['404 of a proxy', 'a_5', answers(404, HTML, '<h1>nginx</h1>'), { kind: 'unreachable' }],
    ['401', 'a_5', answers(401, JSON_TYPE, error('Revoked.')), { kind: 'unauthorized', message: 'Revoked.' }],
    ['500', 'a_5', answers(500, JSON_TYPE, error('Oh.')), { kind: 'busy', message: 'Oh.' }],
  ])('%s', async (_name, cursor, handler, outcome) => {
    expect(await (await against(handler)).read(cursor, never)).toMatchObject(outcome);
  });

  test('whose body falls silent', async () => {
    const begins: Handler = (_request, response) => void response.writeHead(200, PAGE).write('[1');
    // One limit for the answer, one for its first piece, one for the next.
    const transport = await against(begins, true, limits(3));
    expect(await transport.read(null, never)).toEqual({ kind: 'unreachable', message: 'The server fell silent.' });
  });
});

describe('a live connection', () => {
  const EVENTS = { 'content-type': 'text/event-stream' };
  const data = (json: string): string => `event: data\ndata: ${json}\n\n`;
  const control = (json: object): string => `event: control\ndata: ${JSON.stringify(json)}\n\n`;

  async function tail(handler: Handler, after = limits()): Promise<{ pages: Page[]; outcome: object }> {
    const pages: Page[] = [];
    const transport = await against(handler, true, after);
    const outcome = await transport.tail('a_1', async (page) => void pages.push(page), never);
    return { pages, outcome };
  }

  test('[SYNC-8] brings pages as they come, and ends in good order', async () => {
    const { pages, outcome } = await tail((request, response) => {
      expect(request.url).toBe('/v1/books/b/stream?live=sse&offset=a_1');
      expect(request.headers.authorization).toBe('Bearer secret');
      response.writeHead(200, EVENTS);
      response.write(control({ streamNextOffset: 'a_1', streamCursor: '9', upToDate: true }));
      response.write(`:\n\n${data('[{"k":1}]')}${data('[{"k":2},3]')}`);
      response.end(control({ streamNextOffset: 'a_4' }));
    });
    expect(pages).toEqual([
      { messages: [], cursor: 'a_1', upToDate: true, progress: null },
      { messages: [{ k: 1 }, { k: 2 }, 3], cursor: 'a_4', upToDate: false, progress: null },
    ]);
    expect(outcome).toEqual({ kind: 'ended' });
  });

  test('[SYNC-3] that ends between data and control brings no page: where it belongs is not known', async () => {
    const { pages, outcome } = await tail((_request, response) => {
      response.writeHead(200, EVENTS).end(data('[{"k":1}]'));
    });
    expect(pages).toEqual([]);
    expect(outcome).toEqual({ kind: 'ended' });
  });

  test('[SYNC-5] reads the next page when this one is done, and not before', async () => {
    const order: string[] = [];
    const transport = await against((_request, response) => {
      response.writeHead(200, EVENTS).end(control({ streamNextOffset: 'a_2' }) + control({ streamNextOffset: 'a_3' }));
    });
    await transport.tail(
      'a_1',
      async (page) => {
        order.push(`${page.cursor} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`${page.cursor} is done`);
      },
      never,
    );
    expect(order).toEqual(['a_2 begins', 'a_2 is done', 'a_3 begins', 'a_3 is done']);
  });

  test.each<[string, Handler, object]>([
    ['a login page', answers(200, HTML, LOGIN), { kind: 'unreachable' }],
    [
      'that breaks off',
      (_q, response) => {
        response.writeHead(200, EVENTS).write(':\n\n');
        setTimeout(() => response.destroy(), 20);
      },
      { kind: 'unreachable' },
    ],
    ['a control event without an offset', answers(200, EVENTS, control({ upToDate: true })), { kind: 'unreachable' }],
    [
      'a control event that is not JSON',
      answers(200, EVENTS, 'event: control\ndata: {"str\n\n'),
      { kind: 'unreachable' },
    ],
    [
      '[SYNC-4] an offset that goes backwards',
      answers(200, EVENTS, control({ streamNextOffset: 'a_0' })),
      { kind: 'reset' },
    ],
    ['410', answers(410, JSON_TYPE, error('Another log.')), { kind: 'reset' }],
    ['401', answers(401, JSON_TYPE, error('Revoked.')), { kind: 'unauthorized' }],
    ['429', answers(429, { 'retry-after': '2' }), { kind: 'busy', retryAfterMillis: 2_000 }],
  ])('%s', async (_name, handler, outcome) => {
    expect((await tail(handler)).outcome).toMatchObject(outcome);
  });

  test('that falls silent', async () => {
    const begins: Handler = (_request, response) => void response.writeHead(200, EVENTS).write(':\n\n');
    const { outcome } = await tail(begins, limits(3));
    expect(outcome).toEqual({ kind: 'unreachable', message: 'The server fell silent.' });
  });

  test('called off ends at once', async () => {
    const transport = await against((_request, response) => void response.writeHead(200, EVENTS).write(':\n\n'));
    const controller = new AbortController();
    const outcome = transport.tail('a_1', async () => {}, controller.signal);
    setTimeout(() => controller.abort(), 50);
    expect(await outcome).toMatchObject({ kind: 'unreachable' });
  });
});

describe('making the stream', () => {
  test.each<[string, Handler, object]>([
    ['anew', answers(201, { 'stream-next-offset': 'a_0' }), { kind: 'created' }],
    ['when it is there', answers(200, { 'stream-next-offset': 'a_0' }), { kind: 'created' }],
    ['through a login page', answers(200, HTML, LOGIN), { kind: 'unreachable' }],
    [
      'where it may not be',
      answers(409, JSON_TYPE, error('Something else is there.')),
      { kind: 'refused', message: 'Something else is there.' },
    ],
    ['without a token that counts', answers(401, JSON_TYPE, error('Revoked.')), { kind: 'unauthorized' }],
  ])('%s', async (_name, handler, outcome) => {
    expect(await (await against(handler)).create(never)).toMatchObject(outcome);
  });
});

describe('the time', () => {
  test.each<[string, Handler, object]>([
    [
      'as the server tells it',
      answers(200, JSON_TYPE, '{"millis":1764000000000}'),
      { kind: 'time', serverMillis: 1_764_000_000_000 },
    ],
    ['of a server that has none', answers(404, { 'content-type': 'text/plain' }, 'no'), { kind: 'unknown' }],
    ['of a login page', answers(200, HTML, LOGIN), { kind: 'unreachable' }],
    ['of a proxy', answers(404, HTML, '<h1>nginx</h1>'), { kind: 'unreachable' }],
    ['in words', answers(200, JSON_TYPE, '{"millis":"noon"}'), { kind: 'unreachable' }],
    ['of a busy server', answers(503, {}), { kind: 'busy' }],
  ])('%s', async (_name, handler, outcome) => {
    expect(await (await against(handler)).time(never)).toMatchObject(outcome);
  });
});
