import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Event } from '../core/event.ts';
import { mintId, type BookId, type BundleId, type ClientId, type UserId } from '../core/ids.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import { canonicalDump, LOCAL_TABLES } from '../testing/canonical-dump.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Crash, MortalDatabase } from '../testing/mortal-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { must, TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { writeConfig } from './config.ts';
import { appendEvents } from './event-log.ts';

const START = Date.UTC(2026, 10, 1);
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** What was derived and does not depend on how much history is left. */
const derived = (book: TestBook): string[] => canonicalDump(book.db).filter((_, table) => !LOCAL_TABLES.has(table));

function prune(book: TestBook): void {
  book.clock.advance(1);
  const run = must(book.store.prune(makeTimestamp(book.clock.now(), 0, '0000000000000000' as NodeId)));
  for (let done = false; !done;) ({ done } = must(run.step()));
}

const eventCount = (book: TestBook): number => book.store.stats().events;

test('[SNAP-3] [LOG-1] a snapshot and the rest of a log, in any order, come to the same as the whole log', () => {
  fc.assert(
    fc.property(seeds, seeds, (logSeed, deliverySeed) => {
      const log = randomLog(new SeededRandom(logSeed), 50);
      const random = new SeededRandom(deliverySeed);
      const clock = new ManualClock(START + 1_000_000);
      const [whole, taker, fresh] = [2, 3, 4].map((seed) => openBook({ clock, random: new SeededRandom(seed) }));
      if (!whole || !taker || !fresh) throw new Error('books are missing');
      const { bookId } = taker.store.identity();
      for (const book of [whole, taker, fresh]) link(book, bookId, taker.mint<UserId>());
      const deliver = (book: TestBook, events: readonly Event[]): void => {
        const bundleId = mintId<BundleId>(START, random.bytes);
        const sender = { clientId: mintId<ClientId>(START, random.bytes), userId: mintId<UserId>(START, random.bytes) };
        book.db.transaction('normal', () => appendEvents(book.db, [{ events, bundleId, sender }]));
      };
      const shuffled = (): Event[] =>
        log
          .map((event) => ({ event, at: random.next() }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ event }) => event);
      deliver(whole, log);
      const order = shuffled();
      const before = random.below(log.length);
      deliver(taker, order.slice(0, before));
      writeConfig(taker.db, 'cursor', 'here');
      writeConfig(taker.db, 'clock', whole.db.get('SELECT max(timestamp) AS t FROM events')?.['t'] ?? null);
      if (random.chance(0.5)) prune(taker);
      deliver(taker, order.slice(before, before + random.below(20)));
      const { events } = must(fresh.store.applySnapshot(must(taker.store.snapshot()), clock.now()));
      expect(events).toBeLessThanOrEqual(before + 20);
      expect(fresh.store.sync.cursor()).toBe('here');
      expect(derived(fresh)).toEqual(derived(taker));
      // The tail, and what was in the snapshot already, late and mixed up.
      const tail = shuffled().filter((event) => order.indexOf(event) >= before || random.chance(0.3));
      for (let at = 0; at < tail.length; at += 9) deliver(fresh, tail.slice(at, at + 9));
      expect(derived(fresh)).toEqual(derived(whole));
      const dump = canonicalDump(fresh.db, true);
      fresh.store.rebuild();
      expect(canonicalDump(fresh.db, true)).toEqual(dump);
      for (const book of [whole, taker, fresh]) book.db.close();
    }),
    { numRuns: 10 },
  );
});

