import { describe, expect, test } from 'vitest';
import { sealBundle } from '../../core/bundle-codec.ts';
import type { AttentionKind, Thing, ThingId } from '../../core/attention.ts';
import type { Event } from '../../core/event.ts';
import { nextId, type BookId, type BundleId, type ClientId, type EventId, type UserId } from '../../core/ids.ts';
import { makeTimestamp, type NodeId } from '../../core/timestamp.ts';
import { toJsonText } from '../../core/value.ts';
import { canonicalDump } from '../../testing/canonical-dump.ts';
import { openBook, openTasks } from '../../testing/open-book.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { startFrom, takeWhole } from '../../testing/snapshots.ts';
import type { TaskBook } from '../../testing/task-book.ts';
import { must, type TestBook } from '../../testing/test-book.ts';
import { exchange, link, MemoryStream, push } from '../../testing/two-devices.ts';
import { bundleMessages } from '../../worker/bundle-messages.ts';
import type { SyncLink } from '../store.ts';

const MINUTE = 60_000;
const NODE = 'feedfacefeedface' as NodeId;

function linked(book: TestBook): SyncLink {
  const { bookId, clientId } = book.store.identity();
  const userId = book.mint<UserId>();
  link(book, bookId, userId);
  return { bookId, clientId, userId };
}

const attention = (book: TestBook) => book.ask({ kind: 'attention', limit: 20 });

function things(book: TestBook, kind: AttentionKind, which: 'groups' | 'discarded' = 'groups'): readonly Thing[] {
  return attention(book)[which].find((group) => group.kind === kind)?.things ?? [];
}

/** Seals what waits, and lets the server refuse it. */
function refuseNext(book: TestBook, to: SyncLink, reason = 'It is too large.') {
  book.store.sync.seal(to, 1);
  const bundle = book.store.sync.nextInOutbox();
  if (!bundle) throw new Error('nothing was sealed');
  book.store.sync.reject(bundle.id, reason);
  return bundle;
}

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

function message(book: TestBook, events: readonly Event[], bookId: BookId = book.store.identity().bookId) {
  const id = book.mint<BundleId>();
  const userId = book.mint<UserId>();
  const clientId = events[0]?.clientId ?? book.mint<ClientId>();
  const timestamp = makeTimestamp(book.clock.now(), 0, NODE);
  const bundle = sealBundle({ id, bookId, userId, clientId, timestamp }, events, 'json');
  return JSON.parse(bundleMessages.write(bundle)) as { id: BundleId; version: number; payload: string };
}

function take(book: TestBook, messages: readonly unknown[], cursor = '1') {
  return book.store.sync.apply({ messages, cursor }, book.clock.now());
}

const retry = (book: TestBook, kind: AttentionKind, id: ThingId | null = null) =>
  book.store.attention.retry(kind, id, 0);

