import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AttentionAnswer, AttentionKind, ThingId } from '../core/attention.ts';
import type { EntityId } from '../core/ids.ts';
import { bundleOf, claimBody, joinBody, type DaybookServer } from '../testing/daybook-server.ts';
import { StrictProxy } from '../testing/strict-proxy.ts';
import { type SyncClient, until } from '../testing/sync-client.ts';
import type { Link, Membership } from '../protocol/account.ts';
import { syncScene } from '../testing/sync-scene.ts';

const { atEnd, client, daybook } = syncScene();

/** The real server behind a proxy that can refuse large requests, its owner's phone, and a laptop. */
async function scene() {
  const server = await daybook();
  const proxy = await StrictProxy.start(Number(new URL(server.url).port));
  atEnd(() => proxy.stop());
  const [phone, laptop] = [client(), client()];
  const owner = await post<Membership>(server, '/v1/claim', {
    ...claimBody(null, phone.clientId),
    bookId: phone.store.identity().bookId,
  });
  const { code } = await post<Link>(server, '/v1/links', { for: 'device' }, owner.token);
  const device = await post<Membership>(server, '/v1/join', joinBody(code, laptop.clientId));
  const [type, field] = [phone.mint(), phone.mint()];
  phone.do({ kind: 'createType', id: type, name: 'Tasks', fields: [{ id: field, name: 'Title', kind: 'text' }] });
  phone.link({ origin: proxy.url, membership: owner });
  laptop.link({ origin: server.url, membership: device });
  await until('both synced', () => isSynced(phone) && isSynced(laptop) && laptop.events === phone.events);
  const record = (title: string): EntityId => {
    const id = phone.mint();
    phone.do({ kind: 'createRecords', type, records: [{ id, values: { [field]: title } }] });
    return id;
  };
  return { server, proxy, phone, laptop, owner, record };
}

async function post<T>(server: DaybookServer, path: string, body: object, token?: string): Promise<T> {
  const response = await server.call('POST', path, { body, ...(token !== undefined && { token }) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const isSynced = ({ status }: SyncClient): boolean => status.kind === 'synced';
const areEqual = (a: SyncClient, b: SyncClient): boolean =>
  a.events === b.events && a.dump().join() === b.dump().join();

const listed = (of: SyncClient) => JSON.parse(of.store.answer({ kind: 'attention', limit: 20 })) as AttentionAnswer;

/** As the leader's worker does. */
function retry(by: SyncClient, kind: AttentionKind, id: ThingId | null = null) {
  const step = by.store.attention.retry(kind, id, 0);
  by.driver.recount();
  by.driver.changed();
  return step;
}

test('[SYNC-2] [ATTENTION-1] [ATTENTION-2] a bundle that the server refuses for good blocks nothing, and goes out once the cause is gone', async () => {
  const { server, proxy, phone, laptop, owner, record } = await scene();
  const sent = (await server.messages(owner)).length;
  proxy.maxBytes = 5_000;
  record('Small');
  await until('sent', () => isSynced(phone));
  const large = record(randomBytes(7_000).toString('base64'));
  await until('refused', () => phone.store.sync.counts().rejected > 0);
  expect(proxy.refused).toBe(1);
  record('Behind it');
  await until(
    'what follows is there',
    () => laptop.events === phone.events - 2 && phone.store.sync.counts().waiting === 0,
  );
  expect(phone.status).toEqual({ kind: 'attention', count: 2 });
  expect(await server.messages(owner)).toHaveLength(sent + 2);
  expect(listed(phone).groups).toMatchObject([
    { kind: 'refused', total: 1, things: [{ contents: { changes: 2, records: [{ entityId: large }] } }] },
  ]);

  // Tried again while nothing has changed, it is refused again, and still blocks nothing.
  expect(retry(phone, 'refused')).toMatchObject({ settled: 1 });
  expect(phone.status).toEqual({ kind: 'sending', waiting: 2 });
  await until('refused again', () => phone.store.sync.counts().rejected > 0);
  const before = listed(phone).groups[0]?.things[0]?.id;

  proxy.maxBytes = Infinity;
  retry(phone, 'refused');
  await until('it is there', () => isSynced(phone) && areEqual(phone, laptop));
  const ids = (await server.messages(owner)).map(({ id }) => id);
  expect(ids).toHaveLength(sent + 3);
  expect(ids.at(-1)).toBe(before);
  expect(listed(phone)).toEqual({ groups: [], discarded: [] });
});

test('[SYNC-6] [ATTENTION-3] what nobody can read stays discarded over a restart of sync and a stream that is read again', async () => {
  const { server, phone, laptop, owner, record } = await scene();
  const wild = await server.link(owner, 'device');
  // From a device whose app has gone mad, and from one whose app is newer.
  await server.append(wild, 0);
  await server.append(wild, 1, [{ ...bundleOf(wild), version: 99 }]);
  await until('set aside', () => laptop.store.sync.counts().quarantined === 2);
  expect(laptop.status).toEqual({ kind: 'attention', count: 2 });
  expect(listed(laptop).groups).toMatchObject([
    { kind: 'unreadable', things: [{ sender: { clientId: wild.clientId, userId: wild.userId }, contents: null }] },
    { kind: 'newer', things: [{ reason: 'version: 99, and this Daybook reads up to 1' }] },
  ]);
  for (const kind of ['unreadable', 'newer'] as const) laptop.store.attention.discard(kind, null);
  laptop.driver.recount();
  expect(laptop.status).toEqual({ kind: 'synced' });

  laptop.driver.stop();
  laptop.store.sync.resendAll({ bookId: owner.bookId, userId: owner.userId, clientId: laptop.clientId });
  record('Goes on');
  laptop.link({ origin: server.url, membership: { ...owner, ...(await renewed(server, owner, laptop)) } });
  await until('read again', () => isSynced(laptop) && areEqual(phone, laptop));
  expect(laptop.store.sync.counts().quarantined).toBe(0);
  expect(listed(laptop).discarded.map(({ kind, total }) => [kind, total])).toEqual([
    ['unreadable', 1],
    ['newer', 1],
  ]);
  expect(retry(laptop, 'newer', listed(laptop).discarded[1]?.things[0]?.id)).toMatchObject({ settled: 0, left: 1 });
  expect(laptop.status).toEqual({ kind: 'attention', count: 1 });
});

/** A token for the client, which is a device of the owner already. */
async function renewed(server: DaybookServer, owner: Membership, of: SyncClient): Promise<Membership> {
  const { code } = await post<Link>(server, '/v1/links', { for: 'device' }, owner.token);
  return post<Membership>(server, '/v1/join', joinBody(code, of.clientId));
}
