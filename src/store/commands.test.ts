import { describe, expect, test } from 'vitest';
import { openBook, openTasks } from '../testing/open-book.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import type { Command } from '../core/command.ts';
import type { AttributeName } from '../core/event.ts';
import type { CommandId, EntityId } from '../core/ids.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';

import { SeededRandom } from '../testing/seeded-random.ts';
import type { SqlValue } from './database.ts';

const countEvents = (book: TestBook): SqlValue => book.db.get('SELECT count(*) AS n FROM events')?.['n'] ?? null;

function refusal(
  book: TestBook,
  command: Command,
): { problems: readonly { entityId: EntityId; field: EntityId | null; reason: string }[]; count: number } {
  const before = countEvents(book);
  const result = book.execute(command);
  if (result.ok || result.error.kind !== 'invalid') throw new Error('it was not refused');
  expect(countEvents(book)).toBe(before);
  return result.error;
}

describe('records', () => {
  test('are made in the order in which they were given, whatever their ids', () => {
    const book = openTasks();
    const ids = Array.from({ length: 50 }, () => book.mint());
    expect(ids).not.toEqual(ids.toSorted());
    book.do({ kind: 'createRecords', type: book.tasks, records: ids.map((id) => ({ id, values: {} })) });
    expect(book.tasksNow().map((row) => row.id)).toEqual(ids);
  });

  test('hold a value of every kind', () => {
    const book = openTasks();
    const owner = book.addPerson('Ada');
    const values = {
      title: 'Write',
      notes: 'two\nlines',
      effort: 2.5,
      due: '2026-11-23',
      at: '2026-11-23T09:00:00.000Z',
      urgent: false,
      status: book.open,
      tags: [book.red, book.blue],
      owner,
      mail: 'ada@example.org',
    };
    const id = book.addTask(values);
    const record = book.ask({ kind: 'record', id });
    expect(record?.values).toEqual(book.byId(values));
    expect(record?.links).toEqual({ [owner]: 'Ada' });
    expect(record?.title).toBe('Write');
    expect(record?.misfits).toEqual([]);
  });

  test('a value that does not fit is refused by entity, field and reason, and nothing of the command is written', () => {
    const book = openTasks();
    const good = book.mint();
    const bad = book.mint();
    const error = refusal(book, {
      kind: 'createRecords',
      type: book.tasks,
      records: [
        { id: good, values: book.byId({ title: 'Fine' }) },
        { id: bad, values: book.byId({ effort: 'much', status: book.mint() }) },
      ],
    });
    expect(error.count).toBe(2);
    expect(error.problems.map(({ entityId, field }) => [entityId, field])).toEqual([
      [bad, book.fields.effort],
      [bad, book.fields.status],
    ]);
    expect(error.problems[0]?.reason).toContain('is not a number');
    expect(book.tasksNow()).toEqual([]);
  });

  test('of many problems a hundred are listed and all are counted', () => {
    const book = openTasks();
    const records = Array.from({ length: 150 }, () => ({ id: book.mint(), values: book.byId({ effort: 'x' }) }));
    const error = refusal(book, { kind: 'createRecords', type: book.tasks, records });
    expect(error.problems).toHaveLength(100);
    expect(error.count).toBe(150);
  });

  test('a taken id, an unknown type, a field of another type and a link into nothing are refused', () => {
    const book = openTasks();
    const task = book.addTask({ title: 'One' });
    const person = book.addPerson('Ada');
    const nowhere = book.mint();
    expect(
      refusal(book, { kind: 'createRecords', type: book.tasks, records: [{ id: task, values: {} }] }).problems[0]
        ?.reason,
    ).toBe('exists already');
    expect(refusal(book, { kind: 'createRecords', type: nowhere, records: [] }).problems[0]?.entityId).toBe(nowhere);
    expect(
      refusal(book, { kind: 'setValues', changes: [{ entityId: person, field: book.fields.title, value: 'x' }] })
        .problems[0]?.field,
    ).toBe(book.fields.title);
    expect(
      refusal(book, { kind: 'setValues', changes: [{ entityId: nowhere, field: book.fields.title, value: 'x' }] })
        .count,
    ).toBe(1);
    for (const owner of [nowhere, task]) {
      const error = refusal(book, {
        kind: 'setValues',
        changes: [{ entityId: task, field: book.fields.owner, value: owner }],
      });
      expect(error.problems[0]?.reason).toBe('links to a record that does not exist');
    }
    expect(refusal(book, { kind: 'deleteRecords', ids: [book.tasks] }).problems[0]?.reason).toBe('is not a record');
  });

  test('go to the Trash and come back', () => {
    const book = openTasks();
    const a = book.addTask({ title: 'A' });
    const b = book.addTask({ title: 'B' });
    book.do({ kind: 'deleteRecords', ids: [a] });
    expect(book.tasksNow().map((row) => row.id)).toEqual([b]);
    expect(book.ask({ kind: 'record', id: a })?.deleted).toBe(true);
    expect(book.ask({ kind: 'trash', offset: 0, limit: 10 }).rows).toMatchObject([
      { id: a, type: book.tasks, title: 'A' },
    ]);
    book.do({ kind: 'restoreRecords', ids: [a] });
    expect(book.tasksNow().map((row) => row.id)).toEqual([a, b]);
    expect(book.ask({ kind: 'trash', offset: 0, limit: 10 }).total).toBe(0);
  });

  test('that came as samples are counted, and removed together', () => {
    const book = openTasks();
    const samples = [book.mint(), book.mint()];
    book.do({
      kind: 'createRecords',
      type: book.tasks,
      sample: true,
      records: samples.map((id) => ({ id, values: {} })),
    });
    const own = book.addTask({ title: 'Mine' });
    const type = () => book.ask({ kind: 'schema' }).types.find((each) => each.id === book.tasks);
    expect(type()).toMatchObject({ records: 3, samples: 2 });
    book.do({ kind: 'removeSamples', type: book.tasks });
    expect(type()).toMatchObject({ records: 1, samples: 0 });
    expect(book.tasksNow().map((row) => row.id)).toEqual([own]);
  });

  test('an edit to what stands already writes nothing', () => {
    const book = openTasks();
    const id = book.addTask({ title: 'Same', tags: [book.red] });
    const before = countEvents(book);
    const done = book.do({
      kind: 'setValues',
      changes: [
        { entityId: id, field: book.fields.title, value: '  Same ' },
        { entityId: id, field: book.fields.effort, value: null },
        { entityId: id, field: book.fields.tags, value: [book.red] },
      ],
    });
    expect(done).toEqual({ timestamp: null, events: 0 });
    expect(countEvents(book)).toBe(before);
  });

  test('an earlier value is written anew, and one that is not in the history is refused', () => {
    const book = openTasks();
    const id = book.addTask({ title: 'First' });
    book.setTask(id, { title: 'Second' });
    const history = book.ask({ kind: 'history', entityId: id, attribute: book.attribute('title'), limit: 10 });
    const first = history.changes.at(-1);
    if (!first) throw new Error('no history');
    book.do({ kind: 'restoreValue', entityId: id, attribute: book.attribute('title'), eventId: first.eventId });
    expect(book.task(id, 'title')).toBe('First');
    refusal(book, { kind: 'restoreValue', entityId: id, attribute: 'name' as AttributeName, eventId: first.eventId });
  });
});

