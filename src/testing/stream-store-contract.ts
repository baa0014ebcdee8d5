import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatOffset, type Offset, parseOffset } from '../server/streams/offset.ts';
import type { Append, NewStream, ReadFrom, ReadLimit, StreamPage, StreamStore } from '../server/streams/port.ts';
import { ManualClock } from './manual-clock.ts';

export interface StoreUnderTest {
  readonly store: StreamStore;
  /** Another store on the same data, as after a restart. The first one is not used any more. */
  reopen(): Promise<StreamStore>;
  dispose(): Promise<void>;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (value: string): Uint8Array => Buffer.from(value);

const json: NewStream = {
  contentType: 'application/json',
  ttlSeconds: null,
  expiresAt: null,
  closed: false,
  messages: [],
};
const all: ReadLimit = { messages: 1_000, bytes: 1_000_000 };

function appending(...messages: string[]): Append {
  return { contentType: 'application/json', messages: messages.map(bytes), close: false, seq: null, producer: null };
}

const numbered = (epoch: number, seq: number, ...messages: string[]): Append => ({
  ...appending(...messages),
  producer: { id: 'p', epoch, seq },
});

/** What any storage of streams must do. Run by the tests of each. */
export function describeStreamStore(name: string, open: (now: () => number) => Promise<StoreUnderTest>): void {
  describe(`StreamStore: ${name}`, () => {
    let clock: ManualClock;
    let under: StoreUnderTest;
    let store: StreamStore;

    beforeEach(async () => {
      clock = new ManualClock();
      under = await open(clock.now);
      store = under.store;
    });
    afterEach(() => under.dispose());

    async function pageOf(path: string, from: ReadFrom = 'start', limit = all): Promise<StreamPage> {
      const outcome = await store.read(path, from, limit);
      if (outcome.kind !== 'page') throw new Error(`expected a page, got ${JSON.stringify(outcome)}`);
      return outcome;
    }
    const contents = async (path: string, from: ReadFrom = 'start'): Promise<string[]> =>
      (await pageOf(path, from)).messages.map(text);

    async function tailOf(path: string): Promise<Offset> {
      const head = await store.head(path);
      return head!.tail;
    }

    describe('creation', () => {
      test('makes a stream once, and tells the same from other settings', async () => {
        expect((await store.create('a', json)).kind).toBe('created');
        expect((await store.create('a', json)).kind).toBe('exists');
        expect((await store.create('a', { ...json, contentType: 'Application/JSON; charset=utf-8' })).kind).toBe(
          'exists',
        );
        expect((await store.create('a', { ...json, contentType: 'text/plain' })).kind).toBe('differs');
        expect((await store.create('a', { ...json, ttlSeconds: 5 })).kind).toBe('differs');
        expect((await store.create('a', { ...json, closed: true })).kind).toBe('differs');
      });

      test('takes first messages, and may close at once', async () => {
        const outcome = await store.create('a', { ...json, closed: true, messages: [bytes('1'), bytes('2')] });
        expect(outcome.head.tail.position).toBe(2);
        expect(outcome.head.closed).toBe(true);
        expect(await contents('a')).toEqual(['1', '2']);
      });

      test('of one path at the same moment makes one stream', async () => {
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.create('a', json)));
        expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
        expect(new Set(outcomes.map(({ head }) => head.tail.log)).size).toBe(1);
      });
    });

    describe('appending and reading', () => {
      test('keeps every byte, in order, and pages by messages and bytes', async () => {
        await store.create('a', json);
        const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
        await store.append('a', { ...appending('"one"', '"two"'), messages: [binary, bytes('two'), bytes('three')] });
        const page = await pageOf('a');
        expect(page.messages[0]).toEqual(new Uint8Array(binary));
        expect(page.upToDate).toBe(true);

        const first = await pageOf('a', 'start', { messages: 2, bytes: 1_000_000 });
        expect(first.messages).toHaveLength(2);
        expect(first.upToDate).toBe(false);
        expect(await contents('a', first.next)).toEqual(['three']);

        const small = await pageOf('a', 'start', { messages: 10, bytes: 1 });
        expect(small.messages).toHaveLength(1);
        const second = await pageOf('a', small.next, { messages: 10, bytes: 8 });
        expect(second.messages.map(text)).toEqual(['two', 'three']);
        expect(second.upToDate).toBe(true);
      });

      test('from the tail and from now there is nothing', async () => {
        await store.create('a', json);
        await store.append('a', appending('1'));
        const now = await pageOf('a', 'now');
        expect(now.messages).toEqual([]);
        expect(now.next).toEqual(await tailOf('a'));
        expect(await contents('a', await tailOf('a'))).toEqual([]);
      });

      test('streams do not see each other', async () => {
        await store.create('a', json);
        await store.create('b', json);
        await store.append('a', appending('1'));
        expect(await contents('b')).toEqual([]);
        expect(await store.append('c', appending('1'))).toEqual({ kind: 'missing' });
        expect(await store.read('c', 'start', all)).toEqual({ kind: 'missing' });
        expect(await store.head('c')).toBeNull();
      });

      test('concurrent appends get offsets of their own, without gaps, each as a whole', async () => {
        await store.create('a', json);
        const outcomes = await Promise.all(
          Array.from({ length: 200 }, (_, i) => store.append('a', appending(`${i}`, `${i}`))),
        );
        const tails = outcomes.map((outcome) => (outcome.kind === 'appended' ? outcome.tail.position : -1));
        expect(tails.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => (i + 1) * 2));
        const stored = await contents('a');
        for (let i = 0; i < stored.length; i += 2) expect(stored[i]).toBe(stored[i + 1]);
        expect(new Set(stored).size).toBe(200);
      });

      test('offsets sort as text, in the order of the messages', async () => {
        await store.create('a', json);
        const offsets: string[] = [formatOffset(await tailOf('a'))];
        for (let i = 0; i < 40; i++) {
          const outcome = await store.append('a', appending('1'));
          if (outcome.kind === 'appended') offsets.push(formatOffset(outcome.tail));
        }
        expect(offsets.toSorted()).toEqual(offsets);
        expect(new Set(offsets).size).toBe(41);
        expect(parseOffset(offsets[17]!)).toMatchObject({ position: 17 });
      });

      test('refuses another content type', async () => {
        await store.create('a', json);
        const outcome = await store.append('a', { ...appending('1'), contentType: 'text/plain' });
        expect(outcome).toEqual({ kind: 'wrongType', expected: 'application/json' });
      });

      test('Stream-Seq must go up, byte by byte', async () => {
        await store.create('a', json);
        expect((await store.append('a', { ...appending('1'), seq: '09' })).kind).toBe('appended');
        expect((await store.append('a', { ...appending('2'), seq: '10' })).kind).toBe('appended');
        expect(await store.append('a', { ...appending('3'), seq: '10' })).toEqual({ kind: 'seqRegressed', last: '10' });
        expect((await store.append('a', { ...appending('3'), seq: '1' })).kind).toBe('seqRegressed');
        expect((await store.append('a', { ...appending('3'), seq: 'a' })).kind).toBe('appended');
        expect((await store.append('a', { ...appending('4'), seq: 'B' })).kind).toBe('seqRegressed');
      });
    });

