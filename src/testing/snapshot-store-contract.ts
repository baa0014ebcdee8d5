import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Offset } from '../server/streams/offset.ts';
import type { StreamStore } from '../server/streams/port.ts';
import { KEPT, type SnapshotStore } from '../server/snapshots/port.ts';
import { ManualClock } from './manual-clock.ts';

export interface StoresUnderTest {
  readonly streams: StreamStore;
  readonly snapshots: SnapshotStore;
  /** Another one on the same data, as after a restart. The first one is not used any more. */
  reopen(): Promise<SnapshotStore>;
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What any storage of snapshots must do. Run by the tests of each. */
export function describeSnapshotStore(name: string, open: (now: () => number) => Promise<StoresUnderTest>): void {
  describe(`SnapshotStore: ${name}`, () => {
    let clock: ManualClock;
    let under: StoresUnderTest;
    let snapshots: SnapshotStore;

    beforeEach(async () => {
      clock = new ManualClock();
      under = await open(clock.now);
      ({ snapshots } = under);
      await makeStream();
    });
    afterEach(() => under.dispose());

    const makeStream = (): Promise<unknown> =>
      under.streams.create('a', {
        contentType: 'application/json',
        ttlSeconds: null,
        expiresAt: null,
        closed: false,
        messages: [],
      });

    async function append(...messages: string[]): Promise<Offset> {
      const append = { contentType: 'application/json', close: false, seq: null, producer: null };
      await under.streams.append('a', { ...append, messages: messages.map(bytes) });
      return (await under.streams.head('a'))!.tail;
    }

    const put = (snapshot: string, number: number, text = `${snapshot} ${number}`, by = 'd', most = 1_000) =>
      snapshots.put('a', { snapshot, by, number, data: bytes(text), most });
    const finish = (snapshot: string, cursor: Offset, pieces = 2, by = 'd') =>
      snapshots.finish('a', { snapshot, by, cursor, pieces, events: 7 });
    const read = async (snapshot: string, number: number): Promise<string | null> => {
      const data = await snapshots.read('a', snapshot, number);
      return data && Buffer.from(data).toString();
    };
    const offered = async (): Promise<string[]> => (await snapshots.offered('a')).map(({ id }) => id);

    async function whole(snapshot: string, cursor: Offset, by = 'd'): Promise<void> {
      for (const number of [1, 0]) await put(snapshot, number, undefined, by);
      expect(await finish(snapshot, cursor, 2, by)).toBe('offered');
    }

    async function sweepAll(staleBefore = 0): Promise<void> {
      while ((await snapshots.sweep(staleBefore)) > 0);
    }

    test('what was put together piece by piece is offered once it is whole, and reads as it came', async () => {
      const cursor = await append('1', '2');
      expect(await put('s', 1)).toBe('stored');
      expect(await finish('s', cursor)).toBe('incomplete');
      expect(await put('s', 0)).toBe('stored');
      // Asked again after a lost reply. A late one of an upload before this says something else, and changes nothing.
      expect(await put('s', 0)).toBe('stored');
      expect(await put('s', 0, 'other')).toBe('taken');
      expect([await offered(), await read('s', 0)]).toEqual([[], null]);
      expect(await finish('s', cursor, 1)).toBe('incomplete');
      expect(await finish('s', cursor)).toBe('offered');
      await append('3');
      snapshots = await under.reopen();
      expect(await snapshots.offered('a')).toEqual([
        { id: 's', cursor, pieces: 2, bytes: 6, events: 7, behind: 1, messages: 3 },
      ]);
      expect([await read('s', 0), await read('s', 1), await read('s', 2), await read('t', 0)]).toEqual(['s 0', 's 1', null, null]); // prettier-ignore
    });

    test('asked again after a lost reply, finishing says the same, and pieces of what is whole do not change', async () => {
      const cursor = await append('1');
      await whole('s', cursor);
      expect(await finish('s', cursor)).toBe('offered');
      expect(await put('s', 0, 'other')).toBe('taken');
      expect(await put('s', 0, 'other', 'e')).toBe('taken');
      expect(await finish('s', cursor, 2, 'e')).toBe('missing');
      expect(await read('s', 0)).toBe('s 0');
    });

    test('one whose cursor is of another log, or of a log that was put back, is never offered', async () => {
      const cursor = await append('1');
      await put('s', 0);
      expect(await finish('s', { ...cursor, log: 'ffffffffffff' }, 1)).toBe('otherLog');
      expect(await finish('s', { ...cursor, tag: 'ffffffff' }, 1)).toBe('otherLog');
      expect(await finish('s', { ...cursor, position: 9 }, 1)).toBe('otherLog');
      expect(await finish('s', cursor, 1)).toBe('offered');
      await under.streams.delete('a');
      expect([await offered(), await read('s', 0)]).toEqual([[], null]);
      expect(await put('t', 0)).toBe('missing');
      await makeStream();
      expect([await offered(), await read('s', 0)]).toEqual([[], null]);
    });

    test('the two that reach furthest are kept, older ones go, and nothing of them stays', async () => {
      const cursors = [await append('1'), await append('2'), await append('3'), await append('4')];
      for (const i of [0, 1, 3, 2]) await whole(`s${i}`, cursors[i]!);
      expect(KEPT).toBe(2);
      expect(await offered()).toEqual(['s3', 's2']);
      await sweepAll();
      expect(await read('s1', 0)).toBeNull();
      expect(await read('s2', 1)).toBe('s2 1');
      expect(await put('s1', 0)).toBe('stored');
    });

    test('a device has one under way; what nobody adds to goes in time, and others stay', async () => {
      const cursor = await append('1');
      await put('s', 0);
      await put('t', 0);
      await put('u', 0, 'u', 'e');
      expect(await finish('s', cursor, 1)).toBe('missing');
      expect(await put('s', 1)).toBe('taken');
      await sweepAll(clock.now());
      clock.advance(10);
      await put('u', 1, 'u', 'e');
      await sweepAll(clock.now() - 5);
      expect(await finish('t', cursor, 1)).toBe('missing');
      expect(await finish('u', cursor, 2, 'e')).toBe('offered');
    });

    test('more bytes than are allowed are refused, however they are spread, and a piece that comes again counts once', async () => {
      expect(await put('s', 0, 'x'.repeat(700))).toBe('stored');
      expect(await put('s', 0, 'x'.repeat(700))).toBe('stored');
      expect(await put('s', 1, 'x'.repeat(301))).toBe('tooLarge');
      expect(await put('s', 1, 'x'.repeat(300))).toBe('stored');
      expect(await finish('s', await append('1'))).toBe('offered');
    });

    test('one that ends before what is still kept is offered no more', async () => {
      const cursors = [await append('1'), await append('2'), await append('3')];
      await whole('s0', cursors[0]!);
      await whole('s2', cursors[2]!);
      await under.streams.trim('a', { upTo: cursors[1]!, storedBy: clock.now(), limit: 10 });
      expect(await offered()).toEqual(['s2']);
    });
  });
}
