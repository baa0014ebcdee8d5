import { expect, it } from 'vitest';
import { backupName, sizeWords } from './storage-words.ts';

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.0 KB'],
  [4_194_304, '4.2 MB'],
  [999_949, '1.0 MB'],
  [123_456_789, '123 MB'],
  [2_000_000_000_000_000, '2,000 TB'],
])('says %d bytes as %s', (bytes, expected) => {
  expect(sizeWords(bytes)).toBe(expected);
});

it('names a backup by the moment, so that names sort by age', () => {
  expect(backupName(new Date(2026, 10, 3, 9, 5))).toBe('daybook-2026-11-03-0905.sqlite');
});
