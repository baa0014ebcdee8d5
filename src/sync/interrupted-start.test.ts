import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openSnapshot, SnapshotWriter } from '../core/snapshot-codec.ts';
import { toJsonText } from '../core/value.ts';
import { streamPath } from '../protocol/account.ts';
import { keepHouse } from '../server/housekeeping.ts';
import {
  afterTest,
  areEqual,
  cleanUp,
  DAY,
  isSynced,
  isWhole,
  scene,
  timeline,
  type Scene,
} from '../testing/first-sync-scene.ts';
import { takeWhole, type TakenSnapshot } from '../testing/snapshots.ts';
import { SyncClient, until } from '../testing/sync-client.ts';
import { must } from '../testing/test-book.ts';

vi.setConfig({ testTimeout: 240_000 });
afterEach(cleanUp);

describe('a device in the middle of its first sync', () => {
  /** Has applied the first piece of a snapshot, or all of them, and is not open. */
  async function begun(at: Scene, taken: TakenSnapshot, pieces: number): Promise<() => SyncClient> {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-begun-'));
    afterTest(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'book.db');
    const { client, membership } = await at.device(path);
    client.store.adoptBook(membership.bookId, membership.userId);
    for (const [number, bytes] of taken.pieces.slice(0, pieces).entries()) {
      const last = number === taken.pieces.length - 1;
      const piece = { snapshot: taken.id, number, last, cursor: taken.cursor };
      for (const steps = client.store.sync.applyPiece(bytes, piece, at.server.context.now()); !steps.next().done;);
    }
    client.do({ kind: 'createType', id: client.mint(), name: 'Mine', fields: [] });
    client.close();
    return () => {
      const again = new SyncClient(path, at.server.context.now, () => 0);
      afterTest(() => again.driver.stop());
      return again.link({ origin: at.server.url, membership });
    };
  }

  const names = (client: SyncClient): unknown[] => client.db.all(`SELECT 1 FROM attributes WHERE value = '"Mine"'`);
  const equalStates = (a: SyncClient, b: SyncClient): boolean => a.dump().slice(0, 9).join() === b.dump().slice(0, 9).join(); // prettier-ignore

  test('[SNAP-5] goes on with another snapshot where the one that it had begun has made room', async () => {
    const at = await scene();
    const reopen = await begun(at, await at.upload(at.phone), 1);
    for (const text of ['then ', 'and then ']) {
      at.edit(at.phone, 20, text);
      await until('sent', () => isSynced(at.phone));
      await at.upload(at.phone);
    }
    await keepHouse(at.server.context);
    const laptop = reopen();
    expect(laptop.store.sync.start()).toMatchObject({ piece: 1 });
    await until('all is here', () => isWhole(laptop) && isSynced(at.phone) && areEqual(at.phone, laptop));
    expect(names(at.phone)).toHaveLength(1);
    expect(timeline(laptop).completeSince).toBeNull();
  });

  test('[SNAP-8] reads the log where no snapshot is left, and holds what it had begun with against it', async () => {
    const at = await scene();
    // The first piece says something that nobody ever said.
    const taken = takeWhole(at.phone);
    const opened = must(openSnapshot(taken.pieces[0]!));
    const writer = new SnapshotWriter(opened.head);
    const [record] = at.records;
    for (const part of opened.parts()) {
      const said = must(part);
      writer.add(
        said.kind === 'events'
          ? { ...said, events: said.events.map((event) => (event.entityId === record ? { ...event, value: toJsonText('never said') } : event)) } // prettier-ignore
          : said,
      );
    }
    const reopen = await begun(at, { ...taken, pieces: [writer.finish(), ...taken.pieces.slice(1)] }, 1);
    const laptop = reopen();
    expect(laptop.db.all(`SELECT 1 FROM attributes WHERE value = '"never said"'`)).not.toEqual([]);
    await until('all is here', () => isWhole(laptop) && isSynced(at.phone) && areEqual(at.phone, laptop));
    expect(names(at.phone)).toHaveLength(1);
    expect(laptop.db.all('SELECT * FROM pruned')).toEqual([]);
    expect(timeline(laptop).completeSince).toBeNull();
  });

  test('[SNAP-6] [SYNC-10] has no wedge and loses nothing when the server lets go of the log behind its back', async () => {
    let millis = Date.now();
    const at = await scene({ now: () => millis, retain: 30 * DAY });
    const { phone, server } = at;
    const first = await at.upload(phone);
    const [half, whole] = [await begun(at, first, 1), await begun(at, first, first.pieces.length)];
    // A page of its history is here as well.
    const fetching = whole();
    fetching.driver.stop();
    const page = await server.call('GET', `${streamPath(at.owner.bookId)}?offset=-1`, { token: at.owner.token });
    const slice = { messages: (await page.json()) as unknown[], cursor: page.headers.get('Stream-Next-Offset')! };
    if (fetching.store.sync.history()?.at === null) fetching.store.sync.applyHistory(slice, null, millis);
    const had = fetching.events;
    fetching.close();

    await keepHouse(server.context);
    for (const text of ['later ', 'much later ']) {
      millis += 40 * DAY;
      at.edit(phone, 30, text);
      await until('sent', () => isSynced(phone));
      await at.upload(phone);
      await keepHouse(server.context);
    }
    expect(Number(server.context.database.prepare('SELECT count(*) AS n FROM messages').get()!['n'])).toBeLessThan(4);

    for (const reopen of [half, whole]) {
      const laptop = reopen();
      await until('all is here', () => isWhole(laptop) && isSynced(phone) && equalStates(laptop, phone));
      // It does not claim to have what nobody could give it.
      expect(timeline(laptop).completeSince).not.toBeNull();
      expect(laptop.store.sync.counts()).toMatchObject({ waiting: 0, rejected: 0, quarantined: 0 });
      if (reopen === whole) expect(laptop.events).toBeGreaterThan(had);
      expect(laptop.shown.some((status) => status.kind === 'attention')).toBe(false);
    }
    expect(names(phone)).toHaveLength(2);
    expect(timeline(phone).completeSince).toBeNull();
  });
});
