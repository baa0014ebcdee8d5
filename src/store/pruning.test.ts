import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { compareEvents, type Event } from '../core/event.ts';
import { idToBytes, mintId, type BundleId, type ClientId, type EntityId, type UserId } from '../core/ids.ts';
import { attributeKey } from '../core/reduce.ts';
import { ok, type Result } from '../core/result.ts';
import { makeTimestamp, timestampToBytes, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { canonicalDump, LOCAL_TABLES } from '../testing/canonical-dump.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Crash, MortalDatabase } from '../testing/mortal-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openTasks } from '../testing/open-book.ts';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { must, TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { attributeToSql } from './blob.ts';
import { writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import { appendEvents } from './event-log.ts';
import { migrate } from './migrations.ts';
import { LogPruning } from './pruning.ts';
import { rebuildAll } from './rebuild.ts';
import { createStaging } from './staging.ts';
import type { PruneRefusal } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-pruning-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const START = Date.UTC(2026, 10, 1);
const LATER = START + 86_400_000;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
/** Before, within and behind the half second in which random logs are made. */
const horizonAt = (millis: number): Timestamp => makeTimestamp(START + millis, 0, '0000000000000000' as NodeId);

/** A log that was linked to a server. */
function linkedLog(): NodeSqlite {
  const db = new NodeSqlite();
  migrate(db);
  createStaging(db);
  writeConfig(db, 'cursor', 'somewhere');
  return db;
}

interface Sender {
  readonly clientId: ClientId;
  readonly userId: UserId;
}

function deliver(db: SqlDatabase, events: readonly Event[], bundleId: BundleId | null): void {
  const sender: Sender = { clientId: mintId<ClientId>(START, () => new Uint8Array(10)), userId: mintId<UserId>(START, () => new Uint8Array(10)) }; // prettier-ignore
  db.transaction('normal', () => appendEvents(db, [{ events, bundleId, sender: bundleId === null ? null : sender }]));
}

/** Prunes to a horizon; how many events went. */
function prune(db: SqlDatabase, horizon: Timestamp, remove = true): number {
  const run = new LogPruning(db, horizon, { remove, nowMillis: () => LATER, onRemoved: () => undefined });
  for (;;) {
    const progress = run.step();
    if (!progress.ok) throw new Error(progress.error.message);
    if (progress.value.done) return progress.value.events;
  }
}

/** What was derived and does not depend on how much history is left: all but collisions and transactions. */
const derived = (db: SqlDatabase): string[] => canonicalDump(db).filter((_, table) => !LOCAL_TABLES.has(table));

test('[LOG-1] [LOG-2] [LOG-3] [PRUNE-1] [PRUNE-5] a log that was pruned on the way comes to the same as one that was kept whole', () => {
  let gone = 0;
  fc.assert(
    fc.property(seeds, seeds, (logSeed, deliverySeed) => {
      const log = randomLog(new SeededRandom(logSeed), 60);
      const random = new SeededRandom(deliverySeed);
      const [whole, pruned] = [linkedLog(), linkedLog()];
      // A few were made here, and the server does not have them.
      const unsettled = new Set(log.filter(() => random.chance(0.05)));
      const give = (events: readonly Event[]): void => {
        const bundleId = mintId<BundleId>(START, random.bytes);
        deliver(whole, events, bundleId);
        deliver(pruned, events, bundleId);
      };
      deliver(whole, [...unsettled], null);
      deliver(pruned, [...unsettled], null);
      const shuffled = log.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at);
      let horizon = -50;
      const given: Event[] = [];
      for (let i = 0; i < shuffled.length;) {
        const piece = shuffled.slice(i, (i += 1 + random.below(12))).map(({ event }) => event);
        given.push(...piece);
        give(random.chance(0.2) ? [...piece, ...given.filter(() => random.chance(0.3))] : piece);
        if (random.chance(0.15)) {
          horizon += random.below(200);
          const counted = prune(pruned, horizonAt(horizon), false);
          expect(prune(pruned, horizonAt(horizon))).toBe(counted);
          gone += counted;
          expect(derived(pruned)).toEqual(derived(whole));
        }
        if (random.chance(0.1)) {
          const before = canonicalDump(pruned, true);
          pruned.transaction('full', () => rebuildAll(pruned));
          expect(canonicalDump(pruned, true)).toEqual(before);
        }
      }
      // A log that was reset, and came again in another order.
      give(log.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at).map(({ event }) => event)); // prettier-ignore
      expect(derived(pruned)).toEqual(derived(whole));
      const before = canonicalDump(pruned, true);
      pruned.transaction('full', () => rebuildAll(pruned));
      expect(canonicalDump(pruned, true)).toEqual(before);
      for (const event of unsettled) {
        expect(pruned.get('SELECT 1 FROM events WHERE id = ?', [idToBytes(event.id)])).not.toBeNull();
      }
      // As of every moment from the horizon on, and what stood before the first change after it.
      for (const events of Map.groupBy(log, (event) => attributeKey(event.entityId, event.attribute)).values()) {
        for (const moment of [horizonAt(horizon), ...events.map((event) => event.timestamp)]) {
          if (moment < horizonAt(horizon)) continue;
          expect(valueAt(pruned, events, moment)).toBe(
            events.filter((event) => event.timestamp <= moment).toSorted(compareEvents).at(-1)?.value,
          ); // prettier-ignore
        }
      }
      whole.close();
      pruned.close();
    }),
    { numRuns: 25 },
  );
  expect(gone).toBeGreaterThan(50);
});

