/** How much of a large import went out is known, also after a restart. */
import { expect, test } from 'vitest';
import type { UserId } from '../core/ids.ts';
import { openTasks } from '../testing/open-book.ts';
import { readNumber } from './config.ts';
import type { SyncLink } from './store.ts';

function imported() {
  const book = openTasks();
  const userId = book.mint<UserId>();
  const { bookId, clientId } = book.store.identity();
  book.store.adoptBook(bookId, userId);
  const link: SyncLink = { bookId, clientId, userId };
  const { sync } = book.store;
  const make = (count: number) =>
    book.do({
      kind: 'createRecords',
      type: book.tasks,
      records: Array.from({ length: count }, (_, i) => ({
        id: book.mint(),
        values: book.byId({ title: `Task ${i}` }),
      })),
    });
  const next = () => {
    const bundle = sync.nextInOutbox() ?? (sync.seal(link, 1) > 0 ? sync.nextInOutbox() : null);
    if (!bundle) throw new Error('nothing waits');
    return bundle;
  };
  const acknowledge = () => sync.acknowledge(next().id, { epoch: 1, seq: sync.producer().seq + 1 });
  return { book, link, sync, make, next, acknowledge };
}

test('what went out since something waits is counted, and forgotten once nothing does', () => {
  const { book, sync, make, acknowledge } = imported();
  make(1_200);
  const all = sync.counts().waiting;
  expect(all).toBeGreaterThan(2_400);
  expect(sync.counts().sent).toBe(0);
  for (let bundles = 0; bundles < 2; bundles++) {
    acknowledge();
    const { waiting, sent } = sync.counts();
    expect(sent).toBeGreaterThan(0);
    expect(waiting + sent).toBe(all);
  }
  // It is on the disk: whoever opens the book again goes on with it.
  expect(readNumber(book.db, 'sent', 0)).toBe(sync.counts().sent);

  // What is written meanwhile belongs to it.
  make(1);
  const { waiting, sent } = sync.counts();
  expect(waiting + sent).toBe(all + 2);
  while (sync.counts().waiting > 0) acknowledge();
  expect(sync.counts().sent).toBe(0);
  make(1);
  expect(sync.counts()).toMatchObject({ waiting: 2, sent: 0 });
});

test('what is refused as the last ends the count', () => {
  const { sync, make, next, acknowledge } = imported();
  make(1_200);
  acknowledge();
  while (sync.counts().waiting > 0) sync.reject(next().id, 'No.');
  make(1);
  expect(sync.counts()).toMatchObject({ waiting: 2, sent: 0 });
});

test('[SYNC-4] where all is sent again, the count begins anew', () => {
  const { link, sync, make, acknowledge } = imported();
  make(1_200);
  const all = sync.counts().waiting;
  acknowledge();
  sync.resendAll(link);
  expect(sync.counts()).toMatchObject({ waiting: all, sent: 0 });
});