test('[SNAP-3] [SNAP-4] devices that edit, conflict, undo, prune and start from snapshots come to the same, and nothing made is lost', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = new SeededRandom(seed);
      const clock = new ManualClock(START);
      const first = openTasks({ clock });
      const stream = new MemoryStream();
      const user = first.mint<UserId>();
      const { bookId } = first.store.identity();
      const device = (at: number): TestBook => openTasks({ clock, random: new SeededRandom(seed + at), empty: true });
      const books: TestBook[] = [first, device(1), device(2)];
      for (const book of books) link(book, bookId, user);
      const tasks = [1, 2, 3].map((i) => first.addTask({ title: `${i}`, effort: i }));
      for (const book of books) exchange(book, stream);
      const made = new Set<string>();
      // The first keeps everything, so that it can tell.
      for (let turn = 0; turn < 60; turn++) {
        const book = random.pick(books);
        const field = random.pick([first.fields.title, first.fields.notes]);
        if (random.chance(0.7)) {
          const value = `${turn} ${random.below(3)}`;
          // A task may be gone here: its making was undone.
          const done = book.execute({ kind: 'setValues', changes: [{ entityId: random.pick(tasks), field, value }] });
          if (done.ok) made.add(JSON.stringify(value));
        } else if (random.chance(0.3)) book.undo(true);
        const meeting = random.next();
        if (meeting < 0.3) exchange(book, stream);
        else if (meeting < 0.5) push(book, stream);
        if (random.chance(0.1) && book !== first) prune(book);
        if (random.chance(0.06)) {
          const fresh = device(100 + turn);
          link(fresh, bookId, user);
          // It had something of its own before it started.
          const own = `made in turn ${turn}`;
          fresh.do({ kind: 'createType', id: fresh.mint(), name: own, fields: [] });
          made.add(JSON.stringify(own));
          must(fresh.store.applySnapshot(must(book.store.snapshot()), clock.now()));
          if (random.chance(0.5)) exchange(fresh, stream);
          books.push(fresh);
        }
      }
      for (const book of [...books, ...books]) exchange(book, stream);
      for (const book of books) {
        expect(derived(book)).toEqual(derived(first));
        expect(book.store.sync.counts().waiting).toBe(0);
      }
      const kept = new Set(first.db.all('SELECT value FROM events').map((row) => row['value']));
      for (const value of made) expect(kept.has(value)).toBe(true);
      for (const book of books) book.db.close();
    }),
    { numRuns: 5 },
  );
});

/** A linked book with conflicts, something quarantined and something unsent; and an empty one that is linked to it. */
function takerAndFresh() {
  const clock = new ManualClock();
  const taker = openTasks({ clock });
  const there = openTasks({ clock, random: new SeededRandom(2), empty: true });
  const stream = new MemoryStream();
  const user = taker.mint<UserId>();
  const { bookId } = taker.store.identity();
  for (const book of [taker, there]) link(book, bookId, user);
  const task = taker.addTask({ title: 'one', effort: 1 });
  for (const book of [taker, there, taker]) exchange(book, stream);
  for (let i = 0; i < 5; i++) taker.setTask(task, { effort: i + 2 });
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: taker.fields.title, value: 'theirs' }] });
  taker.setTask(task, { title: 'ours' });
  for (const book of [taker, there, taker]) exchange(book, stream);
  taker.store.sync.apply({ messages: ['what is this?'], cursor: String(stream.messages.length) }, clock.now());
  taker.setTask(task, { notes: 'not sent yet' });
  const fresh = openTasks({ clock, random: new SeededRandom(3), empty: true });
  link(fresh, bookId, user);
  return { clock, taker, there, fresh, stream, task, bookId, user };
}

test('[SNAP-3] who starts from a snapshot has the state, its conflicts and what is held, and gets the rest from the stream', () => {
  const { clock, taker, fresh, stream, task } = takerAndFresh();
  const bytes = must(taker.store.snapshot());
  const before = eventCount(taker);
  expect(must(fresh.store.applySnapshot(bytes, clock.now()))).toMatchObject({ quarantined: 1 });
  expect(eventCount(fresh)).toBeLessThan(before - 4);
  expect(fresh.ask({ kind: 'conflicts', limit: 9 })).toMatchObject({ total: 1, conflicts: [{ versions: [{ value: 'ours' }, { value: 'theirs' }] }] }); // prettier-ignore
  expect(fresh.ask({ kind: 'record', id: task })?.values[taker.fields.effort]).toBe(6);
  expect(fresh.ask({ kind: 'record', id: task })?.values[taker.fields.notes]).toBeUndefined();
  expect(fresh.store.sync.counts()).toMatchObject({ waiting: 0, quarantined: 1 });
  expect(fresh.store.horizon()).not.toBeNull();
  exchange(taker, stream);
  expect(exchange(fresh, stream).applied).toBe(1);
  expect(derived(fresh)).toEqual(derived(taker));
});

