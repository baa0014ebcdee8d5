import { expect, it } from 'vitest';
import { dayText, keptSince, outcomeWords } from './history-words.ts';

it.each([
  ['quarter', new Date(2026, 10, 25, 22), new Date(2026, 7, 25)],
  ['quarter', new Date(2026, 4, 31), new Date(2026, 1, 28)],
  ['quarter', new Date(2026, 0, 15), new Date(2025, 9, 15)],
  ['year', new Date(2024, 1, 29), new Date(2023, 1, 28)],
  ['twoYears', new Date(2026, 10, 25), new Date(2024, 10, 25)],
  ['all', new Date(2026, 10, 25), null],
] as const)('keeps %s as of %s since %s', (keep, now, since) => {
  expect(keptSince(keep, now)).toEqual(since);
});

it('says what went and how much smaller the book is', () => {
  const outcome = { events: 1_204, bytesBefore: 9_800_000, bytesAfter: 3_100_000, left: null };
  expect(outcomeWords(outcome)).toBe('1,204 superseded changes went. The book takes 3.1 MB now, where it took 9.8 MB.');
  expect(outcomeWords({ ...outcome, events: 1 })).toMatch(/^1 superseded change went\./);
  expect(outcomeWords({ ...outcome, events: 0, bytesAfter: 9_800_000 })).toBe('Nothing was left to go. The book takes 9.8 MB now.'); // prettier-ignore
  expect(outcomeWords({ ...outcome, left: 'The storage is full.' })).toContain('could not be made smaller now');
  expect(dayText(new Date(2026, 7, 25), 'en-GB')).toBe('25 August 2026');
});
