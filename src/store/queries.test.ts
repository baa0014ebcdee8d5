import { describe, expect, test } from 'vitest';
import { openTasks } from '../testing/open-book.ts';
import type { Filter, Query, Sort } from '../core/query.ts';
import type { EntityId } from '../core/ids.ts';
import type { JsonValue } from '../core/value.ts';
import { type TaskBook, type TaskField } from '../testing/task-book.ts';

const titles = (book: TaskBook, query: Partial<Extract<Query, { kind: 'records' }>>): JsonValue[] =>
  book
    .ask({ kind: 'records', type: book.tasks, offset: 0, limit: 100, ...query })
    .rows.map((row) => row.values[book.fields.title] ?? null);

/** Both ways to get there: the first page by itself, and the pages of a whole order. */
function sorted(book: TaskBook, field: TaskField, direction: Sort['direction']): JsonValue[] {
  const sort = { field: book.fields[field], direction };
  const first = titles(book, { sort });
  const paged = [...titles(book, { sort, offset: 1 })];
  expect(paged).toEqual(first.slice(1));
  expect(titles(book, { sort, limit: 1 })).toEqual(first.slice(0, 1));
  return first;
}

describe('a sorted table', () => {
  test.each<[TaskField, JsonValue[], number[]]>([
    ['effort', [10, 9, null, -1, 100], [3, 1, 0, 4, 2]],
    ['due', ['2026-03-01', '2025-12-31', '2026-02-28', null], [1, 2, 0, 3]],
    ['at', ['2026-03-01T10:00:00.000Z', '2026-03-01T09:00:00.000Z', null], [1, 0, 2]],
    ['notes', ['banana', 'Apple', 'cherry', null, 'apple pie'], [1, 4, 0, 2, 3]],
    ['urgent', [true, null, false, true], [1, 2, 0, 3]],
    ['mail', ['b@x.org', null, 'A@x.org'], [2, 0, 1]],
    ['notes', ['zebra', 'Über', 'ubi', 'Éclair', 'eclipse', null, 'ähnlich'], [6, 3, 4, 1, 2, 0, 5]],
  ])('puts %s in order, empty ones last', (field, values, expected) => {
    const book = openTasks();
    values.forEach((value, i) => book.addTask({ title: `${i}`, [field]: value }));
    const up = expected.map(String);
    expect(sorted(book, field, 'ascending')).toEqual(up);
    const filled = (title: JsonValue): boolean => field === 'urgent' || values[Number(title)] !== null;
    const ties =
      field === 'urgent'
        ? ['0', '3', '1', '2']
        : [...up.filter(filled).toReversed(), ...up.filter((title) => !filled(title))];
    expect(sorted(book, field, 'descending')).toEqual(ties);
  });

  test('puts options in the order of the field, links in that of their titles', () => {
    const book = openTasks();
    const [zoe, ada] = [book.addPerson('Zoe'), book.addPerson('ada')];
    book.addTask({ title: 'done', status: book.done, tags: [book.blue], owner: zoe });
    book.addTask({ title: 'none' });
    book.addTask({ title: 'open', status: book.open, tags: [book.red, book.blue], owner: ada });
    for (const field of ['status', 'tags', 'owner'] as const) {
      expect(sorted(book, field, 'ascending')).toEqual(['open', 'done', 'none']);
      expect(sorted(book, field, 'descending')).toEqual(['done', 'open', 'none']);
    }
  });

  test('keeps the order of making where values are equal', () => {
    const book = openTasks();
    for (let i = 0; i < 30; i++) book.addTask({ title: `${i}`, effort: i % 2 });
    const even = Array.from({ length: 15 }, (_, i) => `${i * 2}`);
    expect(sorted(book, 'effort', 'ascending').slice(0, 15)).toEqual(even);
  });

  test('follows edits, also of what it is not sorted by', () => {
    const book = openTasks();
    const a = book.addTask({ title: 'a', effort: 1 });
    const b = book.addTask({ title: 'b', effort: 2 });
    expect(sorted(book, 'effort', 'ascending')).toEqual(['a', 'b']);
    book.setTask(b, { effort: 0 });
    expect(sorted(book, 'effort', 'ascending')).toEqual(['b', 'a']);
    book.setTask(a, { title: 'A' });
    expect(sorted(book, 'effort', 'ascending')).toEqual(['b', 'A']);
    book.do({ kind: 'deleteRecords', ids: [b] });
    expect(sorted(book, 'effort', 'ascending')).toEqual(['A']);
    book.do({ kind: 'restoreRecords', ids: [b] });
    expect(sorted(book, 'effort', 'ascending')).toEqual(['b', 'A']);
  });

  test('sorted by a link, follows the title of the target', () => {
    const book = openTasks();
    const [zoe, ada] = [book.addPerson('Zoe'), book.addPerson('Ada')];
    book.addTask({ title: 'z', owner: zoe });
    book.addTask({ title: 'a', owner: ada });
    expect(sorted(book, 'owner', 'ascending')).toEqual(['a', 'z']);
    book.do({ kind: 'setValues', changes: [{ entityId: zoe, field: book.personName, value: 'Aaron' }] });
    expect(sorted(book, 'owner', 'ascending')).toEqual(['z', 'a']);
  });
});