function valueAt(db: SqlDatabase, [event]: readonly Event[], moment: Timestamp): unknown {
  if (!event) throw new Error('an attribute without events');
  return db.get(
    'SELECT value FROM events WHERE entity_id = ? AND attribute = ? AND timestamp <= ? ORDER BY timestamp DESC, id DESC LIMIT 1',
    [idToBytes(event.entityId), attributeToSql(event.attribute), timestampToBytes(moment)],
  )?.['value'];
}

/** Two linked devices with a task that each edited often, and that both know everything of. */
function twoDevices() {
  const clock = new ManualClock(START);
  const here = openTasks({ clock });
  const there = openTasks({ clock, random: new SeededRandom(2), empty: true });
  const stream = new MemoryStream();
  const { bookId } = here.store.identity();
  const user = here.mint<UserId>();
  const task = here.addTask({ title: 'one', effort: 1 });
  const meet = (): void => [here, there, here].forEach((book) => void exchange(book, stream));
  for (const book of [here, there]) link(book, bookId, user);
  meet();
  const edit = (book: TestBook, title: string): void =>
    void book.do({ kind: 'setValues', changes: [{ entityId: task, field: here.fields.title, value: title }] });
  return { clock, here, there, stream, task, meet, edit, bookId, user };
}

/** A moment after all that was made so far. */
function now(book: TestBook): Timestamp {
  book.clock.advance(1);
  return makeTimestamp(book.clock.now(), 0, '0000000000000000' as NodeId);
}

function pruneBook(book: TestBook, horizon: Timestamp, count?: 'count'): Result<number, PruneRefusal> {
  const run = book.store.prune(horizon, count);
  if (!run.ok) return run;
  for (;;) {
    const progress = run.value.step();
    if (!progress.ok) return progress;
    if (progress.value.done) return ok(progress.value.events);
  }
}

const events = (book: TestBook): number => Number(book.db.get('SELECT count(*) AS n FROM events')?.['n']);
const titles = (book: TestBook, id: EntityId): readonly unknown[] =>
  book.ask({ kind: 'history', entityId: id, limit: 99 }).changes.filter((c) => c.fieldName === 'Title').map((c) => c.value); // prettier-ignore

