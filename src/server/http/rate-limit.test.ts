import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';

describe('a rate limit', () => {
  const taken = (limit: RateLimit, key: string, tries: number): number => {
    let count = 0;
    for (let i = 0; i < tries; i++) {
      try {
        limit.take(key);
        count += 1;
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 429) throw error;
      }
    }
    return count;
  };

  test('lets a burst pass, then so many a second, for each key', () => {
    const clock = new ManualClock();
    const limit = new RateLimit({ burst: 5, perSecond: 2 }, clock.now);
    expect(taken(limit, 'a', 10)).toBe(5);
    expect(taken(limit, 'b', 10)).toBe(5);
    clock.advance(1_500);
    expect(taken(limit, 'a', 10)).toBe(3);
    clock.advance(3_600_000);
    expect(taken(limit, 'a', 10)).toBe(5);
  });

  test('is neither filled nor emptied by a clock that steps back', () => {
    const clock = new ManualClock();
    const limit = new RateLimit({ burst: 2, perSecond: 1 }, clock.now);
    expect(taken(limit, 'a', 3)).toBe(2);
    clock.advance(-3_600_000);
    expect(taken(limit, 'a', 1)).toBe(0);
    clock.advance(1_000);
    expect(taken(limit, 'a', 2)).toBe(1);
  });

  test('says in whole seconds when to come back', () => {
    const limit = new RateLimit({ burst: 1, perSecond: 0.1 }, new ManualClock().now);
    limit.take('a');
    expect(() => limit.take('a')).toThrow(expect.objectContaining({ headers: { 'Retry-After': '10' } }));
  });

  test('remembers a bounded number of callers', () => {
    const limit = new RateLimit({ burst: 1, perSecond: 0.001 }, new ManualClock().now);
    for (let i = 0; i < 20_000; i++) limit.take(`address ${i}`);
    expect(taken(limit, 'address 19999', 1)).toBe(0);
    expect(taken(limit, 'address 0', 1)).toBe(1);
  });
});
