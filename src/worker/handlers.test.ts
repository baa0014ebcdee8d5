import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../core/event.ts';
import type { UserId } from '../core/ids.ts';
import type { Committed } from '../store/store.ts';
import { Crash, MortalDatabase } from '../testing/mortal-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';
import { Handlers, type Handler } from './handlers.ts';
import { badgeOf, reviewBadge } from './review-badge.ts';

let timers: { readonly millis: number; readonly run: () => void }[] = [];
let complaints: unknown[] = [];

beforeEach(() => {
  timers = [];
  complaints = [];
  vi.spyOn(console, 'error').mockImplementation((...said) => void complaints.push(said));
});
afterEach(() => vi.restoreAllMocks());

function handlersOf(book: TestBook, ...handlers: readonly Handler[]): Handlers {
  return new Handlers({
    positions: book.store.handlers,
    handlers,
    breathe: () => Promise.resolve(),
    after: (millis, run) => {
      const timer = { millis, run };
      timers.push(timer);
      return () => void (timers = timers.filter((each) => each !== timer));
    },
    random: () => 0.5,
  });
}

/** A handler that keeps what it was given, and does as it is told. */
function recorder(name: string, act: (events: readonly Event[]) => void | Promise<void> = () => {}) {
  const seen: Event[] = [];
  const handle = async ({ events }: Committed): Promise<void> => {
    const given = events();
    await act(given);
    seen.push(...given);
  };
  return { name, handle, seen };
}

/** What waits for no more than a short rest runs, and goes as far as it can. */
async function settled(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const due = timers.filter((timer) => timer.millis < 1_000);
    if (due.length === 0) return;
    timers = timers.filter((timer) => !due.includes(timer));
    for (const timer of due) timer.run();
  }
}
const eventsIn = (book: TestBook): number => book.store.stats().events;
const ids = (events: readonly Event[]): readonly string[] => events.map((event) => event.id);

test('[HANDLER-1] everything that was ever committed is handled once, in bounded batches, and new things as they come', async () => {
  const book = openTasks();
  const sizes: number[] = [];
  const handler = recorder('test', (events) => void sizes.push(events.length));
  const records = Array.from({ length: 2_500 }, (_, i) => ({
    id: book.mint(),
    values: book.byId({ title: `${i}`, effort: i }),
  }));
  book.do({ kind: 'createRecords', type: book.tasks, records });
  const handlers = handlersOf(book, handler);
  handlers.changed();
  await settled();
  expect(handler.seen).toHaveLength(eventsIn(book));
  expect(sizes.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
  book.addTask({ title: 'one more' });
  expect(handler.seen.length).toBeLessThan(eventsIn(book));
  handlers.changed();
  await settled();
  expect(new Set(ids(handler.seen)).size).toBe(eventsIn(book));
  const again = recorder('test');
  handlersOf(openBook({ db: book.db }), again).changed();
  await settled();
  expect(again.seen).toEqual([]);
});

test('[HANDLER-2] one that fails or hangs holds up neither commits nor the others', async () => {
  const book = openTasks();
  const failing = recorder('failing', () => Promise.reject(new Error('not today')));
  const hanging = recorder('hanging', () => new Promise<void>(() => {}));
  const fine = recorder('fine');
  const handlers = handlersOf(book, failing, hanging, fine);
  for (let i = 0; i < 3; i++) {
    book.addTask({ title: `${i}` });
    handlers.changed();
    await settled();
  }
  expect(fine.seen).toHaveLength(eventsIn(book));
  expect([failing.seen, hanging.seen]).toEqual([[], []]);
  expect(complaints).toHaveLength(1);
  handlers.stop();
  expect(timers).toEqual([]);
});

test('[HANDLER-3] one that failed is tried again with growing pauses, with what it was given and what came since', async () => {
  const book = openTasks();
  let failures = 3;
  const handler = recorder('test', () => {
    failures -= 1;
    if (failures >= 0) throw new Error('not yet');
  });
  handlersOf(book, handler).changed();
  await settled();
  const pauses: number[] = [];
  while (timers.length > 0) {
    book.addTask({ title: 'meanwhile' });
    const timer = timers.shift();
    pauses.push(timer?.millis ?? 0);
    timer?.run();
    await settled();
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000]);
  expect(new Set(ids(handler.seen)).size).toBe(eventsIn(book));
  expect(handler.seen).toHaveLength(eventsIn(book));
});

