/**
 * Which file of the pool is the book. Files keep their names: a repair makes the next one, and with its last commit that is
 * the book; those before it are set aside.
 */
const NAME = /^\/book(?:-([1-9]\d*))?\.db$/;

/** The first book of a device. */
export const FIRST_BOOK = '/book.db';

export const logOf = (name: string): string => `${name}-wal`;

/** Names of books among those of files, the newest last. */
export function booksAmong(names: readonly string[]): string[] {
  return names.filter((name) => NAME.test(name)).toSorted((a, b) => numberOf(a) - numberOf(b));
}

/** The name of the book that is made of this one. */
export function nextBook(name: string): string {
  return `/book-${numberOf(name) + 1}.db`;
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1] ?? 1);
}
