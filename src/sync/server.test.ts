import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RecordsAnswer } from '../core/query.ts';
import { streamPath } from '../protocol/account.ts';
import { CuttingProxy } from '../testing/cutting-proxy.ts';
import { startProcess, type ServerProcess } from '../testing/server-process.ts';
import { until } from '../testing/sync-client.ts';
import {
  areEqual,
  bundlesAt,
  claim,
  isSynced,
  joinAs,
  makeRecord,
  makeType,
  sawNoFalseEnd,
} from '../testing/sync-steps.ts';
import { syncScene } from '../testing/sync-scene.ts';

const { atEnd, client, folder, daybook } = syncScene();

/** The real server as a process of its own, on the data in `data`. */
async function program(data: string): Promise<ServerProcess> {
  const server = await startProcess({ DAYBOOK_DATA: data });
  atEnd(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  return server;
}

describe('two clients and the real server', () => {
  test('[SYNC-1] [SYNC-8] merge what both held before, and see each other’s edits within a second', async () => {
    const server = await daybook();
    const [phone, laptop] = [client(), client()];
    const tasks = makeType(phone);
    const record = makeRecord(phone, tasks, 'Pay the rent');
    const notes = makeType(laptop);
    makeRecord(laptop, notes, 'Offline since yesterday');

    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    phone.link({ origin: server.url, membership: owner });
    laptop.link({ origin: server.url, membership: device });
    await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));

    // Of several edits the quickest counts: whatever else the machine does can only add to it.
    const taken: number[] = [];
    for (let edit = 1; edit <= 5; edit++) {
      const start = performance.now();
      phone.do({
        kind: 'setValues',
        changes: [{ entityId: record, field: tasks.field, value: `Pay the rent today, ${edit}` }],
      });
      expect(phone.status).toEqual({ kind: 'sending', waiting: 1 });
      await until('the edit arrives', () => areEqual(phone, laptop) && isSynced(phone, laptop));
      taken.push(performance.now() - start);
    }
    expect(Math.min(...taken)).toBeLessThan(1_000);
    expect(await server.messages(owner)).toHaveLength(2 + taken.length);
    [phone, laptop].forEach(sawNoFalseEnd);
  });

  test('[SYNC-7] a record that waits is shown to wait until the server has acknowledged it, and no longer', async () => {
    const server = await daybook();
    const phone = client();
    const tasks = makeType(phone);
    const seen: boolean[] = [];
    makeRecord(phone, tasks, 'Pay the rent');
    phone.link({ origin: server.url, membership: await claim(server.url, phone) });
    phone.store.subscriptions.add({ kind: 'records', type: tasks.type, offset: 0, limit: 1 }, (answer) => {
      seen.push((JSON.parse(answer) as RecordsAnswer).rows[0]!.waiting);
    });
    await until('it was acknowledged', () => isSynced(phone));
    await until('nothing waits on the screen', () => seen.at(-1) === false);
    expect(seen[0]).toBe(true);
  });

  test('[SYNC-8] a revoked device is told so, and keeps what it has', async () => {
    const server = await daybook();
    const [phone, laptop] = [client(), client()];
    const tasks = makeType(phone);
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    phone.link({ origin: server.url, membership: owner });
    laptop.link({ origin: server.url, membership: device });
    await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));
    await server.revoke(owner, device);
    makeRecord(laptop, tasks, 'Nobody will see this');
    await until('blocked', () => laptop.details?.lastError !== null && laptop.details?.retryAt !== null);
    expect(laptop.status.kind).not.toBe('synced');
    expect(laptop.store.sync.counts()).toMatchObject({ waiting: 2, rejected: 0 });
  });

  test('[HLC-5] a device whose clock is an hour fast before its first contact stamps everything anew before it sends', async () => {
    const server = await daybook();
    const [phone, laptop] = [client(undefined, () => Date.now() + 3_600_000), client()];
    const tasks = makeType(phone);
    makeRecord(phone, tasks, 'Written in the future');
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    phone.link({ origin: server.url, membership: owner });
    laptop.link({ origin: server.url, membership: device });
    await until('both hold the same', () => isSynced(laptop) && areEqual(phone, laptop) && laptop.events > 0);
    expect(laptop.store.sync.counts().quarantined).toBe(0);
    expect(phone.status).toMatchObject({ kind: 'clock' });
    expect(phone.details!.clockOffsetMillis! / 1_000).toBeCloseTo(3_600, -1);
    makeRecord(phone, tasks, 'Written after');
    await until('later edits too', () => areEqual(phone, laptop) && phone.status.kind === 'clock');
    expect(laptop.store.sync.counts().quarantined).toBe(0);
  });

  test('[SYNC-6] a bundle that nobody can read stops nothing', async () => {
    const server = await daybook();
    const [phone, laptop] = [client(), client()];
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    // From a device whose app has gone mad.
    await server.append(owner, 0);
    await server.append(owner, 1);
    laptop.link({ origin: server.url, membership: device });
    const tasks = makeType(laptop);
    makeRecord(laptop, tasks, 'Goes on');
    await until('sent', () => laptop.store.sync.counts().waiting === 0 && laptop.details?.progress === null);
    expect(laptop.status).toEqual({ kind: 'attention', count: 2 });
    expect(await server.messages(owner)).toHaveLength(3);
  });

  test('[SYNC-5] a first sync that was cut off goes on where it stopped', async () => {
    const server = await daybook();
    const [phone, laptop] = [client(), client(join(folder(), 'laptop.db'))];
    const tasks = makeType(phone);
    for (let i = 0; i < 12; i++) {
      const records = Array.from({ length: 400 }, () => ({
        id: phone.mint(),
        values: { [tasks.field]: crypto.randomUUID() },
      }));
      phone.do({ kind: 'createRecords', type: tasks.type, records });
    }
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    phone.link({ origin: server.url, membership: owner });
    await until('uploaded', () => isSynced(phone));
    laptop.link({ origin: server.url, membership: device });
    await until('some of it is there', () => laptop.events > 0 && laptop.events < phone.events);
    expect(laptop.status).toEqual({ kind: 'receiving' });
    laptop.driver.stop();
    const cursor = laptop.store.sync.cursor();
    laptop.link({ origin: server.url, membership: device });
    await until('all of it is there', () => isSynced(laptop) && areEqual(phone, laptop));
    expect(laptop.store.sync.cursor()).not.toBe(cursor);
    expect(laptop.store.sync.counts().quarantined).toBe(0);
  });
});

