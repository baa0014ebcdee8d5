import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineBatches } from './line-batches.ts';

async function read(content: string | Uint8Array<ArrayBuffer>, maxBytes = 100): Promise<(string | null)[]> {
  const all: (string | null)[] = [];
  for await (const { first, lines } of lineBatches(new Blob([content]), maxBytes)) {
    expect(first).toBe(all.length + 1);
    all.push(...lines);
  }
  return all;
}

test('gives the lines of any text, whatever ends them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replace(/[\r\n\ufeff]/g, ' '))),
      fc.constantFrom('\n', '\r\n'),
      async (lines, end) => {
        const expected = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
        expect(await read(lines.join(end), 1_000)).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('passes over a mark of the byte order at the start', async () => {
  expect(await read('\ufeffone\ntwo')).toEqual(['one', 'two']);
});

test('a line that is too long is none, the ones behind it are', async () => {
  expect(await read(`a\n${'x'.repeat(101)}\nb\n`)).toEqual(['a', null, 'b']);
  expect(await read(`a\n${'x'.repeat(3_000_000)}\n${'y'.repeat(100)}\n${'z'.repeat(2_500_000)}`)).toEqual([
    'a',
    null,
    'y'.repeat(100),
    null,
  ]);
});

test('a line that is not UTF-8 is none', async () => {
  expect(await read(Uint8Array.of(0x61, 0x0a, 0xff, 0x0a, 0x62))).toEqual(['a', null, 'b']);
});

test('comes in batches, over the borders of chunks', async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `${i} ${'ü'.repeat(i % 40)}`);
  expect(await read(lines.join('\n'))).toEqual(lines);
});
