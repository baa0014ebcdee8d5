import { expect, test, describe } from 'vitest';
import type { UserId } from '../../core/ids.ts';
import type { Moment, Query } from '../../core/query.ts';
import { makeTimestamp, type Timestamp } from '../../core/timestamp.ts';
import { openBook, openTasks } from '../../testing/open-book.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { TaskBook } from '../../testing/task-book.ts';
import { must, type TestBook } from '../../testing/test-book.ts';
import { exchange, link, MemoryStream } from '../../testing/two-devices.ts';
import { lastKnown, noteArrival } from '../arrivals.ts';
import { PastTables } from './tables.ts';

const dated = (at: Timestamp): Moment => ({ at, reading: 'dated' });
const known = (at: Timestamp): Moment => ({ at, reading: 'known' });

/** The moment just after what was done last. */
function now(book: TestBook): Timestamp {
  const { last } = book.ask({ kind: 'timeline' });
  if (last === null) throw new Error('nothing has happened yet');
  return last;
}

const table = (book: TaskBook) => ({ kind: 'records', type: book.tasks, offset: 0, limit: 50 }) as const;

function twoDevices(): { here: TaskBook; there: TestBook; meet: () => void } {
  const here = openTasks();
  const there = openBook({ clock: here.clock, random: new SeededRandom(2) });
  const stream = new MemoryStream();
  const user = here.mint<UserId>();
  const { bookId } = here.store.identity();
  link(here, bookId, user);
  link(there, bookId, user);
  const meet = (): void => {
    here.clock.advance(1);
    for (const book of [here, there, here]) exchange(book, stream);
  };
  meet();
  return { here, there, meet };
}

test('[PAST-3] types, fields, options and the titles of links show as they were', () => {
  const book = openTasks();
  const ada = book.addPerson('Ada');
  const task = book.addTask({ title: 'Write', owner: ada, status: book.done });
  const then = now(book);
  const before = ([{ kind: 'schema' }, { kind: 'record', id: task }, table(book)] satisfies Query[]).map((query) =>
    book.store.answer(query),
  );
  book.do({ kind: 'changeType', id: book.tasks, name: 'Errands', hidden: true });
  book.do({ kind: 'changeField', id: book.fields.title, name: 'What', hidden: true });
  book.do({ kind: 'moveField', id: book.fields.mail, after: null });
  book.do({ kind: 'setOption', field: book.fields.status, option: book.done, value: null });
  book.do({ kind: 'createField', type: book.tasks, field: { id: book.mint(), name: 'New', kind: 'text' } });
  book.do({ kind: 'setValues', changes: [{ entityId: ada, field: book.personName, value: 'Ada Lovelace' }] });
  book.do({ kind: 'deleteRecords', ids: [ada] });
  for (const asOf of [dated(then), known(then)]) {
    const queries: Query[] = [
      { kind: 'schema', asOf },
      { kind: 'record', id: task, asOf },
      { ...table(book), asOf },
    ];
    expect(queries.map((query) => book.store.answer(query))).toEqual(before);
    // Words of an option that has been taken off the list find what had it.
    expect(book.ask({ ...table(book), search: 'done', asOf }).total).toBe(1);
    expect(book.ask({ kind: 'search', text: 'ada', limit: 9, asOf }).hits).toMatchObject([{ id: ada, title: 'Ada' }]);
  }
  expect(book.ask({ kind: 'record', id: task })?.links).toEqual({ [ada]: 'Ada Lovelace' });
});

test('[PAST-1] [PAST-2] what arrived late is part of the day it is dated, and not of what was known then', () => {
  const { here, there, meet } = twoDevices();
  const task = here.addTask({ title: 'One' });
  meet();
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: 'Two, offline' }] });
  const then = now(there);
  here.clock.advance(1_000);
  here.setTask(task, { effort: 1 });
  meet();
  const title = (book: TestBook, asOf: Moment) => book.ask({ kind: 'record', id: task, asOf })?.title;
  expect([title(here, dated(then)), title(here, known(then))]).toEqual(['Two, offline', 'One']);
  // There it was known at once.
  expect([title(there, dated(then)), title(there, known(then))]).toEqual(['Two, offline', 'Two, offline']);
  expect(title(here, known(makeTimestamp(here.clock.now(), 0, here.store.identity().nodeId)))).toBe('Two, offline');
  expect(here.ask({ kind: 'record', id: task, asOf: dated(then) })?.values).toEqual(
    here.byId({ title: 'Two, offline' }),
  );
});

test('[PAST-3] what had not been made is not there, and the Trash is as it was', () => {
  const book = openTasks();
  const start = now(book);
  const a = book.addTask({ title: 'A' });
  book.do({ kind: 'deleteRecords', ids: [a] });
  const trashed = now(book);
  const deleted = book.ask({ kind: 'trash', offset: 0, limit: 9 });
  book.do({ kind: 'restoreRecords', ids: [a] });
  expect(book.ask({ kind: 'record', id: a, asOf: dated(start) })).toBeNull();
  expect(book.ask({ ...table(book), asOf: dated(trashed) }).total).toBe(0);
  expect(book.ask({ kind: 'trash', offset: 0, limit: 9, asOf: dated(trashed) })).toEqual(deleted);
  expect(book.ask({ kind: 'record', id: a, asOf: known(trashed) })?.deleted).toBe(true);
  expect(book.ask({ kind: 'trash', offset: 0, limit: 9, asOf: known(now(book)) }).total).toBe(0);
});