    describe('producers', () => {
      test('[SYNC-2] an append sent again is stored once, and says how far the producer got', async () => {
        await store.create('a', json);
        expect((await store.append('a', numbered(0, 0, '1'))).kind).toBe('appended');
        expect((await store.append('a', numbered(0, 1, '2'))).kind).toBe('appended');
        const again = await store.append('a', numbered(0, 0, '1'));
        expect(again).toMatchObject({ kind: 'duplicate', producer: { epoch: 0, seq: 1 } });
        expect(await contents('a')).toEqual(['1', '2']);
      });

      test('[SYNC-2] the same append at the same moment is stored once', async () => {
        await store.create('a', json);
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.append('a', numbered(0, 0, '1'))));
        expect(outcomes.filter(({ kind }) => kind === 'appended')).toHaveLength(1);
        expect(await contents('a')).toEqual(['1']);
      });

      test('[SYNC-2] a producer is remembered across a restart', async () => {
        await store.create('a', json);
        await store.append('a', numbered(2, 0, '1'));
        store = await under.reopen();
        expect((await store.append('a', numbered(2, 0, '1'))).kind).toBe('duplicate');
        expect((await store.append('a', numbered(1, 9, 'x'))).kind).toBe('staleEpoch');
        expect((await store.append('a', numbered(2, 1, '2'))).kind).toBe('appended');
        expect(await contents('a')).toEqual(['1', '2']);
      });

      test('gaps, old epochs and epochs that do not begin at 0 are refused', async () => {
        await store.create('a', json);
        expect(await store.append('a', numbered(0, 3, 'x'))).toEqual({ kind: 'gap', expected: 0 });
        expect((await store.append('a', numbered(1, 0, '1'))).kind).toBe('appended');
        expect(await store.append('a', numbered(1, 2, 'x'))).toEqual({ kind: 'gap', expected: 1 });
        expect(await store.append('a', numbered(0, 1, 'x'))).toEqual({ kind: 'staleEpoch', epoch: 1 });
        expect(await store.append('a', numbered(2, 1, 'x'))).toEqual({ kind: 'epochStart' });
        expect((await store.append('a', numbered(2, 0, '2'))).kind).toBe('appended');
        expect(await contents('a')).toEqual(['1', '2']);
      });