describe('types and fields', () => {
  const names = (book: TestBook) => book.ask({ kind: 'schema' }).types.map((type) => type.name);

  test('keep their order, and are renamed, moved and hidden', () => {
    const book = openBook();
    const [a, b, c] = [book.mint(), book.mint(), book.mint()];
    for (const [id, name] of [
      [a, 'A'],
      [b, 'B'],
      [c, 'C'],
    ] as const) {
      book.do({ kind: 'createType', id, name, fields: [] });
    }
    book.do({ kind: 'moveType', id: c, after: null });
    expect(names(book)).toEqual(['C', 'A', 'B']);
    book.do({ kind: 'moveType', id: c, after: a });
    expect(names(book)).toEqual(['A', 'C', 'B']);
    book.do({ kind: 'changeType', id: c, name: '  Cars\n', icon: 'car', hidden: true });
    expect(book.ask({ kind: 'schema' }).types[1]).toMatchObject({ name: 'Cars', icon: 'car', hidden: true });
    book.do({ kind: 'changeType', id: c, hidden: false });
    expect(book.ask({ kind: 'schema' }).types[1]?.hidden).toBe(false);
    expect(refusal(book, { kind: 'changeType', id: c, name: ' ' }).problems[0]?.reason).toBe('needs a name');
    expect(refusal(book, { kind: 'moveType', id: c, after: book.mint() }).count).toBe(1);
  });

  test('fields go behind one another, also where two devices gave the same key', () => {
    const book = openBook();
    const type = book.mint();
    const fields = Array.from({ length: 4 }, () => book.mint());
    book.do({
      kind: 'createType',
      id: type,
      name: 'T',
      fields: fields.map((id, i) => ({ id, name: `F${i}`, kind: 'text' })),
    });
    book.db.run(`UPDATE attributes SET value = '"a1"' WHERE attribute = 'order' AND value IN ('"a1"', '"a2"', '"a3"')`);
    const reopened = openBook({ db: book.db, clock: book.clock, random: book.random });
    const order = (): string[] => reopened.ask({ kind: 'schema' }).types[0]?.fields.map((field) => field.id) ?? [];
    const [first, second, third, fourth] = order();
    reopened.do({ kind: 'moveField', id: fourth as EntityId, after: second as EntityId });
    expect(order()).toEqual([first, second, fourth, third]);
    reopened.do({ kind: 'moveField', id: fourth as EntityId, after: null });
    expect(order()).toEqual([fourth, first, second, third]);
  });

  test('options are added, renamed, kept in order, and taken off while history still names them', () => {
    const book = openTasks();
    const late = book.mint();
    book.do({ kind: 'setOption', field: book.fields.status, option: late, value: { name: 'Late', tint: 7 } });
    book.do({ kind: 'setOption', field: book.fields.status, option: book.open, value: { name: 'To do', tint: 3 } });
    const options = () =>
      book
        .ask({ kind: 'schema' })
        .types.find((type) => type.id === book.tasks)
        ?.fields.find((field) => field.id === book.fields.status)
        ?.options.map((option) => [option.name, option.tint]);
    expect(options()).toEqual([
      ['To do', 3],
      ['Done', 1],
      ['Late', 7],
    ]);
    const id = book.addTask({ title: 'T', status: late });
    book.do({ kind: 'setOption', field: book.fields.status, option: late, value: null });
    expect(options()).toHaveLength(2);
    expect(book.ask({ kind: 'record', id })?.misfits).toMatchObject([{ field: book.fields.status }]);
    const [change] = book.ask({ kind: 'history', entityId: id, attribute: book.attribute('status'), limit: 1 }).changes;
    expect(change?.words).toEqual({ [late]: 'Late' });
    expect(refusal(book, { kind: 'setOption', field: book.fields.title, option: late, value: null }).count).toBe(1);
    expect(
      refusal(book, { kind: 'setOption', field: book.fields.status, option: late, value: { name: 'X', tint: 8 } })
        .count,
    ).toBe(1);
  });

  test('a link needs a type to point to', () => {
    const book = openTasks();
    const field = { id: book.mint(), name: 'Boss', kind: 'link' } as const;
    refusal(book, { kind: 'createField', type: book.people, field });
    book.do({ kind: 'createField', type: book.people, field: { ...field, target: book.people } });
    expect(book.ask({ kind: 'schema' }).types[0]?.fields.at(-1)).toMatchObject({ name: 'Boss', target: book.people });
  });
});

