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
import { fetchHistory, startFrom, takeWhole, type TakenSnapshot } from '../testing/snapshots.ts';
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
      const { events } = must(startFrom(fresh, takeWhole(taker), clock.now()));
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
        if (random.chance(0.1) && book !== first && book.store.sync.history() === null) prune(book);
        if (random.chance(0.1)) fetchHistory(book, stream.messages, clock.now());
        if (random.chance(0.06)) {
          const fresh = device(100 + turn);
          link(fresh, bookId, user);
          // It had something of its own before it started.
          const own = `made in turn ${turn}`;
          fresh.do({ kind: 'createType', id: fresh.mint(), name: own, fields: [] });
          made.add(JSON.stringify(own));
          must(startFrom(fresh, takeWhole(book), clock.now()));
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

/** Everything that the log holds, whoever brought it, and what it comes to. */
function whole(book: TestBook): unknown[] {
  const log = 'SELECT hex(id), hex(entity_id), hex(attribute), hex(timestamp), value, hex(previous) FROM events';
  return [
    ...canonicalDump(book.db),
    book.db
      .all(log)
      .map((row) => Object.values(row).join())
      .toSorted(),
  ];
}

test('[SNAP-6] what a snapshot left out is fetched later: no state changes by it, and in the end nothing tells the two apart', () => {
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
      const moments: number[] = [];
      const live = (turns: number): void => {
        for (let turn = 0; turn < turns; turn++) {
          const book = random.pick(books);
          const field = random.pick([first.fields.title, first.fields.notes]);
          book.execute({ kind: 'setValues', changes: [{ entityId: random.pick(tasks), field, value: `${turn} ${random.below(3)}` }] }); // prettier-ignore
          if (random.chance(0.1)) book.undo(true);
          if (random.chance(0.4)) exchange(book, stream);
          clock.advance(random.below(5_000));
          moments.push(clock.now());
        }
      };
      live(40);
      const taker = random.pick(books);
      exchange(taker, stream);
      // Whoever takes it may have a short history; whoever starts may have something of its own.
      if (random.chance(0.5)) prune(taker);
      const snapshot = takeWhole(taker);
      live(10);
      const fresh = device(3);
      link(fresh, bookId, user);
      if (random.chance(0.5)) fresh.do({ kind: 'createType', id: fresh.mint(), name: 'Own', fields: [] });
      must(startFrom(fresh, snapshot, clock.now()));
      books.push(fresh);
      expect(fresh.ask({ kind: 'timeline' }).completeSince).not.toBeNull();
      for (let at = 0; ;) {
        const { at: from, until } = fresh.store.sync.history() ?? { at: 'done', until: '' };
        expect(from).toBe(at === 0 ? null : String(at));
        if (at >= Number(until)) break;
        const before = derived(fresh);
        const end = Math.min(at + 1 + random.below(4), stream.messages.length);
        const slice = { messages: stream.messages.slice(at, end), cursor: String(end) };
        fresh.store.sync.applyHistory(slice, from, clock.now());
        // The last page may reach further than the snapshot, and bring news.
        if (end <= Number(until)) expect(derived(fresh)).toEqual(before);
        // A page that was asked for before, and comes again, is none any more.
        if (random.chance(0.3)) expect(fresh.store.sync.applyHistory(slice, from, clock.now()).events).toBe(0);
        at = end;
        live(1);
        if (random.chance(0.3)) fresh.store.rebuild();
      }
      const reader = device(4);
      link(reader, bookId, user);
      for (const book of [...books, ...books, reader]) exchange(book, stream);
      const before = derived(fresh);
      fetchHistory(fresh, stream.messages, clock.now());
      expect(derived(fresh)).toEqual(before);
      expect(fresh.ask({ kind: 'timeline' })).toEqual(reader.ask({ kind: 'timeline' }));
      expect(fresh.db.all('SELECT * FROM pruned')).toEqual([]);
      expect(whole(fresh)).toEqual(whole(reader));
      for (const at of moments) {
        const asOf = { at: makeTimestamp(at, 0, '0000000000000000' as NodeId), reading: 'dated' } as const;
        for (const id of tasks)
          expect(fresh.ask({ kind: 'record', id, asOf })).toEqual(reader.ask({ kind: 'record', id, asOf }));
      }
      fresh.store.rebuild();
      expect(whole(fresh)).toEqual(whole(reader));
      for (const book of [...books, reader]) book.db.close();
    }),
    { numRuns: 4 },
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
  const snapshot = takeWhole(taker);
  const before = eventCount(taker);
  expect(must(startFrom(fresh, snapshot, clock.now()))).toMatchObject({ quarantined: 1 });
  expect(eventCount(fresh)).toBeLessThan(before - 4);
  expect(fresh.ask({ kind: 'conflicts', limit: 9 })).toMatchObject({ total: 1, conflicts: [{ versions: [{ value: 'ours' }, { value: 'theirs' }] }] }); // prettier-ignore
  expect(fresh.ask({ kind: 'record', id: task })?.values[taker.fields.effort]).toBe(6);
  expect(fresh.ask({ kind: 'record', id: task })?.values[taker.fields.notes]).toBeUndefined();
  expect(fresh.store.sync.counts()).toMatchObject({ waiting: 0, quarantined: 1 });
  expect(fresh.ask({ kind: 'timeline' }).completeSince).not.toBeNull();
  expect(fresh.store.horizon()).toBeNull();
  exchange(taker, stream);
  expect(exchange(fresh, stream).applied).toBe(1);
  expect(derived(fresh)).toEqual(derived(taker));
});

