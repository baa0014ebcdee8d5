import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { EntityId } from '../../core/ids.ts';
import { openBook, openTasks } from '../../testing/open-book.ts';
import { randomLog } from '../../testing/random-log.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { TaskBook } from '../../testing/task-book.ts';
import { appendEvents } from '../event-log.ts';

const linking = (book: TaskBook, id: EntityId): string[] =>
  book.ask({ kind: 'backlinks', id, offset: 0, limit: 100 }).rows.map((row) => row.title);

test('records that link here, by type and field, those made first first', () => {
  const book = openTasks();
  const ada = book.addPerson('Ada');
  const mentor = book.mint();
  book.do({
    kind: 'createField',
    type: book.people,
    field: { id: mentor, name: 'Mentor', kind: 'link', target: book.people },
  });
  const zoe = book.addPerson('Zoë');
  const tasks = ['one', 'two', 'three'].map((title) => book.addTask({ title, owner: ada }));
  book.do({ kind: 'setValues', changes: [{ entityId: zoe, field: mentor, value: ada }] });
  const answer = book.ask({ kind: 'backlinks', id: ada, offset: 0, limit: 100 });
  expect(answer).toEqual({
    total: 4,
    offset: 0,
    rows: [
      { id: zoe, type: book.people, field: mentor, title: 'Zoë' },
      ...tasks.map((id, i) => ({ id, type: book.tasks, field: book.fields.owner, title: ['one', 'two', 'three'][i] })),
    ],
  });
  const pages = [0, 1, 2, 3, 4].map((offset) => book.ask({ kind: 'backlinks', id: ada, offset, limit: 1 }));
  expect(pages.flatMap((page) => page.rows)).toEqual(answer.rows);
  expect(pages.map((page) => page.total)).toEqual([4, 4, 4, 4, 4]);
});

test('follow every change of what links, of its title, and of the field', () => {
  const book = openTasks();
  const [ada, zoe] = [book.addPerson('Ada'), book.addPerson('Zoë')];
  const task = book.addTask({ title: 'one', owner: ada });
  const told: string[] = [];
  book.store.subscriptions.add({ kind: 'backlinks', id: ada, offset: 0, limit: 9 }, (answer) => told.push(answer));
  const { owner } = book.fields;
  const steps: [() => unknown, string[]][] = [
    [() => book.setTask(task, { title: 'two' }), ['two']],
    [() => book.setTask(task, { owner: zoe }), []],
    [() => book.undo(), ['two']],
    [() => book.do({ kind: 'deleteRecords', ids: [task] }), []],
    [() => book.do({ kind: 'restoreRecords', ids: [task] }), ['two']],
    [() => book.do({ kind: 'changeField', id: owner, hidden: true }), []],
    [() => book.do({ kind: 'changeField', id: owner, hidden: false }), ['two']],
    [() => book.setTask(task, { owner: null }), []],
  ];
  for (const [step, expected] of steps) {
    step();
    expect(linking(book, ada)).toEqual(expected);
    book.store.subscriptions.refresh();
    expect(told.at(-1)).toBe(book.store.answer({ kind: 'backlinks', id: ada, offset: 0, limit: 9 }));
  }
  expect(told).toHaveLength(steps.length + 1);
});

test('a link may arrive before the record it points to, before its own record, and before its field is known', () => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 });
  let links = 0;
  fc.assert(
    fc.property(seeds, seeds, (logSeed, orderSeed) => {
      const log = randomLog(new SeededRandom(logSeed), 40);
      const random = new SeededRandom(orderSeed);
      const shuffled = log.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at);
      const [inOrder, anyhow] = [openBook(), openBook()];
      for (const [book, events] of [
        [inOrder, log],
        [anyhow, shuffled.map(({ event }) => event)],
      ] as const) {
        for (let i = 0; i < events.length; i += 7)
          book.db.transaction('normal', () =>
            appendEvents(book.db, [{ events: events.slice(i, i + 7), bundleId: null, sender: null }]),
          );
      }
      for (const id of new Set(log.map((event) => event.entityId))) {
        const query = { kind: 'backlinks', id, offset: 0, limit: 100 } as const;
        expect(anyhow.ask(query)).toEqual(inOrder.ask(query));
        links += inOrder.ask(query).total;
      }
      inOrder.db.close();
      anyhow.db.close();
    }),
    { numRuns: 25 },
  );
  expect(links).toBeGreaterThan(0);
});
