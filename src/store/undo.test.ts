import { expect, test } from 'vitest';
import { openBook, openTasks } from '../testing/open-book.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import type { CommandId, UserId } from '../core/ids.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';

import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';
import type { SqlDatabase } from './database.ts';

/** What a book shows, without the history. */
function picture(db: SqlDatabase): string {
  return JSON.stringify(
    db
      .all(`SELECT hex(entity_id), hex(attribute), value FROM attributes WHERE value <> 'null' ORDER BY 1, 2`)
      .map((row) => Object.values(row)),
  );
}

/** Two devices of one account, in step. */
function twoDevices(): { here: TaskBook; there: TestBook; meet: () => void } {
  const clock = new ManualClock();
  const here = openTasks({ clock });
  const there = openBook({ clock, random: new SeededRandom(2) });
  const stream = new MemoryStream();
  const user = here.mint<UserId>();
  const { bookId } = here.store.identity();
  link(here, bookId, user);
  link(there, bookId, user);
  const meet = (): void => {
    for (const book of [here, there, here]) exchange(book, stream);
  };
  meet();
  return { here, there, meet };
}

test('every step back and forth shows what stood there, schema edits and batches included', () => {
  const book = openTasks();
  const person = book.addPerson('Ada');
  const task = book.addTask({ title: 'One', owner: person });
  const pictures = [picture(book.db)];
  const labels: (string | null)[] = [book.ask({ kind: 'undo' }).undo];
  const step = (work: () => void): void => {
    work();
    pictures.push(picture(book.db));
    labels.push(book.ask({ kind: 'undo' }).undo);
  };
  step(() => book.setTask(task, { title: 'Two', status: book.done }));
  step(() => book.setTask(task, { title: null }));
  step(() => book.do({ kind: 'changeField', id: book.fields.notes, name: 'Remarks' }));
  step(() => book.do({ kind: 'moveField', id: book.fields.mail, after: null }));
  step(() => book.do({ kind: 'setOption', field: book.fields.status, option: book.done, value: null }));
  step(() => book.do({ kind: 'deleteRecords', ids: [task] }));
  step(() => book.do({ kind: 'restoreRecords', ids: [task] }));
  step(() => {
    const type = book.mint();
    const name = book.mint();
    book.do({
      kind: 'batch',
      label: 'Import 2 records',
      commands: [
        { kind: 'createType', id: type, name: 'Birds', fields: [{ id: name, name: 'Name', kind: 'text' }] },
        {
          kind: 'createRecords',
          type,
          records: ['Owl', 'Wren'].map((bird) => ({ id: book.mint(), values: { [name]: bird } })),
        },
      ],
    });
  });
  expect(labels.slice(1)).toEqual([
    'Edit record',
    'Edit Title',
    'Rename field Notes',
    'Move field Mail',
    'Edit options of Status',
    'Delete record',
    'Restore record',
    'Import 2 records',
  ]);
  for (let round = 0; round < 2; round++) {
    for (let at = pictures.length - 2; at >= 0; at--) {
      must(book.undo());
      expect(picture(book.db)).toBe(pictures[at]);
      expect(book.ask({ kind: 'undo' })).toEqual({ undo: labels[at], redo: labels[at + 1] });
    }
    for (let at = 1; at < pictures.length; at++) {
      must(book.redo());
      expect(picture(book.db)).toBe(pictures[at]);
    }
    expect(book.ask({ kind: 'undo' }).redo).toBeNull();
  }
  expect(book.redo()).toEqual({ ok: false, error: { kind: 'nothingToUndo' } });
});

test('what was undone can no longer be redone after another command', () => {
  const book = openTasks();
  const task = book.addTask({ title: 'One' });
  book.setTask(task, { title: 'Two' });
  must(book.undo());
  book.setTask(task, { effort: 1 });
  expect(book.ask({ kind: 'undo' })).toEqual({ undo: 'Edit Effort', redo: null });
  must(book.undo());
  must(book.undo());
  expect(book.tasksNow()).toEqual([]);
});

