/** A new device against the real server: it starts from a snapshot, is of use at once, and has all history in the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { EntityId } from '../core/ids.ts';
import type { RecordsAnswer } from '../core/query.ts';
import { streamPath } from '../protocol/account.ts';
import { snapshotsPath, type SnapshotOffer } from '../protocol/snapshot-offer.ts';
import { keepHouse } from '../server/housekeeping.ts';
import { afterTest, areEqual, cleanUp, DAY, isSynced, isWhole, scene, timeline } from '../testing/first-sync-scene.ts';
import { after, nodePlatform } from '../testing/node-platform.ts';
import { type SyncClient, until } from '../testing/sync-client.ts';
import { asker } from './answers.ts';
import { createSnapshotTransport } from './snapshot-transport.ts';
import { isDue, isWorthwhile, SnapshotUpload } from './snapshot-upload.ts';

vi.setConfig({ testTimeout: 240_000 });
afterEach(cleanUp);

const firstRecords = (client: SyncClient, type: EntityId): RecordsAnswer =>
  JSON.parse(client.store.answer({ kind: 'records', type, offset: 0, limit: 50 })) as RecordsAnswer;

test('[SNAP-3] [SNAP-6] a new device has every record before its history, is written to meanwhile, and has everything in the end', async () => {
  const at = await scene();
  const { phone } = at;
  await at.upload(phone);
  at.edit(phone, 3, 'behind the snapshot ');
  await until('sent', () => isSynced(phone));
  const laptop = await at.join();
  await until('state is here', () => laptop.store.sync.cursor() !== null);
  expect(firstRecords(laptop, at.type)).toMatchObject({ total: 300 });
  expect(laptop.store.sync.history()).not.toBeNull();
  expect(timeline(laptop).completeSince).not.toBeNull();
  expect(laptop.events).toBeLessThan(phone.events - 300);
  at.edit(laptop, 5, 'made meanwhile ');
  at.edit(phone, 5, 'made there meanwhile ');
  await until('history is here', () => isWhole(laptop) && isSynced(phone) && areEqual(phone, laptop));
  expect(timeline(laptop)).toEqual(timeline(phone));
  expect(timeline(laptop).completeSince).toBeNull();
  expect(laptop.details?.history).toBeNull();
  expect(laptop.db.all('SELECT * FROM pruned')).toEqual([]);
  expect(phone.store.sync.counts()).toMatchObject({ waiting: 0, quarantined: 0 });
});

test('[SNAP-5] [SNAP-6] killed after each piece and each page, a new device goes on where it was, and ends the same', async () => {
  const at = await scene();
  const { phone } = at;
  const { pieces } = await at.upload(phone);
  expect(pieces.length).toBeGreaterThan(1);
  const folder = mkdtempSync(join(tmpdir(), 'daybook-first-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'book.db');
  const made = await at.device(path);
  const { membership } = made;
  let { client } = made;
  const place = (): string => JSON.stringify([client.store.sync.start(), client.store.sync.history(), client.store.sync.cursor() === null]); // prettier-ignore
  const seen = new Set<string>();
  for (let lives = 1; !isWhole(client) || client.store.sync.cursor() === null; lives++) {
    if (lives > 200) throw new Error(`it does not get anywhere: ${place()}`);
    const before = place();
    client.link({ origin: at.server.url, membership });
    await until('it moves', () => place() !== before || isWhole(client));
    seen.add(place());
    if (isWhole(client)) break;
    // Between two lives somebody types.
    client.do({ kind: 'createType', id: client.mint(), name: `Life ${lives}`, fields: [] });
    client.close();
    ({ client } = await at.device(path, membership));
  }
  expect([...seen].filter((text) => text.includes('"piece":')).length).toBeGreaterThan(0);
  expect([...seen].filter((text) => text.includes('"until":')).length).toBeGreaterThan(1);
  await until('all is here', () => isWhole(client) && isSynced(phone) && areEqual(phone, client));
  // Nothing was read twice from the start: the snapshot was applied once.
  expect(client.events).toBe(phone.events);
});

test('[SNAP-2] a snapshot that is damaged, or of another book, is left alone, and the stream is read as ever', async () => {
  const at = await scene();
  const { phone } = at;
  await at.upload(phone, (pieces) => pieces.map((piece, i) => (i === 1 ? piece.toReversed() : piece)));
  const laptop = await at.join();
  await until('synced', () => isWhole(laptop) && areEqual(phone, laptop));
  expect(laptop.store.sync.history()).toBeNull();
  expect(timeline(laptop).completeSince).toBeNull();
  // The next device finds a good one beside it.
  await at.upload(phone);
  const tablet = await at.join();
  await until('history is here', () => isWhole(tablet) && areEqual(phone, tablet));
});

test('[SYNC-4] the log is lost while a new device starts: nothing that any device holds is', async () => {
  const at = await scene();
  const { phone, server } = at;
  await at.upload(phone);
  const laptop = await at.join();
  laptop.do({ kind: 'createType', id: laptop.mint(), name: 'Mine', fields: [] });
  await until('it has begun', () => laptop.store.sync.start()?.snapshot !== null);
  await server.call('DELETE', streamPath(at.owner.bookId), { token: at.owner.token });
  await until('both are synced and equal', () => isWhole(laptop) && isSynced(phone) && areEqual(phone, laptop));
  expect(phone.db.all(`SELECT 1 FROM events WHERE value = '"Mine"'`)).toHaveLength(1);
});

test('[SYNC-10] a device that was away longer than messages are kept starts over, keeps what it has, and sends what it made', async () => {
  let millis = Date.now();
  const at = await scene({ now: () => millis, retain: 30 * DAY });
  const { phone, server } = at;
  const folder = mkdtempSync(join(tmpdir(), 'daybook-away-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'book.db');
  const { client: before, membership } = await at.device(path);
  before.link({ origin: server.url, membership });
  await until('it has all', () => isSynced(before) && areEqual(phone, before));
  before.driver.stop();
  // Made there, and never sent.
  at.edit(before, 2, 'from the road ');
  const road = before.events;
  before.close();

  at.edit(phone, 20, 'while it was away ');
  await until('sent', () => isSynced(phone));
  await keepHouse(server.context);
  millis += 20 * DAY;
  await keepHouse(server.context);
  millis += 20 * DAY;
  at.edit(phone, 30, 'lately ');
  await until('sent', () => isSynced(phone));
  await at.upload(phone);
  at.edit(phone, 10, 'and now ');
  await until('sent', () => isSynced(phone));
  const appended = server.context.database.prepare('SELECT count(*) AS n FROM messages');
  await keepHouse(server.context);
  const kept = Number(appended.get()!['n']);
  expect(kept).toBeLessThan(4);

  const { client } = await at.device(path, membership);
  client.link({ origin: server.url, membership });
  await until('it is back', () => isWhole(client) && isSynced(phone) && client.dump().slice(0, 9).join() === phone.dump().slice(0, 9).join()); // prettier-ignore
  // Its own history is all there, and what it made is everywhere; nothing else was sent again.
  expect(client.events).toBeGreaterThan(road);
  expect(Number(appended.get()!['n'])).toBe(kept + 1);
  expect(phone.db.all(`SELECT 1 FROM events WHERE value LIKE '"from the road%'`)).toHaveLength(2);
  // Of the time it was away some is missing, and it says so.
  const since = timeline(client).completeSince;
  expect(since).not.toBeNull();
  expect(timeline(phone).completeSince).toBeNull();

  // And one that is new has what is kept.
  const tablet = await at.join();
  await until('it is here', () => isWhole(tablet) && tablet.dump().slice(0, 9).join() === phone.dump().slice(0, 9).join()); // prettier-ignore
  expect(timeline(tablet).completeSince).not.toBeNull();
});

test('[SNAP-7] a book that has grown gets a snapshot, once, and the next device starts from it', async () => {
  const at = await scene();
  const { phone } = at;
  let arrived = 19_999;
  // A book that was imported and hardly changed.
  let spared = 6_000;
  const upload = new SnapshotUpload({
    store: {
      arrived: () => arrived,
      spared: () => spared,
      takeSnapshot: () => phone.store.sync.takeSnapshot(),
      resumeSnapshot: () => null,
      noteUpload: () => undefined,
    },
    after,
    random: () => 0,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    onTrouble: (error) => expect(error).toBeNull(),
  });
  const url = at.server.url + snapshotsPath(at.owner.bookId);
  const snapshots = createSnapshotTransport(asker(nodePlatform(), at.owner.token), url);
  const consider = (): Promise<void> => upload.consider(snapshots, new AbortController().signal);
  await consider();
  expect(await at.offers()).toEqual([]);
  arrived = 20_000;
  await consider();
  expect(await at.offers()).toEqual([]);
  // It is looked at again once it has grown.
  spared = 20_000;
  await consider();
  expect(await at.offers()).toEqual([]);
  arrived = 30_000;
  await consider();
  arrived = 34_999;
  await consider();
  expect(await at.offers()).toMatchObject([{ events: phone.events, behind: 0 }]);
  const laptop = await at.join();
  await until('history is here', () => isWhole(laptop) && areEqual(phone, laptop));
});

test('[SNAP-7] a snapshot is due for a book that is large, and again once much has come since', () => {
  const last = { events: 100_000, behind: 0 } as SnapshotOffer;
  expect([isDue(19_999, null), isDue(20_000, null)]).toEqual([false, true]);
  expect([isDue(149_999, last), isDue(150_000, last)]).toEqual([false, true]);
  expect([isDue(45_000, { ...last, events: 25_000 }), isDue(50_000, { ...last, events: 25_000 })]).toEqual([
    false,
    true,
  ]);
  expect(isDue(100_001, { ...last, behind: 10_000 })).toBe(true);
  // Whoever has a short history counts less than the one who made it.
  expect(isDue(60_000, last)).toBe(false);
});

test('[SNAP-7] a snapshot is left where a third of all events need not be read, and not of what was imported and stayed as it was', () => {
  expect([isWorthwhile(30_000, 9_999), isWorthwhile(30_000, 10_000)]).toEqual([false, true]);
});