describe('filters', () => {
  function filled(): TaskBook & { matching(...filters: Filter[]): JsonValue[]; f(field: TaskField): EntityId } {
    const book = openTasks();
    const ada = book.addPerson('Ada Lovelace');
    book.addTask({
      title: 'alpha',
      effort: 1,
      due: '2026-01-01',
      status: book.open,
      tags: [book.red],
      urgent: true,
      owner: ada,
    });
    book.addTask({
      title: 'Beta',
      effort: 20,
      due: '2026-02-01',
      status: book.done,
      tags: [book.red, book.blue],
      urgent: false,
    });
    book.addTask({ title: 'gamma', at: '2026-01-01T23:30:00.000Z', notes: 'two\nlines' });
    return Object.assign(book, {
      matching: (...filters: Filter[]) => titles(book, { filters }),
      f: (field: TaskField) => book.fields[field],
    });
  }

  test('by equality, whatever the case of text', () => {
    const book = filled();
    expect(book.matching({ field: book.f('title'), test: 'is', value: 'ALPHA' })).toEqual(['alpha']);
    expect(book.matching({ field: book.f('title'), test: 'isNot', value: 'alpha' })).toEqual(['Beta', 'gamma']);
    expect(book.matching({ field: book.f('effort'), test: 'is', value: 20 })).toEqual(['Beta']);
    expect(book.matching({ field: book.f('status'), test: 'isNot', value: book.done })).toEqual(['alpha', 'gamma']);
    expect(book.matching({ field: book.f('tags'), test: 'is', value: book.red })).toEqual(['alpha', 'Beta']);
    expect(book.matching({ field: book.f('tags'), test: 'is', value: [book.red] })).toEqual(['alpha']);
    expect(book.matching({ field: book.f('urgent'), test: 'is', value: false })).toEqual(['Beta', 'gamma']);
    expect(book.matching({ field: book.f('due'), test: 'is', value: null })).toEqual(['gamma']);
  });

  test('by what is empty', () => {
    const book = filled();
    expect(book.matching({ field: book.f('status'), test: 'empty' })).toEqual(['gamma']);
    expect(book.matching({ field: book.f('status'), test: 'notEmpty' })).toEqual(['alpha', 'Beta']);
    const [alpha] = book.tasksNow();
    if (alpha) book.setTask(alpha.id, { status: null });
    expect(book.matching({ field: book.f('status'), test: 'empty' })).toEqual(['alpha', 'gamma']);
  });

  test('by what is in a text, an option name or a title', () => {
    const book = filled();
    expect(book.matching({ field: book.f('title'), test: 'contains', value: 'ET' })).toEqual(['Beta']);
    expect(book.matching({ field: book.f('title'), test: 'contains', value: '%' })).toEqual([]);
    expect(book.matching({ field: book.f('notes'), test: 'contains', value: 'lines' })).toEqual(['gamma']);
    expect(book.matching({ field: book.f('status'), test: 'contains', value: 'ope' })).toEqual(['alpha']);
    expect(book.matching({ field: book.f('tags'), test: 'contains', value: 'blue' })).toEqual(['Beta']);
    expect(book.matching({ field: book.f('owner'), test: 'contains', value: 'love' })).toEqual(['alpha']);
    expect(book.matching({ field: book.f('owner'), test: 'contains', value: 'hate' })).toEqual([]);
  });

  test('by what is in a text, whatever the accents', () => {
    const book = filled();
    book.addTask({ title: 'Café au lait', owner: book.addPerson('Zoë') });
    const { title, owner } = book.fields;
    expect(book.matching({ field: title, test: 'contains', value: 'CAFE' })).toEqual(['Café au lait']);
    expect(book.matching({ field: title, test: 'contains', value: 'fé' })).toEqual(['Café au lait']);
    expect(book.matching({ field: title, test: 'contains', value: 'álph' })).toEqual(['alpha']);
    expect(book.matching({ field: owner, test: 'contains', value: 'zoe' })).toEqual(['Café au lait']);
  });

  test('by bounds; a moment is within the day it is on', () => {
    const book = filled();
    expect(book.matching({ field: book.f('effort'), test: 'atLeast', value: 2 })).toEqual(['Beta']);
    expect(book.matching({ field: book.f('effort'), test: 'atMost', value: 1 })).toEqual(['alpha']);
    expect(book.matching({ field: book.f('due'), test: 'atMost', value: '2026-01-31' })).toEqual(['alpha']);
    expect(book.matching({ field: book.f('at'), test: 'atMost', value: '2026-01-01' })).toEqual(['gamma']);
    expect(book.matching({ field: book.f('at'), test: 'atLeast', value: '2026-01-01' })).toEqual(['gamma']);
    expect(book.matching({ field: book.f('at'), test: 'atLeast', value: '2026-01-02' })).toEqual([]);
  });

  test('all hold together, with a sort, a total and pages', () => {
    const book = filled();
    const query = {
      kind: 'records',
      type: book.tasks,
      filters: [
        { field: book.f('status'), test: 'notEmpty' },
        { field: book.f('effort'), test: 'atLeast', value: 1 },
      ],
      sort: { field: book.f('effort'), direction: 'descending' },
    } as const;
    const page = (offset: number) => book.ask({ ...query, offset, limit: 1 });
    expect([page(0).total, page(0).rows[0]?.values[book.f('title')], page(1).rows[0]?.values[book.f('title')]]).toEqual(
      [2, 'Beta', 'alpha'],
    );
    expect(page(2)).toEqual({ total: 2, offset: 2, rows: [] });
  });

  test('on a field that is not there let nothing through', () => {
    const book = filled();
    expect(book.matching({ field: book.mint(), test: 'empty' })).toEqual([]);
  });
});

