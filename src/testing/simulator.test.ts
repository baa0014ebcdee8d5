import { describe, expect, test } from 'vitest';
import { shrink } from './shrink.ts';
import { REGRESSIONS } from './simulator-regressions.ts';
import { planOf, simulate, type Plan } from './simulator.ts';

const PLANS: readonly (readonly [string, Plan])[] = [
  ...Array.from({ length: 40 }, (_, i) => [`seed ${i + 1}`, planOf(i + 1)] as const),
  ...REGRESSIONS.map((plan) => [`what seed ${plan.seed} found`, plan] as const),
];

describe('clients, a server and a network, from one seed', () => {
  test.each(PLANS)(
    '[SYNC-1] [SYNC-2] [SYNC-3] [SYNC-4] [SYNC-6] [SYNC-7] [HLC-4] [LOG-1] [LOG-4] %s comes to a good end',
    { timeout: 240_000 },
    async (_name, plan) => {
      const { problems, events } = await simulate(plan);
      expect(problems).toEqual([]);
      expect(events).toBeGreaterThan(0);
    },
  );

  test('the same seed gives the same course', { timeout: 240_000 }, async () => {
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
