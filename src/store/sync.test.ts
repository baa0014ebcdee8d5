import { describe, expect, test } from 'vitest';
import { openBook, openTasks } from '../testing/open-book.ts';
import { type TestBook } from '../testing/test-book.ts';
import { sealBundle } from '../core/bundle-codec.ts';
import type { Event } from '../core/event.ts';
import { nextId, type BookId, type BundleId, type ClientId, type EventId, type UserId } from '../core/ids.ts';
import { makeTimestamp, millisOf, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { toJsonText, type JsonValue } from '../core/value.ts';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { ManualClock } from '../testing/manual-clock.ts';

import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import type { SqlValue } from './database.ts';
import type { SyncLink } from './store.ts';

const MINUTE = 60_000;

function linked(book: TestBook): SyncLink {
  const { bookId, clientId } = book.store.identity();
  const userId = book.mint<UserId>();
  link(book, bookId, userId);
  return { bookId, clientId, userId };
}

/** A second device of the same account; its book is its own until it joins. */
function another(book: TestBook, seed = 2): TestBook {
  return openBook({ clock: book.clock, random: new SeededRandom(seed) });
}

const count = (book: TestBook, table: string): SqlValue =>
  book.db.get(`SELECT count(*) AS n FROM ${table}`)?.['n'] ?? null;

/** A message by a stranger, with these events in it. */
function message(book: TestBook, events: readonly Event[], bookId: BookId = book.store.identity().bookId): unknown {
  const [first] = events;
  if (!first) throw new Error('a bundle needs events');
  const envelope = {
    id: book.mint<BundleId>(),
    bookId,
    userId: book.mint<UserId>(),
    clientId: first.clientId,
    timestamp: first.timestamp,
  };
  return JSON.parse(bundleMessages.write(sealBundle(envelope, events, 'json')));
}

const NODE = 'feedfacefeedface' as NodeId;

function event(book: TestBook, millis: number, change: Partial<Event> = {}): Event {
  return {
    id: book.mint<EventId>(),
    clientId: book.mint<ClientId>(),
    entityId: book.mint(),
    attribute: 'name' as Event['attribute'],
    value: toJsonText('x'),
    timestamp: makeTimestamp(millis, 0, NODE),
    previous: [],
    ...change,
  };
}

describe('sealing', () => {
  test('[SYNC-2] a bundle is the same bytes at every try, and leaves the outbox when it is acknowledged', () => {
    const book = openTasks();
    const to = linked(book);
    const { sync } = book.store;
    expect(sync.nextInOutbox()).toBeNull();
    expect(sync.seal(to, 5)).toBe(1);
    const first = sync.nextInOutbox();
    expect(sync.nextInOutbox()).toEqual(first);
    expect(first?.tried).toBe(false);
    if (!first) throw new Error('nothing to send');
    sync.markTried(first.id);
    expect(sync.nextInOutbox()).toEqual({ ...first, tried: true });
    expect(sync.counts().waiting).toBe(count(book, 'events'));
    sync.acknowledge(first.id, { epoch: 0, seq: 1 });
    expect([sync.nextInOutbox(), sync.producer(), sync.counts().waiting]).toEqual([null, { epoch: 0, seq: 1 }, 0]);
    expect(sync.seal(to, 5)).toBe(0);
  });

  test('stops after the limit, splits a long transaction, and leaves no event out', () => {
    const book = openTasks();
    const to = linked(book);
    const records = Array.from({ length: 900 }, (_, i) => ({
      id: book.mint(),
      values: book.byId({ title: `T${i}`, effort: i }),
    }));
    book.do({ kind: 'createRecords', type: book.tasks, records });
    for (let i = 0; i < 3; i++) book.addTask({ title: 'after' });
    const sealed: number[] = [];
    for (;;) {
      const made = book.store.sync.seal(to, 2);
      if (made === 0) break;
      sealed.push(made);
    }
    expect(sealed.every((made) => made <= 2)).toBe(true);
    const sizes = book.db.all('SELECT events FROM outbox ORDER BY number').map((row) => Number(row['events']));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(count(book, 'events'));
    expect(count(book, 'events WHERE bundle_id IS NULL')).toBe(0);
    const there = another(book);
    link(there, to.bookId, to.userId);
    const stream = new MemoryStream();
    push(book, stream);
    exchange(there, stream);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(book.db));
  });

  test('long texts make more bundles, none too large', () => {
    const book = openTasks();
    const to = linked(book);
    for (let i = 0; i < 30; i++) book.addTask({ title: `T${i}`, notes: `${i}`.repeat(40_000) });
    while (book.store.sync.seal(to, 1) > 0);
    const sizes = book.db.all('SELECT events, length(message) AS size FROM outbox').map((row) => Number(row['size']));
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(1_400_000);
    expect(count(book, 'events WHERE bundle_id IS NULL')).toBe(0);
  });

  test('a bundle refused for good goes to the dead letters, and the next takes its number', () => {
    const book = openTasks();
    const to = linked(book);
    book.store.sync.seal(to, 1);
    const first = book.store.sync.nextInOutbox();
    if (!first) throw new Error('nothing to send');
    book.store.sync.reject(first.id, 'It is too large.');
    expect(book.store.sync.counts()).toMatchObject({ waiting: 0, rejected: first.events });
    expect(book.store.sync.producer()).toEqual({ epoch: 0, seq: 0 });
    expect(book.db.get('SELECT reason, message FROM dead_letters')).toMatchObject({
      reason: 'It is too large.',
      message: first.message,
    });
    book.addTask({ title: 'next' });
    book.store.sync.seal(to, 1);
    expect(book.store.sync.nextInOutbox()?.id).not.toBe(first.id);
  });

  test('under a new epoch no bundle counts as tried', () => {
    const book = openTasks();
    const to = linked(book);
    book.store.sync.seal(to, 1);
    const first = book.store.sync.nextInOutbox();
    if (!first) throw new Error('nothing to send');
    book.store.sync.markTried(first.id);
    book.store.sync.setProducer({ epoch: 1, seq: 0 });
    expect(book.store.sync.nextInOutbox()?.tried).toBe(false);
    expect(book.store.sync.producer()).toEqual({ epoch: 1, seq: 0 });
  });

  test('what waits is counted, and shown at the record, from the edit to the acknowledgement', () => {
    const book = openTasks();
    const [a, b] = [book.addTask({ title: 'a' }), book.addTask({ title: 'b' })];
    const waiting = (): boolean[] => book.tasksNow().map((row) => row.waiting);
    expect(waiting()).toEqual([false, false]);
    const to = linked(book);
    expect(waiting()).toEqual([true, true]);
    const stream = new MemoryStream();
    push(book, stream);
    expect([waiting(), book.store.sync.counts()]).toEqual([
      [false, false],
      { waiting: 0, waitingSince: null, sent: 0, quarantined: 0, rejected: 0 },
    ]);
    book.setTask(b, { title: 'B' });
    const since = book.clock.now();
    expect([waiting(), book.store.sync.counts().waiting, book.store.sync.counts().waitingSince]).toEqual([
      [false, true],
      1,
      since,
    ]);
    book.store.sync.seal(to, 1);
    expect([waiting(), book.store.sync.counts().waiting, book.store.sync.counts().waitingSince]).toEqual([
      [false, true],
      1,
      since,
    ]);
    expect(book.ask({ kind: 'history', entityId: b, limit: 9 }).changes.map((change) => change.waiting)).toEqual([
      true,
      false,
      false,
    ]);
    const waits = () => book.ask({ kind: 'waiting', limit: 1 });
    expect(waits()).toEqual({ records: [{ id: b, type: book.tasks, title: 'B', changes: 1 }], more: false });
    push(book, stream);
    expect([waiting(), a]).toEqual([[false, false], a]);
    expect(waits()).toEqual({ records: [], more: false });
    for (const id of [b, a]) book.setTask(id, { title: 'again', effort: 1 });
    expect(waits()).toEqual({ records: [{ id: a, type: book.tasks, title: 'again', changes: 2 }], more: true });
  });

  test('without an account nothing waits', () => {
    const book = openTasks();
    book.addTask({ title: 'a' });
    expect(book.ask({ kind: 'waiting', limit: 3 })).toEqual({ records: [], more: false });
  });
});

