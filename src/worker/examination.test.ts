import { expect, test } from 'vitest';
import type { DoctorProgress, DoctorReport } from '../core/health.ts';
import { Examination } from './examination.ts';

const REPORT = { checks: [] } as unknown as DoctorReport;

/** Every step takes so many milliseconds. */
function examination(steps: number, millis: number) {
  let now = 0;
  let breaths = 0;
  let onBreath: () => void = () => undefined;
  const one = new Examination({
    *examine(): Generator<DoctorProgress, DoctorReport> {
      for (let i = 0; i < steps; i++) {
        now += millis;
        yield { check: 'file', share: i / steps };
      }
      return REPORT;
    },
    now: () => now,
    breathe: async () => {
      breaths += 1;
      onBreath();
    },
  });
  return { one, breaths: () => breaths, eachBreath: (run: () => void) => (onBreath = run) };
}

test('goes on in turns of a few milliseconds, and tells after each how far it has come', async () => {
  const { one, breaths } = examination(100, 5);
  const told: number[] = [];
  expect(await one.run(({ share }) => told.push(share))).toBe(REPORT);
  expect(breaths()).toBeGreaterThan(20);
  expect(breaths()).toBeLessThan(40);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
});

test('ends when it is told to stop, and when another one begins', async () => {
  const { one, eachBreath } = examination(1_000, 20);
  eachBreath(() => one.stop());
  expect(await one.run(() => undefined)).toBeNull();
  eachBreath(() => undefined);
  const first = one.run(() => undefined);
  expect(await one.run(() => undefined)).toBe(REPORT);
  expect(await first).toBeNull();
});
