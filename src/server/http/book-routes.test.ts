import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ApiError, Membership } from '../../protocol/account.ts';
import { streamPath } from '../../protocol/account.ts';
import { bundleOf, type DaybookServer, type ServerOptions, startDaybook } from '../../testing/daybook-server.ts';
import { ManualClock } from '../../testing/manual-clock.ts';

// What is waited for comes in milliseconds, and in seconds where many things run at once.
vi.setConfig({ testTimeout: 240_000 });

let server: DaybookServer;
let owner: Membership;

async function start(options: ServerOptions = {}): Promise<void> {
  server = await startDaybook(options);
  owner = await server.claim();
}
afterEach(() => server.stop());

const messageOf = async (response: Response): Promise<string> => ((await response.json()) as ApiError).error.message;

/** What goes before the body of an append, on the wire. */
const appendHead = (by: Membership, bytes: number): string =>
  `POST ${streamPath(by.bookId)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${by.token}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${bytes}\r\n` +
  `Producer-Id: ${by.clientId}\r\nProducer-Epoch: 0\r\nProducer-Seq: 0\r\n\r\n`;

/** Opens a live read and collects what comes until it ends. */
async function follow(by: Membership, offset = '-1'): Promise<{ text: () => string; ended: Promise<void> }> {
  const response = await server.call('GET', `${streamPath(by.bookId)}?offset=${offset}&live=sse`, { token: by.token });
  expect(response.status).toBe(200);
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
  };
  return { text: () => text, ended: read().catch(() => {}) };
}

describe('what a book takes', () => {
  test('[SYNC-2] bundles of the device itself, once, in order', async () => {
    await start();
    const bundles = Array.from({ length: 5 }, () => bundleOf(owner));
    for (const [seq, bundle] of bundles.entries()) expect((await server.append(owner, seq, [bundle])).status).toBe(200);
    const again = await server.append(owner, 2, [bundles[2]]);
    expect(again.status).toBe(204);
    expect(again.headers.get('Producer-Seq')).toBe('4');
    expect(await server.messages(owner)).toEqual(bundles);
  });

  test.each([
    ['a book that is not this one', { bookId: randomUUID() }, 'Bundle 2: bookId is not that of this book.'],
    ["another device's id", { clientId: randomUUID() }, 'Bundle 2: clientId is not that of this device.'],
    ["another person's id", { userId: randomUUID() }, "Bundle 2: userId is not that of this device's person."],
    ['an id that is none', { id: 'x' }, 'Bundle 2: id: expected'],
    ['a payload that is not base64', { payload: '<b>' }, 'Bundle 2: payload: expected'],
    ['no timestamp', { timestamp: undefined }, 'Bundle 2: timestamp: expected'],
  ])('a bundle with %s is refused, and the whole append with it', async (_name, wrong, message) => {
    await start();
    const response = await server.append(owner, 0, [bundleOf(owner), { ...bundleOf(owner), ...wrong }]);
    expect(response.status).toBe(400);
    expect(await messageOf(response)).toContain(message);
    expect(await server.messages(owner)).toEqual([]);
    expect((await server.append(owner, 0)).status).toBe(200);
  });

  test.each([
    ['no producer', { 'Producer-Id': '', 'Producer-Epoch': '', 'Producer-Seq': '' }],
    ['a producer that is not the device', { 'Producer-Id': randomUUID() }],
    ['another content type', { 'Content-Type': 'text/plain' }],
  ])('an append with %s is refused', async (_name, headers) => {
    await start();
    expect((await server.append(owner, 0, [bundleOf(owner)], { headers })).status).toBe(400);
    expect(await server.messages(owner)).toEqual([]);
  });

  test('a book is made as a book or not at all', async () => {
    await start();
    const make = (headers: Record<string, string>): Promise<Response> =>
      server.call('PUT', streamPath(owner.bookId), { token: owner.token, headers });
    expect((await make({ 'Content-Type': 'application/json' })).status).toBe(200);
    expect((await make({ 'Content-Type': 'text/plain' })).status).toBe(400);
    expect((await make({ 'Content-Type': 'application/json', 'Stream-TTL': '5' })).status).toBe(400);
    expect((await make({ 'Content-Type': 'application/json', 'Stream-Forked-From': '/x' })).status).toBe(501);
  });

  test('[SYNC-2] an append sent again because its answer was lost is stored once', async () => {
    await start();
    const bundle = bundleOf(owner);
    const lost = new AbortController();
    const first = server.append(owner, 0, [bundle], { signal: lost.signal });
    const storedOnce = (): boolean => server.context.database.prepare('SELECT 1 FROM messages').all().length === 1;
    // Hang up as soon as it is stored, or once the answer is there, whichever comes first.
    await Promise.race([first, until(storedOnce)]);
    lost.abort();
    await first.catch(() => {});
    expect((await server.append(owner, 0, [bundle])).status).toBe(204);
    expect(await server.messages(owner)).toEqual([bundle]);
  });
});

