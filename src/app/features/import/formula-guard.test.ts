import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { guardCell, unguardCell } from './formula-guard.ts';

const risky = fc
  .array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '＝', '1', 'a', ' ', '(', '"', ','), { maxLength: 8 })
  .map((signs) => signs.join(''));

test('comes off as it went on, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(risky, fc.string({ unit: 'grapheme' })), (text) => {
      expect(unguardCell(guardCell(text))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test('no guarded text begins as a formula does, but for numbers', () => {
  fc.assert(
    fc.property(risky, (text) => {
      expect(guardCell(text)).not.toMatch(/^[=@\t\r＝＋－＠]/);
      expect(guardCell(text)).not.toMatch(/^[+-].*[^\d\s().,/-]/);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
  ['-2+3', "'-2+3"],
  ["'=quoted", "''=quoted"],
  ['-5', '-5'],
  ['+44 20 7946 0018', '+44 20 7946 0018'],
  ['plain', 'plain'],
  ["'tis", "'tis"],
])('%s stands in a cell as %s', (text, cell) => {
  expect(guardCell(text)).toBe(cell);
});
