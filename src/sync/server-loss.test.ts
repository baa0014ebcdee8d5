/** [SYNC-4] A server whose database is deleted, put back to an old copy, or another one: two devices with real stores. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { streamPath, type Membership } from '../protocol/account.ts';
import { CuttingProxy } from '../testing/cutting-proxy.ts';
import { runProgram, startProcess, type ServerProcess } from '../testing/server-process.ts';
import { type SyncClient, until } from '../testing/sync-client.ts';
import {
  areEqual,
  bundlesAt,
  claim,
  expectAllTheSame,
  isSynced,
  joinAs,
  makeRecord,
  makeType,
  sawNoFalseEnd,
  syncedPair,
  type Pair,
} from '../testing/sync-steps.ts';
import { syncScene } from '../testing/sync-scene.ts';

const { atEnd, client, folder } = syncScene();

/** The real server as a process, at an address that stays when it is started again on other data. */
class Host {
  readonly proxy: CuttingProxy;
  #server: ServerProcess;

  private constructor(proxy: CuttingProxy, server: ServerProcess) {
    this.proxy = proxy;
    this.#server = server;
  }

  static async start(data: string): Promise<Host> {
    const server = await startProcess({ DAYBOOK_DATA: data });
    const host = new Host(await CuttingProxy.start(server.port), server);
    atEnd(
      () => host.proxy.stop(),
      () => host.stop('SIGKILL'),
    );
    return host;
  }

  get url(): string {
    return this.proxy.url;
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#server.kill(signal);
    await this.#server.ended;
  }

  async startOn(data: string): Promise<void> {
    this.#server = await startProcess({ DAYBOOK_DATA: data });
    this.proxy.pointTo(this.#server.port);
  }
}

async function synced(): Promise<Pair & { readonly host: Host; readonly data: string }> {
  const data = folder();
  const host = await Host.start(data);
  return { ...(await syncedPair(host.url, client)), host, data };
}

const nudge = (...clients: SyncClient[]): void => clients.forEach(({ driver }) => driver.nudge());
const meet = (...[a, b]: readonly [SyncClient, SyncClient]): Promise<void> =>
  until('both hold the same', () => isSynced(a, b) && areEqual(a, b));
const titles = (by: SyncClient): number => by.store.stats().records;

/** Sends what waits and hears that it was stored, and reads nothing. */
async function writeOnly(
  by: SyncClient,
  origin: string,
  { bookId, userId, clientId, token }: Membership,
): Promise<void> {
  const { sync } = by.store;
  sync.seal({ bookId, userId, clientId }, 1);
  const bundle = sync.nextInOutbox()!;
  const epoch = Date.now();
  sync.setProducer({ epoch, seq: 0 });
  sync.markTried(bundle.id);
  const answer = await fetch(origin + streamPath(bookId), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'producer-id': clientId,
      'producer-epoch': String(epoch),
      'producer-seq': '0',
    },
    body: bundle.message,
  });
  expect(answer.status).toBe(200);
  sync.acknowledge(bundle.id, { epoch, seq: 1 });
}

describe('its database is deleted', () => {
  test.each([
    ['while the devices are away', true],
    ['while they are connected', false],
  ])(
    '%s: they are told that they are strangers, keep everything, and tell it all once they joined again',
    async (_, away) => {
      const { phone, laptop, owner, device, tasks, host, data } = await synced();
      if (away) for (const each of [phone, laptop]) each.driver.stop();
      makeRecord(phone, tasks, 'Just before the end');
      await host.stop('SIGKILL');
      rmSync(data, { recursive: true });
      await host.startOn(data);
      makeRecord(laptop, tasks, 'Written since');
      if (away) {
        phone.link({ origin: host.url, membership: owner });
        laptop.link({ origin: host.url, membership: device });
      }
      nudge(phone, laptop);
      await until('both are turned away', () => [phone, laptop].every(({ details }) => details?.refused != null));
      for (const each of [phone, laptop]) {
        expect(each.details?.refused).toContain('not linked to this server');
        expect(each.status.kind).not.toBe('synced');
        expect(await each.driver.verify()).toMatchObject({ kind: 'failed', message: each.details!.refused });
        expect(each.store.sync.counts()).toMatchObject({ rejected: 0, quarantined: 0 });
        each.driver.stop();
        each.store.leaveBook();
      }
      expect(laptop.store.stats().unsealed + (laptop.store.sync.nextInOutbox()?.events ?? 0)).toBeGreaterThan(0);

      const again = await claim(host.url, phone);
      expect(again.userId).not.toBe(owner.userId);
      phone.link({ origin: host.url, membership: again });
      laptop.link({ origin: host.url, membership: await joinAs(host.url, again, laptop) });
      await meet(phone, laptop);
      expect(titles(phone)).toBe(6);
      await expectAllTheSame(host.url, again, client(), phone, laptop);
      expect((await phone.driver.verify()).kind).toBe('same');
      [phone, laptop].forEach(sawNoFalseEnd);
    },
  );
});

