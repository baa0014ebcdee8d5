import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openBundle } from '../core/bundle-codec.ts';
import { idToBytes } from '../core/ids.ts';
import { CuttingProxy, type Where } from '../testing/cutting-proxy.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { type ServerProcess, startProcess } from '../testing/server-process.ts';
import { SyncClient, until } from '../testing/sync-client.ts';
import { bundlesAt, claim, joinAs } from '../testing/sync-steps.ts';
import { must } from '../testing/test-book.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';

vi.setConfig({ testTimeout: 240_000 });

const SEALED = 120;
const IMPORTED = 4_000;
const APPEND = /^POST \/v1\/books\//;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

test('[SYNC-2] [SYNC-5] a large import is sent by a tab and a server that die again and again: nothing twice, nothing lost, in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-outbox-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const settings = { DAYBOOK_DATA: join(folder, 'data') };
  let server: ServerProcess = await startProcess(settings);
  cleanups.push(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  const proxy = await CuttingProxy.start(server.port);
  cleanups.push(() => proxy.stop());
  const path = join(folder, 'phone.db');
  let phone = new SyncClient(path, Date.now, () => 0);
  cleanups.push(() => phone.driver.stop());
  const owner = await claim(server.url, phone);

  // Sealed by sessions that did not get to send, and an import that is in no bundle yet.
  const { bookId, clientId, userId } = { ...owner, clientId: phone.clientId };
  phone.store.adoptBook(bookId, userId);
  const [type, title] = [phone.mint(), phone.mint()];
  phone.do({ kind: 'createType', id: type, name: 'Notes', fields: [{ id: title, name: 'Title', kind: 'text' }] });
  for (let i = 0; i < SEALED; i++) {
    phone.do({ kind: 'createRecords', type, records: [{ id: phone.mint(), values: { [title]: `Sealed ${i}` } }] });
    phone.store.sync.seal({ bookId, clientId, userId }, 1);
  }
  const records = Array.from({ length: IMPORTED }, (_, i) => ({
    id: phone.mint(),
    values: { [title]: `Imported ${i}` },
  }));
  phone.do({ kind: 'createRecords', type, records });
  expect(phone.db.get<{ n: number }>('SELECT count(*) AS n FROM outbox')?.n).toBe(SEALED);
  const made = phone.db.all<{ id: Uint8Array }>('SELECT id FROM events ORDER BY arrival').map(({ id }) => Buffer.from(id).toString('hex')); // prettier-ignore

  const random = new SeededRandom(7);
  const wheres: readonly Where[] = ['request', 'body', 'reply'];
  let lives = 0;
  for (; phone.store.sync.counts().waiting > 0; lives++) {
    const left = phone.store.sync.counts().waiting;
    const target = proxy.requests.filter((request) => APPEND.test(request)).length + 1 + random.below(9);
    const isServer = lives % 5 === 4;
    phone.link({ origin: proxy.url, membership: owner });
    const sent = (): number => proxy.requests.filter((request) => APPEND.test(request)).length;
    await until('it sends', () => sent() >= target || phone.store.sync.counts().waiting === 0);
    if (phone.store.sync.counts().waiting === 0) break;
    await new Promise<void>((resolve) => {
      proxy.loseNext(APPEND, wheres[lives % 3]!, () => {
        if (isServer) server.kill('SIGKILL');
        phone.close();
        resolve();
      });
      // It may have been the last one.
      const { shown } = phone;
      void until('all is sent', () => shown.at(-1)?.kind === 'synced', 20_000).then(resolve, () => undefined);
    });
    if (phone.status.kind === 'synced') break;
    if (isServer) {
      await server.ended;
      server = await startProcess(settings);
      proxy.pointTo(server.port);
    }
    phone = new SyncClient(path, Date.now, () => 0);
    expect(phone.store.sync.counts().waiting).toBeLessThanOrEqual(left);
  }
  expect(lives).toBeGreaterThan(10);
  await until('all is sent', () => phone.status.kind === 'synced');

  const stored = (await bundlesAt(server.url, owner)).map((message) => must(bundleMessages.read(message)));
  expect(new Set(stored.map(({ id }) => id)).size).toBe(stored.length);
  expect(stored.length).toBeGreaterThan(SEALED);
  const events = stored.flatMap((bundle) => must(openBundle(bundle)));
  expect(events.map(({ id }) => Buffer.from(idToBytes(id)).toString('hex'))).toEqual(made);

  const laptop = new SyncClient(undefined, Date.now, () => 0);
  cleanups.push(() => laptop.driver.stop());
  laptop.link({ origin: server.url, membership: await joinAs(server.url, owner, laptop) });
  await until('it has all', () => laptop.status.kind === 'synced' && laptop.events === made.length);
  expect(laptop.dump()).toEqual(phone.dump());
  expect(phone.store.sync.counts()).toMatchObject({ waiting: 0, rejected: 0, quarantined: 0 });
});
