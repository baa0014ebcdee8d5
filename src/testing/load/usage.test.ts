import { describe, expect, test } from 'vitest';
import { busyShare, machineTime, parseUsage, usageOf } from './usage.ts';

const STATUS = 'Name:\tnode\nVmPeak:\t 1000 kB\nVmHWM:\t   80512 kB\nVmRSS:\t   64 kB\n';

describe('what a process uses', () => {
  test('is read from /proc, whatever its name is', () => {
    const stat = `42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 250 75 0 0 20 0 11 0 12345 1000000 200`;
    expect(parseUsage(stat, STATUS)).toEqual({
      cpuSeconds: 3.25,
      residentBytes: 64 * 1_024,
      peakBytes: 80_512 * 1_024,
    });
  });

  test('is unknown where /proc is written otherwise or not there', () => {
    expect(parseUsage('', STATUS)).toBeNull();
    expect(parseUsage('42 (node) S 1', STATUS)).toBeNull();
    expect(usageOf(2 ** 30)).toBeNull();
  });

  test.runIf(process.platform === 'linux')('is told of this very process', () => {
    const usage = usageOf(process.pid)!;
    expect(usage.residentBytes).toBeGreaterThan(10_000_000);
    expect(usage.peakBytes).toBeGreaterThanOrEqual(usage.residentBytes);
    expect(usage.cpuSeconds).toBeGreaterThan(0);
  });
});

test('the machine’s share is that of the time between two readings', () => {
  expect(busyShare({ busy: 100, all: 400 }, { busy: 250, all: 600 })).toBe(0.75);
  expect(busyShare({ busy: 100, all: 400 }, { busy: 100, all: 400 })).toBe(0);
  const { busy, all } = machineTime();
  expect(busy).toBeLessThanOrEqual(all);
});