describe('applying', () => {
  test('[SYNC-2] drops a bundle it has seen, its own included; [SYNC-3] the cursor moves with the page', () => {
    const book = openTasks();
    linked(book);
    const stream = new MemoryStream();
    push(book, stream);
    const { sync } = book.store;
    expect(sync.cursor()).toBeNull();
    expect(sync.apply({ messages: stream.messages, cursor: '1' }, book.clock.now())).toEqual({
      events: 0,
      quarantined: 0,
    });
    const stranger = message(book, [event(book, book.clock.now())]);
    expect(sync.apply({ messages: [stranger, stranger], cursor: null }, book.clock.now())).toEqual({
      events: 1,
      quarantined: 0,
    });
    expect(sync.cursor()).toBe('1');
    expect(sync.apply({ messages: [stranger], cursor: '2' }, book.clock.now())).toEqual({ events: 0, quarantined: 0 });
    expect(sync.cursor()).toBe('2');
  });

  test('what came in bundles is not looked through for what waits, until something is made here', () => {
    const stream = new MemoryStream();
    const here = openTasks();
    const there = another(here);
    const { bookId, userId } = linked(here);
    exchange(here, stream);
    const sealedThrough = (): SqlValue =>
      there.db.get(`SELECT value FROM config WHERE key = 'sealed_through'`)?.['value'] ?? null;
    const lastArrival = (): SqlValue => there.db.get('SELECT max(arrival) AS n FROM events')?.['n'] ?? null;
    link(there, bookId, userId);
    there.store.sync.apply({ messages: stream.messages, cursor: '1' }, there.clock.now());
    expect(sealedThrough()).toBe(lastArrival());

    const settled = sealedThrough();
    there.do({ kind: 'namePerson', user: there.mint(), name: 'Ada' });
    here.addTask({ title: 'One more' });
    push(here, stream);
    there.store.sync.apply({ messages: stream.messages, cursor: '2' }, there.clock.now());
    expect(sealedThrough()).toBe(settled);
    expect(there.store.sync.counts().waiting).toBe(2);
    push(there, stream);
    expect(there.store.sync.counts().waiting).toBe(0);
  });

  test('[HLC-2] [HLC-6] the clock never runs behind what was applied', () => {
    const book = openTasks();
    const ahead = event(book, book.clock.now() + 4 * MINUTE);
    book.store.sync.apply({ messages: [message(book, [ahead])], cursor: '1' }, book.clock.now());
    const again = openBook({ db: book.db, clock: book.clock, random: new SeededRandom(8) });
    const done = again.do({ kind: 'createRecords', type: book.tasks, records: [{ id: book.mint(), values: {} }] });
    expect(done.timestamp !== null && done.timestamp > ahead.timestamp).toBe(true);
  });

  test('[HLC-4] an event of the future waits, its neighbours do not, and it is applied when its time has come', () => {
    const book = openTasks();
    const now = book.clock.now();
    const future = event(book, now + 6 * MINUTE);
    const present = event(book, now);
    const page = { messages: [message(book, [future, present])], cursor: '1' };
    expect(book.store.sync.apply(page, now)).toEqual({ events: 1, quarantined: 1 });
    expect(book.store.sync.counts().quarantined).toBe(1);
    book.addTask({ title: 'meanwhile' });
    expect(book.db.get('SELECT max(timestamp) AS t FROM events')?.['t']).not.toEqual(future.timestamp);
    expect(book.store.sync.release(now + 30_000)).toBe(0);
    expect(book.store.sync.release(now + MINUTE)).toBe(1);
    expect(book.store.sync.counts().quarantined).toBe(0);
    expect(book.store.sync.release(now + MINUTE)).toBe(0);
  });

  test('[SYNC-6] what cannot be read is set aside once, in words, and what lies behind it is applied', () => {
    const book = openTasks();
    const now = book.clock.now();
    const good = message(book, [event(book, now)]);
    const damaged = { ...(message(book, [event(book, now)]) as object), payload: 'Af//' };
    const newer = { ...(message(book, [event(book, now)]) as object), version: 99 };
    const foreign = message(book, [event(book, now)], book.mint<BookId>());
    const rubbish: unknown[] = [null, 7, 'text', [], { id: 'x' }, damaged, newer, foreign];
    const page = { messages: [...rubbish, good], cursor: '9' };
    expect(book.store.sync.apply(page, now)).toEqual({ events: 1, quarantined: rubbish.length });
    expect(book.store.sync.apply({ ...page, cursor: '10' }, now)).toEqual({ events: 0, quarantined: 0 });
    const kinds = book.db.all('SELECT kind, reason FROM quarantine ORDER BY number');
    expect(kinds.map((row) => row['kind'])).toEqual([
      ...Array.from({ length: 6 }, () => 'unreadable'),
      'newer',
      'otherBook',
    ]);
    expect(kinds.every((row) => typeof row['reason'] === 'string' && row['reason'].length > 3)).toBe(true);
  });

  test('one malformed event is set aside and its neighbours are applied', () => {
    const book = openTasks();
    const now = book.clock.now();
    const good = event(book, now);
    const events = [
      good,
      event(book, now, { value: '{' as Event['value'] }),
      event(book, now, { previous: [good.timestamp] }),
    ];
    expect(book.store.sync.apply({ messages: [message(book, events)], cursor: '1' }, now)).toEqual({
      events: 1,
      quarantined: 2,
    });
    expect(book.db.all('SELECT kind FROM quarantine').map((row) => row['kind'])).toEqual(['malformed', 'malformed']);
  });

  test('[LOG-10] a system attribute with a value of another shape is set aside, and its neighbours are applied', () => {
    const book = openTasks();
    const now = book.clock.now();
    const value = (attribute: string, value: JsonValue): Event =>
      event(book, now, { attribute: attribute as Event['attribute'], value: toJsonText(value) });
    const [wrong, right] = [
      [value('deleted', 'yes'), value('type', ['type']), value('name', { a: 1 }), value('owner', 'nobody')],
      [value('deleted', true), value('type', null), value('kind', 'drawing'), value('archived', ['yes'])],
    ];
    const events = wrong.flatMap((each, i) => [each, right[i] ?? []].flat());
    expect(book.store.sync.apply({ messages: [message(book, events)], cursor: '1' }, now)).toEqual({
      events: 4,
      quarantined: 4,
    });
    expect(book.db.all('SELECT kind, content, reason FROM quarantine ORDER BY number')).toEqual(
      wrong.map((each, i) => ({
        kind: 'malformed',
        content: JSON.stringify(each),
        reason: [
          'value: deleted is not true or false',
          'value: type is not a system type or a UUID',
          'value: name is not text of at most 10,000 characters',
          'value: owner is not a UUID',
        ][i],
      })),
    );
    for (const { id } of right) expect(count(book, `events WHERE hex(id) = '${id.replaceAll('-', '').toUpperCase()}'`)).toBe(1); // prettier-ignore
  });

  test('a value that no longer fits its field is kept, shown and flagged', () => {
    const book = openTasks();
    const id = book.addTask({ title: 'T' });
    const misfit = event(book, book.clock.now() + 5, {
      entityId: id,
      attribute: book.attribute('effort'),
      value: toJsonText('a lot'),
    });
    book.store.sync.apply({ messages: [message(book, [misfit])], cursor: '1' }, book.clock.now());
    const record = book.ask({ kind: 'record', id });
    expect(record?.values[book.fields.effort]).toBe('a lot');
    expect(record?.misfits).toEqual([
      { field: book.fields.effort, reason: expect.stringContaining('is not a number') },
    ]);
    expect(book.tasksNow()[0]?.values[book.fields.effort]).toBe('a lot');
  });
});