test('[PAST-4] nothing of the past waits to be sent, nor can it be written to', () => {
  const { here } = twoDevices();
  const task = here.addTask({ title: 'Mine' });
  expect(here.ask({ kind: 'record', id: task })?.waiting).toBe(true);
  expect(here.ask({ kind: 'record', id: task, asOf: dated(now(here)) })?.waiting).toBe(false);
  expect(here.ask({ ...table(here), asOf: dated(now(here)) }).rows.map((row) => row.waiting)).toEqual([false]);
  const tables = new PastTables(here.db);
  for (const verb of ['exec', 'run', 'bulk', 'transaction', 'export', 'close'] as const)
    expect(() => tables[verb](), verb).toThrow('only read');
});

describe('[PAST-4] while a moment is open', () => {
  test('the present goes on, and the moment stays what it was', () => {
    const { here, there, meet } = twoDevices();
    const ids = Array.from({ length: 30 }, (_, i) => here.addTask({ title: `Task ${i}`, effort: i }));
    meet();
    const then = now(here);
    const sorted = { ...table(here), sort: { field: here.fields.effort, direction: 'descending' as const } };
    const before = here.store.answer(sorted);
    for (const asOf of [dated(then), known(then)]) {
      expect(here.store.answer({ ...sorted, asOf })).toBe(before);
      here.do({ kind: 'deleteRecords', ids: ids.slice(0, 3) });
      there.do({
        kind: 'setValues',
        changes: ids.map((id) => ({ entityId: id, field: here.fields.effort, value: 7 })),
      });
      meet();
      here.do({ kind: 'changeField', id: here.fields.effort, name: 'Hours' });
      must(here.undo());
      expect(here.store.answer({ ...sorted, asOf })).toBe(before);
      here.store.rebuild();
      expect(here.store.answer({ ...sorted, asOf })).toBe(before);
      expect(here.ask(sorted).rows[0]?.values[here.fields.effort]).toBe(7);
      here.do({ kind: 'restoreRecords', ids: ids.slice(0, 3) });
    }
    expect(here.db.all(`SELECT name FROM main.sqlite_schema WHERE name LIKE 'past%'`)).toEqual([]);
  });

  test('what comes late is told of the moment it is dated to, once it has come', () => {
    const { here, there, meet } = twoDevices();
    const task = here.addTask({ title: 'One' });
    meet();
    const heard = { dated: [] as unknown[], known: [] as unknown[] };
    there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: 'Late' }] });
    const then = now(there);
    here.clock.advance(60_000);
    for (const reading of ['dated', 'known'] as const) {
      const query: Query = { kind: 'record', id: task, asOf: { at: then, reading } };
      here.store.subscriptions.add(query, (answer) => heard[reading].push(JSON.parse(answer).title));
    }
    here.setTask(task, { effort: 3 });
    here.store.subscriptions.refresh();
    expect(heard).toEqual({ dated: ['One'], known: ['One'] });
    meet();
    here.store.subscriptions.refresh();
    expect(heard).toEqual({ dated: ['One', 'Late'], known: ['One'] });
  });

  test('a moment that has not passed goes on becoming', () => {
    const book = openTasks();
    const task = book.addTask({ title: 'One' });
    const at = makeTimestamp(book.clock.now() + 5_000, 0, book.store.identity().nodeId);
    const heard: unknown[] = [];
    book.store.subscriptions.add({ kind: 'record', id: task, asOf: known(at) }, (answer) =>
      heard.push(JSON.parse(answer).title),
    );
    book.setTask(task, { title: 'Two' });
    book.store.subscriptions.refresh();
    book.clock.advance(10_000);
    book.setTask(task, { title: 'Three' });
    book.store.subscriptions.refresh();
    expect(heard).toEqual(['One', 'Two']);
  });
});

test('[PAST-2] what came while the clock was ahead came no later than what came after it was put right', () => {
  const { db, clock, store } = openBook();
  const { nodeId } = store.identity();
  const at = (millis: number): Timestamp => makeTimestamp(millis, 0xffff, nodeId);
  const start = { node: nodeId, last: at(clock.now() - 1_000) };
  const [early, ahead, later] = [clock.now(), clock.now() + 365 * 86_400_000, clock.now() + 1_000];
  noteArrival(db, start, early, 1, 10);
  noteArrival(db, start, ahead, 11, 20);
  expect([lastKnown(db, at(early - 1)), lastKnown(db, at(early)), lastKnown(db, at(ahead))]).toEqual([0, 10, 20]);
  noteArrival(db, start, later, 21, 30);
  expect([lastKnown(db, at(early)), lastKnown(db, at(later)), lastKnown(db, at(ahead))]).toEqual([10, 30, 30]);
  // A clock that stepped back is held by what it has applied.
  noteArrival(db, { node: nodeId, last: at(later) }, early - 5_000_000, 31, 40);
  expect([lastKnown(db, at(early)), lastKnown(db, at(later)), lastKnown(db, at(later + 1))]).toEqual([10, 30, 40]);
});

test('the timeline tells the first and the last moment, and since when history is complete', () => {
  const empty = openBook();
  expect(empty.ask({ kind: 'timeline' })).toEqual({ first: null, last: null, completeSince: null });
  const book = openTasks();
  const first = book.ask({ kind: 'timeline' }).first;
  const done = book.do({ kind: 'createRecords', type: book.tasks, records: [{ id: book.mint(), values: {} }] });
  expect(book.ask({ kind: 'timeline' })).toEqual({ first, last: done.timestamp, completeSince: null });
  expect(first).not.toBeNull();
  expect(first).not.toBe(done.timestamp);
});
