import { expect, test } from 'vitest';
import type { Query } from '../../core/query.ts';
import type { JsonValue } from '../../core/value.ts';
import { openTasks } from '../../testing/open-book.ts';
import type { TaskBook, TaskField } from '../../testing/task-book.ts';

type GroupsQuery = Extract<Query, { kind: 'groups' }>;

function groups(
  book: TaskBook,
  field: TaskField,
  query: Partial<GroupsQuery> = {},
): [JsonValue, string | null, number][] {
  const answer = book.ask({ kind: 'groups', type: book.tasks, field: book.fields[field], limit: 100, ...query });
  return answer.groups.map(({ value, name, records }) => [value, name, records]);
}

test('numbers, dates and ticks as such, the empty value last', () => {
  const book = openTasks();
  for (const effort of [10, 9, -1, 9, null, 100, null])
    book.addTask({ effort, due: effort === 9 ? '2026-02-01' : null });
  book.addTask({ due: '2025-12-31', urgent: true });
  expect(groups(book, 'effort')).toEqual([[-1, null, 1], [9, null, 2], [10, null, 1], [100, null, 1], [null, null, 3]]); // prettier-ignore
  expect(groups(book, 'due')).toEqual([['2025-12-31', null, 1], ['2026-02-01', null, 2], [null, null, 5]]); // prettier-ignore
  expect(groups(book, 'urgent')).toEqual([[false, null, 7], [true, null, 1]]); // prettier-ignore
});

test('texts by their letters; those that differ in case alone are one group, as for the filter', () => {
  const book = openTasks();
  for (const title of ['zebra', 'Über', 'ubi', 'APPLE', 'apple', 'apple pie']) book.addTask({ title });
  const found = groups(book, 'title');
  expect(found).toEqual([['APPLE', null, 2], ['apple pie', null, 1], ['Über', null, 1], ['ubi', null, 1], ['zebra', null, 1]]); // prettier-ignore
  for (const [value, , records] of found) {
    const filters = [{ field: book.fields.title, test: 'is', value }] as const;
    expect(book.ask({ kind: 'records', type: book.tasks, filters, offset: 0, limit: 9 }).total).toBe(records);
  }
});

test('options in their order and by name, several of a record each by itself; links by title', () => {
  const book = openTasks();
  const [zoe, ada] = [book.addPerson('Zoë'), book.addPerson('Ada')];
  book.addTask({ status: book.done, tags: [book.red, book.blue], owner: zoe });
  book.addTask({ status: book.open, tags: [book.blue] });
  book.addTask({ status: book.done, owner: ada });
  expect(groups(book, 'status')).toEqual([[book.open, 'Open', 1], [book.done, 'Done', 2]]); // prettier-ignore
  expect(groups(book, 'tags')).toEqual([[book.red, 'Red', 1], [book.blue, 'Blue', 2], [null, null, 1]]); // prettier-ignore
  expect(groups(book, 'owner')).toEqual([[ada, 'Ada', 1], [zoe, 'Zoë', 1], [null, null, 1]]); // prettier-ignore
});

test('of a table that is narrowed, without what lies in the Trash; as many as were asked for', () => {
  const book = openTasks();
  const gone = book.addTask({ title: 'one', effort: 1 });
  for (const effort of [1, 2, 3, 4]) book.addTask({ title: effort > 2 ? 'large' : 'small', effort });
  book.do({ kind: 'deleteRecords', ids: [gone] });
  expect(groups(book, 'effort', { search: 'small' })).toEqual([[1, null, 1], [2, null, 1]]); // prettier-ignore
  const filters = [{ field: book.fields.effort, test: 'atLeast', value: 2 }] as const;
  expect(groups(book, 'title', { filters })).toEqual([['large', null, 2], ['small', null, 1]]); // prettier-ignore
  const answer = book.ask({ kind: 'groups', type: book.tasks, field: book.fields.effort, limit: 2 });
  expect([answer.total, answer.groups.length]).toEqual([4, 2]);
  expect(book.ask({ kind: 'groups', type: book.tasks, field: book.mint(), limit: 2 })).toEqual({
    total: 0,
    groups: [],
  });
});

test('are answered again after whatever may change them', () => {
  const book = openTasks();
  const id = book.addTask({ title: 'a' });
  const told: string[] = [];
  const query = { kind: 'groups', type: book.tasks, field: book.fields.status, limit: 9 } as const;
  book.store.subscriptions.add(query, (answer) => told.push(answer));
  const changes = [
    () => book.setTask(id, { status: book.open }),
    () => book.do({ kind: 'deleteRecords', ids: [id] }),
    () => book.do({ kind: 'restoreRecords', ids: [id] }),
  ];
  for (const change of changes) {
    change();
    book.store.subscriptions.refresh();
    expect(told.at(-1)).toBe(book.store.answer(query));
  }
  expect(told).toHaveLength(4);
});