describe('it starts from an old copy', () => {
  test.each([
    ['that npm run backup made: every log has another identity', 'backup'],
    ['of its files: what it says it is, it was', 'files'],
  ] as const)('%s', async (_, kind) => {
    const { phone, laptop, owner, tasks, host, data } = await synced();
    const copy = folder();
    if (kind === 'backup') {
      expect(runProgram(['backup', join(copy, 'daybook.sqlite')], { DAYBOOK_DATA: data }).code).toBe(0);
    } else {
      await host.stop('SIGTERM');
      cpSync(data, copy, { recursive: true });
      await host.startOn(data);
      nudge(phone, laptop);
    }
    // The phone has read beyond the copy, the laptop reads no more, and writes what it never sees come back.
    makeRecord(phone, tasks, 'After the copy, by the phone');
    await meet(phone, laptop);
    laptop.driver.stop();
    makeRecord(phone, tasks, 'After the copy, unknown to the laptop');
    await until('the phone is done', () => isSynced(phone));

    await host.stop('SIGKILL');
    await host.startOn(copy);
    // Both write on, one of them before it has heard of anything.
    makeRecord(phone, tasks, 'After the loss, by the phone');
    makeRecord(laptop, tasks, 'After the loss, by the laptop');
    nudge(phone);
    const device = await joinAs(host.url, owner, laptop);
    laptop.link({ origin: host.url, membership: device });
    await until('all came together', () => isSynced(phone, laptop) && areEqual(phone, laptop) && titles(phone) === 8);
    await expectAllTheSame(host.url, owner, client(), phone, laptop);
    expect((await phone.driver.verify()).kind).toBe('same');
    expect((await laptop.driver.verify()).kind).toBe('same');
    [phone, laptop].forEach(sawNoFalseEnd);
  });

  test('a device that had only written, and verifies before anything else, finds out, and what it wrote is there again', async () => {
    const { phone, laptop, owner, tasks, host, data } = await synced();
    await host.stop('SIGTERM');
    const copy = folder();
    cpSync(data, copy, { recursive: true });
    await host.startOn(data);
    for (const each of [phone, laptop]) each.driver.stop();
    makeRecord(phone, tasks, 'Acknowledged, and lost');
    await writeOnly(phone, host.url, owner);
    expect(phone.store.sync.counts().waiting).toBe(0);
    await host.stop('SIGKILL');
    await host.startOn(copy);
    phone.link({ origin: host.url, membership: owner });
    expect(await phone.driver.verify()).toEqual({ kind: 'restarted' });
    laptop.link({ origin: host.url, membership: await joinAs(host.url, owner, laptop) });
    await until('all came together', () => isSynced(phone, laptop) && areEqual(phone, laptop) && titles(laptop) === 5);
    await expectAllTheSame(host.url, owner, client(), phone, laptop);
  });
});

describe('it is another server in its place', () => {
  test('with another book: this device merges with it once it joins, and nobody loses anything', async () => {
    const { phone, laptop, host } = await synced();
    await host.stop('SIGTERM');
    const other = folder();
    await host.startOn(other);
    const stranger = client();
    makeRecord(stranger, makeType(stranger), 'Of somebody else');
    const theirs = await claim(host.url, stranger);
    stranger.link({ origin: host.url, membership: theirs });
    nudge(phone, laptop);
    await until('both are turned away', () => [phone, laptop].every(({ details }) => details?.refused != null));
    expect(await bundlesAt(host.url, theirs).then((bundles) => bundles.length)).toBeLessThan(3);

    for (const each of [phone, laptop]) {
      each.driver.stop();
      each.store.leaveBook();
      each.link({ origin: host.url, membership: await joinAs(host.url, theirs, each) });
    }
    await until('all came together', () => isSynced(phone, laptop, stranger) && titles(stranger) === 5);
    await expectAllTheSame(host.url, theirs, client(), phone, laptop, stranger);
  });

  test('with this book, and another log of it: what it lacks is sent, what is only there is fetched', async () => {
    const { phone, laptop, host, tasks } = await synced();
    laptop.driver.stop();
    await host.stop('SIGTERM');
    // The laptop had been made the owner of a server of its own, with the same book.
    await host.startOn(folder());
    const elsewhere = await claim(host.url, laptop);
    expect(elsewhere.bookId).toBe(laptop.store.identity().bookId);
    makeRecord(phone, tasks, 'Only on the phone');
    makeRecord(laptop, tasks, 'Only on the laptop');
    laptop.link({ origin: host.url, membership: elsewhere });
    phone.driver.stop();
    phone.store.leaveBook();
    phone.link({ origin: host.url, membership: await joinAs(host.url, elsewhere, phone) });
    await until('all came together', () => isSynced(phone, laptop) && areEqual(phone, laptop) && titles(phone) === 6);
    await expectAllTheSame(host.url, elsewhere, client(), phone, laptop);
    [phone, laptop].forEach(sawNoFalseEnd);
  });
});
