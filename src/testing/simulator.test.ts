import { describe, expect, test } from 'vitest';
import { shrink } from './shrink.ts';
import { REGRESSIONS, SNAPSHOT_REGRESSIONS } from './simulator-regressions.ts';
import { planOf, type Plan, type Setting } from './simulator-plan.ts';
import { simulate } from './simulator.ts';
import { lieIn, type Facts } from './status-truth.ts';

const seeds = (count: number, setting: Setting = 'plain'): readonly (readonly [string, Plan])[] =>
  Array.from({ length: count }, (_, i) => [`seed ${i + 1}`, planOf(i + 1, setting)] as const);

const PLANS = [...seeds(25), ...REGRESSIONS.map((plan) => [`what seed ${plan.seed} found`, plan] as const)];

describe('clients, a server and a network, from one seed', () => {
  test.each(PLANS)(
    '[SYNC-1] [SYNC-2] [SYNC-3] [SYNC-4] [SYNC-5] [SYNC-6] [SYNC-7] [HLC-4] [LOG-1] [LOG-4] %s comes to a good end',
    { timeout: 240_000 },
    async (_name, plan) => {
      const { problems, events } = await simulate(plan);
      expect(problems).toEqual([]);
      expect(events).toBeGreaterThan(0);
    },
  );

  test.each(seeds(3))('with our own server behind the network, %s too', { timeout: 240_000 }, async (_name, plan) => {
    const { problems, events } = await simulate(plan, 'ours');
    expect(problems).toEqual([]);
    expect(events).toBeGreaterThan(0);
  });

  test(
    '[SNAP-3] [SNAP-4] [SNAP-5] [SNAP-6] [SYNC-10] with snapshots, and a server that lets go of what they stand in for',
    { timeout: 240_000 },
    async () => {
      const sum = { snapshots: 0, starts: 0, pieces: 0, trimmed: 0, tooLate: 0 };
      for (const [name, plan] of seeds(6, 'snapshots')) {
        const { problems, tally } = await simulate(plan, 'snapshots');
        expect([name, ...problems]).toEqual([name]);
        for (const what of Object.keys(sum) as (keyof typeof sum)[]) sum[what] += tally?.[what] ?? 0;
      }
      // What is not played is not shown.
      for (const count of Object.values(sum)) expect(count).toBeGreaterThan(0);
      expect(sum.pieces).toBeGreaterThan(sum.starts);
    },
  );

  test.each(SNAPSHOT_REGRESSIONS)(
    '[SNAP-8] [SYNC-10] with snapshots, the kept plan of seed $seed comes to a good end',
    { timeout: 240_000 },
    async (plan) => {
      const { problems, tally } = await simulate(plan, 'snapshots');
      expect(problems).toEqual([]);
      expect((tally?.tooLate ?? 0) + (tally?.starts ?? 0)).toBeGreaterThan(0);
    },
  );

  test.each(['fake', 'snapshots'] as const)(
    'the same seed gives the same course (%s)',
    { timeout: 240_000 },
    async (kind) => {
      const plan = planOf(11, kind === 'fake' ? 'plain' : kind);
      const [first, second] = [await simulate(plan, kind), await simulate(plan, kind)];
      expect(second.trace).toEqual(first.trace);
      expect(first.trace.length).toBeGreaterThan(50);
    },
  );
});

describe('[SYNC-7] a status is held against what is true', () => {
  const TRUE: Facts = {
    unstored: 0,
    silentMillis: 0,
    upToDate: true,
    missing: 0,
    refused: false,
    strange: false,
    clockMillis: 0,
  };

  test.each([
    ['synced', { silentMillis: null }, 'before it heard'],
    ['synced', { silentMillis: 600_000 }, 'has not heard'],
    ['synced', { unstored: 1 }, '1 events of it are not stored'],
    ['synced', { upToDate: null }, 'has not seen the end'],
    ['synced', { missing: 2 }, 'lacks 2 bundles'],
  ] as const)('%s with %j is a lie', (kind, facts, words) => {
    expect(lieIn({ kind }, { ...TRUE, ...facts })).toContain(words);
    expect(lieIn({ kind }, TRUE)).toBe(null);
  });

  test('so are a number that is too low, a clock that is not off, trouble where there is none', () => {
    expect(lieIn({ kind: 'offline', waiting: 1 }, { ...TRUE, unstored: 2 })).toContain('1 wait, and 2');
    expect(lieIn({ kind: 'clock', offsetMillis: 420_000 }, TRUE)).toContain('420000');
    expect(lieIn({ kind: 'clock', offsetMillis: 420_000 }, { ...TRUE, clockMillis: 420_300 })).toBe(null);
    expect(lieIn({ kind: 'attention', count: 1 }, TRUE)).toContain('nothing is wrong');
    expect(lieIn({ kind: 'writeFailed', reason: 'full', message: '' }, TRUE)).toContain('nothing was refused');
  });
});

test('a failing list is shrunk to what makes it fail', async () => {
  const list = Array.from({ length: 50 }, (_, i) => i);
  const fails = async (some: readonly number[]): Promise<boolean> => some.includes(7) && some.includes(31);
  expect(await shrink(list, fails, 500)).toEqual([7, 31]);
});