describe('two devices', () => {
  function pair(): { here: TaskBook; there: TestBook; stream: MemoryStream; meet: () => void } {
    const here = openTasks();
    const there = another(here);
    const stream = new MemoryStream();
    const { bookId, userId } = linked(here);
    link(there, bookId, userId);
    const meet = (): void => {
      for (const book of [here, there, here]) exchange(book, stream);
    };
    return { here, there, stream, meet };
  }

  test('that both held records merge when one joins the other', () => {
    const here = openTasks();
    const there = openTasks({ clock: here.clock, random: new SeededRandom(5) });
    const mine = here.addTask({ title: 'mine' });
    const theirs = there.addTask({ title: 'theirs' });
    const { bookId, userId } = linked(here);
    const stream = new MemoryStream();
    exchange(here, stream);
    link(there, bookId, userId);
    for (const book of [there, here]) exchange(book, stream);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(here.db));
    for (const book of [here, there]) {
      expect(book.ask({ kind: 'record', id: mine })?.title).toBe('mine');
      expect(book.ask({ kind: 'record', id: theirs })?.title).toBe('theirs');
    }
  });

  test('that edited the same field while apart show one conflict, closed everywhere by either', () => {
    const { here, there, meet } = pair();
    const id = here.addTask({ title: 'start', effort: 1 });
    meet();
    here.setTask(id, { title: 'here', effort: 2 });
    here.clock.advance(10);
    there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value: 'there' }] });
    meet();
    for (const book of [here, there]) {
      expect(book.ask({ kind: 'record', id })).toMatchObject({ title: 'there', conflicted: true });
      const { total, conflicts } = book.ask({ kind: 'conflicts', limit: 10 });
      expect(total).toBe(1);
      expect(conflicts[0]).toMatchObject({
        entityId: id,
        attribute: here.fields.title,
        title: 'there',
        fieldName: 'Title',
      });
      expect(conflicts[0]?.versions.map((version) => version.value)).toEqual(['there', 'here']);
      expect(book.ask({ kind: 'record', id })?.conflicts[0]?.versions).toEqual(conflicts[0]?.versions);
    }
    // Writing what stands already is a decision here, not a change of nothing.
    expect(
      there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value: 'there' }] }).events,
    ).toBe(1);
    meet();
    for (const book of [here, there]) {
      expect(book.ask({ kind: 'conflicts', limit: 10 }).total).toBe(0);
      expect(book.ask({ kind: 'record', id })?.conflicted).toBe(false);
    }
    expect(canonicalDump(there.db)).toEqual(canonicalDump(here.db));
  });

  test('that wrote the same value are in no conflict, and neither are different fields', () => {
    const { here, there, meet } = pair();
    const id = here.addTask({ title: 'start' });
    meet();
    for (const book of [here, there])
      book.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value: 'same' }] });
    here.setTask(id, { effort: 1 });
    there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.notes, value: 'n' }] });
    meet();
    expect(here.ask({ kind: 'conflicts', limit: 10 }).total).toBe(0);
    expect(there.ask({ kind: 'record', id })?.values).toEqual(here.byId({ title: 'same', effort: 1, notes: 'n' }));
  });

  test('[SYNC-4] a log that lost everything is told everything again, by whoever holds it', () => {
    const { here, there, meet } = pair();
    here.addTask({ title: 'from here' });
    there.do({ kind: 'namePerson', user: there.mint(), name: 'Ada' });
    meet();
    const identity = there.store.identity();
    const userId = identity.userId;
    if (userId === null) throw new Error('not linked');
    const fresh = new MemoryStream();
    there.store.sync.resendAll({ bookId: identity.bookId, clientId: identity.clientId, userId });
    expect(there.store.sync.cursor()).toBeNull();
    there.do({ kind: 'namePerson', user: there.mint(), name: 'Bob' });
    expect(push(there, fresh)).toBeGreaterThan(0);
    expect(push(there, fresh)).toBe(0);
    const third = another(here, 77);
    link(third, identity.bookId, userId);
    exchange(third, fresh);
    expect(canonicalDump(third.db)).toEqual(canonicalDump(there.db));
    // What the others had is not doubled by it.
    here.store.sync.resendAll({ bookId: identity.bookId, clientId: here.store.identity().clientId, userId });
    exchange(here, fresh);
    expect(canonicalDump(here.db)).toEqual(canonicalDump(there.db));
  });
});

