import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNumber } from './number-text.ts';

const read = (text: string, decimal?: '.' | ','): number | string => {
  const result = readNumber(text, decimal);
  return result.ok ? result.value : result.error;
};

describe('numbers', () => {
  test('[VALUE-2] every number is read as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger()), (number) => {
        const text = String(number);
        const kept = Number.isSafeInteger(number) || !/^-?\d+$/.test(text);
        expect(kept ? read(text) : number).toBe(number === 0 ? 0 : number);
      }),
    );
  });

  test('[VALUE-2] every number is read as the languages of the world write it', () => {
    for (const [locale, decimal] of [
      ['en', '.'],
      ['de', ','],
      ['fr', ','],
      ['de-CH', '.'],
      ['en-IN', '.'],
      ['pl', ','],
    ] as const) {
      const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
      fc.assert(
        fc.property(fc.integer({ min: -2e9, max: 2e9 }), fc.constantFrom(1, 10, 100, 1_000), (digits, scale) => {
          expect(read(format.format(digits / scale), decimal)).toBe(digits === 0 ? 0 : digits / scale);
        }),
      );
    }
  });

  test.each([
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['1,234,567', 1234567],
    ['1.234.567', 1234567],
    ['1 234,5', 1234.5],
    ["1'234.5", 1234.5],
    ['1,5', 1.5],
    ['0,125', 0.125],
    ['1.234', 1.234],
    ['12,34,567.5', 1234567.5],
    ['−3', -3],
    ['+3', 3],
    ['$1,234.50', 1234.5],
    ['-$5.25', -5.25],
    ['12,50 €', 12.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['-0', 0],
    ['007', 7],
  ])('[VALUE-2] %s is understood', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('[VALUE-3] a comma that could be either is refused, unless it is known how decimals are written', () => {
    expect(read('1,234')).toBe('“1,234” could mean 1234 or 1.234: write one of these');
    expect(read('1,234', '.')).toBe(1234);
    expect(read('1,234', ',')).toBe(1.234);
    expect(read('1.234', ',')).toBe(1234);
  });

  test.each([
    '',
    'abc',
    '12abc',
    '1,23,4',
    '1.2.3',
    '1,2,3',
    '1,234.567,8',
    '1 2',
    '--1',
    'Infinity',
    'NaN',
    '0x10',
    '1e',
    ',',
    '$',
    '12,3456,789',
  ])('[VALUE-2] “%s” is refused', (text) => {
    expect(read(text)).toContain('is not a number');
  });

  test('[VALUE-2] digits that a number cannot keep are refused, not rounded', () => {
    expect(read('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(read('4111111111111111111')).toContain('more digits than a number can keep');
    expect(read('1e400')).toContain('too large');
  });
});
