import { expect, test } from 'vitest';
import { slicesOf } from './slices.ts';

const bundle = (characters: number): unknown => ({ payload: 'x'.repeat(characters) });
const cut = (messages: readonly unknown[]) =>
  [...slicesOf({ messages, cursor: 'end', upToDate: true, progress: null })].map((slice) => [
    slice.messages.length,
    slice.cursor,
  ]);

test('[SYNC-3] [SYNC-5] a page is applied in small parts, and the cursor moves with the last', () => {
  expect(cut([])).toEqual([[0, 'end']]);
  expect(cut([bundle(10), bundle(10)])).toEqual([[2, 'end']]);
  expect(cut([bundle(6_000), bundle(6_000), bundle(10)])).toEqual([
    [1, null],
    [2, 'end'],
  ]);
  // Edits, a bundle each, are mostly names.
  expect(cut(Array.from({ length: 100 }, () => bundle(350)))).toEqual([[100, 'end']]);
  expect(cut([bundle(900_000), bundle(900_000)])).toEqual([
    [1, null],
    [1, 'end'],
  ]);
  expect(cut(Array.from({ length: 450 }, () => bundle(1)))).toEqual([
    [200, null],
    [200, null],
    [50, 'end'],
  ]);
});

test('[SYNC-6] whatever the messages are, all of them come through in order', () => {
  const messages = [null, 7, 'text', [], {}, { payload: 3 }, bundle(60_000)];
  const slices = [...slicesOf({ messages, cursor: 'end', upToDate: true, progress: null })];
  expect(slices.flatMap((slice) => slice.messages)).toEqual(messages);
});