describe('a wrong clock', () => {
  test('[HLC-5] what it stamped and nobody saw is stamped anew, once, in order; undo and retries follow', () => {
    const clock = new ManualClock();
    const right = clock.now();
    clock.set(right + 400 * 24 * 60 * MINUTE);
    const book = openTasks({ clock });
    const id = book.addTask({ title: 'One' });
    clock.advance(1_000);
    book.setTask(id, { title: 'Two' });
    const before = canonicalDump(book.db);
    const stamps = (): Timestamp[] =>
      book.db
        .all('SELECT DISTINCT lower(hex(timestamp)) AS t FROM events ORDER BY arrival')
        .map((row) => String(row['t']) as Timestamp);
    const offset = clock.now() - right;
    expect(book.store.sync.restamp(offset)).toBe(4);
    expect(stamps()).toHaveLength(4);
    expect(stamps()).toEqual(stamps().toSorted());
    expect(Math.max(...stamps().map(millisOf))).toBeLessThanOrEqual(clock.now() - offset);
    expect(book.store.sync.clockOffset()).toBe(offset);
    expect(canonicalDump(book.db)).not.toEqual(before);
    expect(book.store.sync.restamp(offset + 10 * MINUTE)).toBe(0);
    book.store.sync.setClockOffset(offset);
    // Later edits are stamped right from the start.
    book.setTask(id, { title: 'Three' });
    expect(millisOf(stamps().at(-1) as Timestamp)).toBe(clock.now() - offset);
    book.undo();
    book.undo();
    expect(book.task(id, 'title')).toBe('One');
    const rebuilt = canonicalDump(book.db, true);
    book.store.rebuild();
    expect(canonicalDump(book.db, true)).toEqual(rebuilt);
  });

  test('[HLC-5] what was sealed keeps its timestamps, and what follows comes after it', () => {
    const clock = new ManualClock();
    const book = openTasks({ clock });
    const to = linked(book);
    book.store.sync.seal(to, 9);
    const sealed = book.db.all('SELECT timestamp FROM events WHERE bundle_id IS NOT NULL ORDER BY arrival');
    const id = book.addTask({ title: 'not sent' });
    expect(book.store.sync.restamp(60 * MINUTE)).toBe(1);
    expect(book.db.all('SELECT timestamp FROM events WHERE bundle_id IS NOT NULL ORDER BY arrival')).toEqual(sealed);
    const later =
      'SELECT min(timestamp) > (SELECT max(timestamp) FROM events WHERE bundle_id IS NOT NULL) AS later FROM events WHERE bundle_id IS NULL';
    expect(book.db.get(later)?.['later']).toBe(1);
    expect(book.task(id, 'title')).toBe('not sent');
  });
});

