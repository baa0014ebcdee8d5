/** [LOG-10] Logs of before there was an event schema: what they hold stays, and is not written again. */
import { expect, test } from 'vitest';
import { DELETED, HIDDEN, ICON, NAME, optionAttribute, TYPE } from '../core/attribute.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { nextId, type ClientId, type EntityId, type EventId, type UserId } from '../core/ids.ts';
import { tick } from '../core/clock.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { toJsonText, type JsonValue } from '../core/value.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { startFrom, takeWhole } from '../testing/snapshots.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';
import { readCurrent } from './attributes.ts';
import { commitChanges } from './commit.ts';
import { appendEvents } from './event-log.ts';
import { readClock, writeClock } from './identity.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';

/** Puts an event of another device into the log, as an earlier version took it: no matter what its value is. */
function take(book: TestBook, entityId: EntityId, attribute: AttributeName, value: JsonValue): Event {
  book.clock.advance(1);
  const { state, timestamp } = tick(readClock(book.db), book.clock.now());
  const previous = readCurrent(book.db, [{ entityId, attribute }])[0]?.leaves ?? [];
  const id = nextId<EventId>(book.mint<EventId>());
  const event = {
    id,
    clientId: book.mint<ClientId>(),
    entityId,
    attribute,
    value: toJsonText(value),
    timestamp,
    previous,
  };
  book.db.transaction('full', () => {
    appendEvents(book.db, [{ events: [event], bundleId: null, sender: null }]);
    writeClock(book.db, state);
  });
  book.store.rebuild();
  return event;
}

const valueOf = (book: TestBook, entityId: EntityId, attribute: AttributeName): string | undefined =>
  readCurrent(book.db, [{ entityId, attribute }])[0]?.value;

const typeNow = (book: TaskBook) => book.ask({ kind: 'schema' }).types.find((type) => type.id === book.tasks);

test('[LOG-10] undo of what was written over such a value leaves nothing there, which is what it looked like', () => {
  const book = openTasks();
  const task = book.addTask({ title: 'One' });
  take(book, book.tasks, NAME, ['Tasks']);
  take(book, book.tasks, HIDDEN, 'yes');
  take(book, task, DELETED, 'yes');
  const looks = () => [typeNow(book), book.ask({ kind: 'record', id: task })?.deleted];
  const before = looks();
  book.do({ kind: 'changeType', id: book.tasks, name: 'Errands', hidden: true });
  book.do({ kind: 'deleteRecords', ids: [task] });
  must(book.undo());
  must(book.undo());
  expect(looks()).toEqual(before);
  expect([valueOf(book, book.tasks, NAME), valueOf(book, task, DELETED)]).toEqual(['null', 'null']);
  must(book.redo());
  must(book.redo());
  expect([typeNow(book)?.name, book.ask({ kind: 'record', id: task })?.deleted]).toEqual(['Errands', true]);
});

test('[LOG-10] such a version is not brought back from the history of an attribute', () => {
  const book = openTasks();
  const [wrong, right] = [take(book, book.tasks, ICON, { svg: '<svg/>' }), take(book, book.tasks, ICON, 'star')];
  book.do({ kind: 'changeType', id: book.tasks, icon: 'heart' });
  const bring = ({ id: eventId }: Event) =>
    book.execute({ kind: 'restoreValue', entityId: book.tasks, attribute: ICON, eventId });
  expect(bring(wrong)).toEqual({
    ok: false,
    error: {
      kind: 'invalid',
      count: 1,
      problems: [{ entityId: book.tasks, field: null, reason: 'held something then that cannot be brought back' }],
    },
  });
  must(bring(right));
  expect(typeNow(book)?.icon).toBe('star');
});

test('[LOG-10] [PAST-6] a record becomes what it was, without what nobody could read', () => {
  const book = openTasks();
  const [kept, gone] = [book.addTask({ title: 'Kept' }), book.addTask({ title: 'Gone' })];
  take(book, kept, DELETED, 'no');
  const { timestamp: at } = take(book, gone, TYPE, 'task');
  take(book, gone, TYPE, book.tasks);
  book.setTask(kept, { title: 'Changed' });
  book.do({ kind: 'deleteRecords', ids: [kept] });
  book.do({ kind: 'restoreAsOf', ids: [kept, gone], moment: { at, reading: 'dated' } });
  expect(book.ask({ kind: 'record', id: kept })).toMatchObject({ title: 'Kept', deleted: false });
  expect(book.ask({ kind: 'record', id: gone })?.deleted).toBe(true);
  expect(valueOf(book, kept, DELETED)).toBe('null');
});

test('[LOG-10] an option with a sort key beyond all bounds can be renamed', () => {
  const book = openTasks();
  take(book, book.fields.status, optionAttribute(book.done), { name: 'Done', order: 'a'.repeat(50_000), tint: 1 });
  const value = { name: 'Finished', tint: 2 };
  book.do({ kind: 'setOption', field: book.fields.status, option: book.done, value });
  const field = typeNow(book)?.fields.find(({ id }) => id === book.fields.status);
  expect(field?.options.find(({ id }) => id === book.done)).toMatchObject({ ...value, order: 'a1' });
});

test('[LOG-10] a snapshot that holds such values is taken, and they are set aside', () => {
  const clock = new ManualClock();
  const old = openTasks({ clock });
  const fresh = openBook({ clock, random: new SeededRandom(2) });
  const { bookId } = old.store.identity();
  for (const book of [old, fresh]) link(book, bookId, old.mint<UserId>());
  old.addTask({ title: 'One' });
  take(old, old.mint(), NAME, 5);
  exchange(old, new MemoryStream());
  const { events } = old.store.stats();
  expect(must(startFrom(fresh, takeWhole(old), clock.now()))).toEqual({ events: events - 1, quarantined: 1 }); // prettier-ignore
});

test('[LOG-10] no command gets anything else into the log', () => {
  const book = openTasks();
  const options = { random: book.random.bytes, now: book.clock.now, messages: bundleMessages };
  const { events } = book.store.stats();
  const commit = (entityId: EntityId, attribute: AttributeName, value: JsonValue): Timestamp | null =>
    book.db.transaction('full', () => commitChanges(book.db, options, [{ entityId, attribute, value }]).timestamp);
  expect(() => commit(book.tasks, HIDDEN, 'yes')).toThrow(
    'a command came to what no log takes: hidden is not true or false',
  );
  expect(() => commit(book.tasks, 'type' as AttributeName, 'view')).toThrow('no log takes');
  const icon = 'x'.repeat(20_000);
  for (const command of [
    { kind: 'changeType', id: book.tasks, icon },
    { kind: 'createType', id: book.mint(), name: 'Birds', icon, fields: [] },
  ] as const)
    expect(book.execute(command)).toMatchObject({ ok: false, error: { problems: [{ reason: 'has an icon that is none' }] } }); // prettier-ignore
  expect(book.store.stats().events).toBe(events);
  expect(commit(book.tasks, HIDDEN, true)).not.toBeNull();
});