describe('a batch', () => {
  test('is one transaction in which later commands see what earlier ones made', () => {
    const book = openBook();
    const [type, name, boss, ada, bob] = [book.mint(), book.mint(), book.mint(), book.mint(), book.mint()];
    const done = book.do({
      kind: 'batch',
      label: 'Start with People',
      commands: [
        { kind: 'createType', id: type, name: 'People', fields: [{ id: name, name: 'Name', kind: 'text' }] },
        { kind: 'createField', type, field: { id: boss, name: 'Boss', kind: 'link', target: type } },
        {
          kind: 'createRecords',
          type,
          sample: true,
          records: [
            { id: ada, values: { [name]: 'Ada' } },
            { id: bob, values: { [name]: 'Bob', [boss]: ada } },
          ],
        },
        { kind: 'setValues', changes: [{ entityId: bob, field: name, value: 'Robert' }] },
      ],
    });
    const stamps = book.db.all('SELECT DISTINCT hex(timestamp) AS stamp FROM events');
    expect(stamps).toHaveLength(1);
    expect(String(stamps[0]?.['stamp']).toLowerCase()).toBe(done.timestamp);
    expect(book.ask({ kind: 'undo' }).undo).toBe('Start with People');
    expect(book.ask({ kind: 'record', id: bob })).toMatchObject({
      title: 'Robert',
      links: { [ada]: 'Ada' },
      sample: true,
    });
    // One event per attribute, though two commands wrote it.
    expect(book.db.all('SELECT entity_id, attribute FROM events GROUP BY 1, 2 HAVING count(*) > 1')).toEqual([]);
  });

  test('one bad command keeps all of it from being written', () => {
    const book = openBook();
    const type = book.mint();
    refusal(book, {
      kind: 'batch',
      label: 'x',
      commands: [
        { kind: 'createType', id: type, name: 'T', fields: [] },
        { kind: 'createField', type, field: { id: book.mint(), name: '', kind: 'text' } },
      ],
    });
    expect(book.ask({ kind: 'schema' }).types).toEqual([]);
  });
});