describe('search', () => {
  test('finds parts of words in any field, in any order, without regard to case or accents', () => {
    const book = openTasks();
    book.addTask({ title: 'Über die Brücke', notes: 'Straße', mail: 'ada@example.org' });
    book.addTask({ title: 'Invoice 4711', effort: 12.5, due: '2026-11-23' });
    const found = (search: string): JsonValue[] => titles(book, { search });
    expect(found('BRUCKE uber')).toEqual(['Über die Brücke']);
    expect(found('rück')).toEqual(['Über die Brücke']);
    expect(found('example')).toEqual(['Über die Brücke']);
    expect(found('471')).toEqual(['Invoice 4711']);
    expect(found('12.5')).toEqual(['Invoice 4711']);
    expect(found('2026-11')).toEqual(['Invoice 4711']);
    expect(found('invoice brucke')).toEqual([]);
    expect(found('  ')).toHaveLength(2);
    expect(found("'; DROP TABLE events; --")).toEqual([]);
  });

  test('finds options by name, and not by what their ids look like', () => {
    const book = openTasks();
    book.addTask({ title: 'one', status: book.done, tags: [book.blue] });
    book.addTask({ title: 'two', status: book.open });
    expect(titles(book, { search: 'done' })).toEqual(['one']);
    expect(titles(book, { search: 'one blue' })).toEqual(['one']);
    expect(titles(book, { search: book.done.slice(0, 8) })).toEqual([]);
  });

  test('follows edits, the Trash and undo', () => {
    const book = openTasks();
    const id = book.addTask({ title: 'before' });
    book.setTask(id, { title: 'after' });
    expect([titles(book, { search: 'before' }), titles(book, { search: 'after' })]).toEqual([[], ['after']]);
    book.undo();
    expect([titles(book, { search: 'before' }), titles(book, { search: 'after' })]).toEqual([['before'], []]);
    book.do({ kind: 'deleteRecords', ids: [id] });
    expect(titles(book, { search: 'before' })).toEqual([]);
    expect(book.ask({ kind: 'search', text: 'before', limit: 5 }).hits).toEqual([]);
  });

  test('over all types gives titles and an excerpt around the word', () => {
    const book = openTasks();
    const person = book.addPerson('Ada Needle');
    const notes = `${'hay '.repeat(30)}NEEDLE ${'hay '.repeat(60)}`;
    const task = book.addTask({ title: 'Stack', notes });
    const { hits } = book.ask({ kind: 'search', text: 'needle', limit: 5 });
    expect(hits.map(({ id, type, title }) => [id, type, title])).toEqual([
      [task, book.tasks, 'Stack'],
      [person, book.people, 'Ada Needle'],
    ]);
    expect(hits[0]?.excerpt).toMatch(/^….*NEEDLE.*…$/);
    expect(hits[1]?.excerpt).toBe('');
  });
});

