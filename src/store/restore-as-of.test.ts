import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DELETED, SYSTEM_TYPES, TYPE } from '../core/attribute.ts';
import type { Event } from '../core/event.ts';
import { isUuid, parseId, type EntityId } from '../core/ids.ts';
import type { Moment } from '../core/query.ts';
import { reduceLog } from '../core/reduce.ts';
import { type JsonText, NULL_TEXT } from '../core/value.ts';
import { openTasks } from '../testing/open-book.ts';
import { boundaries, liveLog, logAt } from '../testing/live-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';

function present(book: TestBook): Moment {
  const { last } = book.ask({ kind: 'timeline' });
  if (last === null) throw new Error('nothing has happened yet');
  return { at: last, reading: 'known' };
}

/** What a record shows of itself: values, and whether it lies in the Trash. */
function looks(book: TestBook, id: EntityId, asOf?: Moment): unknown {
  const record = book.ask({ kind: 'record', id, ...(asOf && { asOf }) });
  return record && { values: record.values, deleted: record.deleted };
}

test('[PAST-6] a selection of records becomes what it was, in one step that can be taken back', () => {
  const book = openTasks();
  const [kept, deleted, restored] = [
    book.addTask({ title: 'Kept', effort: 1 }),
    book.addTask({ title: 'Deleted since' }),
    book.addTask({ title: 'In the Trash' }),
  ];
  book.do({ kind: 'deleteRecords', ids: [restored] });
  const moment = present(book);
  book.setTask(kept, { title: 'Changed', effort: null, status: book.done });
  book.do({ kind: 'deleteRecords', ids: [deleted] });
  book.do({ kind: 'restoreRecords', ids: [restored] });
  const made = book.addTask({ title: 'Made since' });
  const other = book.addTask({ title: 'Not selected' });
  const ids = [kept, deleted, restored, made];
  const before = ids.map((id) => looks(book, id));
  const done = book.do({ kind: 'restoreAsOf', ids, moment });
  expect(book.ask({ kind: 'undo' }).undo).toBe('Restore earlier state of 4 records');
  expect(book.ask({ kind: 'activity', limit: 1 }).transactions[0]).toMatchObject({
    timestamp: done.timestamp,
    events: 6,
    entities: 4,
  });
  expect(ids.slice(0, 3).map((id) => looks(book, id))).toEqual(ids.slice(0, 3).map((id) => looks(book, id, moment)));
  expect(looks(book, made)).toEqual({ values: book.byId({ title: 'Made since' }), deleted: true });
  expect(looks(book, other)).toEqual({ values: book.byId({ title: 'Not selected' }), deleted: false });
  must(book.undo());
  expect(ids.map((id) => looks(book, id))).toEqual(before);
  must(book.redo());
  expect(looks(book, kept)).toEqual({ values: book.byId({ title: 'Kept', effort: 1 }), deleted: false });
});

test('[PAST-6] of some fields, when they are named; nothing is written where all is as it was', () => {
  const book = openTasks();
  const id = book.addTask({ title: 'One', effort: 1 });
  const moment = present(book);
  book.setTask(id, { title: 'Two', effort: 2, notes: 'new' });
  book.do({ kind: 'deleteRecords', ids: [id] });
  book.do({ kind: 'restoreAsOf', ids: [id], moment, fields: [book.fields.effort, book.fields.notes] });
  expect(looks(book, id)).toEqual({ values: book.byId({ title: 'Two', effort: 1 }), deleted: true });
  book.do({ kind: 'restoreAsOf', ids: [id], moment });
  expect(book.do({ kind: 'restoreAsOf', ids: [id], moment })).toEqual({ timestamp: null, events: 0 });
});

test('[PAST-6] a record whose making was undone comes back; what is no record is refused', () => {
  const book = openTasks();
  const id = book.addTask({ title: 'Undone' });
  const moment = present(book);
  must(book.undo());
  expect(looks(book, id)).toBeNull();
  book.do({ kind: 'restoreAsOf', ids: [id], moment });
  expect(looks(book, id)).toEqual({ values: book.byId({ title: 'Undone' }), deleted: false });
  const refused = book.execute({ kind: 'restoreAsOf', ids: [book.tasks, book.mint()], moment });
  expect(refused).toMatchObject({ ok: false, error: { kind: 'invalid', count: 2 } });
});

/**
 * What the fields of a record hold, and whether it lies in the Trash; null when it has no type. A log from anywhere may give
 * it attributes that only types and fields have: they are none of a record's, and nobody restores them.
 */
function holds(log: readonly Event[], id: EntityId): { [attribute: string]: string } | null {
  const states = [...reduceLog(log).values()].filter(
    ({ entityId, attribute, winner }) =>
      entityId === id &&
      winner.value !== NULL_TEXT &&
      (isUuid(attribute) || attribute === TYPE || attribute === DELETED),
  );
  const values = Object.fromEntries(states.map(({ attribute, winner }) => [attribute, winner.value]));
  return TYPE in values ? values : null;
}

/** Whether a type, or none, is what a record may have. */
function isRecordType(value: JsonText): boolean {
  const type: unknown = JSON.parse(value);
  return type === null || (parseId(type) !== null && !SYSTEM_TYPES.some((system) => system === type));
}

test('[PAST-6] every record of a random log becomes what it was at any moment, and undo brings all of it back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
      const { book, log, entities } = liveLog(seed, 20);
      const random = new SeededRandom(seed);
      const present = (): Event[] => [
        ...readArrivals(book.db.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events`)).keys(),
      ];
      // What was a type or a field at some time is refused, as above.
      const records = entities.filter(
        (id) =>
          book.ask({ kind: 'record', id }) !== null &&
          log.every(({ event }) => event.entityId !== id || event.attribute !== TYPE || isRecordType(event.value)),
      );
      for (let i = 0; i < 12; i++) {
        const moment = random.pick(boundaries(log));
        const before = present();
        const done = book.do({ kind: 'restoreAsOf', ids: records, moment });
        const after = present();
        for (const id of records) {
          const [then, was, is] = [logAt(log, moment), before, after].map((each) => holds(each, id));
          expect(is).toEqual(then ?? { ...was, [DELETED]: 'true' });
        }
        if (done.timestamp === null) continue;
        must(book.undo());
        const undone = present();
        expect(records.map((id) => holds(undone, id))).toEqual(records.map((id) => holds(before, id)));
      }
    }),
    { numRuns: 10 },
  );
});
