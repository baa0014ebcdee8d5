import { expect, test } from 'vitest';
import { err, ok, type Result } from '../core/result.ts';
import { Checkup } from './checkup.ts';

/** A clock with timers that a test moves. */
function scene(options: {
  readonly bytes?: number;
  readonly last?: number | null;
  readonly result?: Result<null, string>;
}) {
  const { bytes = 1_000, last = null, result = ok(null) } = options;
  let now = 1_000_000_000;
  let timer: { readonly at: number; readonly run: () => void } | null = null;
  const looked: number[] = [];
  const complaints: string[] = [];
  let noted: number | null = last;
  const checkup = new Checkup({
    bytes: () => bytes,
    *check() {
      for (let i = 0; i < 3; i++) {
        looked.push(now);
        yield;
      }
      return result;
    },
    onDamage: (complaint) => complaints.push(complaint),
    now: () => now,
    after: (millis, run) => {
      timer = { at: now + millis, run };
      return () => (timer = null);
    },
    memory: { read: async () => noted, write: async (millis) => void (noted = millis) },
  });
  const pass = async (millis: number) => {
    for (const end = now + millis; now < end; now += 10) {
      if (timer && timer.at <= now) {
        const { run } = timer;
        timer = null;
        run();
      }
      await Promise.resolve();
    }
  };
  return { checkup, looked, complaints, pass, noted: () => noted, now: () => now };
}

test('looks through the tables one after another, some seconds after the start, and notes that all is well', async () => {
  const { checkup, looked, complaints, pass, noted } = scene({});
  checkup.start();
  await pass(4_000);
  expect(looked).toEqual([]);
  await pass(3_000);
  expect(looked.length).toBe(3);
  expect(new Set(looked).size).toBe(3);
  expect([complaints, noted() === null]).toEqual([[], false]);
});

test('tells damage, and notes nothing', async () => {
  const { checkup, complaints, pass, noted } = scene({ result: err('row 7 is missing') });
  checkup.start();
  await pass(8_000);
  expect([complaints, noted()]).toEqual([['row 7 is missing'], null]);
});

test('waits while somebody writes', async () => {
  const { checkup, looked, pass } = scene({});
  checkup.start();
  for (let i = 0; i < 20; i++) {
    checkup.used();
    await pass(500);
  }
  expect(looked).toEqual([]);
  await pass(3_000);
  expect(looked.length).toBe(3);
});

test('stops', async () => {
  const { checkup, looked, pass } = scene({});
  checkup.start();
  await pass(5_020);
  checkup.stop();
  const before = looked.length;
  await pass(10_000);
  expect(looked.length).toBe(before);
});

test.each([
  [23 * 3_600_000, 0],
  [25 * 3_600_000, 3],
  [-25 * 3_600_000, 3],
])('looks through a large database once a day (last %i ms ago)', async (ago, times) => {
  const { checkup, looked, pass } = scene({ bytes: 300_000_000, last: 1_000_000_000 - ago });
  checkup.start();
  await pass(10_000);
  expect(looked.length).toBe(times);
});
