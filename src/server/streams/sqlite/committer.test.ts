import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isStorageFull } from '../../database.ts';
import { Committer } from './committer.ts';

describe('group commit', () => {
  let database: DatabaseSync;
  let committer: Committer;

  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    committer = new Committer(database);
  });
  afterEach(() => database.close());

  const insert = (id: number | null, text: string | null) => () => {
    database.prepare('INSERT INTO notes VALUES (?, ?)').run(id, text);
    return text;
  };
  const notes = (): unknown[] =>
    database
      .prepare('SELECT text FROM notes ORDER BY id')
      .all()
      .map((row) => row['text']);

  test('work of the same moment shares a transaction', async () => {
    const values = await Promise.all(Array.from({ length: 100 }, (_, i) => committer.run(insert(null, `${i}`))));
    expect(values).toHaveLength(100);
    expect(notes()).toHaveLength(100);
    expect(committer.transactions).toBe(1);
  });

  test('nobody is told before the commit', async () => {
    const order: string[] = [];
    const first = committer
      .run(() => order.push('work 1'))
      .then(() => order.push(`told, in transaction: ${database.isTransaction}`));
    const second = committer.run(() => order.push('work 2'));
    await Promise.all([first, second]);
    expect(order).toEqual(['work 1', 'work 2', 'told, in transaction: false']);
  });

  test('a piece that fails fails alone, whether SQL or code threw', async () => {
    const outcomes = await Promise.allSettled([
      committer.run(insert(1, 'a')),
      committer.run(insert(1, 'same id')),
      committer.run(() => {
        insert(2, 'undone')();
        throw new Error('poisoned');
      }),
      committer.run(insert(3, 'b')),
      committer.run(insert(4, null)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(notes()).toEqual(['a', 'b']);
    expect(committer.transactions).toBe(1);
  });

  test('a full disk fails what does not fit and keeps what does', async () => {
    await committer.run(insert(0, 'first'));
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${pages + 4}`);
    const outcomes = await Promise.allSettled([
      committer.run(insert(1, 'small')),
      committer.run(insert(2, 'x'.repeat(1_000_000))),
      committer.run(insert(3, 'small too')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [, failed] = outcomes;
    expect(failed?.status === 'rejected' && isStorageFull(failed.reason)).toBe(true);
    expect(notes()).toEqual(['first', 'small', 'small too']);

    database.exec('PRAGMA max_page_count = 1000000');
    await committer.run(insert(2, 'x'.repeat(1_000_000)));
    expect(notes()).toHaveLength(4);
  });

  test('work that can wait goes with the next transaction, within its bounds', async () => {
    const patient = Promise.all(Array.from({ length: 300 }, (_, i) => committer.runSoon(insert(i + 1, 'can wait'))));
    expect(notes()).toEqual([]);
    await committer.run(insert(0, 'cannot'));
    expect(committer.transactions).toBe(1);
    expect(notes()).toHaveLength(256);
    await committer.run(insert(1_000, 'nor can this'));
    await patient;
    expect(committer.transactions).toBe(2);
    expect(notes()).toHaveLength(302);
  });

  test('work that can wait shares a transaction of its own after a second, or when all is committed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const patient = [committer.runSoon(insert(1, 'a')), committer.runSoon(insert(2, 'b'))];
      vi.advanceTimersByTime(999);
      expect(notes()).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(await Promise.all(patient)).toEqual(['a', 'b']);
      expect(committer.transactions).toBe(1);

      const stopping = committer.runSoon(insert(3, 'c'));
      committer.flush();
      expect(await stopping).toBe('c');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('work that can wait and comes too late is refused, and harms nobody', async () => {
    const late = committer.runSoon(insert(1, 'late'));
    database.close();
    database = new DatabaseSync(':memory:');
    committer.flush();
    await expect(late).rejects.toThrow(/finalized|not open/);
  });

  test('work that comes in larger numbers is spread over transactions', async () => {
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => committer.run(insert(i, 'x'))));
    expect(committer.transactions).toBe(4);
  });
});
