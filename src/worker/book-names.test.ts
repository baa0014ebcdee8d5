import { expect, test } from 'vitest';
import { booksAmong, FIRST_BOOK, logOf, nextBook } from './book-names.ts';

test('books are told from other files, and come in the order of their making', () => {
  const names = [
    '/book-10.db',
    '/book.db-wal',
    '/book-2.db',
    '/book.db',
    '/book-0.db',
    '/restore.db',
    '/book-2.db-wal',
  ];
  expect(booksAmong(names)).toEqual([FIRST_BOOK, '/book-2.db', '/book-10.db']);
  expect(nextBook(FIRST_BOOK)).toBe('/book-2.db');
  expect(nextBook('/book-10.db')).toBe('/book-11.db');
  expect(logOf(FIRST_BOOK)).toBe('/book.db-wal');
});
