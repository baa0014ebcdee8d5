import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RepairNote } from '../core/health.ts';
import type { UserId } from '../core/ids.ts';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { damaged, DAMAGES, fileBytes, imageOf, pageOf, PAGE_BYTES, pagesIn } from '../testing/damage.ts';
import { BreakingDatabase } from '../testing/breaking-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { TaskBook } from '../testing/task-book.ts';
import type { TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { SqlError, type SqlDatabase } from './database.ts';
import { isRepaired, repairBook } from './repair.ts';
import type { DamagedFile } from './salvage/page-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-repair-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (): string => join(folder, `${++files}.db`);

/** The log as text, but for how it came. */
function eventsIn(db: SqlDatabase): Set<string> {
  const hex = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  const rows = db.all('SELECT id, client_id, entity_id, attribute, value, timestamp, previous FROM events');
  return new Set(rows.map((row) => JSON.stringify(Object.values(row).map(hex))));
}

/** Some hundred records, edited here and there, a few of them long, in a file. */
function fill(book: TaskBook, rounds = 6): void {
  for (let i = 0; i < rounds; i++) {
    const ids = Array.from({ length: 25 }, () => book.mint());
    book.do({
      kind: 'createRecords',
      type: book.tasks,
      records: ids.map((id, j) => ({
        id,
        values: book.byId({ title: `Ünï ${i}-${j}`, notes: 'x'.repeat(j === 7 ? 20_000 : 30), effort: j }),
      })),
    });
    for (const id of ids.slice(0, 8)) book.setTask(id, { title: `later ${i}` });
  }
}

function repair(
  sources: readonly DamagedFile[],
  linked: boolean,
  book: TestBook = openBook({ random: new SeededRandom(77) }),
): { readonly book: TestBook; readonly note: RepairNote } {
  const options = { linked, clients: [], now: book.clock.now(), messages: bundleMessages };
  const steps = repairBook(book.db, book.store, sources, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return { book, note: step.value };
  }
}

const without = (all: ReadonlySet<string>, found: ReadonlySet<string>): string[] => [...all.difference(found)];

const idsOf = (events: ReadonlySet<string>): Set<string> => new Set([...events].map((event) => event.slice(0, 36)));

/** Where the table of contents is lost, nobody knows what else is. */
const isBlind = (name: string): boolean => name === 'sqlite_schema';

const wayOf = (i: number): ((page: Uint8Array) => void) => DAMAGES[i % DAMAGES.length] ?? toZero;

const toZero = (bytes: Uint8Array): void => void bytes.fill(0);

describe('a book that does not sync', () => {
  const path = fresh();
  const whole = new TaskBook({ db: new NodeSqlite(path) });
  fill(whole);
  const all = eventsIn(whole.db);
  const inLog = imageOf(path);
  whole.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const image = imageOf(path);
  const pages = pagesIn(path);

  test('[REPAIR-2] comes over whole from a file that is whole, with a new client and node, and everything derived as it was', () => {
    const { book, note } = repair([damaged(image, () => undefined)], false);
    expect(eventsIn(book.db)).toEqual(all);
    expect(canonicalDump(book.db, true)).toEqual(canonicalDump(whole.db, true));
    expect(note).toMatchObject({ linked: false, events: all.size, lost: 0, perhapsMore: false });
    expect(book.store.repairNote()).toEqual(note);
    book.store.dismissRepairNote();
    expect(book.store.repairNote()).toBeNull();
    expect(isRepaired(book.db)).toBe(true);
  });

  test('[HLC-6] [REPAIR-1] has a new client and node afterwards, and still knows who it was; [HLC-1] its clock goes on', () => {
    const { book } = repair([damaged(image, () => undefined)], false);
    const [before, after] = [whole.store.identity(), book.store.identity()];
    expect(after).toMatchObject({ bookId: before.bookId, userId: null });
    expect(after.clientId).not.toBe(before.clientId);
    expect(after.nodeId).not.toBe(before.nodeId);
    expect(book.db.all('SELECT 1 FROM clients WHERE self = 1').length).toBe(2);
    const last = whole.db.get<{ last: string }>('SELECT max(hex(timestamp)) AS last FROM events')?.last ?? '';
    const made = book.do({ kind: 'createType', id: book.mint(), name: 'New', fields: [] });
    expect((made.timestamp ?? '') > last.toLowerCase()).toBe(true);
  });

  test('[REPAIR-2] loses no more than what stood on one page, whichever it is, and in whatever way it is damaged', () => {
    const seen = new Map<string, number>();
    for (const [i, { page, name }] of pages.entries()) {
      const damage = wayOf(i);
      seen.set(name, (seen.get(name) ?? 0) + 1);
      // The root of each, and a third of the pages of the log below it.
      if ((seen.get(name) ?? 0) > 1 && (name !== 'events' || i % 3 > 0)) continue;
      const { book, note } = repair([damaged(image, (main) => damage(pageOf(main, page)))], false);
      const found = eventsIn(book.db);
      const missing = without(all, found);
      // What is put together again from the indexes differs in nothing: nobody has edited at the same time.
      expect([name, page, without(found, all)]).toEqual([name, page, []]);
      expect([name, page, note.lost]).toEqual([name, page, missing.length]);
      if (!isBlind(name)) expect([name, page, note.perhapsMore]).toEqual([name, page, false]);
      if (name !== 'events') expect([name, page, missing.length]).toEqual([name, page, 0]);
      // Values that are shown are all there: they stand in a second place.
      expect([name, page, canonicalDump(book.db)[0]]).toEqual([name, page, canonicalDump(whole.db)[0]]);
    }
  });

  test('is found in a file whose first pages, with the header and every root, are gone', () => {
    const { book } = repair([damaged(image, (main) => toZero(main.subarray(0, 30 * PAGE_BYTES)))], false);
    const found = eventsIn(book.db);
    const lost = all.size - found.size;
    expect(lost).toBeLessThan(60);
    expect(book.store.identity().bookId).not.toBe(whole.store.identity().bookId);
  });

  test('is found as far as a file reaches that was cut off', () => {
    const half = Math.floor(image.main.length / 2) + 1_234;
    const { book, note } = repair([{ main: fileBytes(image.main.subarray(0, half)), log: null }], false);
    const found = eventsIn(book.db);
    expect(found.size).toBeGreaterThan(all.size / 4);
    expect(found.size + note.lost).toBeLessThanOrEqual(all.size);
    // Of what was put together from the indexes it may not be known any more what came before.
    const [strangers, known] = [idsOf(new Set(without(found, all))), idsOf(all)];
    expect(strangers.size).toBeLessThan(10);
    expect([...strangers.difference(known)]).toEqual([]);
  });

  test('[REPAIR-2] is found in the write-ahead log, and a frame of it that is damaged costs one page', () => {
    const log = inLog.log ?? new Uint8Array();
    expect(log.length).toBeGreaterThan(50 * PAGE_BYTES);
    expect(eventsIn(repair([damaged(inLog, () => undefined)], false).book.db)).toEqual(all);
    expect(eventsIn(repair([damaged(inLog, (main) => toZero(main))], false).book.db)).toEqual(all);
    const frame = PAGE_BYTES + 24;
    for (let at = 32 + 5 * frame; at < log.length; at += 61 * frame) {
      const { book } = repair([damaged(inLog, (_, bytes) => void bytes.fill(0xee, at + 3_000, at + 3_100))], false);
      const lost = all.size - eventsIn(book.db).size;
      expect(lost).toBeLessThan(60);
    }
    const headless = repair([damaged(inLog, (_, bytes) => toZero(bytes.subarray(0, 32)))], false);
    expect(all.size - eventsIn(headless.book.db).size).toBeLessThan(60);
  });

  test('[REPAIR-5] holds nothing that was never committed', () => {
    const db = new NodeSqlite(path);
    db.exec(`PRAGMA cache_size=5; BEGIN; UPDATE events SET value = '"never"'`);
    const open = imageOf(path);
    expect(open.log?.length ?? 0).toBeGreaterThan(PAGE_BYTES);
    expect(eventsIn(repair([damaged(open, () => undefined)], false).book.db)).toEqual(all);
    db.exec('ROLLBACK');
    db.close();
  });

  test('is put together of two files that overlap, when a repair was cut short in a file that is damaged too', () => {
    const later = repair([damaged(image, () => undefined)], false);
    later.book.do({ kind: 'createType', id: later.book.mint(), name: 'Afterwards', fields: [] });
    const copy = fresh();
    later.book.db.run('VACUUM INTO ?', [copy]);
    const both = repair([damaged(image, () => undefined), damaged(imageOf(copy), () => undefined)], false);
    expect(eventsIn(both.book.db)).toEqual(eventsIn(later.book.db));
    expect(canonicalDump(both.book.db)).toEqual(canonicalDump(later.book.db));
  });

  test('[REPAIR-4] is not finished before the last write, and says so when the disk is full at any write', () => {
    for (let at = 0; ; at += at < 60 ? 7 : 500) {
      const db = new BreakingDatabase(new NodeSqlite());
      const book = openBook({ db, random: new SeededRandom(77) });
      db.arm({ at, by: 'full' });
      try {
        repair([damaged(image, () => undefined)], false, book);
        break;
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        expect(error.reason).toBe('full');
        expect(isRepaired(db)).toBe(false);
      }
    }
  });

  test('survives any rubbish', () => {
    const random = new SeededRandom(5);
    for (let i = 0; i < 15; i++) {
      const { book } = repair(
        [
          damaged(image, (main) => {
            for (let j = 0; j < 1 + random.below(60); j++) {
              const at = random.below(main.length - 500);
              main.set(random.bytes(1 + random.below(500)), at);
            }
          }),
        ],
        false,
      );
      // A byte that is wrong within an id makes another id; nothing tells.
      expect(idsOf(eventsIn(book.db)).difference(idsOf(all)).size).toBeLessThan(30);
      expect(book.store.quickCheck()).toEqual({ ok: true, value: null });
    }
  });
});

describe('a book that syncs', () => {
  const path = fresh();
  const stream = new MemoryStream();
  const book = new TaskBook({ db: new NodeSqlite(path) });
  const there = openTasks({ clock: book.clock, random: new SeededRandom(2), empty: true });
  const user = book.mint<UserId>();
  const { bookId, clientId } = book.store.identity();
  link(book, bookId, user);
  link(there, bookId, user);
  fill(book, 3);
  exchange(book, stream);
  exchange(there, stream);
  const shared = there.ask({ kind: 'records', type: book.tasks, offset: 0, limit: 5 }).rows;
  there.do({
    kind: 'setValues',
    changes: shared.map(({ id }) => ({ entityId: id, field: book.fields.title, value: 'theirs' })),
  });
  push(there, stream);
  exchange(book, stream);
  const acknowledged = stream.messages.length;
  // One bundle that the server refused, some in the outbox, and some edits in none.
  const refused = book.addTask({ title: 'refused' });
  book.store.sync.seal({ bookId, userId: user, clientId }, 1);
  book.store.sync.reject(book.store.sync.nextInOutbox()?.id ?? book.mint(), 'It was refused.');
  for (const { id } of shared.slice(0, 3)) book.setTask(id, { title: 'sealed' });
  book.store.sync.seal({ bookId, userId: user, clientId }, 5);
  for (const { id } of shared.slice(1, 4)) book.setTask(id, { effort: 99 });
  const waiting = book.store.sync.counts();
  const all = eventsIn(book.db);
  const title = book.ask({ kind: 'record', id: refused })?.values[book.fields.title];
  book.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const image = imageOf(path);
  const pages = pagesIn(path);

  /** The stream as the server has it, for one more try. */
  function server(): MemoryStream {
    const copy = new MemoryStream();
    stream.messages
      .slice(0, acknowledged)
      .forEach((message, i) => copy.append(`${i}` as never, JSON.stringify(message)));
    return copy;
  }

  test('[REPAIR-3] sends what was not acknowledged, and nothing else', () => {
    const { book: again, note } = repair([damaged(image, () => undefined)], true);
    expect(again.store.identity()).toMatchObject({ bookId, userId: user });
    expect(note).toMatchObject({
      linked: true,
      events: all.size,
      unsent: waiting.waiting,
      lost: 0,
      perhapsMore: false,
    });
    expect(again.store.sync.counts()).toMatchObject({ waiting: waiting.waiting, rejected: waiting.rejected });
    expect(again.store.sync.cursor()).toBeNull();
    const sent = server();
    exchange(again, sent);
    const other = openTasks({ clock: book.clock, random: new SeededRandom(9), empty: true });
    link(other, bookId, user);
    exchange(other, sent);
    const missing = without(all, eventsIn(other.db));
    expect(missing.length).toBe(waiting.rejected);
    expect(again.ask({ kind: 'record', id: refused })?.values[book.fields.title]).toBe(title);
  });

  test('[REPAIR-3] has everything again after a damaged page and a sync, and so has the server', () => {
    const seen = new Map<string, number>();
    for (const [i, { page, name }] of pages.entries()) {
      const damage = wayOf(i);
      seen.set(name, (seen.get(name) ?? 0) + 1);
      if ((seen.get(name) ?? 0) > 1 && (name !== 'events' || i % 3 > 0)) continue;
      const { book: again, note } = repair([damaged(image, (main) => damage(pageOf(main, page)))], true);
      if (again.store.identity().bookId !== bookId || again.store.identity().userId !== user) link(again, bookId, user);
      const sent = server();
      exchange(again, sent);
      const lost = without(all, eventsIn(again.db));
      expect([name, page, lost.length]).toEqual([name, page, note.lost]);
      // Each of them stands in a bundle or in the indexes as well, unless it was superseded at once.
      expect([name, page, note.lost]).toEqual([name, page, 0]);
      if (!isBlind(name)) expect([name, page, note.perhapsMore]).toEqual([name, page, false]);
      const other = openTasks({ clock: book.clock, random: new SeededRandom(9), empty: true });
      link(other, bookId, user);
      exchange(other, sent);
      const unsent = without(all, eventsIn(other.db)).length;
      expect([name, page, unsent <= waiting.rejected]).toEqual([name, page, true]);
      expect([name, page, again.store.sync.counts().waiting]).toEqual([name, page, 0]);
    }
  });

  test('[ATTENTION-1] [ATTENTION-3] what needs attention and what was discarded comes over as it was', () => {
    const file = fresh();
    const one = new TaskBook({ db: new NodeSqlite(file), clock: book.clock });
    link(one, one.store.identity().bookId, user);
    const own = { ...one.store.identity(), userId: user };
    one.store.sync.apply({ messages: ['rubbish', 'more rubbish'], cursor: null }, one.clock.now());
    for (const title of ['refused', 'discarded']) {
      one.addTask({ title });
      one.store.sync.seal(own, 1);
      one.store.sync.reject(one.store.sync.nextInOutbox()?.id ?? one.mint(), title);
    }
    const listed = (of: TestBook) => of.ask({ kind: 'attention', limit: 9 });
    for (const group of listed(one).groups) one.store.attention.discard(group.kind, group.things.at(-1)?.id ?? null);
    one.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const { book: again } = repair([damaged(imageOf(file), () => undefined)], true);
    expect(listed(again)).toEqual(listed(one));
    expect(again.store.sync.counts()).toMatchObject({ rejected: one.store.sync.counts().rejected, quarantined: 1 });
    expect(listed(again).discarded.map(({ kind, total }) => [kind, total])).toEqual([
      ['refused', 1],
      ['unreadable', 1],
    ]);
  });
});
