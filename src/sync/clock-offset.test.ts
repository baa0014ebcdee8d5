import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betterSample, isWrongClock, readClock, type ClockSample } from './clock-offset.ts';

describe('[HLC-5] the offset of this clock', () => {
  test('is what half a round trip leaves', () => {
    // Asked at 10:00:00.000, told 9:53:00.100, answered at 10:00:00.200: seven minutes fast.
    expect(readClock(1_000_000 - 420_000 + 100, 200, 1_000_200)).toEqual({ offsetMillis: 420_000, errorMillis: 105 });
  });

  test('lies within its error, wherever in the round trip the server looked at its clock', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (offset, roundTrip, share) => {
          const sent = 1_764_000_000_000;
          const told = Math.floor(sent + roundTrip * share - offset);
          const sample = readClock(told, roundTrip, sent + roundTrip);
          expect(Math.abs(sample.offsetMillis - offset)).toBeLessThanOrEqual(sample.errorMillis);
        },
      ),
    );
  });

  test('of several readings the surest counts', () => {
    const samples: ClockSample[] = [
      { offsetMillis: 900, errorMillis: 1_000 },
      { offsetMillis: 120, errorMillis: 20 },
      { offsetMillis: 400, errorMillis: 500 },
    ];
    expect(samples.reduce<ClockSample | null>(betterSample, null)).toEqual({ offsetMillis: 120, errorMillis: 20 });
  });

  test('a reading that cannot be of the same clock is of one that was set since', () => {
    const known = { offsetMillis: 120, errorMillis: 20 };
    const sample = { offsetMillis: -3_600_000, errorMillis: 800 };
    expect(betterSample(known, sample)).toBe(sample);
  });

  test('a round trip that a stepping clock made negative is no surer than any other', () => {
    expect(readClock(1_000, -50, 1_000).errorMillis).toBe(5);
  });

  test('counts as wrong beyond a minute, either way', () => {
    expect([60_000, -60_000, 60_001, -60_001].map(isWrongClock)).toEqual([false, false, true, true]);
  });
});