test('[HANDLER-1] killed at any statement, between the commit and the handling or behind it, nothing is left out', async () => {
  for (let statement = 1; ; statement++) {
    const file = new NodeSqlite();
    const db = new MortalDatabase(file, () => {});
    const book = openBook({ db });
    const user = book.mint();
    const before = recorder('test');
    const handlers = handlersOf(book, before);
    db.dieAfter(statement);
    let died = false;
    try {
      book.do({ kind: 'namePerson', user, name: 'one' });
      handlers.changed();
      await settled();
      book.do({ kind: 'namePerson', user, name: 'two' });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      died = true;
    }
    handlers.stop();
    db.revive();
    const again = openBook({ db, clock: book.clock, random: new SeededRandom(9) });
    const after = recorder('test');
    handlersOf(again, after).changed();
    await settled();
    const handled = new Set([...ids(before.seen), ...ids(after.seen)]);
    expect(handled.size, `killed at statement ${statement}`).toBe(eventsIn(again));
    file.close();
    if (!died && complaints.length === 0) break;
    complaints = [];
    timers = [];
    expect(statement).toBeLessThan(500);
  }
});

test('the icon of the app tells how many conflicts need review, and takes it back when they are settled', async () => {
  const here = openTasks();
  const there = openTasks({ clock: here.clock, random: new SeededRandom(2), empty: true });
  const stream = new MemoryStream();
  const user = here.mint<UserId>();
  const { bookId } = here.store.identity();
  for (const book of [here, there]) link(book, bookId, user);
  const task = here.addTask({ title: 'both' });
  const meet = (): void => [here, there, here].forEach((book) => void exchange(book, stream));
  meet();
  const badges: number[] = [];
  const conflicts = (): number => here.ask({ kind: 'conflicts', limit: 0 }).total;
  const handlers = handlersOf(
    here,
    reviewBadge(conflicts, async (count) => void badges.push(count)),
  );
  here.setTask(task, { title: 'here' });
  there.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: 'there' }] });
  meet();
  handlers.changed();
  await settled();
  expect(badges.at(-1)).toBe(1);
  here.setTask(task, { title: 'settled' });
  handlers.changed();
  await settled();
  expect(badges.at(-1)).toBe(0);
});

test('a browser that shows no badge is asked no more; another failure is tried again', async () => {
  const book = openTasks();
  const refuse = (name: string) => () => Promise.reject(new DOMException('no', name));
  handlersOf(
    book,
    reviewBadge(() => 1, refuse('NotAllowedError')),
  ).changed();
  await settled();
  expect([timers, complaints, book.store.handlers.next('review-badge')]).toEqual([[], [], null]);
  const other = openTasks();
  handlersOf(
    other,
    reviewBadge(() => 1, refuse('UnknownError')),
  ).changed();
  await settled();
  expect([timers.length, complaints.length, other.store.handlers.next('review-badge')?.through]).toEqual([
    1,
    1,
    expect.any(Number),
  ]);
});

test('a badge is set with the number, and taken away at none', async () => {
  const asked: unknown[] = [];
  const set = badgeOf({
    setAppBadge: async (count?: number) => void asked.push(count),
    clearAppBadge: async () => void asked.push('clear'),
  });
  await set?.(3);
  await set?.(0);
  expect([asked, badgeOf({})]).toEqual([[3, 'clear'], null]);
});