describe('a server that dies', () => {
  test('[SYNC-2] with SIGKILL between append and reply: nothing twice, nothing lost', async () => {
    const data = folder();
    let server = await program(data);
    const proxy = await CuttingProxy.start(server.port);
    atEnd(() => proxy.stop());
    const [phone, laptop] = [client(), client()];
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    phone.link({ origin: proxy.url, membership: owner });
    laptop.link({ origin: proxy.url, membership: device });
    const tasks = makeType(phone);
    await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));

    for (let round = 0; round < 3; round++) {
      const killed = server;
      const died = new Promise<void>((resolve) => {
        proxy.loseNextReply(() => {
          killed.kill('SIGKILL');
          void killed.ended.then(() => resolve());
        });
      });
      makeRecord(phone, tasks, `Round ${round}`);
      await died;
      expect(phone.status.kind).not.toBe('synced');
      server = await program(data);
      proxy.pointTo(server.port);
      phone.driver.nudge();
      laptop.driver.nudge();
      await until('back in sync', () => isSynced(phone, laptop) && areEqual(phone, laptop), 30_000);
    }
    expect(proxy.cut).toBe(3);
    const ids = (await bundlesAt(server.url, owner)).map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
    [phone, laptop].forEach(sawNoFalseEnd);
  });

  test('[SYNC-2] a client that dies between append and reply sends the same bundle under the same number', async () => {
    const server = await daybook();
    const proxy = await CuttingProxy.start(Number(new URL(server.url).port));
    atEnd(() => proxy.stop());
    const path = join(folder(), 'phone.db');
    const before = client(path);
    const owner = await claim(server.url, before);
    const died = new Promise<void>((resolve) => {
      proxy.loseNextReply(() => {
        before.driver.stop();
        resolve();
      });
    });
    makeType(before);
    before.link({ origin: proxy.url, membership: owner });
    await died;
    before.store.close();

    const after = client(path);
    expect(after.store.sync.counts().waiting).toBeGreaterThan(0);
    after.link({ origin: server.url, membership: owner });
    await until('synced', () => isSynced(after));
    expect(await server.messages(owner)).toHaveLength(1);
  });

  test('[SYNC-4] and comes back with an old copy of its data: everything is sent again, nothing is lost', async () => {
    const [data, copy] = [folder(), folder()];
    let server = await program(data);
    const proxy = await CuttingProxy.start(server.port);
    atEnd(() => proxy.stop());
    const [phone, laptop] = [client(), client()];
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    const tasks = makeType(phone);
    phone.link({ origin: proxy.url, membership: owner });
    laptop.link({ origin: proxy.url, membership: device });
    await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));

    server.kill('SIGTERM');
    await server.ended;
    cpSync(data, copy, { recursive: true });
    server = await program(data);
    proxy.pointTo(server.port);
    for (const each of [phone, laptop]) each.driver.nudge();
    makeRecord(phone, tasks, 'After the copy, by the phone');
    makeRecord(laptop, tasks, 'After the copy, by the laptop');
    await until('both synced again', () => isSynced(phone, laptop) && areEqual(phone, laptop), 30_000);

    server.kill('SIGKILL');
    await server.ended;
    server = await program(copy);
    proxy.pointTo(server.port);
    const newcomer = client();
    const third = await joinAs(server.url, owner, newcomer);
    for (const each of [phone, laptop]) each.driver.nudge();
    newcomer.link({ origin: proxy.url, membership: third });
    await until(
      'the newcomer has it all',
      () => isSynced(phone, laptop, newcomer) && areEqual(phone, newcomer),
      30_000,
    );
    expect(areEqual(phone, laptop)).toBe(true);
  });

  test('[SYNC-4] a book that its owner deleted on the server is made and filled again', async () => {
    const server = await daybook();
    const [phone, laptop] = [client(), client()];
    const owner = await claim(server.url, phone);
    const device = await joinAs(server.url, owner, laptop);
    const tasks = makeType(phone);
    makeRecord(phone, tasks, 'Still here');
    phone.link({ origin: server.url, membership: owner });
    laptop.link({ origin: server.url, membership: device });
    await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));
    laptop.driver.stop();
    const events = phone.events;

    expect((await server.call('DELETE', streamPath(owner.bookId), { token: owner.token })).status).toBe(204);
    makeRecord(phone, tasks, 'And this');
    await until('sent again', () => isSynced(phone) && phone.events > events);
    const newcomer = client();
    const third = await joinAs(server.url, owner, newcomer);
    newcomer.link({ origin: server.url, membership: third });
    laptop.link({ origin: server.url, membership: device });
    await until(
      'all the same',
      () => isSynced(laptop, newcomer) && areEqual(phone, newcomer) && areEqual(phone, laptop),
      30_000,
    );
  });
});

