import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiError, Membership } from '../../protocol/account.ts';
import { streamPath } from '../../protocol/account.ts';
import { MAX_PIECE_BYTES, snapshotsPath, type SnapshotOffer } from '../../protocol/snapshot-offer.ts';
import { bundleOf, claimBody, type DaybookServer, startDaybook } from '../../testing/daybook-server.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { startProcess } from '../../testing/server-process.ts';
import { keepHouse } from '../housekeeping.ts';

const DAY = 86_400_000;

let clock: ManualClock;
let server: DaybookServer;
let owner: Membership;
let seq: number;

beforeEach(async () => {
  clock = new ManualClock();
  server = await startDaybook({
    now: clock.now,
    config: { retainMillis: 30 * DAY },
    limits: { snapshotBytes: 3 * MAX_PIECE_BYTES },
  });
  owner = await server.claim();
  seq = 0;
});
afterEach(() => server.stop());

const call = (method: string, path: string, body?: unknown, by = owner): Promise<Response> =>
  server.call(method, `${snapshotsPath(by.bookId)}${path}`, { token: by.token, body });

/** Appends so many bundles and answers the offset behind them. */
async function append(bundles: number): Promise<string> {
  const all = Array.from({ length: bundles }, () => bundleOf(owner));
  const { headers } = await server.append(owner, seq++, all);
  return headers.get('Stream-Next-Offset')!;
}

async function upload(cursor: string, pieces: readonly string[], id: string = randomUUID()): Promise<string> {
  for (const [i, piece] of pieces.entries()) {
    expect((await call('PUT', `/${id}/pieces/${i}`, Buffer.from(piece))).status).toBe(204);
  }
  expect((await call('PUT', `/${id}`, { cursor, pieces: pieces.length, events: 9 })).status).toBe(204);
  return id;
}

async function offers(by = owner): Promise<SnapshotOffer[]> {
  return ((await (await call('GET', '', undefined, by)).json()) as { snapshots: SnapshotOffer[] }).snapshots;
}

const code = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as ApiError).error.code,
];