describe('[ATTENTION-1] what was refused', () => {
  test('is listed with the reason, when, and what it changes, by name', () => {
    const book = openTasks();
    const to = linked(book);
    push(book, new MemoryStream());
    const id = book.addTask({ title: 'Pay the rent', effort: 3 });
    const madeAt = book.clock.now();
    book.clock.advance(5_000);
    const bundle = refuseNext(book, to);
    expect(things(book, 'refused')).toEqual([
      {
        kind: 'refused',
        id: bundle.id,
        bundleId: bundle.id,
        reason: 'It is too large.',
        bytes: bundle.message.length,
        contents: {
          changes: 3,
          records: [
            {
              entityId: id,
              title: 'Pay the rent',
              type: book.tasks,
              fields: [
                { attribute: 'type', name: null },
                { attribute: book.fields.title, name: 'Title' },
                { attribute: book.fields.effort, name: 'Effort' },
              ],
            },
          ],
          more: 0,
        },
        discardedAt: null,
        refusedAt: book.clock.now(),
        madeAt,
      },
    ]);
  });

  test('shows at its record and in its history until it is acknowledged, also when it was discarded', () => {
    const book = openTasks();
    const to = linked(book);
    const stream = new MemoryStream();
    const other = book.addTask({ title: 'b' });
    push(book, stream);
    const id = book.addTask({ title: 'a' });
    refuseNext(book, to);
    const refused = () => [other, id].map((each) => book.ask({ kind: 'record', id: each })?.refused);
    const history = () =>
      book.ask({ kind: 'history', entityId: id, limit: 9 }).changes.map((change) => [change.refused, change.waiting]);
    expect([refused(), history()]).toEqual([[false, true], [[true, false], [true, false]]]); // prettier-ignore
    book.store.attention.discard('refused', null);
    expect([refused(), history()]).toEqual([[false, true], [[true, false], [true, false]]]); // prettier-ignore
    retry(book, 'refused', things(book, 'refused', 'discarded')[0]?.id);
    expect([refused(), history()]).toEqual([[false, false], [[false, true], [false, true]]]); // prettier-ignore
    push(book, stream);
    expect([refused(), history()]).toEqual([[false, false], [[false, false], [false, false]]]); // prettier-ignore
  });

  test('and what came tell times by this device’s clock, though they are kept by a right one', () => {
    const book = openTasks();
    const to = linked(book);
    book.store.sync.setClockOffset(7 * MINUTE);
    const right = book.clock.now() - 7 * MINUTE;
    book.addTask({ title: 'a' });
    refuseNext(book, to);
    book.store.sync.apply({ messages: [message(book, [event(book, right + 20 * MINUTE)])], cursor: '1' }, right);
    const now = book.clock.now();
    expect(things(book, 'refused')).toMatchObject([{ refusedAt: now }]);
    expect(things(book, 'future')).toMatchObject([{ arrivedAt: right + 7 * MINUTE, due: right + 22 * MINUTE }]);
  });

  test('is told to whoever looks at the list, as is what arrives', () => {
    const book = openTasks();
    const to = linked(book);
    const told: number[] = [];
    book.store.subscriptions.add({ kind: 'attention', limit: 5 }, (answer) =>
      told.push((JSON.parse(answer) as { groups: unknown[] }).groups.length),
    );
    refuseNext(book, to);
    book.store.subscriptions.refresh();
    take(book, ['rubbish']);
    book.store.subscriptions.refresh();
    book.store.attention.discard('unreadable', null);
    book.store.subscriptions.refresh();
    expect(told).toEqual([0, 1, 2, 1]);
  });
});

