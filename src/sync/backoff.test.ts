import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMillis } from './backoff.ts';

test('pauses double up to a minute, and the dice spread them over all of it', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMillis(failures, 1, null))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
  expect(backoffMillis(6, 0.5, null)).toBe(30_000);
  expect(backoffMillis(6, 0, null)).toBe(1_000);
});

test('a server is never asked sooner than it wants, nor kept waiting for longer than ten minutes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(10_000_000),
      (failures, jitter, asked) => {
        const pause = backoffMillis(failures, jitter, asked);
        expect(pause).toBeGreaterThanOrEqual(Math.min(asked, 600_000));
        expect(pause).toBeLessThanOrEqual(600_000);
      },
    ),
  );
});
