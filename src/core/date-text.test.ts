import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDate, readDate, readMoment } from './date-text.ts';

const read = (text: string, dayFirst?: boolean): string => {
  const result = readDate(text, dayFirst);
  return result.ok ? result.value : `(${result.error})`;
};
const moment = (text: string, localToUtc?: (reading: number) => number): string => {
  const result = readMoment(text, localToUtc);
  return result.ok ? result.value : `(${result.error})`;
};

describe('dates', () => {
  test('[VALUE-2] every day of the calendar is a date, and the day after the last of a month is none', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString().slice(0, 10);
          expect(isDate(text)).toBe(true);
          expect(read(text)).toBe(text);
        },
      ),
    );
    for (const text of [
      '2026-02-29',
      '1900-02-29',
      '2026-04-31',
      '2026-00-10',
      '2026-13-01',
      '2026-01-00',
      '2026-1-1',
      '0000-01-01',
      '',
      '10000-01-01',
    ]) {
      expect(isDate(text)).toBe(false);
    }
    expect(isDate('2024-02-29')).toBe(true);
    expect(isDate('2000-02-29')).toBe(true);
  });

  test.each([
    ['2026-11-23', '2026-11-23'],
    ['2026/1/9', '2026-01-09'],
    ['2026.11.23', '2026-11-23'],
    ['20261123', '2026-11-23'],
    ['2026-11-23T00:00:00.000Z', '2026-11-23'],
    ['2026-11-23 00:00', '2026-11-23'],
    ['23.11.2026', '2026-11-23'],
    ['11/23/2026', '2026-11-23'],
    ['23. 11. 2026', '2026-11-23'],
    ['4/4/2026', '2026-04-04'],
    ['23 Nov 2026', '2026-11-23'],
    ['23. November 2026', '2026-11-23'],
    ['Sept 3, 2026', '2026-09-03'],
    ['March 1st, 2026', '2026-03-01'],
    ['1-Mar-2026', '2026-03-01'],
  ])('[VALUE-2] %s is understood', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('[VALUE-3] a day that could be two is refused, and the reason names both', () => {
    for (const text of ['03/04/2026', '3.4.2026', '03-04-2026']) {
      expect(read(text)).toBe(`(“${text}” could be 2026-03-04 or 2026-04-03: write the year first)`);
    }
    expect(read('03/04/2026', true)).toBe('2026-04-03');
    expect(read('03/04/2026', false)).toBe('2026-03-04');
  });

  test.each([
    ['2026-02-30', '(“2026-02-30” is not in the calendar)'],
    ['31.11.2026', '(“31.11.2026” is not in the calendar)'],
    ['23 Foo 2026', '(“23 Foo 2026” is not in the calendar)'],
    ['23.11.26', '(“23.11.26” needs a year of four digits)'],
    ['2026-11-23T09:30:00Z', '(“2026-11-23T09:30:00Z” has a time of day, and this field holds days)'],
    ['tomorrow', '(“tomorrow” is not a date such as 2026-11-23)'],
    ['2026-11/23', '(“2026-11/23” is not a date such as 2026-11-23)'],
  ])('[VALUE-2] %s is refused', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

describe('moments', () => {
  test('[VALUE-2] every moment comes back as it was, in UTC to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          expect(moment(date.toISOString())).toBe(date.toISOString());
        },
      ),
    );
  });

  test.each([
    ['2026-11-23T09:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23 09:00:30+01:00', '2026-11-23T08:00:30.000Z'],
    ['2026-11-23T09:00:00.123456-0530', '2026-11-23T14:30:00.123Z'],
    ['2026-01-01T00:30+01', '2025-12-31T23:30:00.000Z'],
  ])('[VALUE-2] %s is understood', (text, expected) => {
    expect(moment(text)).toBe(expected);
  });

  test('[VALUE-3] a moment without a zone is refused, unless it is known where the clock hung', () => {
    expect(moment('2026-11-23T09:00')).toContain('which time zone');
    expect(moment('2026-11-23T09:00', (reading) => reading - 3_600_000)).toBe('2026-11-23T08:00:00.000Z');
    expect(moment('2026-11-23T09:00', () => Number.NaN)).toContain('not in the calendar');
  });

  test.each([
    '2026-02-30T09:00Z',
    '2026-11-23T24:00Z',
    '2026-11-23T09:60Z',
    '2026-11-23T09:00+99:00',
    '9999-12-31T23:59-01:00',
    '0001-01-01T00:00+01:00',
    '09:00',
    '2026-11-23',
  ])('[VALUE-2] %s is refused', (text) => {
    expect(readMoment(text).ok).toBe(false);
  });
});
