/** [SYNC-9] What a log has lost goes back into it, whoever made it and however it had come here. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BundleId, EntityId, UserId } from '../core/ids.ts';
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import { Comparison } from '../sync/comparison.ts';
import type { LogPlace, SyncStore } from '../sync/ports.ts';
import { canonicalDump, LOCAL_TABLES } from '../testing/canonical-dump.ts';
import { openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { fromTheFuture, garbage } from '../testing/strange-messages.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import { link } from '../testing/two-devices.ts';
import type { SqlValue } from './database.ts';

/** A server's log that forgets without a trace: what it lost leaves no gap in its numbers. */
class ForgetfulLog {
  readonly #messages = new Map<number, { readonly id: BundleId | null; readonly message: unknown }>();
  #tail = 0;

  append(message: unknown): void {
    const id = typeof message === 'object' && message !== null && 'id' in message ? (message.id as BundleId) : null;
    this.#messages.set(this.#tail++, { id, message });
  }

  /** Forgets messages for which this is true. Returns how many. */
  forget(which: (message: unknown) => boolean): number {
    const gone = [...this.#messages].filter(([, { message }]) => which(message));
    for (const [at] of gone) this.#messages.delete(at);
    return gone.length;
  }

  get tail(): number {
    return this.#tail;
  }

  messagesFrom(at: number): unknown[] {
    return [...this.#messages].filter(([position]) => position >= at).map(([, { message }]) => message);
  }

  get ids(): BundleId[] {
    return [...this.#messages.values()].flatMap(({ id }) => id ?? []);
  }
}

/** Everything that waits goes out, and everything that is there comes in. */
function meet(book: TestBook, log: ForgetfulLog): void {
  const sync: SyncStore = book.store.sync;
  for (;;) {
    if (sync.nextInOutbox() === null) seal(book, 1);
    const bundle = sync.nextInOutbox();
    if (!bundle) break;
    sync.markTried(bundle.id);
    log.append(JSON.parse(bundle.message));
    sync.acknowledge(bundle.id, { epoch: 1, seq: sync.producer().seq + 1 });
  }
  read(book, log);
}

function seal(book: TestBook, limit: number): void {
  const { bookId, clientId, userId } = book.store.identity();
  book.store.sync.seal({ bookId, clientId, userId: userId! }, limit);
}

function read(book: TestBook, log: ForgetfulLog): void {
  const sync: SyncStore = book.store.sync;
  const messages = log.messagesFrom(Number(sync.cursor() ?? 0));
  sync.apply({ messages, cursor: String(log.tail) }, book.clock.now());
}

function places(book: TestBook): LogPlace[] {
  const all: LogPlace[] = [];
  for (let part = book.store.sync.places(null, 3); part.length > 0; part = book.store.sync.places(all.at(-1)!.id, 3))
    all.push(...part);
  return all;
}

/** Compares both sides and queues what the log lacks; a run may be cut short after some steps. */
function verify(book: TestBook, log: ForgetfulLog, steps = Infinity) {
  const comparison = new Comparison(places(book));
  const missingHere = comparison.take(log.ids);
  const lost = comparison.missingThere();
  const queue = book.store.sync.queueLost(lost);
  let progress = { done: false, shortened: false };
  for (let i = 0; i < steps && !progress.done; i++) progress = queue.step();
  return { missingHere, lost, shortened: progress.shortened };
}

function linkedBooks(count: number): { books: [TaskBook, TaskBook, ...TaskBook[]]; log: ForgetfulLog } {
  const first = openTasks();
  const another = (seed: number): TaskBook =>
    openTasks({ clock: first.clock, random: new SeededRandom(seed), empty: true });
  const others: [TaskBook, ...TaskBook[]] = [
    another(2),
    ...Array.from({ length: count - 2 }, (_, i) => another(i + 3)),
  ];
  const books: [TaskBook, TaskBook, ...TaskBook[]] = [first, ...others];
  const [bookId, userId] = [first.store.identity().bookId, first.mint<UserId>()];
  for (const book of books) link(book, bookId, userId);
  const log = new ForgetfulLog();
  meet(first, log);
  for (const book of others) read(book, log);
  return { books, log };
}

/** A device that knows of the book what the log tells. */
function newcomer(book: TestBook, log: ForgetfulLog): TaskBook {
  const { bookId, userId } = book.store.identity();
  const fresh = openTasks({ clock: book.clock, random: new SeededRandom(99), empty: true });
  link(fresh, bookId, userId!);
  read(fresh, log);
  return fresh;
}

const count = (book: TestBook, from: string): SqlValue =>
  book.db.get(`SELECT count(*) AS n FROM ${from}`)?.['n'] ?? null;
const sealedBy =
  (book: TestBook) =>
  (message: unknown): boolean =>
    (message as { clientId?: unknown } | null)?.clientId === book.store.identity().clientId;
/** All that does not depend on how much history is kept. */
const state = (book: TestBook): string[] => canonicalDump(book.db).filter((_, table) => !LOCAL_TABLES.has(table));

describe('[SYNC-9] a log that lost bundles', () => {
  test('is noticed by whoever had read them, and is told again: own changes wait for it, others’ travel in our envelope', () => {
    const { books, log } = linkedBooks(2);
    const [here, there] = books;
    const mine = here.addTask({ title: 'mine' });
    meet(here, log);
    read(there, log);
    there.do({ kind: 'setValues', changes: [{ entityId: mine, field: here.fields.title, value: 'theirs' }] });
    meet(there, log);
    read(here, log);
    expect(verify(here, log)).toMatchObject({ missingHere: [], lost: [] });
    expect(here.store.sync.counts().waiting).toBe(0);

    expect(log.forget(sealedBy(there)) + log.forget((message) => message === log.messagesFrom(0)[1])).toBe(2);
    const { lost, shortened } = verify(here, log);
    expect([lost.length, shortened]).toEqual([2, false]);
    // The record with its title and type, made here.
    expect(here.store.sync.counts().waiting).toBe(2);
    expect(here.store.sync.cursor()).toBe(String(log.tail));
    meet(here, log);
    expect(here.store.sync.counts().waiting).toBe(0);
    expect(canonicalDump(newcomer(here, log).db)).toEqual(canonicalDump(here.db));
    expect(verify(here, log)).toMatchObject({ missingHere: [], lost: [] });
    // Who had it all already reads it once more, and has the same.
    read(there, log);
    expect(canonicalDump(there.db)).toEqual(canonicalDump(here.db));
  });

  test('is told no more than it lost', () => {
    const { books, log } = linkedBooks(2);
    const [here, there] = books;
    for (let i = 0; i < 30; i++) {
      add(here, there, `task ${i}`);
      meet(there, log);
    }
    read(here, log);
    let nth = 0;
    expect(log.forget((message) => sealedBy(there)(message) && nth++ % 10 === 0)).toBe(3);
    verify(here, log);
    expect(count(here, 'lost')).toBe(6);
    const before = log.ids.length;
    meet(here, log);
    expect(log.ids.length).toBe(before + 1);
    expect(canonicalDump(newcomer(here, log).db)).toEqual(canonicalDump(here.db));
  });

  test('whoever had the events before from elsewhere cannot tell what a bundle held, and sends all that may have been', () => {
    const { books, log } = linkedBooks(2);
    const [here, there] = books;
    add(here, there, 'theirs');
    meet(there, log);
    here.addTask({ title: 'ours' });
    meet(here, log);
    read(there, log);
    // Everything was lost once, and both told it all again: others' events do not remember in which bundles of ours.
    log.forget(() => true);
    for (const book of [here, there]) {
      book.store.sync.resendAll({ ...book.store.identity(), userId: book.store.identity().userId! });
      meet(book, log);
    }
    read(here, log);
    expect(verify(there, log)).toMatchObject({ missingHere: [], lost: [] });
    log.forget(() => true);
    expect(verify(there, log).lost.length).toBeGreaterThan(1);
    meet(there, log);
    expect(canonicalDump(newcomer(there, log).db)).toEqual(canonicalDump(there.db));
  });

  test('[SYNC-6] [HLC-4] what nobody could read, or whose time has not come, goes back into it too', () => {
    const { books, log } = linkedBooks(2);
    const [here] = books;
    const [dice, { bookId, userId }] = [new SeededRandom(5), here.store.identity()];
    const where = { bookId, userId: userId! };
    for (let i = 0; i < 20; i++) log.append(JSON.parse(garbage(dice, where, here.clock.now())));
    log.append(JSON.parse(fromTheFuture(dice, where, here.clock.now(), 3_600_000)));
    read(here, log);
    const held = count(here, `quarantine WHERE bundle_id IS NOT NULL`);
    expect(held).toBeGreaterThan(1);
    // What has no id cannot be compared.
    log.forget((message) => ((message as { id?: unknown } | null)?.id ?? 1) !== 1 && !sealedBy(here)(message));
    expect(verify(here, log).lost.length).toBeGreaterThan(1);
    meet(here, log);
    const fresh = newcomer(here, log);
    const contents = (book: TestBook) =>
      book.db
        .all(`SELECT content FROM quarantine WHERE bundle_id IS NOT NULL`)
        .map(({ content }) => String(content))
        .toSorted((a, b) => (a < b ? -1 : 1));
    expect(contents(fresh)).toEqual(contents(here));
    expect(verify(here, log).lost).toEqual([]);
  });

  test.each([1, 2, 3])(
    '[HLC-4] what is released after step %i of a comparison, before it is sent, goes back too',
    (steps) => {
      const { books, log } = linkedBooks(2);
      const [here] = books;
      const HOUR = 3_600_000;
      const { bookId, userId } = here.store.identity();
      log.append(JSON.parse(fromTheFuture(new SeededRandom(5), { bookId, userId: userId! }, here.clock.now(), HOUR)));
      read(here, log);
      expect(here.store.sync.counts().quarantined).toBe(1);
      expect(log.forget((message) => !sealedBy(here)(message))).toBe(1);

      const comparison = new Comparison(places(here));
      comparison.take(log.ids);
      const queue = here.store.sync.queueLost(comparison.missingThere());
      for (let i = 0; i < steps; i++) queue.step();
      here.clock.advance(HOUR);
      expect(here.store.sync.release(here.clock.now())).toBe(1);
      while (!queue.step().done);
      meet(here, log);
      expect(canonicalDump(newcomer(here, log).db)).toEqual(canonicalDump(here.db));
      expect(here.store.sync.counts().waiting).toBe(0);
    },
  );

  test('[LOG-3] says so when some of it may be in nobody’s history here any more, and history is not shortened meanwhile', () => {
    const { books, log } = linkedBooks(2);
    const [here] = books;
    const task = here.addTask({ title: 'one' });
    for (const title of ['two', 'three', 'four']) {
      here.setTask(task, { title });
      meet(here, log);
    }
    here.clock.advance(10);
    const horizon = makeTimestamp(here.clock.now(), 0, '0000000000000000' as NodeId);
    const pruning = must(here.store.prune(horizon));
    while (!must(pruning.step()).done);
    expect(here.store.horizon()).toBe(horizon);
    log.forget(() => true);
    expect(verify(here, log)).toMatchObject({ shortened: true });
    expect(here.store.prune(horizon)).toMatchObject({ error: { kind: 'resending' } });
    meet(here, log);
    expect(state(newcomer(here, log))).toEqual(state(here));
  });

  test('cut short after any step, another comparison finds the rest', () => {
    for (let steps = 0; steps < 5; steps++) {
      const { books, log } = linkedBooks(2);
      const [here, there] = books;
      add(here, there, 'theirs');
      meet(there, log);
      meet(here, log);
      log.forget(() => true);
      verify(here, log, steps);
      const again = openTasks({ db: here.db, clock: here.clock, random: new SeededRandom(50 + steps), empty: true });
      meet(again, log);
      verify(again, log);
      meet(again, log);
      expect(canonicalDump(newcomer(again, log).db)).toEqual(canonicalDump(here.db));
      expect(verify(again, log).lost).toEqual([]);
    }
  });

  test('whatever was made, lost, told again and started anew before: after a verification the log tells everything', () => {
    const seeds = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = new SeededRandom(seed);
        const { books, log } = linkedBooks(3);
        const { bookId, userId } = books[0].store.identity();
        const where = { bookId, userId: userId! };
        const tasks: EntityId[] = [];
        for (let turn = 0; turn < 25; turn++) {
          const book = dice.pick(books);
          book.clock.advance(dice.below(20));
          switch (dice.below(11)) {
            case 0:
            case 1:
              tasks.push(book.store.answer({ kind: 'schema' }).includes('Tasks') ? add(books[0], book, `at ${turn}`) : books[0].addTask({ title: `at ${turn}` })); // prettier-ignore
              break;
            case 2:
            case 3:
              if (tasks.length > 0) rename(books[0], book, dice.pick(tasks), `renamed ${turn}`);
              break;
            case 4:
              log.forget(() => dice.chance(0.3));
              break;
            case 5:
              book.store.sync.resendAll({ ...book.store.identity(), userId: book.store.identity().userId! });
              break;
            case 6:
              verify(book, log, dice.below(6));
              break;
            case 7:
              meet(book, log);
              break;
            case 8:
              log.append(JSON.parse(fromTheFuture(dice, where, book.clock.now(), MAX_AHEAD_MILLIS + dice.below(200))));
              break;
            case 9:
              seal(book, 1 + dice.below(3));
              book.store.sync.release(book.clock.now());
              break;
            case 10:
              book.store.newClient();
          }
          if (dice.chance(0.5)) meet(dice.pick(books), log);
        }
        books[0].clock.advance(1000);
        for (const book of books) book.store.sync.release(book.clock.now());
        // What only one of them has, because the log forgot it before the others came, comes to all.
        for (const book of books) {
          verify(book, log);
          meet(book, log);
        }
        for (const book of books) read(book, log);
        for (const book of books) expect(verify(book, log).lost).toEqual([]);
        // The log forgets some of it, and it is enough that any one of them looks.
        log.forget(() => dice.chance(0.5));
        const one = dice.pick(books);
        verify(one, log);
        meet(one, log);
        const fresh = newcomer(one, log);
        for (const book of books) expect(canonicalDump(book.db)).toEqual(canonicalDump(fresh.db));
      }),
      { numRuns: 25 },
    );
  });
});

/** By whichever book, with the schema of the first. */
function add(schema: TaskBook, by: TestBook, title: string): EntityId {
  const id = by.mint();
  by.do({
    kind: 'createRecords',
    type: schema.tasks,
    records: [{ id, values: { [schema.fields.title]: title } }],
  });
  return id;
}

function rename(schema: TaskBook, by: TestBook, task: EntityId, title: string): void {
  by.execute({ kind: 'setValues', changes: [{ entityId: task, field: schema.fields.title, value: title }] });
}
