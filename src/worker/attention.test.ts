import { expect, test } from 'vitest';
import { BreakingDatabase } from '../testing/breaking-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook } from '../testing/open-book.ts';
import { Attention } from './attention.ts';

function bookWith(rubbish: number) {
  const db = new BreakingDatabase(new NodeSqlite());
  const book = openBook({ db });
  const messages = Array.from({ length: rubbish }, (_, i) => `rubbish ${i}`);
  book.store.sync.apply({ messages, cursor: '1' }, book.clock.now());
  const turns: string[] = [];
  const attention = new Attention({
    store: book.store.attention,
    changed: () => void turns.push('changed'),
    breathe: async () => void turns.push('breathe'),
  });
  return { db, book, attention, turns };
}

test('[ATTENTION-2] everything of a kind is tried, with turns for everybody else in between', async () => {
  const { attention, turns } = bookWith(45);
  expect(await attention.retry('unreadable', null)).toEqual({ ok: true, value: { settled: 0, left: 45 } });
  expect(turns.join(' ')).toBe('changed breathe changed breathe changed');
});

test('[ATTENTION-2] [ATTENTION-3] [ATTENTION-4] what the storage refuses is an answer; nothing is thrown', async () => {
  const { db, book, attention } = bookWith(1);
  const failed = (message: RegExp) => ({
    ok: false,
    error: { kind: 'storage', message: expect.stringMatching(message) as string },
  });
  db.arm({ at: 0, by: 'full' });
  expect(attention.discard('unreadable', null)).toEqual(failed(/^Storage is full\. Nothing was changed\.$/));
  db.arm({ at: 0, by: 'io' });
  expect(await attention.retry('unreadable', null)).toEqual(failed(/./));
  db.arm({ at: 0, by: 'io' });
  expect(attention.export('unreadable', null, 0)).toEqual(failed(/./));
  db.arm(null);
  expect(book.ask({ kind: 'attention', limit: 1 }).groups).toMatchObject([{ kind: 'unreadable', total: 1 }]);
  expect(attention.discard('unreadable', null)).toEqual({ ok: true, value: 1 });
});
