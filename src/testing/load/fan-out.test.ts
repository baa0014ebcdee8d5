import { expect, test } from 'vitest';
import { readersOf } from './fan-out.ts';

test.each([
  [1, 10],
  [3, 9],
  [100, 1_000],
  [1_000, 5_000],
])('%i books: %i readers are each in one process, and of every book, evenly', (books, readers) => {
  const [first, second] = [readersOf(0, { books, readers }), readersOf(1, { books, readers })];
  const all = [...first, ...second];
  expect(new Set(all).size).toBe(readers);
  // The first device of each book writes.
  expect(Math.min(...all)).toBe(books);
  const inBook = (devices: readonly number[], book: number): number => devices.filter((d) => d % books === book).length;
  for (const book of [0, books - 1]) {
    expect(inBook(all, book)).toBe(readers / books);
    expect(Math.abs(inBook(first, book) - inBook(second, book))).toBeLessThanOrEqual(1);
  }
});
