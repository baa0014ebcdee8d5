/** Backups that come back into books that sync, against the real server. */
import { afterEach, expect, test } from 'vitest';
import type { EntityId } from '../core/ids.ts';
import type { Membership } from '../protocol/account.ts';
import { fileOf, finish, lookAt, removeFiles } from '../testing/backup-file.ts';
import { startDaybook, type DaybookServer } from '../testing/daybook-server.ts';
import { type SyncClient, until } from '../testing/sync-client.ts';
import { areEqual, claim, isSynced } from '../testing/sync-steps.ts';
import { must } from '../testing/test-book.ts';
import { syncScene } from '../testing/sync-scene.ts';

const { atEnd, client } = syncScene();
afterEach(removeFiles);

const rename = (by: SyncClient, type: EntityId, name: string): void => by.do({ kind: 'changeType', id: type, name });
const nameOf = (by: SyncClient, type: EntityId): string =>
  by.db.get<{ value: string }>(`SELECT value FROM attributes_text WHERE entity_id = ? AND attribute = 'name'`, [type])!
    .value;

interface Pair {
  readonly server: DaybookServer;
  readonly owner: Membership;
  readonly phone: SyncClient;
  readonly laptop: SyncClient;
  readonly type: EntityId;
}

/** Two synced devices with one type. */
async function pair(): Promise<Pair> {
  const server = await startDaybook();
  atEnd(() => server.stop());
  const [phone, laptop] = [client(), client()];
  const type = phone.mint();
  phone.do({ kind: 'createType', id: type, name: 'As it was', fields: [] });
  const owner = await claim(server.url, phone);
  phone.link({ origin: server.url, membership: owner });
  laptop.link({ origin: server.url, membership: await server.link(owner, 'device', laptop.clientId) });
  await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));
  return { server, owner, phone, laptop, type };
}

test('[FILE-2] what is merged from a lost device reaches the server, and from there everybody, a newcomer too', async () => {
  const { server, owner, phone, laptop, type } = await pair();
  // Never heard of again, but for its backup: changes of its own, and some that it had from a third.
  const lost = client();
  const third = client();
  const other = third.mint();
  third.do({ kind: 'createType', id: other, name: 'Of a third', fields: [] });
  must(finish(lookAt(lost.store, fileOf(phone.store.export())).backup.merge()));
  must(finish(lookAt(lost.store, fileOf(third.store.export())).backup.merge()));
  rename(lost, type, 'Renamed on the lost one');

  const { backup, preview } = lookAt(phone.store, fileOf(lost.store.export()));
  expect(preview.missingHere).toBeGreaterThan(2);
  must(finish(backup.merge()));
  expect(phone.store.sync.counts().waiting).toBe(preview.missingHere);
  phone.driver.changed();
  await until('both have it', () => isSynced(phone, laptop) && areEqual(phone, laptop) && laptop.events > 3);
  expect(nameOf(laptop, type)).toBe('"Renamed on the lost one"');
  const newcomer = client();
  newcomer.link({ origin: server.url, membership: await server.link(owner, 'device', newcomer.clientId) });
  await until('a newcomer has it', () => isSynced(newcomer) && areEqual(phone, newcomer));
  expect(lost.events).toBe(newcomer.events);
});

test('[FILE-3] [HLC-6] after a replacement what the server has comes back, what it lacks is sent, under a new name', async () => {
  const { server, owner, phone, laptop, type } = await pair();
  phone.driver.stop();
  const only = phone.mint();
  phone.do({ kind: 'createType', id: only, name: 'Only in the backup yet', fields: [] });
  const path = fileOf(phone.store.export());
  phone.link({ origin: server.url, membership: owner });
  rename(laptop, type, 'After the backup');
  await until('both synced again', () => isSynced(phone, laptop) && areEqual(phone, laptop));
  phone.driver.stop();
  rename(phone, type, 'Never sent');

  const before = phone.store.identity();
  const { backup, preview } = lookAt(phone.store, path);
  expect(preview).toMatchObject({ unsent: 1, replaceable: 'yes' });
  must(backup.replace(null));
  const after = phone.store.identity();
  expect(after).toMatchObject({ bookId: before.bookId, userId: before.userId });
  expect(after.clientId).not.toBe(before.clientId);
  expect(after.nodeId).not.toBe(before.nodeId);
  expect(nameOf(phone, type)).toBe('"As it was"');

  phone.link({ origin: server.url, membership: await server.link(owner, 'device', after.clientId) });
  await until('both synced', () => isSynced(phone, laptop) && areEqual(phone, laptop));
  expect(nameOf(phone, type)).toBe('"After the backup"');
  rename(phone, type, 'Goes on');
  await until('goes on', () => isSynced(phone, laptop) && areEqual(phone, laptop));
  expect(nameOf(laptop, type)).toBe('"Goes on"');
  expect([phone, laptop].map((each) => each.store.sync.counts().rejected)).toEqual([0, 0]);
});
