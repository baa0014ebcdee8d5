import { expect, test } from 'vitest';
import { openBook, openTasks } from '../testing/open-book.ts';
import { type TestBook } from '../testing/test-book.ts';
import type { AnswerOf, Query } from '../core/query.ts';
import type { UserId } from '../core/ids.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';

import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';

/** Answers as a listener gets them. */
function listen<Q extends Query>(book: TestBook, query: Q): { answers: AnswerOf<Q>[]; stop: () => void } {
  const answers: AnswerOf<Q>[] = [];
  const number = book.store.subscriptions.add(query, (answer) => answers.push(JSON.parse(answer) as AnswerOf<Q>));
  return { answers, stop: () => book.store.subscriptions.remove(number) };
}

const table = (book: TaskBook) => ({ kind: 'records', type: book.tasks, offset: 0, limit: 10 }) as const;

test('a listener hears the answer at once, then each other answer, once a refresh', () => {
  const book = openTasks();
  book.store.subscriptions.refresh();
  const { answers } = listen(book, table(book));
  expect(answers).toHaveLength(1);
  const id = book.addTask({ title: 'one' });
  book.setTask(id, { title: 'two' });
  expect(answers).toHaveLength(1);
  expect(book.store.subscriptions.stale).toBe(true);
  book.store.subscriptions.refresh();
  expect(answers.map((answer) => answer.total)).toEqual([0, 1]);
  expect(answers[1]?.rows[0]?.values).toEqual(book.byId({ title: 'two' }));
  expect(book.store.subscriptions.stale).toBe(false);
  book.store.subscriptions.refresh();
  expect(answers).toHaveLength(2);
});

test('nobody hears of what does not change their answer', () => {
  const book = openTasks();
  const a = book.addTask({ title: 'a' });
  const b = book.addTask({ title: 'b' });
  book.store.subscriptions.refresh();
  const record = listen(book, { kind: 'record', id: a });
  const schema = listen(book, { kind: 'schema' });
  const people = listen(book, { ...table(book), type: book.people });
  book.setTask(b, { title: 'B' });
  book.setTask(b, { title: 'b' });
  book.store.subscriptions.refresh();
  expect([record.answers.length, schema.answers.length, people.answers.length]).toEqual([1, 1, 1]);
  book.setTask(a, { effort: 4 });
  book.store.subscriptions.refresh();
  expect([record.answers.length, schema.answers.length, people.answers.length]).toEqual([2, 1, 1]);
});

test('who has stopped listening hears nothing more, not even when they stop while others are told', () => {
  const book = openTasks();
  const second: { stop?: () => void } = {};
  book.store.subscriptions.add(table(book), () => second.stop?.());
  const heard = listen(book, { ...table(book), limit: 5 });
  second.stop = heard.stop;
  book.addTask({ title: 'x' });
  book.store.subscriptions.refresh();
  expect(heard.answers).toHaveLength(1);
});

test('live answers are what a fresh question would be answered, whatever happens', () => {
  const random = new SeededRandom(20);
  const book = openTasks();
  const there = openBook({ clock: book.clock, random: new SeededRandom(3) });
  const { bookId } = book.store.identity();
  const user = book.mint<UserId>();
  const stream = new MemoryStream();
  const ada = book.addPerson('Ada');
  const ids = Array.from({ length: 5 }, (_, i) => book.addTask({ title: `t${i}`, owner: ada, effort: i }));
  const queries: Query[] = [
    { kind: 'schema' },
    table(book),
    { ...table(book), type: book.people },
    { ...table(book), sort: { field: book.fields.effort, direction: 'ascending' } },
    { ...table(book), offset: 1, sort: { field: book.fields.owner, direction: 'descending' } },
    { ...table(book), search: 'open' },
    { ...table(book), search: 't1' },
    { ...table(book), filters: [{ field: book.fields.owner, test: 'contains', value: 'ad' }] },
    { ...table(book), filters: [{ field: book.fields.effort, test: 'atLeast', value: 2 }] },
    ...ids.map((id) => ({ kind: 'record', id }) as const),
    ...ids.map((entityId) => ({ kind: 'history', entityId, limit: 20 }) as const),
    { kind: 'activity', limit: 5 },
    { kind: 'trash', offset: 0, limit: 5 },
    { kind: 'conflicts', limit: 5 },
    { kind: 'undo' },
    { kind: 'people' },
    { kind: 'search', text: 't', limit: 5 },
    { kind: 'backlinks', id: ada, offset: 0, limit: 5 },
    { kind: 'backlinks', id: book.mint(), offset: 0, limit: 5 },
    { kind: 'groups', type: book.tasks, field: book.fields.status, limit: 5 },
    { kind: 'groups', type: book.tasks, field: book.fields.owner, search: 't', limit: 5 },
    { kind: 'preparing' },
  ];
  const live = queries.map((query) => ({ query, ...listen(book, query) }));
  const edit = (who: TestBook): void => {
    const id = random.pick(ids);
    const change = random.below(8);
    if (change === 0) who.execute({ kind: 'deleteRecords', ids: [id] });
    else if (change === 1) who.execute({ kind: 'restoreRecords', ids: [id] });
    else if (change === 2)
      who.execute({
        kind: 'setValues',
        changes: [{ entityId: ada, field: book.personName, value: `Ada ${random.below(3)}` }],
      });
    else if (change === 3)
      who.execute({ kind: 'changeField', id: book.fields.title, name: `Title ${random.below(3)}` });
    else if (change === 4)
      who.execute({
        kind: 'setValues',
        changes: [{ entityId: id, field: book.fields.status, value: random.pick([book.open, book.done, null]) }],
      });
    else if (change === 5) who.undo(true);
    else if (change === 6)
      who.execute({
        kind: 'setValues',
        changes: [{ entityId: id, field: book.fields.owner, value: random.pick([ada, null]) }],
      });
    else
      who.execute({
        kind: 'setValues',
        changes: [{ entityId: id, field: book.fields.effort, value: random.below(5) }],
      });
  };
  const acts: (() => void)[] = [
    () => edit(book),
    () => edit(book),
    () => edit(book),
    () => edit(there),
    () => edit(there),
    () => void exchange(book, stream),
    () => void exchange(there, stream),
    () => void push(book, stream),
    () =>
      void book.execute({
        kind: 'setOption',
        field: book.fields.status,
        option: book.open,
        value: { name: random.pick(['Open', 'Ajar']), tint: 1 },
      }),
  ];
  link(book, bookId, user);
  link(there, bookId, user);
  exchange(book, stream);
  exchange(there, stream);
  for (let i = 0; i < 300; i++) {
    random.pick(acts)();
    if (random.chance(0.3)) book.store.subscriptions.refresh();
    if (i % 20 !== 0) continue;
    book.store.subscriptions.refresh();
    // A second store on the same database has kept nothing from before.
    const fresh = openBook({ db: book.db, clock: book.clock, random: new SeededRandom(99) });
    for (const { query, answers } of live) expect([query, answers.at(-1)]).toEqual([query, fresh.ask(query)]);
  }
});
