import { expect, test } from 'vitest';
import type { Offset } from '../streams/offset.ts';
import type { ReadOutcome, StreamStore } from '../streams/port.ts';
import { LiveHub } from './live-hub.ts';

const missing: ReadOutcome = { kind: 'missing' };
const rewound: ReadOutcome = { kind: 'gone', reason: 'rewound' };
const from: Offset = { log: '0123456789ab', position: 1, tag: '00000000' };

/** A store whose reads are answered when the test says so. */
function slowStore() {
  const reads: ((outcome: ReadOutcome) => void)[] = [];
  let wake: (() => void) | null = null;
  const store: Pick<StreamStore, 'read' | 'watch'> = {
    read: () => new Promise((resolve) => reads.push(resolve)),
    watch: (_path, listener) => {
      wake = listener;
      return () => (wake = null);
    },
  };
  return { store: store as StreamStore, reads, change: () => wake?.(), isWatched: () => wake !== null };
}

test('readers of one place share a read, until the stream changes', async () => {
  const { store, reads, change } = slowStore();
  const hub = new LiveHub(store, { messages: 1, bytes: 1 });
  hub.follow('a', () => {});
  const early = [hub.read('a', from), hub.read('a', from)];
  expect(reads).toHaveLength(1);
  // A read under way may not show this change: whoever asks from now on must see it.
  change();
  const late = [hub.read('a', from), hub.read('a', from)];
  expect(reads).toHaveLength(2);
  reads[1]!(missing);
  reads[0]!(rewound);
  expect(await Promise.all(early)).toEqual([rewound, rewound]);
  expect(await Promise.all(late)).toEqual([missing, missing]);
  void hub.read('a', from);
  expect(reads).toHaveLength(3);
});

test('one watch serves all followers, and ends with the last', () => {
  const { store, change, isWatched } = slowStore();
  const hub = new LiveHub(store, { messages: 1, bytes: 1 });
  const woken: string[] = [];
  const first = hub.follow('a', () => woken.push('first'));
  const second = hub.follow('a', () => woken.push('second'));
  change();
  first();
  change();
  expect(woken).toEqual(['first', 'second', 'second']);
  expect(isWatched()).toBe(true);
  second();
  second();
  expect(isWatched()).toBe(false);
  const again = hub.follow('a', () => woken.push('again'));
  change();
  again();
  expect(woken.at(-1)).toBe('again');
});