describe('appends at the same moment', () => {
  test('share commits, and a bad one fails alone', async () => {
    await start();
    const devices = await Promise.all(Array.from({ length: 8 }, () => server.link(owner, 'device')));
    const before = server.context.committer.transactions;
    const answers = await Promise.all(
      devices.flatMap((device) => [
        server.append(device, 0),
        server.append(device, 0, [{ ...bundleOf(device), bookId: 'poison' }]),
      ]),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(8);
    expect(await server.messages(owner)).toHaveLength(8);
    expect(server.context.committer.transactions - before).toBeLessThan(8);
  });
});

describe('reading', () => {
  test('[SYNC-5] goes in bounded pages, to be resumed at any', async () => {
    await start({ limits: { page: { messages: 3, bytes: 1_000_000 } } });
    const bundles = Array.from({ length: 10 }, () => bundleOf(owner));
    await server.append(owner, 0, bundles);
    const first = await server.call('GET', streamPath(owner.bookId), { token: owner.token });
    expect(await first.json()).toEqual(bundles.slice(0, 3));
    expect(first.headers.get('Stream-Up-To-Date')).toBeNull();
    expect(await server.messages(owner)).toEqual(bundles);
  });

  test('is compressed when the reader takes that, is nobody else’s to keep, and 304 when nothing is new', async () => {
    await start();
    await server.append(
      owner,
      0,
      Array.from({ length: 50 }, () => bundleOf(owner)),
    );
    const path = streamPath(owner.bookId);
    const page = await server.call('GET', path, { token: owner.token, headers: { 'Accept-Encoding': 'gzip' } });
    expect(page.headers.get('Content-Encoding')).toBe('gzip');
    expect(await page.json()).toHaveLength(50);
    expect(page.headers.get('Cache-Control')).toBe('private, no-store');
    const plain = await server.call('GET', path, { token: owner.token, headers: { 'Accept-Encoding': 'identity' } });
    expect(plain.headers.get('Content-Encoding')).toBeNull();
    const etag = page.headers.get('ETag')!;
    expect(plain.headers.get('ETag')).toBe(etag);
    const same = await server.call('GET', path, { token: owner.token, headers: { 'If-None-Match': etag } });
    expect(same.status).toBe(304);
  });

  test('[SYNC-4] an offset of another log is 410, one that is none is 400', async () => {
    await start();
    await server.append(owner, 0);
    const path = streamPath(owner.bookId);
    const { token } = owner;
    const tail = (await server.call('HEAD', path, { token })).headers.get('Stream-Next-Offset')!;
    await server.call('DELETE', path, { token });
    await server.call('PUT', path, { token, headers: { 'Content-Type': 'application/json' } });
    for (const live of ['', '&live=sse', '&live=long-poll']) {
      const response = await server.call('GET', `${path}?offset=${tail}${live}`, { token });
      expect(response.status).toBe(410);
      expect(((await response.json()) as ApiError).error.code).toBe('gone');
    }
    expect((await server.call('GET', `${path}?offset=12`, { token })).status).toBe(400);
  });
});

describe('live reading', () => {
  test('shows an append to everybody, and ends for a device that is revoked', async () => {
    await start();
    const device = await server.link(owner, 'device');
    const [mine, theirs] = await Promise.all([follow(owner), follow(device)]);
    const bundle = bundleOf(owner);
    await server.append(owner, 0, [bundle]);
    await until(() => mine.text().includes(bundle.id) && theirs.text().includes(bundle.id));
    await server.revoke(owner, device);
    await theirs.ended;
    await server.append(owner, 1);
    await until(() => mine.text().match(/event: data/g)?.length === 2);
    expect(theirs.text().match(/event: data/g)).toHaveLength(1);
  });

  test('an append whose device is revoked while its body is on the way is refused', async () => {
    await start();
    const device = await server.link(owner, 'device');
    const body = JSON.stringify([bundleOf(device)]);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.write(`${appendHead(device, body.length)}${body.slice(0, 10)}`);
    const seen = (): boolean =>
      server.context.devices
        .list(owner)
        .some(({ clientId, seenAt }) => clientId === device.clientId && seenAt !== null);
    await until(seen);
    await server.revoke(owner, device);
    socket.write(body.slice(10));
    await until(() => answer !== '');
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    expect(await server.messages(owner)).toEqual([]);
  });

  test('a long-poll answers when something comes, when time is up, and when its device is revoked', async () => {
    await start({ limits: { longPollMillis: 300 } });
    const device = await server.link(owner, 'device');
    const poll = (): Promise<Response> =>
      server.call('GET', `${streamPath(owner.bookId)}?offset=now&live=long-poll`, { token: device.token });
    expect((await poll()).status).toBe(204);

    const waiting = poll();
    await until(() => server.context.streamHandler.liveReaders === 1);
    await server.append(owner, 0);
    const answer = await waiting;
    expect(answer.status).toBe(200);

    const cut = poll();
    await until(() => server.context.streamHandler.liveReaders === 1);
    await server.revoke(owner, device);
    expect((await cut).status).toBe(204);
    expect((await poll()).status).toBe(401);
  });

  test('a long-poll at a known offset misses nothing', async () => {
    await start();
    const tail = (await server.call('HEAD', streamPath(owner.bookId), { token: owner.token })).headers.get(
      'Stream-Next-Offset',
    )!;
    const waiting = server.call('GET', `${streamPath(owner.bookId)}?offset=${tail}&live=long-poll`, {
      token: owner.token,
    });
    const bundle = bundleOf(owner);
    await server.append(owner, 0, [bundle]);
    expect(await (await waiting).json()).toEqual([bundle]);
  });

  test('of many readers each gets each bundle once, in order', async () => {
    await start();
    const readers = await Promise.all(Array.from({ length: 16 }, () => follow(owner)));
    const bundles = Array.from({ length: 30 }, () => bundleOf(owner));
    for (const [seq, bundle] of bundles.entries()) await server.append(owner, seq, [bundle]);
    const last = bundles.at(-1)!.id;
    await until(() => readers.every(({ text }) => text().includes(last)));
    for (const { text } of readers) {
      const seen = [...text().matchAll(/^data:(\[.*\])$/gm)].flatMap(
        (match) => JSON.parse(match[1]!) as { id: string }[],
      );
      expect(seen.map(({ id }) => id)).toEqual(bundles.map(({ id }) => id));
    }
  });

  test('an idle connection shows signs of life, and ends when its time is over', async () => {
    await start({ limits: { heartbeatMillis: 20, lifeMillis: 150 } });
    const live = await follow(owner);
    await live.ended;
    expect(live.text()).toContain('\n:\n\n');
  });

  test('a reader that takes nothing is cut off, and costs no more than a page until then', async () => {
    await start({ limits: { stallMillis: 200, livePage: { messages: 10, bytes: 1_000_000 } } });
    const payload = 'A'.repeat(1_000_000);
    for (let seq = 0; seq < 20; seq++) await server.append(owner, seq, [{ ...bundleOf(owner), payload }]);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    // Takes the first bytes and no more: 20 MB do not fit the buffers of two sockets.
    socket.pause();
    socket.write(
      `GET ${streamPath(owner.bookId)}?offset=-1&live=sse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${owner.token}\r\n\r\n`,
    );
    const { streamHandler } = server.context;
    await until(() => streamHandler.liveReaders === 1);
    await until(() => streamHandler.liveReaders === 0);
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(10_000_000);
  });
});

describe('limits', () => {
  test('a body that is too large is 413, whether announced or not', async () => {
    await start({ limits: { bodyBytes: 10_000 } });
    const big = [{ ...bundleOf(owner), payload: 'A'.repeat(20_000) }];
    const announced = await server.append(owner, 0, big);
    expect(announced.status).toBe(413);
    expect(((await announced.json()) as ApiError).error.code).toBe('tooLarge');
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(JSON.stringify(big)));
        controller.close();
      },
    });
    const streamed = await fetch(`${server.url}${streamPath(owner.bookId)}`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: {
        Authorization: `Bearer ${owner.token}`,
        'Content-Type': 'application/json',
        'Producer-Id': owner.clientId,
        'Producer-Epoch': '0',
        'Producer-Seq': '0',
      },
    } as RequestInit);
    expect(streamed.status).toBe(413);
    expect((await server.append(owner, 0)).status).toBe(200);
  });

  test('a gzipped body is taken; one that would unpack to too much is 413', async () => {
    await start({ limits: { decodedBytes: 100_000 } });
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' };
    const bundle = bundleOf(owner);
    const packed = await server.append(owner, 0, [], { body: gzipSync(JSON.stringify([bundle])), headers });
    expect(packed.status).toBe(200);
    expect(await server.messages(owner)).toEqual([bundle]);
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    expect((await server.append(owner, 1, [], { body: bomb, headers })).status).toBe(413);
    expect((await server.append(owner, 1, [], { body: Buffer.from('not gzip'), headers })).status).toBe(400);
    const brotli = { ...headers, 'Content-Encoding': 'br' };
    expect((await server.append(owner, 1, [], { body: Buffer.from('x'), headers: brotli })).status).toBe(400);
  });

  test('a device that asks too much is told when to come back', async () => {
    // Its clock stands still: a busy machine would let more through.
    await start({ limits: { deviceRate: { burst: 5, perSecond: 1 } }, now: new ManualClock().now });
    const answers = await Promise.all(
      Array.from({ length: 9 }, () => server.call('GET', '/v1/devices', { token: owner.token })),
    );
    const slowed = answers.filter(({ status }) => status === 429);
    expect(slowed).toHaveLength(4);
    expect(slowed[0]!.headers.get('Retry-After')).toBe('1');
  });

  test('a device has so many live connections and no more, until it closes some', async () => {
    await start({ limits: { liveReads: 3 } });
    const path = `${streamPath(owner.bookId)}?offset=-1&live=sse`;
    const hangUp = new AbortController();
    const open = (): Promise<Response> => server.call('GET', path, { token: owner.token, signal: hangUp.signal });
    const answers = await Promise.all(Array.from({ length: 5 }, open));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 429, 429]);
    hangUp.abort();
    await until(() => server.context.streamHandler.liveReaders === 0);
    expect((await server.call('GET', path, { token: owner.token })).status).toBe(200);
  });

  test('a full disk is 507, and appends work again once there is room', async () => {
    await start();
    const { database } = server.context;
    const { page_count: pages } = database.prepare('PRAGMA page_count').get()!;
    database.exec(`PRAGMA max_page_count = ${Number(pages) + 2}`);
    const bundle = { ...bundleOf(owner), payload: 'A'.repeat(400_000) };
    const full = await server.append(owner, 0, [bundle]);
    expect(full.status).toBe(507);
    expect(((await full.json()) as ApiError).error.code).toBe('storageFull');
    expect(full.headers.get('Retry-After')).toBe('60');
    expect(await server.messages(owner)).toEqual([]);
    database.exec('PRAGMA max_page_count = 1000000');
    expect((await server.append(owner, 0, [bundle])).status).toBe(200);
    expect(await server.messages(owner)).toEqual([bundle]);
  });

  test('a connection that dawdles over its body is closed, and nothing of it is stored', async () => {
    await start({ limits: { headersMillis: 1_000, requestMillis: 4_000 } });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString())).on('error', () => {});
    const body = JSON.stringify([bundleOf(owner)]);
    socket.write(appendHead(owner, body.length));
    // A byte now and then: never idle, and never done.
    let sent = 0;
    const drip = setInterval(() => void (sent < body.length - 1 && socket.write(body[sent++]!)), 200);
    await closed;
    clearInterval(drip);
    expect(answer).toContain('408');
    expect(await server.messages(owner)).toEqual([]);
  });

  test('a reader that asks for a page and takes nothing of it is cut off', async () => {
    await start({ limits: { idleMillis: 2_000, page: { messages: 100, bytes: 50_000_000 } } });
    const payload = 'A'.repeat(1_000_000);
    for (let seq = 0; seq < 20; seq++) await server.append(owner, seq, [{ ...bundleOf(owner), payload }]);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const begun = new Promise<void>((resolve) =>
      socket.once('data', () => {
        socket.pause();
        resolve();
      }),
    );
    socket.on('error', () => {});
    socket.write(
      `GET ${streamPath(owner.bookId)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${owner.token}\r\n\r\n`,
    );
    await begun;
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(20_000_000);
  });

  test('a connection that dawdles over its headers is closed', async () => {
    await start({ limits: { headersMillis: 300 } });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.write('GET / HTTP/1.1\r\n');
    await closed;
    expect(answer).toContain('408');
  });
});

/** Waits until something is so. */
async function until(isSo: () => boolean, millis = 15_000): Promise<void> {
  const deadline = Date.now() + millis;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