      test('an append that was refused takes no number', async () => {
        await store.create('a', json);
        await store.append('a', { ...appending('1'), seq: 'm' });
        const refused = await store.append('a', { ...numbered(0, 0, '2'), seq: 'a' });
        expect(refused.kind).toBe('seqRegressed');
        expect((await store.append('a', numbered(0, 0, '2'))).kind).toBe('appended');
      });

      test('each stream counts for itself, and so does each producer', async () => {
        await store.create('a', json);
        await store.create('b', json);
        await store.append('a', numbered(0, 0, '1'));
        expect((await store.append('b', numbered(0, 0, '1'))).kind).toBe('appended');
        const other: Append = { ...appending('2'), producer: { id: 'q', epoch: 0, seq: 0 } };
        expect((await store.append('a', other)).kind).toBe('appended');
      });
    });

    describe('closing', () => {
      test('with a last message or without; afterwards nothing is taken', async () => {
        await store.create('a', json);
        const closing = await store.append('a', { ...appending('1'), close: true });
        expect(closing).toMatchObject({ kind: 'appended', closed: true });
        expect(await store.append('a', appending('2'))).toEqual({ kind: 'closed', tail: await tailOf('a') });
        expect((await store.append('a', { ...appending(), close: true })).kind).toBe('duplicate');
        expect((await pageOf('a')).head.closed).toBe(true);
        store = await under.reopen();
        expect((await store.append('a', appending('2'))).kind).toBe('closed');
      });

      test('is recognised when the same producer sends it again', async () => {
        await store.create('a', json);
        await store.append('a', { ...numbered(0, 0, '1'), close: true });
        expect((await store.append('a', { ...numbered(0, 0, 'other'), close: true })).kind).toBe('duplicate');
        expect((await store.append('a', { ...numbered(0, 1, 'other'), close: true })).kind).toBe('closed');
        expect(await contents('a')).toEqual(['1']);
      });
    });

    describe('the identity of a log', () => {
      test('[SYNC-4] an offset of a stream that was deleted and made anew is gone', async () => {
        await store.create('a', json);
        await store.append('a', appending('1', '2'));
        const old = await tailOf('a');
        expect(await store.delete('a')).toBe(true);
        expect(await store.delete('a')).toBe(false);
        await store.create('a', json);
        await store.append('a', appending('x', 'y', 'z'));
        expect(await store.read('a', old, all)).toEqual({ kind: 'gone', reason: 'otherLog' });
      });

      test('[SYNC-4] an offset beyond the tail, or with another tag, is of a log that was rewound', async () => {
        await store.create('a', json);
        await store.append('a', appending('1'));
        const tail = await tailOf('a');
        await store.append('a', appending('2'));
        const beyond = { ...tail, position: 9 };
        expect(await store.read('a', beyond, all)).toEqual({ kind: 'gone', reason: 'rewound' });
        for (const position of [0, 1, 2]) {
          const forged = { ...tail, position, tag: 'ffffffff' };
          expect(await store.read('a', forged, all)).toEqual({ kind: 'gone', reason: 'rewound' });
        }
        expect(await contents('a', tail)).toEqual(['2']);
      });

      test('offsets outlive a restart', async () => {
        await store.create('a', json);
        await store.append('a', appending('1'));
        const tail = await tailOf('a');
        await store.append('a', appending('2'));
        store = await under.reopen();
        expect(await contents('a', tail)).toEqual(['2']);
      });
    });

    describe('lifetimes', () => {
      test('reads and writes lengthen a sliding life, looking at the head does not', async () => {
        await store.create('a', { ...json, ttlSeconds: 10 });
        clock.advance(9_000);
        await store.read('a', 'start', all);
        clock.advance(9_000);
        await store.append('a', appending('1'));
        clock.advance(9_000);
        expect(await store.head('a')).not.toBeNull();
        clock.advance(1_000);
        expect(await store.head('a')).toBeNull();
        expect((await store.append('a', appending('2'))).kind).toBe('missing');
      });

      test('an expired stream makes room for a new one, with nothing of the old', async () => {
        await store.create('a', { ...json, expiresAt: clock.now() + 5 });
        await store.append('a', numbered(0, 0, '1'));
        clock.advance(5);
        expect(await store.delete('a')).toBe(false);
        expect((await store.create('a', json)).kind).toBe('created');
        expect(await contents('a')).toEqual([]);
        expect((await store.append('a', numbered(0, 0, '1'))).kind).toBe('appended');
      });

      test('a sweep takes away what has expired and nothing else', async () => {
        await store.create('a', { ...json, ttlSeconds: 1 });
        await store.create('b', { ...json, expiresAt: clock.now() + 500 });
        await store.create('c', json);
        await store.create('d', { ...json, ttlSeconds: 100 });
        clock.advance(2_000);
        expect(await store.sweep()).toBe(2);
        expect(await store.sweep()).toBe(0);
        expect(await store.head('c')).not.toBeNull();
        expect(await store.head('d')).not.toBeNull();
      });
    });

    describe('trimming', () => {
      const one: ReadLimit = { messages: 1, bytes: 1_000_000 };

      /** Ten messages, `0` to `9`, one an hour, and the offset behind each. */
      async function tenHours(): Promise<Offset[]> {
        await store.create('a', json);
        const offsets: Offset[] = [];
        for (let i = 0; i < 10; i++) {
          await store.append('a', numbered(0, i, String(i)));
          offsets.push(await tailOf('a'));
          await store.trim('a', { upTo: offsets[i]!, storedBy: 0, limit: 100 });
          clock.advance(3_600_000);
        }
        return offsets;
      }

      test('what is old and lies before the offset goes, some at a time; everything else is as it was', async () => {
        const offsets = await tenHours();
        const head = await store.head('a');
        const storedBy = clock.now() - 5 * 3_600_000;
        const trim = { upTo: offsets[7]!, storedBy, limit: 2 };
        expect([await store.trim('a', trim), await store.trim('a', trim), await store.trim('a', trim)]).toEqual([
          2, 2, 2,
        ]);
        expect(await store.trim('a', trim)).toBe(0);
        expect(await store.head('a')).toEqual({ ...head, earliest: offsets[5] });
        expect(await contents('a', offsets[5])).toEqual(['6', '7', '8', '9']);
        expect(await contents('a', head!.tail)).toEqual([]);
        expect((await store.append('a', numbered(0, 9, '9'))).kind).toBe('duplicate');
        expect((await store.append('a', numbered(0, 10, '10'))).kind).toBe('appended');
      });

      test('who asks for what went is told from where on there is something, and by when the rest was stored', async () => {
        const offsets = await tenHours();
        const storedBy = clock.now() - 5 * 3_600_000;
        await store.trim('a', { upTo: offsets[2]!, storedBy, limit: 100 });
        const gone = { kind: 'trimmed', earliest: offsets[2], before: storedBy };
        expect(await store.read('a', 'start', all)).toEqual(gone);
        expect(await store.read('a', offsets[1]!, all)).toEqual(gone);
        store = await under.reopen();
        expect(await store.read('a', offsets[0]!, all)).toEqual(gone);
        expect(await contents('a', offsets[2])).toHaveLength(7);
        expect(await store.read('a', { ...offsets[2]!, tag: 'ffffffff' }, all)).toEqual({
          kind: 'gone',
          reason: 'rewound',
        });
        expect(await store.read('a', 'now', one)).toMatchObject({ kind: 'page' });
      });

      test('a whole stream may go, an offset of another log takes nothing away, and what was stored just now is not old', async () => {
        const offsets = await tenHours();
        const { log, ...rest } = offsets[9]!;
        const storedBy = clock.now();
        expect(await store.trim('a', { upTo: { log: 'ffffffffffff', ...rest }, storedBy, limit: 100 })).toBe(0);
        expect(await store.trim('b', { upTo: offsets[9]!, storedBy, limit: 100 })).toBe(0);
        await store.append('a', numbered(0, 10, '10'));
        const tail = await tailOf('a');
        expect(await store.trim('a', { upTo: tail, storedBy: clock.now() - 1, limit: 100 })).toBe(10);
        clock.advance(1_000);
        expect(await store.trim('a', { upTo: tail, storedBy: clock.now(), limit: 100 })).toBe(1);
        expect(await store.head('a')).toMatchObject({ tail, earliest: tail });
        expect(await contents('a', tail)).toEqual([]);
        expect(log).toBe(tail.log);
        await store.append('a', numbered(0, 11, '11'));
        expect(await contents('a', tail)).toEqual(['11']);
      });
    });

    describe('watching', () => {
      test('wakes after appends, closing and deletion of this stream, when they can be read', async () => {
        await store.create('a', json);
        await store.create('b', json);
        const seen: number[] = [];
        const pending: Promise<void>[] = [];
        const stop = store.watch('a', () => {
          pending.push(
            store.read('a', 'start', all).then((outcome) => {
              seen.push(outcome.kind === 'page' ? outcome.messages.length : -1);
            }),
          );
        });
        await store.append('b', appending('x'));
        expect(pending).toHaveLength(0);
        await store.append('a', appending('1'));
        await store.append('a', { ...appending(), close: true });
        await store.delete('a');
        await Promise.all(pending);
        expect(seen).toEqual([1, 1, -1]);
        stop();
        await store.create('a', json);
        await store.append('a', appending('2'));
        expect(pending).toHaveLength(3);
      });
    });
  });
}