describe('snapshots of a book', () => {
  test('a member uploads one, another member finds it and reads its bytes', async () => {
    const member = await server.link(owner, 'person');
    const cursor = await append(3);
    expect(await offers(member)).toEqual([]);
    const id = await upload(cursor, ['one', 'two']);
    await append(1);
    expect(await offers(member)).toEqual([{ id, cursor, pieces: 2, bytes: 6, events: 9, behind: 1, messages: 4 }]);
    const piece = await call('GET', `/${id}/pieces/1`, undefined, member);
    expect(piece.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(piece.headers.get('Cache-Control')).toBe('private, no-store');
    expect(await piece.text()).toBe('two');
    expect((await call('GET', `/${id}/pieces/2`)).status).toBe(404);
  });

  test('what cannot be one is refused with a reason', async () => {
    const cursor = await append(1);
    const id = randomUUID();
    expect(await code(await call('PUT', `/${id}/pieces/0`, Buffer.alloc(MAX_PIECE_BYTES + 1)))).toEqual([
      413,
      'tooLarge',
    ]);
    expect(await code(await call('PUT', `/${id}/pieces/0`, Buffer.alloc(0)))).toEqual([400, 'badRequest']);
    for (let i = 0; i < 3; i++) await call('PUT', `/${id}/pieces/${i}`, Buffer.alloc(MAX_PIECE_BYTES, 1));
    expect(await code(await call('PUT', `/${id}/pieces/3`, Buffer.from('x')))).toEqual([413, 'tooLarge']);
    for (const path of ['/none/pieces/0', `/${id}/pieces/-1`, `/${id}/pieces/01`, `/${id}/pieces/100000`]) {
      expect((await call('PUT', path, Buffer.from('x'))).status).toBe(404);
    }
    expect(await code(await call('PUT', `/${id}`, { cursor, pieces: 4, events: 1 }))).toEqual([409, 'conflict']);
    expect(await code(await call('PUT', `/${id}`, { cursor: 'here', pieces: 3, events: 1 }))).toEqual([
      400,
      'badRequest',
    ]);
    expect(await code(await call('PUT', `/${id}`, { cursor, pieces: 3 }))).toEqual([400, 'badRequest']);
    const elsewhere = `ffffffffffff${cursor.slice(12)}`;
    expect(await code(await call('PUT', `/${id}`, { cursor: elsewhere, pieces: 3, events: 1 }))).toEqual([410, 'gone']);
    expect(await offers()).toEqual([]);
    expect((await call('PUT', `/${id}`, { cursor, pieces: 3, events: 1 })).status).toBe(204);
    expect(await code(await call('PUT', `/${id}/pieces/0`, Buffer.from('x')))).toEqual([409, 'conflict']);
  });

  test('a device whose access ends while a piece is on its way stores nothing', async () => {
    const device = await server.link(owner, 'device');
    const cursor = await append(1);
    const id = randomUUID();
    let send: (piece: Uint8Array) => void = () => undefined;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('half'));
        send = (rest) => {
          controller.enqueue(rest);
          controller.close();
        };
      },
    });
    const answer = fetch(`${server.url}${snapshotsPath(owner.bookId)}/${id}/pieces/0`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${device.token}` },
      body,
      duplex: 'half',
    } as RequestInit);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.revoke(owner, device);
    send(Buffer.from(' more'));
    expect((await answer).status).toBe(401);
    expect(await code(await call('PUT', `/${id}`, { cursor, pieces: 1, events: 1 }))).toEqual([404, 'notFound']);
  });
});

describe('retention', () => {
  const position = (offset: string): number => Number.parseInt(offset.split('_')[1]!, 16);
  const read = (offset: string): Promise<Response> =>
    server.call('GET', `${streamPath(owner.bookId)}?offset=${offset}`, { token: owner.token });

  test('what is older than asked for goes as far as a snapshot stands in for it, and readers are told', async () => {
    const { context } = server;
    const old = await append(450);
    await keepHouse(context);
    clock.advance(31 * DAY);
    await keepHouse(context);
    expect((await read('-1')).status).toBe(200);
    const cursor = await append(2);
    await upload(cursor, ['a snapshot']);
    const tail = await append(1);
    await keepHouse(context);
    const gone = await read('-1');
    expect(await code(gone)).toEqual([410, 'trimmed']);
    expect(gone.headers.get('Daybook-Earliest-Offset')).toBe(old);
    expect(Number(gone.headers.get('Daybook-Trimmed-By'))).toBeLessThanOrEqual(clock.now() - 31 * DAY);
    expect(await (await read(old)).json()).toHaveLength(3);
    clock.advance(40 * DAY);
    await keepHouse(context);
    const head = await server.call('HEAD', streamPath(owner.bookId), { token: owner.token });
    expect([head.headers.get('Daybook-Earliest-Offset'), head.headers.get('Stream-Next-Offset')]).toEqual([
      cursor,
      tail,
    ]);
    expect([position(cursor), position(tail)]).toEqual([452, 453]);
    expect(await (await read(cursor)).json()).toHaveLength(1);
    expect((await server.append(owner, seq)).status).toBe(200);
  });

  test('kept for good unless the server is told otherwise', async () => {
    await upload(await append(3), ['a snapshot']);
    const parts = { ...server.context, config: { retainMillis: null } };
    await keepHouse(parts);
    clock.advance(9_999 * DAY);
    await keepHouse(parts);
    expect(await (await read('-1')).json()).toHaveLength(3);
  });
});

describe('dying', () => {
  test('SIGKILL while a snapshot is uploaded: half of one is never offered, and it can be begun again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-killed-'));
    try {
      let running = await startProcess({ DAYBOOK_DATA: folder });
      const json = { 'Content-Type': 'application/json' };
      const claim = await fetch(`${running.url}/v1/claim`, { method: 'POST', headers: json, body: JSON.stringify(claimBody()) }); // prettier-ignore
      const { bookId, token } = (await claim.json()) as Membership;
      const send = (method: string, path: string, body?: Uint8Array | string): Promise<Response> =>
        fetch(`${running.url}${snapshotsPath(bookId)}${path}`, { method, headers: { Authorization: `Bearer ${token}` }, body: body as string }); // prettier-ignore
      const head = await fetch(`${running.url}${streamPath(bookId)}`, { method: 'HEAD', headers: { Authorization: `Bearer ${token}` } }); // prettier-ignore
      const finish = JSON.stringify({ cursor: head.headers.get('Stream-Next-Offset'), pieces: 9, events: 1 });
      const id = randomUUID();
      for (const arrived of [0, 5]) {
        for (let i = 0; i < arrived; i++) await send('PUT', `/${id}/pieces/${i}`, Buffer.alloc(100_000, i));
        const under = send('PUT', `/${id}/pieces/${arrived}`, Buffer.alloc(100_000, 7)).catch(() => null);
        running.kill('SIGKILL');
        await Promise.all([under, running.ended]);
        running = await startProcess({ DAYBOOK_DATA: folder });
        expect((await send('PUT', `/${id}`, finish)).status).not.toBe(204);
        expect(await (await send('GET', '')).json()).toEqual({ snapshots: [] });
      }
      const whole = randomUUID();
      for (let i = 0; i < 9; i++) await send('PUT', `/${whole}/pieces/${i}`, Buffer.alloc(100_000, i));
      expect((await send('PUT', `/${whole}`, finish)).status).toBe(204);
      expect(((await (await send('GET', '')).json()) as { snapshots: SnapshotOffer[] }).snapshots).toMatchObject([{ id: whole, bytes: 900_000 }]); // prettier-ignore
      running.kill('SIGKILL');
      await running.ended;
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