test('[SNAP-3] a book of more types and fields than fit one part can be started from, too', () => {
  const { clock, taker, fresh, stream } = takerAndFresh();
  for (let n = 0; n < 30; n++) {
    const fields = Array.from({ length: 10 }, (_, i) => ({
      id: taker.mint(),
      name: `${n}.${i}`,
      kind: 'text' as const,
    }));
    taker.do({ kind: 'createType', id: taker.mint(), name: `Type ${n}`, fields });
  }
  exchange(taker, stream);
  must(startFrom(fresh, takeWhole(taker), clock.now()));
  exchange(fresh, stream);
  expect(derived(fresh)).toEqual(derived(taker));
});

test('[SNAP-4] what was made before it started is kept, sent, and may conflict with what is in the snapshot', () => {
  const { clock, taker, fresh, stream, task } = takerAndFresh();
  fresh.do({ kind: 'createType', id: taker.mint(), name: 'Mine', fields: [] });
  must(startFrom(fresh, takeWhole(taker), clock.now()));
  fresh.do({ kind: 'setValues', changes: [{ entityId: task, field: taker.fields.effort, value: 99 }] });
  expect(fresh.store.sync.counts().waiting).toBeGreaterThan(1);
  for (const book of [fresh, taker, fresh]) exchange(book, stream);
  expect(derived(fresh)).toEqual(derived(taker));
  expect(taker.ask({ kind: 'schema' }).types.map((type) => type.name)).toContain('Mine');
});

test('[SNAP-2] a snapshot of another book, or for a book that has been read already, is refused, and changes nothing', () => {
  const { clock, taker, there, fresh, stream, user } = takerAndFresh();
  const snapshot = takeWhole(taker);
  const [piece] = snapshot.pieces as [Uint8Array];
  const stranger = openTasks({ clock, random: new SeededRandom(9) });
  link(stranger, stranger.mint<BookId>(), user);
  const damaged = (piece: Uint8Array): TakenSnapshot => ({ ...snapshot, pieces: [piece] });
  const refused = (book: TestBook, wrong: TakenSnapshot): unknown => {
    const before = [canonicalDump(book.db, true), book.store.identity(), book.store.sync.cursor()];
    const outcome = startFrom(book, wrong, clock.now());
    expect([canonicalDump(book.db, true), book.store.identity(), book.store.sync.cursor()]).toEqual(before);
    return outcome;
  };
  expect(refused(stranger, snapshot)).toMatchObject({ error: { kind: 'otherBook' } });
  expect(refused(there, snapshot)).toMatchObject({ error: { kind: 'notEmpty' } });
  expect(refused(fresh, damaged(piece.subarray(0, piece.length - 1)))).toMatchObject({ error: { kind: 'damaged' } });
  expect(refused(fresh, damaged(new TextEncoder().encode('hello')))).toMatchObject({ error: { kind: 'notASnapshot' } });
  expect(fresh.ask({ kind: 'timeline' }).completeSince).toBeNull();
  expect(openTasks().store.sync.takeSnapshot()).toMatchObject({ error: { kind: 'notSynced' } });
  taker.store.sync.resendAll({ ...taker.store.identity(), userId: user });
  expect(taker.store.sync.takeSnapshot()).toMatchObject({ error: { kind: 'resending' } });
  // A year ahead: nobody's history is complete since then.
  clock.advance(365 * 86_400_000);
  there.do({ kind: 'createType', id: there.mint(), name: 'From the future', fields: [] });
  exchange(there, stream);
  const later = takeWhole(there);
  clock.advance(-365 * 86_400_000);
  expect(refused(fresh, later)).toMatchObject({ error: { kind: 'damaged', where: 'head, horizon' } });
});

test('[SNAP-5] killed at any statement while it starts, a book goes on with the same snapshot, or with the whole stream', () => {
  const { clock, taker, stream, bookId, user } = takerAndFresh();
  exchange(taker, stream);
  prune(taker);
  const snapshot = takeWhole(taker);
  let died = 0;
  for (let statement = 1; ; statement += 7) {
    const db = new NodeSqlite();
    const mortal = new MortalDatabase(db, () => undefined);
    const book = new TestBook({ db: mortal, clock, random: new SeededRandom(9) });
    link(book, bookId, user);
    mortal.dieAfter(statement);
    let alive = true;
    try {
      must(startFrom(book, snapshot, clock.now()));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      alive = false;
      died += 1;
    }
    mortal.revive();
    const again = new TestBook({ db, clock, random: new SeededRandom(10) });
    if (again.store.sync.cursor() === null && died % 2 === 0) must(startFrom(again, snapshot, clock.now()));
    exchange(again, stream);
    expect(derived(again)).toEqual(derived(taker));
    db.close();
    if (alive) break;
  }
  expect(died).toBeGreaterThan(5);
});