test('[SNAP-4] what was made before it started is kept, sent, and may conflict with what is in the snapshot', () => {
  const { clock, taker, fresh, stream, task } = takerAndFresh();
  fresh.do({ kind: 'createType', id: taker.mint(), name: 'Mine', fields: [] });
  must(fresh.store.applySnapshot(must(taker.store.snapshot()), clock.now()));
  fresh.do({ kind: 'setValues', changes: [{ entityId: task, field: taker.fields.effort, value: 99 }] });
  expect(fresh.store.sync.counts().waiting).toBeGreaterThan(1);
  for (const book of [fresh, taker, fresh]) exchange(book, stream);
  expect(derived(fresh)).toEqual(derived(taker));
  expect(taker.ask({ kind: 'schema' }).types.map((type) => type.name)).toContain('Mine');
});

test('[SNAP-2] a snapshot of another book, or for a book that has been read already, is refused, and changes nothing', () => {
  const { clock, taker, there, fresh, stream, user } = takerAndFresh();
  const bytes = must(taker.store.snapshot());
  const stranger = openTasks({ clock, random: new SeededRandom(9) });
  link(stranger, stranger.mint<BookId>(), user);
  const refused = (book: TestBook, wrong: Uint8Array): unknown => {
    const before = [canonicalDump(book.db, true), book.store.identity(), book.store.sync.cursor()];
    const outcome = book.store.applySnapshot(wrong, clock.now());
    expect([canonicalDump(book.db, true), book.store.identity(), book.store.sync.cursor()]).toEqual(before);
    return outcome;
  };
  expect(refused(stranger, bytes)).toMatchObject({ error: { kind: 'otherBook' } });
  expect(refused(there, bytes)).toMatchObject({ error: { kind: 'notEmpty' } });
  expect(refused(fresh, bytes.subarray(0, bytes.length - 1))).toMatchObject({ error: { kind: 'damaged' } });
  expect(refused(fresh, new TextEncoder().encode('hello'))).toMatchObject({ error: { kind: 'notASnapshot' } });
  expect(fresh.store.horizon()).toBeNull();
  expect(openTasks().store.snapshot()).toMatchObject({ error: { kind: 'notSynced' } });
  taker.store.sync.resendAll({ ...taker.store.identity(), userId: user });
  expect(taker.store.snapshot()).toMatchObject({ error: { kind: 'resending' } });
  // A year ahead: nobody's history is complete since then.
  clock.advance(365 * 86_400_000);
  there.do({ kind: 'createType', id: there.mint(), name: 'From the future', fields: [] });
  exchange(there, stream);
  const later = must(there.store.snapshot());
  clock.advance(-365 * 86_400_000);
  expect(refused(fresh, later)).toMatchObject({ error: { kind: 'damaged', where: 'head, horizon' } });
});

test('[SNAP-5] killed at any statement while it starts, a book goes on with the same snapshot, or with the whole stream', () => {
  const { clock, taker, stream, bookId, user } = takerAndFresh();
  exchange(taker, stream);
  prune(taker);
  const bytes = must(taker.store.snapshot());
  let died = 0;
  for (let statement = 1; ; statement += 7) {
    const db = new NodeSqlite();
    const mortal = new MortalDatabase(db, () => undefined);
    const book = new TestBook({ db: mortal, clock, random: new SeededRandom(9) });
    link(book, bookId, user);
    mortal.dieAfter(statement);
    let alive = true;
    try {
      must(book.store.applySnapshot(bytes, clock.now()));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      alive = false;
      died += 1;
    }
    mortal.revive();
    const again = new TestBook({ db, clock, random: new SeededRandom(10) });
    if (again.store.sync.cursor() === null && died % 2 === 0) must(again.store.applySnapshot(bytes, clock.now()));
    exchange(again, stream);
    expect(derived(again)).toEqual(derived(taker));
    db.close();
    if (alive) break;
  }
  expect(died).toBeGreaterThan(5);
});
