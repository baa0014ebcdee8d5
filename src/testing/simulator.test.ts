import { describe, expect, test } from 'vitest';
import { shrink } from './shrink.ts';
import { planOf, simulate } from './simulator.ts';

/** Seeds that found something once; what it was stands in docs/simulator.md. */
const FOUND = [375];
const FIXED = Array.from({ length: 40 }, (_, i) => i + 1);

describe('clients, a server and a network, from one seed', () => {
  test.each([...FIXED, ...FOUND])(
    '[SYNC-1] [SYNC-2] [SYNC-3] [SYNC-4] [SYNC-7] [LOG-1] [LOG-4] seed %i comes to a good end',
    { timeout: 60_000 },
    async (seed) => {
      const { problems, events } = await simulate(planOf(seed));
      expect(problems).toEqual([]);
      expect(events).toBeGreaterThan(0);
    },
  );

  test('the same seed gives the same course', { timeout: 60_000 }, async () => {
    const [first, second] = [await simulate(planOf(11)), await simulate(planOf(11))];
    expect(second.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(50);
  });
});

test('a failing list is shrunk to what makes it fail', async () => {
  const list = Array.from({ length: 50 }, (_, i) => i);
  const fails = async (some: readonly number[]): Promise<boolean> => some.includes(7) && some.includes(31);
  expect(await shrink(list, fails, 500)).toEqual([7, 31]);
});