describe('[ATTENTION-2] trying again', () => {
  test('a refused bundle goes out with the same bytes and id, behind what waits, under a number that was not used', () => {
    const book = openTasks();
    const to = linked(book);
    const refused = refuseNext(book, to);
    book.addTask({ title: 'next' });
    book.store.sync.seal(to, 1);
    const waiting = book.store.sync.nextInOutbox();
    expect(retry(book, 'refused')).toEqual({ settled: 1, left: 0, next: null });
    expect(retry(book, 'refused')).toEqual({ settled: 0, left: 0, next: null });
    expect(book.store.sync.nextInOutbox()).toEqual(waiting);
    expect(book.store.sync.counts()).toMatchObject({ rejected: 0, waiting: refused.events + 2 });
    const stream = new MemoryStream();
    push(book, stream);
    expect(stream.messages.map((each) => JSON.stringify(each))).toEqual([waiting?.message, refused.message]);
    const there = openBook({ clock: book.clock, random: new SeededRandom(2) });
    link(there, to.bookId, to.userId);
    exchange(there, stream);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(book.db));
    // What an older bundle holds may wait, and what was sealed since is not to be looked for again.
    expect(book.store.sync.counts().waiting).toBe(0);
  });

  test('refused once more, it is back with the new reason, and nothing of it was forgotten', () => {
    const book = openTasks();
    const to = linked(book);
    refuseNext(book, to, 'first');
    retry(book, 'refused');
    refuseNext(book, to, 'second');
    expect(things(book, 'refused').map(({ reason }) => reason)).toEqual(['second']);
    retry(book, 'refused');
    const stream = new MemoryStream();
    push(book, stream);
    expect(stream.messages).toHaveLength(1);
  });

  test('[HLC-6] under another client id its changes are sealed anew, since no server would take the old bundle', () => {
    const book = openTasks();
    const to = linked(book);
    const stream = new MemoryStream();
    const refused = refuseNext(book, to);
    book.addTask({ title: 'sent' });
    push(book, stream);
    book.store.newClient();
    retry(book, 'refused');
    expect(book.store.sync.counts().waiting).toBe(refused.events);
    push(book, stream);
    expect((stream.messages as { id: string }[]).some(({ id }) => id === refused.id)).toBe(false);
    const there = openBook({ clock: book.clock, random: new SeededRandom(2) });
    link(there, to.bookId, to.userId);
    exchange(there, stream);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(book.db));
  });

  test('[HLC-4] an event of the future is applied once its time has come, and stays until then', () => {
    const book = openTasks();
    const now = book.clock.now();
    take(book, [message(book, [event(book, now + 20 * MINUTE)])]);
    const [held] = things(book, 'future');
    expect(held).toMatchObject({ arrivedAt: now, due: now + 15 * MINUTE, contents: { changes: 1 } });
    expect(retry(book, 'future')).toEqual({ settled: 0, left: 1, next: null });
    expect(things(book, 'future')).toEqual([held]);
    book.clock.advance(16 * MINUTE);
    expect(retry(book, 'future', held?.id)).toEqual({ settled: 1, left: 0, next: null });
    expect([attention(book).groups, book.store.sync.counts().quarantined]).toEqual([[], 0]);
  });

  test('what still cannot be read stays, once, and says what is wrong with it now', () => {
    const book = openTasks();
    const good = message(book, [event(book, book.clock.now())]);
    take(book, [7, { ...good, payload: 'Af//' }, { ...good, id: book.mint(), version: 99 }]);
    book.db.run(`UPDATE quarantine SET reason = 'an older version said so'`);
    for (const kind of ['unreadable', 'newer'] as const) {
      const before = things(book, kind);
      expect(retry(book, kind)).toEqual({ settled: 0, left: before.length, next: null });
      expect(things(book, kind).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      for (const { reason } of things(book, kind)) expect(reason).not.toBe('an older version said so');
    }
  });

  test('[BUNDLE-8] what an update of the app can read is applied, and a bundle of another book when the book is this one', () => {
    const book = openTasks();
    const [a, b, c] = [1, 2, 3].map(() => event(book, book.clock.now()));
    const elsewhere = book.mint<BookId>();
    const foreign = message(book, [a!], elsewhere);
    const readable = message(book, [b!]);
    take(book, [foreign]);
    // As an older version of the app left them.
    const insert = 'INSERT INTO quarantine (kind, digest, content, reason) VALUES (?, ?, ?, ?)';
    book.db.run(insert, ['newer', 1, JSON.stringify(readable), 'not known']);
    book.db.run(insert, ['malformed', 2, JSON.stringify(c), 'not known']);
    expect(things(book, 'malformed')[0]).toMatchObject({
      arrivedAt: null,
      sender: { clientId: c!.clientId, userId: null },
    });
    const before = book.store.stats().events;
    for (const kind of ['newer', 'malformed', 'otherBook'] as const)
      expect(retry(book, kind).settled).toBe(kind === 'otherBook' ? 0 : 1);
    expect(book.store.stats().events).toBe(before + 2);
    link(book, elsewhere, book.mint<UserId>());
    expect(retry(book, 'otherBook').settled).toBe(1);
    expect([book.store.stats().events, attention(book).groups]).toEqual([before + 3, []]);
  });

  test('whatever lies in quarantine, also what no version ever put there, it never throws', () => {
    const book = openTasks();
    const texts = ['', 'null', '[]', '{', '7', '{"id":1}', '"\\ud800"', '{"payload":""}'];
    for (const kind of ['future', 'malformed', 'unreadable', 'newer', 'otherBook']) {
      for (const [i, text] of texts.entries()) {
        book.db.run('INSERT INTO quarantine (kind, digest, content, reason, due) VALUES (?, ?, ?, ?, NULL)', [
          kind,
          i,
          text,
          '',
        ]);
      }
    }
    for (const { kind, total } of attention(book).groups) {
      expect(retry(book, kind)).toEqual({ settled: 0, left: total, next: null });
      for (const text of book.store.attention.export(kind, null, 0).things)
        expect(JSON.parse(text)).toMatchObject({ kind });
    }
    expect(attention(book).groups).toHaveLength(5);
  });

  test('a name is never taken for another thing, although numbers are given out again', () => {
    const book = openTasks();
    take(book, ['first']);
    const [first] = things(book, 'unreadable');
    book.db.run('DELETE FROM quarantine');
    take(book, ['second']);
    expect(book.store.attention.discard('unreadable', first!.id)).toBe(0);
    expect(things(book, 'unreadable')).toHaveLength(1);
    expect(retry(book, 'unreadable', 'no such name' as ThingId)).toEqual({ settled: 0, left: 0, next: null });
    expect(retry(book, 'refused', 'no such name' as ThingId)).toEqual({ settled: 0, left: 0, next: null });
  });

  test('[SYNC-5] many are tried some at a time, each once', () => {
    const book = openTasks();
    take(book, Array.from({ length: 45 }, (_, i) => `rubbish ${i}`)); // prettier-ignore
    let [left, calls] = [0, 0];
    for (let after: number | null = 0; after !== null; calls++) {
      const step = book.store.attention.retry('unreadable', null, after);
      left += step.left;
      after = step.next;
    }
    expect([left, calls]).toEqual([45, 3]);
    expect(attention(book).groups[0]).toMatchObject({ total: 45, things: { length: 20 } });
  });
});

