import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { UserId } from '../core/ids.ts';
import { openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';

test('[SYNC-7] what waits is counted as it is, whatever is sealed, acknowledged, queued again or undone in between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const random = new SeededRandom(seed);
      const book = openTasks();
      const other = openTasks({ clock: book.clock, random: new SeededRandom(2), empty: true });
      const stream = new MemoryStream();
      const user = book.mint<UserId>();
      const { bookId } = book.store.identity();
      for (const each of [book, other]) link(each, bookId, user);
      const task = book.addTask({ title: 'one', effort: 1 });
      for (const each of [book, other]) exchange(each, stream);
      const { sync } = book.store;
      const to = () => ({ ...book.store.identity(), userId: user });
      for (let turn = 0; turn < 40; turn++) {
        random.pick<() => unknown>([
          () =>
            book.execute({ kind: 'setValues', changes: [{ entityId: task, field: book.fields.effort, value: turn }] }),
          () => book.undo(true),
          () => sync.seal(to(), 1),
          () => sync.seal(to(), 1),
          () => exchange(book, stream),
          () =>
            void (
              other.do({ kind: 'createType', id: other.mint(), name: `${turn}`, fields: [] }),
              exchange(other, stream)
            ),
          () => random.chance(0.2) && sync.resendAll(to()),
          () => random.chance(0.2) && book.store.newClient(),
        ])();
        const unsealed = book.store.stats().unsealed;
        const counted = sync.counts().waiting;
        const own = book.db.get<{ n: number }>('SELECT coalesce(sum(own), 0) AS n FROM outbox')!.n;
        const resending = book.db.get(`SELECT 1 FROM config WHERE key = 'resend_through'`) !== null;
        expect(resending || counted === unsealed + own).toBe(true);
      }
      for (const each of [book, other]) each.db.close();
    }),
    { numRuns: 8 },
  );
});
