import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laterCursor, nextCursor } from './cursor.ts';

const now = Date.UTC(2026, 10, 23, 9);

test('a cursor counts intervals of 20 seconds', () => {
  const first = Number(nextCursor(now, undefined, 0));
  expect(Number(nextCursor(now + 20_000, undefined, 0))).toBe(first + 1);
  expect(nextCursor(now + 20_000, String(first), 0.9)).toBe(String(first + 1));
});

test('a cursor is always ahead of the last, by at most an hour', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (last, random) => {
      const next = Number(nextCursor(now, String(last), random));
      expect(next).toBeGreaterThan(last);
      expect(next).toBeLessThanOrEqual(Math.max(last + 180, Number(nextCursor(now, undefined, 0))));
    }),
  );
});

test.each(['-1', 'abc', '1e9', '9'.repeat(40), ''])('a cursor that is none (%s) counts as none', (last) => {
  expect(nextCursor(now, last, 0)).toBe(nextCursor(now, undefined, 0));
});

test('within an answer the cursor never goes back, and moves with time alone', () => {
  const first = nextCursor(now, nextCursor(now, undefined, 0), 0);
  expect(laterCursor(now, first)).toBe(first);
  expect(laterCursor(now - 3_600_000, first)).toBe(first);
  expect(laterCursor(now + 3_600_000, first)).toBe(nextCursor(now + 3_600_000, undefined, 0));
});
