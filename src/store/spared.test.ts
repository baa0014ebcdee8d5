import { expect, test } from 'vitest';
import { BookGenerator } from '../testing/book-generator.ts';
import { openBook } from '../testing/open-book.ts';
import { countSpared } from './spared.ts';
import { appendEvents } from './event-log.ts';

test.each([
  [12_000, 12_000],
  [12_000, 18_000],
  [12_000, 48_000],
])(
  '[SNAP-7] of a book of imports and edits it is known within 3 % how many events are superseded (%i, %i)',
  (imported, events) => {
    const book = openBook();
    const made = [...new BookGenerator(7).history(Math.floor(imported / 9), events)];
    for (let at = 0; at < made.length; at += 5_000) {
      const batch = { events: made.slice(at, at + 5_000), bundleId: null, sender: null };
      book.db.transaction('normal', () => appendEvents(book.db, [batch]));
    }
    const newest = book.db.get<{ n: number }>('SELECT count(*) AS n FROM attributes')!.n;
    expect(Math.abs(countSpared(book.db) - (made.length - newest)) / made.length).toBeLessThan(0.03);
    book.db.close();
  },
);

test('[SNAP-7] an empty book spares nobody anything', () => {
  const book = openBook();
  book.db.run('DELETE FROM events');
  expect(countSpared(book.db)).toBe(0);
  book.db.close();
});