test('[LOG-3] a book that was never synced is kept whole, and the reason is given in words', () => {
  const book = openTasks();
  const task = book.addTask({ title: 'one' });
  book.setTask(task, { title: 'two' });
  const refused = pruneBook(book, now(book));
  expect(refused).toMatchObject({ ok: false, error: { kind: 'neverLinked' } });
  expect(titles(book, task)).toEqual(['two', 'one']);
  expect(book.store.horizon()).toBeNull();
});

test('[LOG-3] [PRUNE-4] only what the server is known to have goes: not what waits, was refused, or did not come back', () => {
  const { here, stream, task, edit, meet, bookId, user } = twoDevices();
  for (const title of ['two', 'three', 'four']) edit(here, title);
  // What the first of them was made on is on the server; none of themselves is.
  expect(pruneBook(here, now(here), 'count'), 'in no bundle').toEqual(ok(1));
  const { clientId } = here.store.identity();
  const { sync } = here.store;
  sync.seal({ bookId, userId: user, clientId }, 1);
  expect(pruneBook(here, now(here), 'count'), 'in the outbox').toEqual(ok(1));
  const bundle = sync.nextInOutbox();
  if (!bundle) throw new Error('nothing to send');
  sync.acknowledge(bundle.id, { epoch: 0, seq: 9 });
  expect(pruneBook(here, now(here), 'count'), 'acknowledged, and not seen in the stream').toEqual(ok(1));
  stream.append(bundle.id, bundle.message);
  meet();
  expect(pruneBook(here, now(here), 'count')).toEqual(ok(3));
  edit(here, 'five');
  edit(here, 'six');
  sync.seal({ bookId, userId: user, clientId }, 1);
  sync.reject(sync.nextInOutbox()?.id ?? here.mint(), 'No.');
  expect(pruneBook(here, now(here))).toEqual(ok(4));
  expect(titles(here, task)).toEqual(['six', 'five']);
  expect(here.store.quickCheck()).toEqual(ok(null));
});

test('[PRUNE-4] nothing goes while the server is being told everything again, repair bundles included', () => {
  const { here, there, meet, edit, stream, bookId, user } = twoDevices();
  for (const title of ['two', 'three']) edit(there, title);
  meet();
  here.store.sync.resendAll({ bookId, userId: user, clientId: here.store.identity().clientId });
  expect(pruneBook(here, now(here))).toMatchObject({ error: { kind: 'resending' } });
  here.store.sync.seal({ bookId, userId: user, clientId: here.store.identity().clientId }, 99);
  expect(pruneBook(here, now(here))).toMatchObject({ error: { kind: 'resending' } });
  push(here, stream);
  expect(pruneBook(here, now(here)), 'not back yet').toMatchObject({ error: { kind: 'resending' } });
  exchange(here, stream);
  expect(pruneBook(here, now(here))).toEqual(ok(2));
});

test('[PRUNE-6] a horizon moves on, never back, and not into the future', () => {
  const { here, meet, edit, clock } = twoDevices();
  edit(here, 'two');
  meet();
  const first = now(here);
  expect(pruneBook(here, first)).toEqual(ok(1));
  expect(pruneBook(here, makeTimestamp(START, 0, '0000000000000000' as NodeId))).toMatchObject({ error: { kind: 'earlier' } }); // prettier-ignore
  expect(pruneBook(here, makeTimestamp(LATER, 0, '0000000000000000' as NodeId))).toMatchObject({ error: { kind: 'future' } }); // prettier-ignore
  expect(here.store.horizon()).toBe(first);
  clock.advance(10);
  edit(here, 'three');
  meet();
  const second = now(here);
  expect(pruneBook(here, second)).toEqual(ok(1));
  expect(openTasks({ db: here.db, clock, empty: true }).store.horizon()).toBe(second);
});

