import { expect, it } from 'vitest';
import { tintInList, tintOfWord } from './option-tint.ts';

it.each([
  ['Passed', 1],
  ['FAILED', 3],
  ['in_progress', 2],
  ['To do', 4],
  ['Harbour', 0],
])('gives %s tint %d', (name, tint) => {
  expect(tintOfWord(name)).toBe(tint);
});

it('sets neighbours in a list off from each other, all within the eight tints', () => {
  const tints = Array.from({ length: 20 }, (_, index) => tintInList('Place', index));
  expect(tints.every((tint, index) => tint !== tints[index + 1])).toBe(true);
  expect(tints.every((tint) => tint >= 0 && tint < 8)).toBe(true);
  expect(tintInList('Done', 3)).toBe(1);
});