describe('history', () => {
  test('tells what stood before, whether it is current, and the words for ids', () => {
    const book = openTasks();
    const ada = book.addPerson('Ada');
    const id = book.addTask({ title: 'T', status: book.open });
    book.setTask(id, { status: book.done, owner: ada, tags: [book.red] });
    const { changes, next } = book.ask({ kind: 'history', entityId: id, limit: 50 });
    expect(next).toBeNull();
    const of = (field: TaskField) => changes.filter((change) => change.attribute === book.attribute(field));
    expect(
      of('status').map(({ value, before, current, fieldName, fieldKind, words }) => ({
        value,
        before,
        current,
        fieldName,
        fieldKind,
        words,
      })),
    ).toEqual([
      {
        value: book.done,
        before: book.open,
        current: true,
        fieldName: 'Status',
        fieldKind: 'select',
        words: { [book.done]: 'Done', [book.open]: 'Open' },
      },
      {
        value: book.open,
        before: null,
        current: false,
        fieldName: 'Status',
        fieldKind: 'select',
        words: { [book.open]: 'Open' },
      },
    ]);
    expect(of('owner')[0]?.words).toEqual({ [ada]: 'Ada' });
    expect(of('tags')[0]?.words).toEqual({ [book.red]: 'Red' });
    expect(changes.at(-1)).toMatchObject({
      attribute: 'type',
      value: book.tasks,
      words: { [book.tasks]: 'Tasks' },
      fieldName: null,
    });
  });

  test('comes in pages that lose nothing, also where one transaction changed several attributes', () => {
    const book = openTasks();
    const id = book.addTask({ title: 'T', effort: 0, notes: 'n' });
    for (let i = 1; i <= 5; i++) book.setTask(id, { title: `T${i}`, effort: i, notes: `n${i}` });
    const whole = book.ask({ kind: 'history', entityId: id, limit: 1_000 }).changes.map((change) => change.eventId);
    expect(whole).toHaveLength(19);
    for (const limit of [1, 2, 3, 4, 7, 18, 19]) {
      const pages: string[] = [];
      let before: { before?: (typeof page)['next'] & string } = {};
      let page = book.ask({ kind: 'history', entityId: id, limit });
      for (;;) {
        pages.push(...page.changes.map((change) => change.eventId));
        if (page.next === null) break;
        before = { before: page.next };
        page = book.ask({ kind: 'history', entityId: id, limit, ...before });
      }
      expect(pages).toEqual(whole);
    }
  });

  test('of the whole book is a list of transactions with titles', () => {
    const book = openTasks();
    const a = book.addTask({ title: 'A' });
    const b = book.addTask({ title: 'B' });
    book.do({
      kind: 'setValues',
      changes: [a, b].map((entityId) => ({ entityId, field: book.fields.effort, value: 3 })),
    });
    const first = book.ask({ kind: 'activity', limit: 2 });
    expect(first.transactions).toMatchObject([
      {
        events: 2,
        entities: 2,
        clientId: book.store.identity().clientId,
        changes: [
          { title: 'A', type: book.tasks, fieldName: 'Effort', value: 3, before: null },
          { title: 'B', type: book.tasks, fieldName: 'Effort', value: 3, before: null },
        ],
      },
      { events: 2, entities: 1 },
    ]);
    const before = first.next;
    if (before === null) throw new Error('there is more');
    const rest = book.ask({ kind: 'activity', limit: 50, before });
    expect(rest.transactions.map((each) => each.entities)).toEqual([1, 11, 2]);
    expect(rest.transactions.at(-1)?.changes[0]).toMatchObject({ title: 'People', type: null });
    expect(rest.next).toBeNull();
  });
});