test('[PRUNE-3] undo goes back as far as history does, and what it writes back is still there', () => {
  const { here, there, meet, edit, clock, task } = twoDevices();
  edit(here, 'two');
  meet();
  // What the next edit is made on is not what stands before it by time: another device wrote meanwhile, apart.
  edit(there, 'theirs');
  clock.advance(10);
  const horizon = now(here);
  edit(here, 'three');
  meet();
  edit(here, 'four');
  meet();
  expect(pruneBook(here, horizon)).toEqual(ok(1));
  expect(titles(here, task)).toEqual(['four', 'three', 'theirs', 'two']);
  expect(here.undo().ok).toBe(true);
  expect(here.task(task, 'title')).toBe('three');
  expect(here.undo(true).ok).toBe(true);
  expect(here.task(task, 'title')).toBe('two');
  expect(here.undo()).toMatchObject({ error: { kind: 'nothingToUndo' } });
});

test('[PRUNE-3] [LOG-6] a conflict stays with what it is about, and is settled by whoever kept everything', () => {
  const { here, there, meet, edit, task } = twoDevices();
  edit(here, 'two');
  meet();
  edit(here, 'ours');
  edit(there, 'theirs');
  meet();
  expect(pruneBook(here, now(here))).toEqual(ok(1));
  expect(titles(here, task)).toEqual(['theirs', 'ours', 'two']);
  expect(here.ask({ kind: 'conflicts', limit: 9 }).total).toBe(1);
  edit(there, 'settled');
  meet();
  expect(here.ask({ kind: 'conflicts', limit: 9 }).total).toBe(0);
});

test('[SYNC-4] a log that was reset gets what is left, and nobody sees a conflict that was settled before', () => {
  const { here, meet, edit, there, bookId, user, clock } = twoDevices();
  edit(here, 'ours');
  edit(there, 'theirs');
  meet();
  edit(here, 'settled');
  meet();
  edit(there, 'last');
  meet();
  expect(must(pruneBook(here, now(here)))).toBeGreaterThan(2);
  const fresh = openTasks({ clock, random: new SeededRandom(3), empty: true });
  link(fresh, bookId, user);
  const other = new MemoryStream();
  here.store.sync.resendAll({ bookId, userId: user, clientId: here.store.identity().clientId });
  exchange(here, other);
  exchange(fresh, other);
  expect(derived(fresh.db)).toEqual(derived(here.db));
  // The device that kept everything brings the rest, which adds nothing where it was pruned.
  const before = events(here);
  there.store.sync.resendAll({ bookId, userId: user, clientId: there.store.identity().clientId });
  for (const book of [there, here, fresh]) exchange(book, other);
  expect(events(here)).toBe(before);
  expect(derived(here.db)).toEqual(derived(there.db));
  expect(derived(fresh.db)).toEqual(derived(there.db));
});

test('[PRUNE-5] what was made long ago and comes late is superseded where what saw it has gone, and closes what it saw', () => {
  const { here, there, bookId, user, stream, clock, edit, meet } = twoDevices();
  const third = openTasks({ clock, random: new SeededRandom(3), empty: true });
  link(third, bookId, user);
  exchange(third, stream);
  // Two versions apart; the second device settles them, the third edits on; the first hears of it in another order.
  edit(there, 'theirs');
  edit(here, 'ours');
  const held = new MemoryStream();
  push(here, stream);
  push(there, stream);
  exchange(third, stream);
  edit(third, 'settled');
  push(third, held);
  third.store.sync.apply({ messages: held.messages, cursor: null }, clock.now());
  edit(third, 'last');
  push(third, stream);
  // The one in between is held back; here and there hear of the last alone.
  meet();
  expect(here.ask({ kind: 'conflicts', limit: 9 }).total).toBe(1);
  const whole = canonicalDump(there.db);
  expect(canonicalDump(here.db)).toEqual(whole);
  pruneBook(here, now(here));
  let told = '';
  here.store.subscriptions.add({ kind: 'conflicts', limit: 9 }, (answer) => (told = answer));
  for (const book of [here, there]) book.store.sync.apply({ messages: held.messages, cursor: null }, clock.now());
  expect(derived(here.db)).toEqual(derived(there.db));
  expect(here.ask({ kind: 'conflicts', limit: 9 }).total).toBe(0);
  here.store.subscriptions.refresh();
  expect(JSON.parse(told)).toMatchObject({ total: 0 });
});