describe('[HLC-6] a copy of the database that nobody announced', () => {
  test('is fenced off by its epoch, gets a name of its own, and nothing of either is lost', async () => {
    const server = await daybook();
    const home = folder();
    const phone = client(join(home, 'phone.db'));
    const owner = await claim(server.url, phone);
    const tasks = makeType(phone);
    phone.link({ origin: server.url, membership: owner });
    await until('synced', () => isSynced(phone));
    phone.close();
    cpSync(join(home, 'phone.db'), join(home, 'copy.db'));

    const [original, copy] = [client(join(home, 'phone.db')), client(join(home, 'copy.db'))];
    const name = original.clientId;
    makeRecord(original, tasks, 'By the original');
    makeRecord(copy, tasks, 'By the copy');
    original.link({ origin: server.url, membership: owner });
    await until('the original is synced', () => isSynced(original));
    copy.link({ origin: server.url, membership: owner });
    await until('the copy is synced', () => isSynced(copy) && areEqual(original, copy));
    expect(copy.clientId).toBe(name);

    makeRecord(original, tasks, 'By the original again');
    // A new name needs a new device at the server: until then it waits, and keeps what it has.
    await until('the original has a new name', () => original.clientId !== name);
    expect(original.store.sync.counts().waiting).toBeGreaterThan(0);
    original.driver.stop();
    const renamed = await joinAs(server.url, owner, original);
    original.link({ origin: server.url, membership: renamed });
    await until('both hold all', () => isSynced(original, copy) && areEqual(original, copy));
    expect(copy.store.stats().records).toBe(3);
    expect(copy.store.sync.counts()).toMatchObject({ rejected: 0, quarantined: 0 });
  });
});