test('survives a restart, and a retry of the same step is one step', () => {
  const db = new NodeSqlite();
  const clock = new ManualClock();
  const book = openTasks({ db, clock });
  const task = book.addTask({ title: 'One' });
  book.setTask(task, { title: 'Two' });
  book.setTask(task, { title: 'Three' });
  const reopened = openBook({ db, clock, random: new SeededRandom(4) });
  const id = reopened.mint<CommandId>();
  const first = must(reopened.store.undo(id, false));
  expect(must(reopened.store.undo(id, false))).toEqual(first);
  expect(book.task(task, 'title')).toBe('Two');
});

test('what somebody else changed since is not overwritten, until it is asked for', () => {
  const { here, there, meet } = twoDevices();
  const task = here.addTask({ title: 'Mine', effort: 1 });
  here.setTask(task, { title: 'Mine, edited', effort: 2 });
  meet();
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: 'Theirs' }] });
  meet();
  const refused = here.undo();
  expect(refused).toEqual({
    ok: false,
    error: {
      kind: 'changedSince',
      problems: [{ entityId: task, field: here.fields.title, reason: 'was changed since' }],
    },
  });
  expect(here.task(task, 'title')).toBe('Theirs');
  must(here.undo(true));
  expect([here.task(task, 'title'), here.task(task, 'effort')]).toEqual(['Mine', 1]);
  meet();
  expect(there.ask({ kind: 'record', id: task })?.title).toBe('Mine');
  // Their value is in the history still.
  const titles = here.ask({ kind: 'history', entityId: task, attribute: here.attribute('title'), limit: 9 }).changes;
  expect(titles.map((change) => change.value)).toEqual(['Mine', 'Theirs', 'Mine, edited', 'Mine']);
});

test('someone who wrote the same value since is asked about as well; who wrote another attribute is not', () => {
  const { here, there, meet } = twoDevices();
  const task = here.addTask({ title: 'One', effort: 1 });
  here.setTask(task, { title: 'Two' });
  meet();
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.effort, value: 5 }] });
  meet();
  must(here.undo());
  must(here.redo());
  meet();
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: 'Three' }] });
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: 'Two' }] });
  meet();
  expect(here.undo()).toMatchObject({ ok: false, error: { kind: 'changedSince' } });
});

test('a type that others have filled, a field they have used and a record they have edited do not vanish unasked', () => {
  const { here, there, meet } = twoDevices();
  const [type, name] = [here.mint(), here.mint()];
  here.do({ kind: 'createType', id: type, name: 'Birds', fields: [{ id: name, name: 'Name', kind: 'text' }] });
  meet();
  there.do({ kind: 'createRecords', type, records: [{ id: there.mint(), values: { [name]: 'Owl' } }] });
  meet();
  expect(here.undo()).toMatchObject({
    ok: false,
    error: {
      kind: 'changedSince',
      problems: [
        { entityId: type, field: null, reason: 'has been filled in since' },
        { entityId: name, field: name, reason: 'has been filled in since' },
      ],
    },
  });
  expect(here.ask({ kind: 'schema' }).types.map((each) => each.records)).toContain(1);

  const task = here.addTask({ title: 'One' });
  meet();
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.effort, value: 5 }] });
  meet();
  expect(here.undo()).toMatchObject({
    ok: false,
    error: { problems: [{ entityId: task, field: null, reason: 'was edited since' }] },
  });
  must(here.undo(true));
  expect(here.tasksNow()).toEqual([]);
});

test('an import of many records is one step', () => {
  const book = openTasks();
  const before = picture(book.db);
  const records = Array.from({ length: 3_000 }, (_, i) => ({
    id: book.mint(),
    values: book.byId({ title: `Row ${i}`, effort: i }),
  }));
  book.do({
    kind: 'batch',
    label: 'Import 3,000 records',
    commands: [{ kind: 'createRecords', type: book.tasks, records }],
  });
  const after = picture(book.db);
  expect(must(book.undo()).events).toBe(9_000);
  expect(picture(book.db)).toBe(before);
  must(book.redo());
  expect(picture(book.db)).toBe(after);
});
