/** The book in the fixtures of src/store/fixtures: a bit of everything that a database can hold. */
import type { EntityId, Id, UserId } from '../core/ids.ts';
import type { Query } from '../core/query.ts';
import type { SqlDatabase } from '../store/database.ts';
import { openTasks } from './open-book.ts';
import { TaskBook } from './task-book.ts';
import type { TestBook } from './test-book.ts';
import { exchange, link, MemoryStream, push } from './two-devices.ts';
import { SeededRandom } from './seeded-random.ts';

/** Fills an empty database; the same each time for the same version of the app. */
export function makeFixtureBook(db: SqlDatabase): TaskBook {
  const book = new TaskBook({ db });
  const there = openTasks({ clock: book.clock, random: new SeededRandom(2), empty: true });
  const stream = new MemoryStream();
  const user = book.mint<UserId>();
  const { bookId } = book.store.identity();
  const ada = book.addPerson('Ada');
  const task = book.addTask({
    title: 'Ünï',
    notes: 'two\nlines',
    effort: 1.5,
    urgent: true,
    status: book.open,
    tags: [book.red],
    owner: ada,
  });
  book.do({
    kind: 'createRecords',
    type: book.tasks,
    sample: true,
    records: [{ id: book.mint(), values: book.byId({ title: 'A sample' }) }],
  });
  link(book, bookId, user);
  link(there, bookId, user);
  exchange(book, stream);
  exchange(there, stream);
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: book.fields.title, value: 'theirs' }] });
  there.do({ kind: 'namePerson', user: user as Id<string> as EntityId, name: 'Ada' });
  book.setTask(task, { title: 'ours' });
  push(there, stream);
  exchange(book, stream);
  book.store.sync.apply({ messages: ['what is this?'], cursor: 'a cursor' }, book.clock.now());
  book.do({ kind: 'deleteRecords', ids: [book.addTask({ title: 'gone' })] });
  const { clientId } = book.store.identity();
  book.store.sync.seal({ bookId, userId: user, clientId }, 1);
  book.store.sync.reject(book.store.sync.nextInOutbox()?.id ?? book.mint(), 'It was refused.');
  book.setTask(task, { effort: 2 });
  book.store.sync.seal({ bookId, userId: user, clientId }, 1);
  book.setTask(task, { effort: 3 });
  book.undo();
  return book;
}

/** Everything the book can be asked, and what sync would see of it. */
export function portrait(book: TestBook): unknown {
  const { types } = book.ask({ kind: 'schema' });
  const rows = types.flatMap((type) => book.ask({ kind: 'records', type: type.id, offset: 0, limit: 100 }).rows);
  const queries: Query[] = [
    { kind: 'schema' },
    ...types.map((type) => ({ kind: 'records', type: type.id, search: 'a', offset: 0, limit: 100 }) as const),
    ...rows.flatMap((row) => [
      { kind: 'record', id: row.id } as const,
      { kind: 'history', entityId: row.id, limit: 100 } as const,
    ]),
    { kind: 'activity', limit: 100 },
    { kind: 'trash', offset: 0, limit: 100 },
    { kind: 'conflicts', limit: 100 },
    { kind: 'undo' },
    { kind: 'people' },
  ];
  const { sync } = book.store;
  return JSON.parse(
    JSON.stringify({
      identity: book.store.identity(),
      answers: queries.map((query) => [query, book.ask(query)]),
      sync: [sync.counts(), sync.cursor(), sync.producer(), sync.nextInOutbox(), sync.clockOffset()],
    }),
  );
}
