import { describe, expect, it } from 'vitest';
import { inputText, quickMoments, readInput } from './quick-moments.ts';

const local = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();
const words = (now: number) => quickMoments(now).map(({ millis }) => inputText(millis));

describe('quick moments', () => {
  it('are the same time of an earlier day', () => {
    expect(words(local(2026, 10, 23, 9, 5))).toEqual(['2026-11-22T09:05', '2026-11-16T09:05', '2026-10-23T09:05']);
  });

  it('a month ago is the last day of a shorter month', () => {
    expect(words(local(2026, 2, 31, 9, 5))[2]).toBe('2026-02-28T09:05');
    expect(words(local(2026, 0, 15, 9, 5))[2]).toBe('2025-12-15T09:05');
  });
});

describe('a typed moment', () => {
  const now = local(2026, 10, 23, 9, 5);

  it('is read back as it was shown', () => expect(readInput(inputText(now), now)).toBe(now));

  it.each(['', '2026-11-23', 'yesterday'])('%j is refused', (text) => {
    expect(readInput(text, now)).toBe('Choose a whole date and time');
  });

  it('that has not come yet is refused', () => {
    expect(readInput('2026-11-23T09:06', now)).toBe('That moment has not come yet');
  });
});