describe('identity', () => {
  test('[HLC-6] a new client has new ids, goes on from the same clock, and seals what was not acknowledged under its own name', () => {
    const book = openTasks();
    const to = linked(book);
    book.addTask({ title: 'sealed, not sent' });
    while (book.store.sync.seal(to, 5) > 0);
    const before = book.store.identity();
    const events = count(book, 'events');
    const after = book.store.newClient();
    expect([after.bookId, after.userId]).toEqual([before.bookId, before.userId]);
    expect(after.clientId).not.toBe(before.clientId);
    expect(after.nodeId).not.toBe(before.nodeId);
    expect(book.store.sync.nextInOutbox()).toBeNull();
    expect(book.store.sync.counts().waiting).toBe(events);
    expect(book.ask({ kind: 'undo' }).undo).toBeNull();
    const stream = new MemoryStream();
    push(book, stream);
    expect(stream.messages).toMatchObject([{ clientId: after.clientId }]);
    const there = another(book);
    link(there, to.bookId, to.userId);
    exchange(there, stream);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(book.db));
  });

  test('joining another account sends it everything, also what came from others', () => {
    const here = openTasks();
    const there = another(here);
    const first = new MemoryStream();
    const { bookId, userId } = linked(here);
    link(there, bookId, userId);
    for (const book of [here, there]) exchange(book, first);
    there.store.leaveBook();
    const second = new MemoryStream();
    const otherBook = here.mint<BookId>();
    const otherUser = here.mint<UserId>();
    link(there, otherBook, otherUser);
    expect(there.store.identity()).toMatchObject({ bookId: otherBook, userId: otherUser });
    expect(there.store.sync.cursor()).toBeNull();
    exchange(there, second);
    const third = another(here, 12);
    link(third, otherBook, otherUser);
    exchange(third, second);
    expect(canonicalDump(third.db)).toEqual(canonicalDump(here.db));
  });

  test('linking again to the same account changes nothing', () => {
    const book = openTasks();
    const { bookId, userId } = linked(book);
    const stream = new MemoryStream();
    exchange(book, stream);
    const cursor = book.store.sync.cursor();
    book.store.leaveBook();
    link(book, bookId, userId);
    expect([book.store.sync.cursor(), push(book, stream)]).toEqual([cursor, 0]);
  });
});

test('two different events of one key are reported', () => {
  const book = openTasks();
  const one = event(book, book.clock.now());
  const two = { ...one, id: nextId(one.id), value: toJsonText('y') };
  book.store.sync.apply({ messages: [message(book, [one]), message(book, [two])], cursor: '1' }, book.clock.now());
  expect(book.store.stats().collisions).toBe(1);
  const { changes } = book.ask({ kind: 'history', entityId: one.entityId, limit: 5 });
  expect(changes.map((change) => [change.value, change.current])).toEqual([
    ['y', true],
    ['x', false],
  ]);
});
