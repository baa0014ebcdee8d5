/** [SYNC-9] "Verify with server": two devices with real stores, and the real server. */
import { describe, expect, test } from 'vitest';
import { parseOffset } from '../server/streams/offset.ts';
import { type DaybookServer } from '../testing/daybook-server.ts';
import { type SyncClient, until } from '../testing/sync-client.ts';
import { areEqual, expectAllTheSame, isSynced, makeRecord, syncedPair, type Pair } from '../testing/sync-steps.ts';
import { syncScene } from '../testing/sync-scene.ts';

const { client, daybook } = syncScene();

describe('[SYNC-9] a server whose log lacks what it had', () => {
  let server: DaybookServer;
  async function start(now?: () => number): Promise<Pair> {
    server = await daybook();
    return syncedPair(server.url, () => client(undefined, now));
  }
  /** The id of the bundle at a position of the log. */
  const idAt = (position: number): string => {
    const row = server.context.database.prepare('SELECT data FROM messages WHERE position = ?').get(position);
    return (JSON.parse(Buffer.from(row!['data'] as Uint8Array).toString()) as { id: string }).id;
  };
  /** Takes bundles out of a device's database, as one that lost pages and was mended by other means than ours. */
  const forget = (by: SyncClient, ...ids: readonly string[]): void => {
    for (const id of ids) {
      by.db.run(`DELETE FROM events WHERE bundle_id = unhex(?, '-')`, [id]);
      by.db.run(`DELETE FROM bundles WHERE id = unhex(?, '-')`, [id]);
    }
    by.store.rebuild();
  };
  /** As bad disks do, and people who mend databases by hand: positions, tags and producers stay as they are. */
  const overwrite = (...positions: readonly number[]): void => {
    for (const position of positions) {
      server.context.database
        .prepare('UPDATE messages SET data = (SELECT data FROM messages ORDER BY position LIMIT 1) WHERE position = ?')
        .run(position);
    }
  };

  test('both sides are the same, and it says so', async () => {
    const { phone, laptop } = await start();
    const cursor = phone.store.sync.cursor();
    expect(await phone.driver.verify()).toEqual({ kind: 'same', bundles: 5 });
    expect(await laptop.driver.verify()).toEqual({ kind: 'same', bundles: 5 });
    expect(phone.store.sync.cursor()).toBe(cursor);
    expect(phone.details?.verification).toMatchObject({
      running: null,
      last: { outcome: { kind: 'same', bundles: 5 } },
    });
  });

  test('what is missing there is sent again, own and others’, by whoever looks first', async () => {
    const { phone, laptop, owner, tasks } = await start();
    overwrite(1, 2, 4);
    expect(await phone.driver.verify()).toEqual({
      kind: 'repaired',
      bundles: 2,
      fetched: 0,
      sentAgain: 3,
      shortened: false,
    });
    await until('it was sent', () => isSynced(phone, laptop));
    expect(await phone.driver.verify()).toMatchObject({ kind: 'same' });
    expect(await laptop.driver.verify()).toMatchObject({ kind: 'repaired', fetched: 0, sentAgain: 3 });
    makeRecord(laptop, tasks, 'Goes on');
    await until('goes on', () => isSynced(phone, laptop) && areEqual(phone, laptop));
    await expectAllTheSame(server.url, owner, client(), phone, laptop);
    expect(await laptop.driver.verify()).toMatchObject({ kind: 'same' });
  });

  test('what is missing here is fetched, while edits go both ways, and the cursor never goes back', async () => {
    const { phone, laptop, owner, tasks } = await start();
    forget(phone, idAt(2), idAt(4));
    expect(areEqual(phone, laptop)).toBe(false);
    const cursor = phone.store.sync.cursor()!;
    const verified = phone.driver.verify();
    makeRecord(phone, tasks, 'Written meanwhile');
    makeRecord(laptop, tasks, 'Written meanwhile elsewhere');
    expect(await verified).toMatchObject({ kind: 'repaired', fetched: 2, sentAgain: 0 });
    expect(phone.store.sync.cursor()! >= cursor).toBe(true);
    await until('both hold the same', () => isSynced(phone, laptop) && areEqual(phone, laptop));
    await expectAllTheSame(server.url, owner, client(), phone, laptop);
  });

  test('stopped, or with the server out of reach, nothing counts as verified, and another time finds the rest', async () => {
    const { phone, laptop, owner } = await start();
    overwrite(1, 2, 3);
    const stopped = phone.driver.verify();
    phone.driver.stopVerifying();
    expect(await stopped).toEqual({ kind: 'stopped' });
    expect(phone.details?.verification.last).toBeNull();

    const ended = phone.driver.verify();
    phone.driver.stop();
    expect(await ended).toEqual({ kind: 'stopped' });
    expect(await phone.driver.verify()).toEqual({
      kind: 'failed',
      message: 'This device does not sync with a server.',
    });
    phone.link({ origin: 'http://localhost:9', membership: owner });
    const failed = await phone.driver.verify();
    expect(failed.kind).toBe('failed');
    expect(phone.details?.verification.last?.outcome).toEqual(failed);

    phone.link({ origin: server.url, membership: owner });
    expect(phone.details?.verification.last, 'of another server').toBeNull();
    expect(await phone.driver.verify()).toMatchObject({ kind: 'repaired', sentAgain: 3 });
    await expectAllTheSame(server.url, owner, client(), phone, laptop);
  });

  test('what the server keeps no longer is not missing there; what it should have kept is', async () => {
    const { phone, laptop, owner } = await start();
    const { streams, now } = server.context;
    const upTo = parseOffset(phone.store.sync.cursor()!)!;
    expect(await streams.trim(`books/${owner.bookId}`, { upTo, storedBy: now() + 60_000, limit: 2 })).toBe(2);
    expect(await phone.driver.verify()).toEqual({ kind: 'same', bundles: 3 });
    overwrite(3);
    expect(await laptop.driver.verify()).toMatchObject({ kind: 'repaired', bundles: 2, fetched: 0, sentAgain: 1 });
    await until('it was sent', () => isSynced(phone, laptop) && areEqual(phone, laptop));
    // And what is missing here of the rest is fetched from where the rest begins.
    forget(phone, idAt(2));
    expect(areEqual(phone, laptop)).toBe(false);
    expect(await phone.driver.verify()).toMatchObject({ kind: 'repaired', fetched: 1 });
    expect(areEqual(phone, laptop)).toBe(true);
  });

  test('[HLC-4] a clock that is set meanwhile does not make the past of others lie in the future', async () => {
    let aheadMillis = 0;
    const { phone, laptop } = await start(() => Date.now() + aheadMillis);
    forget(phone, idAt(2), idAt(4));
    let { details } = phone;
    Object.defineProperty(phone, 'details', {
      get: () => details,
      set: (told: typeof details) => {
        details = told;
        if (told?.verification.running?.part === 'fetching') aheadMillis = -3_600_000;
      },
    });
    expect(await phone.driver.verify()).toMatchObject({ kind: 'repaired', fetched: 2 });
    expect(aheadMillis).toBeLessThan(0);
    expect(phone.details?.quarantined).toBe(0);
    expect(areEqual(phone, laptop)).toBe(true);
  });

  test('asked twice at a time it is one', async () => {
    const { phone } = await start();
    const [first, second] = [phone.driver.verify(), phone.driver.verify()];
    expect(first).toBe(second);
    expect(await first).toMatchObject({ kind: 'same' });
  });

  test('a book that was deleted there while this device was connected: it is told, and sends everything', async () => {
    const { phone, laptop, owner } = await start();
    server.context.database.exec('DELETE FROM streams');
    expect(await phone.driver.verify()).toEqual({ kind: 'restarted' });
    await expectAllTheSame(server.url, owner, client(), phone, laptop);
    expect(await phone.driver.verify()).toMatchObject({ kind: 'same' });
  });
});
