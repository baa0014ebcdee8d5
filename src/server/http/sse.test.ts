/** Live events on the wire: slow readers, connections that break, and what goes with the answer. */
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type Membership, streamPath } from '../../protocol/account.ts';
import { bundleOf, type DaybookServer, type SentBundle, startDaybook } from '../../testing/daybook-server.ts';

vi.setConfig({ testTimeout: 240_000 });

let server: DaybookServer;
let owner: Membership;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.stop();
});

async function start(options: Parameters<typeof startDaybook>[0] = {}): Promise<void> {
  server = await startDaybook(options);
  owner = await server.claim();
}

const follow = (by = owner, headers = ''): string =>
  `GET ${streamPath(by.bookId)}?offset=-1&live=sse HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${by.token}\r\n${headers}\r\n`;

interface Wire {
  readonly socket: Socket;
  readonly text: () => string;
  readonly closed: Promise<void>;
}

function open(request: string): Wire {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  const pieces: string[] = [];
  socket.on('data', (piece) => void pieces.push(piece.toString())).write(request);
  return { socket, text: () => pieces.join(''), closed: new Promise((done) => socket.once('close', () => done())) };
}

/** What came after the headers of the first answer, with the chunks put together. */
function bodyOf(text: string): string {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let body = '';
  for (;;) {
    const length = Number.parseInt(rest, 16);
    const from = rest.indexOf('\r\n') + 2;
    if (!(length > 0) || rest.length < from + length) return body;
    body += rest.slice(from, from + length);
    rest = rest.slice(from + length + 2);
  }
}

const idsIn = (text: string): string[] =>
  [...bodyOf(text).matchAll(/^data:(\[.*\])$/gm)].flatMap(([, json]) =>
    (JSON.parse(json!) as SentBundle[]).map(({ id }) => id),
  );

test('a reader that is slow for a while gets everything all the same, once and in order', async () => {
  await start({ limits: { livePage: { messages: 3, bytes: 1_000_000 } } });
  const payload = 'A'.repeat(400_000);
  const ids: string[] = [];
  const append = async (): Promise<void> => {
    const bundle = { ...bundleOf(owner), payload };
    expect((await server.append(owner, ids.length, [bundle])).status).toBe(200);
    ids.push(bundle.id);
  };
  while (ids.length < 30) await append();
  const live = open(follow());
  live.socket.pause();
  await until(() => server.context.streamHandler.liveReaders === 1);
  // 12 MB fit no buffers: it stands still, and more comes meanwhile.
  while (ids.length < 40) await append();
  expect(idsIn(live.text()).length).toBeLessThan(30);
  live.socket.resume();
  await until(() => idsIn(live.text()).length >= 40);
  await append();
  await until(() => idsIn(live.text()).length >= 41);
  expect(idsIn(live.text())).toEqual(ids);
});

test('a reader that stands still when its device is revoked gets no more than was on its way', async () => {
  await start({ limits: { stallMillis: 300, livePage: { messages: 1, bytes: 1_000_000 } } });
  const device = await server.link(owner, 'device');
  const payload = 'A'.repeat(1_000_000);
  for (let seq = 0; seq < 20; seq++) await server.append(owner, seq, [{ ...bundleOf(owner), payload }]);
  const live = open(follow(device));
  live.socket.pause();
  await until(() => server.context.streamHandler.liveReaders === 1);
  await server.revoke(owner, device);
  // What it leaves untouched does not keep it open.
  await until(() => server.context.streamHandler.liveReaders === 0);
  live.socket.resume();
  await live.closed;
  expect(live.socket.bytesRead).toBeLessThan(12_000_000);
});

test('readers that hang up in the middle of a page harm nobody', async () => {
  await start();
  const device = await server.link(owner, 'device');
  const staying = open(follow(device));
  const payload = 'A'.repeat(300_000);
  const ids: string[] = [];
  for (let round = 0; round < 5; round++) {
    const leaving = Array.from({ length: 12 }, () => open(follow()));
    await until(() => server.context.streamHandler.liveReaders === 13);
    const bundle = { ...bundleOf(owner), payload };
    ids.push(bundle.id);
    const appended = server.append(owner, round, [bundle]);
    for (const [i, { socket }] of leaving.entries()) {
      if (i % 2 === 0) socket.destroy();
      else socket.once('data', () => socket.resetAndDestroy());
    }
    expect((await appended).status).toBe(200);
    for (const { socket } of leaving) socket.destroy();
    await until(() => server.context.streamHandler.liveReaders === 1);
  }
  await until(() => idsIn(staying.text()).length === 5);
  expect(idsIn(staying.text())).toEqual(ids);
});

test('events behind another answer on one connection wait for it, and then flow', async () => {
  await start({ limits: { longPollMillis: 500 } });
  const poll = follow().replace('offset=-1&live=sse', 'offset=now&live=long-poll');
  const live = open(poll + follow());
  await until(() => server.context.streamHandler.liveReaders === 2);
  await until(() => live.text().includes('event: control'));
  expect(live.text()).toMatch(/^HTTP\/1.1 204 /);
  const bundle = bundleOf(owner);
  await server.append(owner, 0, [bundle]);
  await until(() => live.text().includes(bundle.id));
});

test('an answer of events has the headers that every answer has', async () => {
  const origin = 'https://app.example';
  await start({ config: { origins: [origin] } });
  const live = open(follow(owner, `Origin: ${origin}\r\n`));
  await until(() => live.text().includes('event: control'));
  const [head] = live.text().toLowerCase().split('\r\n\r\n');
  for (const line of [
    'http/1.1 200 ok',
    'content-type: text/event-stream',
    'cache-control: no-cache, no-store',
    'x-content-type-options: nosniff',
    'referrer-policy: no-referrer',
    'cross-origin-resource-policy: same-origin',
    `access-control-allow-origin: ${origin}`,
    'vary: origin',
    'transfer-encoding: chunked',
  ]) {
    expect(head!.split('\r\n')).toContain(line);
  }
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