test('a record that does not exist has no answer, and neither has a type', () => {
  const book = openTasks();
  expect(book.ask({ kind: 'record', id: book.mint() })).toBeNull();
  expect(book.ask({ kind: 'record', id: book.tasks })).toBeNull();
});

test('the Trash shows the last deleted first, with who deleted it', () => {
  const book = openTasks();
  const ids = [book.addTask({ title: 'a' }), book.addTask({ title: 'b' }), book.addTask({})];
  for (const id of ids) book.do({ kind: 'deleteRecords', ids: [id] });
  const page = book.ask({ kind: 'trash', offset: 1, limit: 1 });
  expect(page).toMatchObject({
    total: 3,
    offset: 1,
    rows: [{ id: ids[1], title: 'b', deletedBy: book.store.identity().clientId }],
  });
});

test('what differs since a moment can be asked of some records alone, and is counted beyond what is listed', () => {
  const book = openTasks();
  const ids = ['a', 'b', 'c'].map((title) => book.addTask({ title, effort: 1 }));
  const then = { at: book.ask({ kind: 'timeline' }).last!, reading: 'dated' } as const;
  book.clock.advance(1_000);
  const changes = ids.flatMap((entityId) => [
    { entityId, field: book.fields.title, value: 'changed' },
    { entityId, field: book.fields.effort, value: 2 },
  ]);
  book.do({ kind: 'setValues', changes });
  const of = (...entityIds: readonly EntityId[]) => book.ask({ kind: 'diff', then, now: null, entityIds, limit: 3 });
  expect(of(ids[0]!, ids[2]!)).toMatchObject({
    total: 4,
    changes: [{ entityId: ids[2] }, { entityId: ids[2] }, { entityId: ids[0] }],
  });
  expect(new Map(of(ids[1]!).changes.map(({ fieldName, before, after }) => [fieldName, [before, after]]))).toEqual(
    new Map<string, JsonValue[]>([
      ['Title', ['b', 'changed']],
      ['Effort', [1, 2]],
    ]),
  );
  expect(of()).toEqual({ total: 0, changes: [] });
});
