import { DurableStreamTestServer } from '@durable-streams/server';
import { describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { BookId, EntityId, UserId } from '../core/ids.ts';
import { type SyncClient, until, type Target } from '../testing/sync-client.ts';
import { syncScene } from '../testing/sync-scene.ts';

const { atEnd, client: newClient } = syncScene();

async function start(port = 0): Promise<DurableStreamTestServer> {
  const server = new DurableStreamTestServer({ port, host: '127.0.0.1', longPollTimeout: 500 });
  await server.start();
  atEnd(() => server.stop());
  return server;
}

function client(target?: Target): SyncClient {
  const made = newClient();
  if (target) made.link(target);
  return made;
}

const targetAt = (server: DurableStreamTestServer): Target => ({
  streamUrl: `${server.url}/v1/stream/book`,
  bookId: randomUUID() as BookId,
  userId: randomUUID() as UserId,
});

function makeTasks(by: SyncClient, ...titles: string[]): { type: EntityId; field: EntityId } {
  const [type, field] = [by.mint(), by.mint()];
  by.do({ kind: 'createType', id: type, name: 'Tasks', fields: [{ id: field, name: 'Title', kind: 'text' }] });
  const records = titles.map((title) => ({ id: by.mint(), values: { [field]: title } }));
  by.do({ kind: 'createRecords', type, records });
  return { type, field };
}

const same = (...clients: SyncClient[]): boolean =>
  clients.every((each) => each.status.kind === 'synced') &&
  new Set(clients.map((each) => each.dump().join())).size === 1;

/** Daybook's loop against the reference server of the protocol: one that we did not write, with no accounts and no clock. */
describe('a Durable Streams server of somebody else', () => {
  test('two clients meet on it, live', async () => {
    const target = targetAt(await start());
    const [phone, laptop] = [client(target), client(target)];
    const { type, field } = makeTasks(phone, 'Buy flour', 'Bake bread');
    await until('both the same', () => same(phone, laptop) && laptop.events > 0);
    laptop.do({ kind: 'createRecords', type, records: [{ id: laptop.mint(), values: { [field]: 'Eat it' } }] });
    await until('the other way too', () => same(phone, laptop) && phone.store.stats().records === 3);
    expect(phone.details?.clockOffsetMillis).toBe(null);
  });

  test('one that went away is waited for, and what was written meanwhile arrives', async () => {
    const first = await start();
    const target = targetAt(first);
    const [phone, laptop] = [client(target), client(target)];
    const { type, field } = makeTasks(phone, 'Buy flour');
    await until('both the same', () => same(phone, laptop) && laptop.events > 0);
    const port = Number(new URL(first.url).port);
    await first.stop();
    await until('offline is noticed', () => phone.status.kind === 'offline' && laptop.status.kind === 'offline');
    phone.do({ kind: 'createRecords', type, records: [{ id: phone.mint(), values: { [field]: 'Offline, phone' } }] });
    laptop.do({
      kind: 'createRecords',
      type,
      records: [{ id: laptop.mint(), values: { [field]: 'Offline, laptop' } }],
    });
    expect(phone.status).toEqual({ kind: 'offline', waiting: 2 });

    // [SYNC-4] It kept its data in memory: the stream that comes back is empty, and is filled again by both.
    await start(port);
    phone.driver.nudge();
    laptop.driver.nudge();
    await until('both the same again', () => same(phone, laptop) && phone.store.stats().records === 3, 20_000);
    const newcomer = client(target);
    await until('a newcomer gets everything', () => same(phone, laptop, newcomer), 20_000);
  });

  test('[SYNC-4] a stream made anew behind the back of a client that was away is noticed by its offsets, or by what does not come back', async () => {
    const server = await start();
    const target = targetAt(server);
    const [phone, laptop] = [client(target), client(target)];
    makeTasks(phone, 'Buy flour', 'Bake bread');
    await until('both the same', () => same(phone, laptop) && laptop.events > 0);
    laptop.driver.stop();
    phone.driver.stop();
    const { streamUrl } = target as { streamUrl: string };
    await fetch(streamUrl, { method: 'DELETE' });
    await fetch(streamUrl, { method: 'PUT', headers: { 'content-type': 'application/json' } });
    phone.link(target);
    const newcomer = client(target);
    await until('a newcomer gets everything', () => same(phone, newcomer) && newcomer.events > 0, 20_000);
    laptop.link(target);
    await until('all the same', () => same(phone, laptop, newcomer), 20_000);
    expect(laptop.store.sync.counts()).toMatchObject({ waiting: 0, rejected: 0, quarantined: 0 });
  });

  test('[SYNC-9] a stream that lost bundles, and whose offsets say nothing of it, is found out by Verify and made whole', async () => {
    const target = targetAt(await start());
    const [phone, laptop] = [client(target), client(target)];
    const { type, field } = makeTasks(phone, 'Buy flour', 'Bake bread');
    await until('both the same', () => same(phone, laptop) && laptop.events > 0);
    for (const title of ['By the laptop', 'By the laptop as well']) {
      laptop.do({ kind: 'createRecords', type, records: [{ id: laptop.mint(), values: { [field]: title } }] });
      await until('both have it', () => same(phone, laptop));
    }
    const bundles = phone.store.sync.places(null, 100).length;
    expect(await phone.driver.verify()).toEqual({ kind: 'same', bundles });
    for (const each of [phone, laptop]) each.driver.stop();

    // Made anew without the second bundle, and longer than it was: every offset that was given out is one of it.
    const { streamUrl } = target as { streamUrl: string };
    const headers = { 'content-type': 'application/json' };
    const messages = (await (await fetch(`${streamUrl}?offset=-1`)).json()) as unknown[];
    expect(messages).toHaveLength(bundles);
    await fetch(streamUrl, { method: 'DELETE' });
    await fetch(streamUrl, { method: 'PUT', headers });
    for (const message of [...messages.toSpliced(1, 1), messages[0], messages[0]])
      await fetch(streamUrl, { method: 'POST', headers, body: JSON.stringify(message) });

    phone.link(target);
    await until('it believes that all is well', () => phone.status.kind === 'synced');
    expect(await phone.driver.verify()).toMatchObject({ kind: 'repaired', fetched: 0, sentAgain: 1 });
    laptop.link(target);
    await until('all the same', () => same(phone, laptop));
    const newcomer = client(target);
    await until('a newcomer gets everything', () => same(phone, laptop, newcomer) && newcomer.events > 0, 20_000);
    expect((await phone.driver.verify()).kind).toBe('same');
    expect((await newcomer.driver.verify()).kind).toBe('same');
  });

  test('[SYNC-9] what it has and this device lost is taken out of the stream', async () => {
    const target = targetAt(await start());
    const phone = client(target);
    makeTasks(phone, 'Buy flour', 'Bake bread');
    await until('synced', () => same(phone));
    const laptop = client(target);
    await until('both the same', () => same(phone, laptop) && laptop.events > 0);
    laptop.db.exec('DELETE FROM events; DELETE FROM bundles');
    laptop.store.rebuild();
    expect(laptop.events).toBe(0);
    const bundles = phone.store.sync.places(null, 100).length;
    expect(await laptop.driver.verify()).toMatchObject({ kind: 'repaired', bundles, fetched: bundles, sentAgain: 0 });
    expect(same(phone, laptop)).toBe(true);
    expect(laptop.events).toBe(phone.events);
  });
});
