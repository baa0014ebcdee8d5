import { expect, it } from 'vitest';
import { sizeWords } from './storage-words.ts';

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