describe('[ATTENTION-3] discarding', () => {
  test('what is held is not counted, not tried, and stays discarded when it comes again, until it is tried again', () => {
    const book = openTasks();
    const now = book.clock.now();
    const good = message(book, [event(book, now)]);
    const page = [
      'rubbish',
      { ...good, id: book.mint(), version: 99 },
      message(book, [event(book, now)], book.mint<BookId>()),
      message(book, [event(book, now + 20 * MINUTE), event(book, now, { value: '{' as Event['value'] })]),
    ];
    expect(take(book, page).quarantined).toBe(5);
    const kinds = attention(book).groups.map(({ kind }) => kind);
    expect(kinds).toEqual(['future', 'malformed', 'unreadable', 'newer', 'otherBook']);
    for (const kind of kinds) {
      expect(book.store.attention.discard(kind, null)).toBe(1);
      expect(book.store.attention.discard(kind, null)).toBe(0);
    }
    expect(book.store.sync.counts()).toMatchObject({ quarantined: 0 });
    expect(attention(book).discarded.map(({ kind }) => kind)).toEqual(kinds);
    // Read again from the start, as after a log that was lost, and after a restart.
    expect(take(book, page, '2').quarantined).toBe(0);
    const again = openBook({ db: book.db, clock: book.clock, random: new SeededRandom(4) });
    expect(again.store.sync.release(now + 60 * MINUTE)).toBe(0);
    expect(attention(again).groups).toEqual([]);
    again.clock.advance(60 * MINUTE);
    for (const kind of kinds) retry(again, kind, things(again, kind, 'discarded')[0]?.id);
    expect([attention(again).groups.map(({ kind }) => kind), attention(again).discarded]).toEqual([kinds.slice(1), []]);
  });

  test('[PRUNE-4] [SNAP-4] what was refused stays here: never pruned, in no snapshot, and not sent again', () => {
    const book = openTasks();
    const to = linked(book);
    const stream = new MemoryStream();
    const id = book.addTask({ title: 'shared' });
    exchange(book, stream);
    book.setTask(id, { title: 'only here' });
    refuseNext(book, to);
    book.setTask(id, { title: 'shared again' });
    exchange(book, stream);
    expect(book.store.attention.discard('refused', null)).toBe(1);
    expect(book.store.sync.counts()).toMatchObject({ rejected: 0, waiting: 0 });
    const titles = () =>
      book
        .ask({ kind: 'history', entityId: id, attribute: book.attribute('title'), limit: 9 })
        .changes.map(({ value }) => value);
    book.clock.advance(1);
    const run = must(book.store.prune(makeTimestamp(book.clock.now(), 0, '0000000000000000' as NodeId)));
    while (!must(run.step()).done);
    expect(titles()).toContain('only here');

    const started = openBook({ clock: book.clock, random: new SeededRandom(3) });
    link(started, to.bookId, to.userId);
    must(startFrom(started, takeWhole(book), book.clock.now()));
    const values = (of: TestBook) => of.db.all('SELECT value FROM events').map((row) => row['value']);
    expect(values(started)).not.toContain('"only here"');

    // [SYNC-4] The log is told everything again, but for that.
    book.store.sync.resendAll(to);
    const lost = new MemoryStream();
    const waiting = book.store.sync.counts().waiting;
    push(book, lost);
    const there = openBook({ clock: book.clock, random: new SeededRandom(2) });
    link(there, to.bookId, to.userId);
    exchange(there, lost);
    expect(values(there)).not.toContain('"only here"');
    expect(values(there)).toContain('"shared again"');
    expect(waiting).toBeLessThan(book.store.stats().events);
    expect(attention(book).discarded).toMatchObject([{ kind: 'refused', total: 1 }]);
  });

  test('[SYNC-4] what was refused and not discarded is offered anew with everything else, and needs no attention meanwhile', () => {
    const book = openTasks();
    const to = linked(book);
    const first = refuseNext(book, to);
    book.store.sync.resendAll(to);
    expect(book.store.sync.counts()).toMatchObject({ rejected: 0, waiting: first.events });
    const stream = new MemoryStream();
    push(book, stream);
    const there = openBook({ clock: book.clock, random: new SeededRandom(2) });
    link(there, to.bookId, to.userId);
    exchange(there, stream);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(book.db));
  });

  test('[PRUNE-4] of a repair bundle, others’ events are known not to be at the server, and the rest may be pruned again', () => {
    const here = openTasks();
    const to = linked(here);
    const there = openBook({ clock: here.clock, random: new SeededRandom(2) });
    link(there, to.bookId, to.userId);
    const stream = new MemoryStream();
    const id = here.addTask({ title: 'theirs to come' });
    exchange(here, stream);
    exchange(there, stream);
    for (const value of ['one', 'two'])
      there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value }] });
    exchange(there, stream);
    exchange(here, stream);
    here.store.sync.resendAll(to);
    refuseNext(here, to);
    const rest = new MemoryStream();
    exchange(here, rest);
    const horizon = () => makeTimestamp(here.clock.now(), 0, '0000000000000000' as NodeId);
    here.clock.advance(1);
    expect(here.store.prune(horizon())).toMatchObject({ ok: false, error: { kind: 'resending' } });
    here.store.attention.discard('refused', null);
    const events = here.store.stats().events;
    const run = must(here.store.prune(horizon()));
    while (!must(run.step()).done);
    expect(here.store.stats().events).toBe(events);
    // Tried again and taken, the server has them.
    retry(here, 'refused', things(here, 'refused', 'discarded')[0]?.id);
    exchange(here, rest);
    here.clock.advance(1);
    const again = must(here.store.prune(horizon()));
    while (!must(again.step()).done);
    expect(here.store.stats().events).toBeLessThan(events);
  });

  test('of several, one is discarded by its name', () => {
    const book = openTasks();
    take(book, ['a', 'b', 'c']);
    const [, second] = things(book, 'unreadable');
    expect(book.store.attention.discard('unreadable', second!.id)).toBe(1);
    expect(book.store.attention.discard('unreadable', second!.id)).toBe(0);
    expect(things(book, 'unreadable')).toHaveLength(2);
    expect(things(book, 'unreadable', 'discarded')).toMatchObject([{ id: second!.id, discardedAt: book.clock.now() }]);
    expect(take(book, ['b']).quarantined).toBe(0);
  });
});