test('[PRUNE-4] arrival numbers are never given out twice, so that what is made next is sent', () => {
  const { here, there, meet, edit, task, clock } = twoDevices();
  edit(here, 'two');
  edit(here, 'three');
  // The newest to arrive is an old version: it comes last, and is superseded.
  meet();
  const last = Number(here.db.get('SELECT max(arrival) AS n FROM events')?.['n']);
  clock.advance(5);
  pruneBook(here, now(here));
  edit(here, 'four');
  expect(Number(here.db.get('SELECT max(arrival) AS n FROM events')?.['n'])).toBe(last + 1);
  meet();
  expect(there.ask({ kind: 'record', id: task })?.title).toBe('four');
});

test('[HLC-5] transactions that a wrong clock stamped are stamped anew beside pruned history', () => {
  const { here, there, meet, edit, clock, task } = twoDevices();
  edit(here, 'two');
  meet();
  pruneBook(here, now(here));
  clock.advance(3_600_000);
  edit(here, 'from a clock that is an hour fast');
  expect(here.store.sync.restamp(3_600_000)).toBe(1);
  meet();
  expect(there.ask({ kind: 'record', id: task })?.title).toBe('from a clock that is an hour fast');
  expect(derived(here.db)).toEqual(derived(there.db));
});

test('options that were taken off their list keep their names, and names of fields their last one', () => {
  const { here, meet } = twoDevices();
  const { status } = here.fields;
  here.do({ kind: 'setOption', field: status, option: here.done, value: { name: 'Finished', tint: 1 } });
  here.do({ kind: 'setOption', field: status, option: here.done, value: null });
  here.do({ kind: 'changeField', id: status, name: 'State' });
  here.do({ kind: 'changeField', id: status, name: 'Stage' });
  meet();
  expect(pruneBook(here, now(here))).toEqual(ok(2));
  expect(here.ask({ kind: 'history', entityId: status, limit: 99 }).changes.filter((change) => change.attribute.startsWith('option:'))).toHaveLength(4); // prettier-ignore
});

test('a process that dies at any statement while it prunes leaves a book in order, and the next run ends the same', () => {
  const { here, there, meet, edit, clock } = twoDevices();
  for (let i = 0; i < 6; i++) edit(i % 2 === 0 ? here : there, `title ${i}`);
  for (let i = 0; i < 6; i++) here.addTask({ title: `task ${i}` });
  meet();
  const file = here.store.export();
  const horizon = now(here);
  const kept = derived(here.db);
  let died = 0;
  for (let statement = 1; ; statement += 3) {
    const db = reopen(file);
    const mortal = new MortalDatabase(db, () => undefined);
    const book = new TestBook({ db: mortal, clock, random: new SeededRandom(9) });
    mortal.dieAfter(statement);
    let alive = true;
    try {
      pruneBook(book, horizon);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      alive = false;
      died += 1;
    }
    mortal.revive();
    const again = new TestBook({ db, clock, random: new SeededRandom(10) });
    const before = canonicalDump(db, true);
    again.store.rebuild();
    expect(canonicalDump(db, true)).toEqual(before);
    expect(derived(db)).toEqual(kept);
    must(pruneBook(again, horizon));
    expect(again.store.horizon()).toBe(horizon);
    expect(derived(db)).toEqual(kept);
    expect(pruneBook(again, horizon, 'count')).toEqual(ok(0));
    db.close();
    if (alive) break;
  }
  expect(died).toBeGreaterThan(5);
});

/** A database of its own with this content. */
function reopen(file: Uint8Array): NodeSqlite {
  const path = join(folder, `${(files += 1)}.db`);
  writeFileSync(path, file);
  return new NodeSqlite(path);
}