describe('names', () => {
  test('of devices and people are set, shown, and passed over by undo the first time', () => {
    const book = openBook();
    const client = book.store.identity().clientId;
    const user = book.mint();
    book.do({ kind: 'namePerson', user, name: 'Ada' });
    book.do({ kind: 'nameDevice', client: client as string as EntityId, user, name: 'Laptop' });
    expect(book.ask({ kind: 'people' })).toEqual({
      self: client,
      clients: [{ id: client, name: 'Laptop', user }],
      users: [{ id: user, name: 'Ada' }],
    });
    expect(book.ask({ kind: 'undo' }).undo).toBeNull();
    book.do({ kind: 'nameDevice', client: client as string as EntityId, user, name: 'Desk' });
    expect(book.ask({ kind: 'undo' }).undo).toBe('Rename device');
  });
});

describe('a command id', () => {
  test('is carried out once, also after the book was opened anew', () => {
    const db = new NodeSqlite();
    const clock = new ManualClock();
    const book = openTasks({ db, clock });
    const request = {
      id: book.mint<CommandId>(),
      command: { kind: 'createRecords', type: book.tasks, records: [{ id: book.mint(), values: {} }] } as const,
    };
    const first = must(book.store.execute(request));
    const events = countEvents(book);
    clock.advance(5_000);
    expect(must(book.store.execute(request))).toEqual(first);
    const reopened = openBook({ db, clock, random: new SeededRandom(2) });
    expect(must(reopened.store.execute(request))).toEqual(first);
    expect(countEvents(book)).toBe(events);
  });

  test('that changed nothing says so again', () => {
    const book = openTasks();
    const id = book.addTask({ title: 'Same' });
    const request = {
      id: book.mint<CommandId>(),
      command: { kind: 'setValues', changes: [{ entityId: id, field: book.fields.title, value: 'Same' }] } as const,
    };
    expect(must(book.store.execute(request))).toEqual({ timestamp: null, events: 0 });
    book.setTask(id, { title: 'Other' });
    expect(must(book.store.execute(request))).toEqual({ timestamp: null, events: 0 });
    expect(book.task(id, 'title')).toBe('Other');
  });
});

test('[HLC-1] [HLC-3] timestamps go on across restarts and a clock that steps back', () => {
  const db = new NodeSqlite();
  const clock = new ManualClock();
  const book = openTasks({ db, clock });
  book.addTask({ title: 'Before' });
  clock.advance(-1_000_000_000);
  const reopened = openBook({ db, clock, random: new SeededRandom(9) });
  reopened.do({ kind: 'createRecords', type: book.tasks, records: [{ id: reopened.mint(), values: {} }] });
  const stamps = db
    .all('SELECT hex(timestamp) AS stamp FROM events ORDER BY arrival')
    .map((row) => String(row['stamp']));
  expect(stamps).toEqual(stamps.toSorted());
  expect(book.store.identity()).toEqual(reopened.store.identity());
});
