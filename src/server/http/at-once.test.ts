/** What one device may have under way at a time, however it goes about it: in many connections, or one behind the other in one. */
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Membership, streamPath } from '../../protocol/account.ts';
import { bundleOf, type DaybookServer, startDaybook } from '../../testing/daybook-server.ts';
import { ManualClock } from '../../testing/manual-clock.ts';

let server: DaybookServer;
let owner: Membership;
let other: Membership;
let sockets: Socket[];

beforeEach(async () => {
  // Its clock stands still: what is refused is refused by number, and long-polls last.
  server = await startDaybook({
    limits: { atOnce: { all: 6, writes: 2 }, addressAtOnce: { all: 5, writes: 5 } },
    now: new ManualClock().now,
  });
  owner = await server.claim();
  other = await server.link(owner, 'device');
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop();
});

const request = (by: Membership, method: string, query = '', headers = ''): string =>
  `${method} ${streamPath(by.bookId)}${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${by.token}\r\n${headers}\r\n`;
const longPoll = (by: Membership): string => request(by, 'GET', '?offset=now&live=long-poll');

/** Sends text over a connection of its own; `text` is what has come back. */
function send(text: string): { readonly socket: Socket; readonly text: () => string } {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString())).write(text);
  return { socket, text: () => answer };
}

const status = async (by: Membership): Promise<number> =>
  (await server.call('GET', '/v1/devices', { token: by.token })).status;
const live = (): number => server.context.streamHandler.liveReaders;

test('a device has so many requests under way, over connections of their own; others do not feel it', async () => {
  const waiting = Array.from({ length: 6 }, () => send(longPoll(owner)));
  await until(() => live() === 6);
  const refused = await server.call('GET', '/v1/devices', { token: owner.token });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('Retry-After')).toBe('1');
  expect(await status(other)).toBe(200);
  waiting[0]!.socket.destroy();
  await until(() => live() === 5);
  expect(await status(owner)).toBe(200);
});

test('requests one behind the other on one connection count as well, and are forgotten when it breaks', async () => {
  // Answers go out in the order of requests: all but the first wait for it.
  const { socket } = send(longPoll(owner).repeat(9));
  await until(() => live() === 6);
  expect(await status(owner)).toBe(429);
  socket.destroy();
  await until(() => live() === 0);
  for (let i = 0; i < 20; i++) expect(await status(owner)).toBe(200);
});

test('a request whose connection broke while its token was looked at is not counted for good', async () => {
  for (let seq = 0; seq < 10; seq++) {
    // The first use of a renewed token waits for a commit.
    const token = await server.renew(owner.token);
    const { socket } = send(request({ ...owner, token }, 'GET', '?offset=now&live=long-poll'));
    socket.once('connect', () => setImmediate(() => socket.resetAndDestroy()));
    owner = { ...owner, token };
    await until(() => socket.closed);
    expect(await status(owner)).toBe(200);
  }
  await until(() => server.context.atOnce.underWay(owner.clientId) === 0);
  expect(live()).toBe(0);
});

test('of bodies, which are held in memory, it sends fewer at a time', async () => {
  const body = JSON.stringify([bundleOf(owner)]);
  const begun = (): string =>
    `${request(owner, 'POST', '', `Content-Type: application/json\r\nProducer-Id: ${owner.clientId}\r\nProducer-Epoch: 0\r\nProducer-Seq: 0\r\nContent-Length: ${body.length}\r\n`)}${body.slice(0, 10)}`;
  const half = [send(begun()), send(begun())];
  await until(() => server.context.atOnce.underWay(owner.clientId) === 2);
  expect((await server.append(owner, 0)).status).toBe(429);
  expect(await status(owner)).toBe(200);
  half[0]!.socket.write(body.slice(10));
  await until(() => half[0]!.text().startsWith('HTTP/1.1 200 '));
  half[1]!.socket.destroy();
  await until(() => server.context.atOnce.underWay(owner.clientId) === 0);
  expect((await server.append(owner, 1)).status).toBe(200);
});

test('who shows no token has so many requests under way as well, by address', async () => {
  const begun =
    'POST /v1/join HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{';
  const half = Array.from({ length: 5 }, () => send(begun));
  await until(() => server.context.addressAtOnce.underWay('127.0.0.1') === 5);
  expect((await server.call('GET', '/v1/time')).status).toBe(429);
  expect(await status(owner)).toBe(200);
  half[0]!.socket.destroy();
  await until(() => server.context.addressAtOnce.underWay('127.0.0.1') === 4);
  expect((await server.call('GET', '/v1/time')).status).toBe(200);
});

test('an append that would become much more than it weighs is 413 before it becomes anything', async () => {
  const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' };
  for (const part of ['1,', '[],', '[', '{"a":']) {
    const body = gzipSync(`[${part.repeat(5_000_000 / part.length)}`);
    expect(body.length).toBeLessThan(20_000);
    expect((await server.append(owner, 0, [], { body, headers })).status).toBe(413);
  }
  const most = Array.from({ length: 1_000 }, () => bundleOf(owner));
  expect((await server.append(owner, 0, most)).status).toBe(200);
  expect((await server.append(owner, 1, [...most, bundleOf(owner)])).status).toBe(413);
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
