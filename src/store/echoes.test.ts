import { describe, expect, test } from 'vitest';
import type { UserId } from '../core/ids.ts';
import type { SyncLink } from '../sync/ports.ts';

import { canonicalDump } from '../testing/canonical-dump.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TestBook } from '../testing/test-book.ts';

function linked(): { book: TestBook; link: SyncLink } {
  const book = openTasks();
  const userId = book.mint<UserId>();
  const { bookId, clientId } = book.store.identity();
  book.store.adoptBook(bookId, userId);
  return { book, link: { bookId, clientId, userId } };
}

/** Seals, sends and returns the message; acknowledged or not. */
function send({ book, link }: ReturnType<typeof linked>, acknowledge = true): unknown {
  const { sync } = book.store;
  sync.seal(link, 1);
  const bundle = sync.nextInOutbox()!;
  sync.markTried(bundle.id);
  if (acknowledge) sync.acknowledge(bundle.id, { epoch: 1, seq: 1 });
  return JSON.parse(bundle.message);
}

describe('[SYNC-4] what the server has acknowledged', () => {
  test('is missed until it comes back in the stream', () => {
    const it = linked();
    const { sync } = it.book.store;
    const message = send(it);
    expect(sync.unechoed()).toBe(1);
    sync.apply({ messages: [message], cursor: 'a' }, it.book.clock.now());
    expect(sync.unechoed()).toBe(0);
  });

  test('may come back before the acknowledgement does', () => {
    const it = linked();
    const { sync } = it.book.store;
    const message = send(it, false);
    sync.apply({ messages: [message], cursor: 'a' }, it.book.clock.now());
    const { id, tried } = sync.nextInOutbox()!;
    expect(tried).toBe(true);
    sync.markTried(id);
    sync.acknowledge(id, { epoch: 1, seq: 1 });
    expect(sync.unechoed()).toBe(0);
  });

  test('is not missed any more once everything is queued again, and waits until it is sent', () => {
    const it = linked();
    const { sync } = it.book.store;
    send(it);
    const events = it.book.store.stats().events;
    expect(sync.counts().waiting).toBe(0);
    sync.resendAll(it.link);
    expect(sync.unechoed()).toBe(0);
    expect(sync.counts().waiting).toBe(events);
    sync.seal(it.link, 1);
    expect(sync.counts().waiting).toBe(events);
    sync.resendAll(it.link);
    expect(sync.counts().waiting).toBe(events);
  });

  test.each(['before it is sealed', 'after it was sealed under a name that is given up'])(
    'a log that is told everything again is told what left quarantine meanwhile: %s',
    (when) => {
      const it = linked();
      const { store } = it.book;
      const HOUR = 3_600_000;
      const fast = openTasks({ random: new SeededRandom(4) });
      fast.clock.advance(HOUR);
      fast.addTask({ title: 'in an hour' });
      fast.store.adoptBook(it.link.bookId, it.link.userId);
      const told = send({ book: fast, link: { ...it.link, clientId: fast.store.identity().clientId } });
      store.sync.apply({ messages: [told], cursor: 'a' }, it.book.clock.now());
      expect(store.sync.counts().quarantined).toBe(2);

      store.sync.resendAll(it.link);
      const sealed = when !== 'before it is sealed';
      if (sealed) while (store.sync.seal(it.link, 1) > 0);
      expect(store.sync.release(it.book.clock.now() + HOUR)).toBe(2);
      const link = sealed ? { ...it.link, clientId: store.newClient().clientId } : it.link;
      const messages: unknown[] = [];
      for (;;) {
        store.sync.seal(link, 1);
        const bundle = store.sync.nextInOutbox();
        if (!bundle) break;
        store.sync.markTried(bundle.id);
        store.sync.acknowledge(bundle.id, { epoch: 1, seq: messages.length + 1 });
        messages.push(JSON.parse(bundle.message));
      }
      const third = openBook({ random: new SeededRandom(5) });
      third.store.adoptBook(it.link.bookId, it.link.userId);
      third.store.sync.apply({ messages, cursor: 'b' }, it.book.clock.now() + HOUR);
      expect(canonicalDump(third.db)).toEqual(canonicalDump(it.book.db));
    },
  );
});