describe('[ATTENTION-4] taking away', () => {
  test('a refused bundle: the message word for word, and every change in it', () => {
    const book: TaskBook = openTasks();
    const to = linked(book);
    push(book, new MemoryStream());
    const id = book.addTask({ title: 'Pay the rent' });
    const bundle = refuseNext(book, to);
    const page = book.store.attention.export('refused', null, 0);
    expect(page.next).toBeNull();
    expect(page.things).toHaveLength(1);
    expect(page.things[0]).toContain(`"message":${bundle.message}`);
    const thing = JSON.parse(page.things[0]!) as { reason: string; events: Event[]; message: { payload: string } };
    expect(thing).toMatchObject({
      kind: 'refused',
      bundleId: bundle.id,
      reason: 'It is too large.',
      message: { bookId: to.bookId, clientId: to.clientId },
      events: [
        { entityId: id, attribute: 'type', value: book.tasks },
        { entityId: id, attribute: book.fields.title, value: 'Pay the rent' },
      ],
    });
    expect(thing.message.payload).toMatch(/^[\w+/]+=*$/);
  });

  test('what cannot be read is there as it came, and an event with who sent it', () => {
    const book = openTasks();
    const now = book.clock.now();
    const future = event(book, now + 20 * MINUTE, { id: nextId(book.mint<EventId>()) });
    const sent = message(book, [future]);
    take(book, [{ strange: [1, 'two'] }, sent]);
    const only = (kind: AttentionKind): unknown => JSON.parse(book.store.attention.export(kind, null, 0).things[0]!);
    expect(only('unreadable')).toMatchObject({ events: null, message: { strange: [1, 'two'] }, sender: null });
    expect(only('future')).toMatchObject({
      bundleId: sent.id,
      arrivedAt: new Date(now).toISOString(),
      due: new Date(now + 15 * MINUTE).toISOString(),
      sender: { clientId: future.clientId },
      event: future,
      events: [{ ...future, value: 'x' }],
    });
  });
});
