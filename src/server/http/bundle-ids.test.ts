import { afterEach, expect, test } from 'vitest';
import { bundleIdsPath, streamPath, type ApiError, type BundleIds, type Membership } from '../../protocol/account.ts';
import { parseOffset } from '../streams/offset.ts';
import { bundleOf, startDaybook, type DaybookServer, type ServerOptions } from '../../testing/daybook-server.ts';

let server: DaybookServer;
let owner: Membership;

async function start(options: ServerOptions = {}): Promise<void> {
  server = await startDaybook(options);
  owner = await server.claim();
}
afterEach(() => server.stop());

const ask = (query: string): Promise<Response> =>
  server.call('GET', `${bundleIdsPath(owner.bookId)}${query}`, { token: owner.token });

async function page(query = ''): Promise<BundleIds> {
  const response = await ask(query);
  expect(response.status).toBe(200);
  expect(response.headers.get('Cache-Control')).toBe('private, no-store');
  return (await response.json()) as BundleIds;
}

async function append(count: number): Promise<string[]> {
  const bundles = Array.from({ length: count }, () => bundleOf(owner));
  const { length } = await server.messages(owner);
  for (const [i, bundle] of bundles.entries())
    expect((await server.append(owner, length + i, [bundle])).status).toBe(200);
  return bundles.map(({ id }) => id);
}

test('[SYNC-9] ids come page by page, in order, and with offsets from which the stream can be read', async () => {
  await start();
  expect(await page()).toMatchObject({ ids: [], upToDate: true, trimmed: false });
  const ids = await append(7);
  expect(await page()).toMatchObject({ ids, upToDate: true, trimmed: false });

  const found: string[] = [];
  for (let after = ''; ;) {
    const { ids: some, next, upToDate } = await page(`?limit=3&after=${after === '' ? '-1' : after}`);
    const read = await server.call('GET', `${streamPath(owner.bookId)}?offset=${next}`, { token: owner.token });
    found.push(...some);
    expect(((await read.json()) as { id: string }[]).map(({ id }) => id)).toEqual(ids.slice(found.length));
    if (upToDate) break;
    after = next;
  }
  expect(found).toEqual(ids);
});

test('[SYNC-9] until ends the list where a device has read to, whatever came behind it', async () => {
  await start();
  const before = await append(4);
  const { next: until } = await page();
  await append(3);
  const first = await page(`?limit=3&until=${until}`);
  expect(first).toMatchObject({ ids: before.slice(0, 3), upToDate: false });
  expect(await page(`?limit=3&after=${first.next}&until=${until}`)).toEqual({
    ids: before.slice(3),
    from: first.next,
    next: until,
    upToDate: true,
    trimmed: false,
  });
  expect(await page(`?after=${until}&until=${until}`)).toMatchObject({ ids: [], next: until, upToDate: true });
});

test('[SYNC-5] a page looks through no more bytes than one of the stream, and holds at least one id', async () => {
  await start({ limits: { idsPage: { messages: 100, bytes: 300 } } });
  const ids = await append(5);
  const first = await page('?limit=50');
  expect(first.ids.length).toBeLessThan(5);
  expect(first.ids).toEqual(ids.slice(0, first.ids.length));
  expect(first.ids.length).toBeGreaterThan(0);
});

test('[SYNC-4] offsets that a read would get 410 for get it here, and so does an end that the log does not have', async () => {
  await start();
  await append(2);
  const { next } = await page();
  expect((await server.call('DELETE', streamPath(owner.bookId), { token: owner.token })).status).toBe(204);
  expect((await ask('')).status).toBe(404);
  await server.call('PUT', streamPath(owner.bookId), {
    token: owner.token,
    headers: { 'Content-Type': 'application/json' },
  });
  for (const query of [`?after=${next}`, `?until=${next}`]) {
    const response = await ask(query);
    expect(response.status).toBe(410);
    expect(((await response.json()) as ApiError).error.code).toBe('gone');
  }
});

test.each(['?limit=0', '?limit=-1', '?limit=x', '?limit=1&limit=2', '?after=x', '?until=x', '?until=-1'])(
  'what is malformed is refused: %s',
  async (query) => {
    await start();
    expect((await ask(query)).status).toBe(400);
  },
);

test('[SYNC-9] what is kept no longer is passed over, and the page says so and from where the rest can be read', async () => {
  await start();
  const ids = await append(6);
  const { next: two } = await page('?limit=2');
  const { next: all } = await page();
  const { streams, now } = server.context;
  expect(
    await streams.trim(`books/${owner.bookId}`, { upTo: parseOffset(all)!, storedBy: now() + 60_000, limit: 4 }),
  ).toBe(4);
  const rest = await page();
  expect(rest).toMatchObject({ ids: ids.slice(4), upToDate: true, trimmed: true });
  const read = await server.call('GET', `${streamPath(owner.bookId)}?offset=${rest.from}`, { token: owner.token });
  expect(((await read.json()) as { id: string }[]).map(({ id }) => id)).toEqual(ids.slice(4));
  expect(await page(`?after=${two}`)).toEqual(rest);
  expect(await page(`?after=${rest.next}`)).toMatchObject({ ids: [], trimmed: false });
  // Whoever has read no further than what is gone has nothing to compare.
  expect(await page(`?until=${two}`)).toMatchObject({ ids: [], next: two, upToDate: true, trimmed: true });
});
