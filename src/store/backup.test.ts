import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Event } from '../core/event.ts';
import type { EntityId, UserId } from '../core/ids.ts';
import { formatTimestamp, type Timestamp } from '../core/timestamp.ts';
import { examine, fileOf, finish, lookAt, removeFiles } from '../testing/backup-file.ts';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { makeFixtureBook } from '../testing/fixture-book.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';
import { COPIED } from './replace.ts';
import { takeFromFile } from './take-events.ts';

afterEach(removeFiles);

const backUp = (book: TestBook): string => fileOf(book.store.export());
const ids = (book: TestBook): string[] =>
  book.db.all<{ id: string }>('SELECT id FROM events_text ORDER BY timestamp, id').map(({ id }) => id);
const options = (book: TestBook) => ({
  random: book.random.bytes,
  now: book.clock.now,
  messages: { write: () => '', read: () => ({ ok: false, error: 'none' }) as const },
});
const put = (book: TestBook, events: readonly Event[]): void => {
  for (let i = 0; i < events.length; i += 7)
    takeFromFile(book.db, options(book), events.slice(i, i + 7), book.store.identity().bookId);
};
/** A book that goes on from another's backup under a name of its own. */
function another(seed: number, from?: TestBook): TaskBook {
  return openTasks({ random: new SeededRandom(seed), empty: true, ...(from && { clock: from.clock }) });
}

describe('a backup', () => {
  test('is a database that any program reads: both views show letters', () => {
    const book = openTasks();
    const task = book.addTask({ title: 'Ünï', status: book.open });
    book.setTask(task, { title: 'later' });
    const file = new DatabaseSync(backUp(book), { readOnly: true });
    const events = file.prepare('SELECT * FROM events_text WHERE entity_id = ? ORDER BY arrival').all(task);
    expect(events.map((row) => [row['attribute'], row['value']])).toEqual([
      ['type', `"${book.tasks}"`],
      [book.fields.title, '"Ünï"'],
      [book.fields.status, `"${book.open}"`],
      [book.fields.title, '"later"'],
    ]);
    const stamps = book.db.all<{ timestamp: Uint8Array }>(
      'SELECT DISTINCT timestamp FROM events ORDER BY arrival DESC',
    );
    expect(events.at(-1)!['timestamp']).toBe(
      formatTimestamp(Buffer.from(stamps[0]!.timestamp).toString('hex') as Timestamp),
    );
    expect(events.at(-1)!['client_id']).toBe(book.store.identity().clientId);
    expect(
      file
        .prepare('SELECT attribute, value FROM attributes_text WHERE entity_id = ? AND value LIKE ?')
        .all(task, '"later%'),
    ).toEqual([{ attribute: book.fields.title, value: '"later"' }]);
    file.close();
  });

  test('says whose it is, when it was made, what is in it, and how it compares', () => {
    const book = openTasks();
    const self = book.store.identity().clientId as string as EntityId;
    book.do({ kind: 'nameDevice', client: self, user: null, name: 'Desk' });
    book.addTask({ title: 'one' });
    book.addPerson('Ada');
    book.do({ kind: 'deleteRecords', ids: [book.addTask({ title: 'gone' })] });
    const made = book.clock.now();
    const path = backUp(book);
    const before = book.store.stats().events;
    book.clock.advance(60_000);
    book.addTask({ title: 'only here' });
    const { preview } = lookAt(book.store, path);
    expect(preview).toMatchObject({
      sameBook: true,
      device: 'Desk',
      person: null,
      madeAt: made,
      newestAt: made,
      events: before,
      types: [
        { name: 'Tasks', records: 1 },
        { name: 'People', records: 1 },
      ],
      missingHere: 0,
      missingThere: 2,
      refused: 0,
      ahead: 0,
      unsent: null,
      replaceable: 'yes',
    });
  });
});

describe('[FILE-2] merging a backup', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('[LOG-1] two halves of any log come to the same whole, seed %d', (seed) => {
    const random = new SeededRandom(seed);
    const log = randomLog(random, 60);
    const [left, right, whole] = [1, 2, 3].map((each) => openBook({ random: new SeededRandom(100 * seed + each) }));
    put(
      left!,
      log.filter(() => random.chance(0.6)),
    );
    put(
      right!,
      log.filter((event) => random.chance(0.6) || !ids(left!).includes(event.id)),
    );
    put(whole!, log);
    const there = new Set(ids(right!));
    const here = new Set(ids(left!));
    const { backup, preview } = lookAt(left!.store, backUp(right!));
    expect(preview.missingThere).toBe([...here].filter((id) => !there.has(id)).length);
    const taken = must(finish(backup.merge()));
    expect(taken.events).toBe(preview.missingHere);
    expect(ids(left!)).toEqual(ids(whole!));
    expect(canonicalDump(left!.db)).toEqual(canonicalDump(whole!.db));
    expect(must(finish(backup.merge())).events).toBe(0);
  });

  test('[SYNC-1] sends what others lack, whoever made it; every device ends up the same', () => {
    const [desk, phone] = [openTasks(), another(2)];
    const stream = new MemoryStream();
    const user = desk.mint<UserId>();
    const { bookId } = desk.store.identity();
    link(desk, bookId, user);
    link(phone, bookId, user);
    exchange(desk, stream);
    exchange(phone, stream);
    // An old backup of a device that is gone, with changes of two people that never reached anybody.
    const gone = another(3, desk);
    link(gone, bookId, user);
    exchange(gone, stream);
    const lost = openTasks({ random: new SeededRandom(9), clock: desk.clock });
    lost.addTask({ title: 'of a third' });
    must(finish(lookAt(gone.store, backUp(lost)).backup.merge()));
    gone.do({
      kind: 'createRecords',
      type: desk.tasks,
      records: [{ id: gone.mint(), values: { [desk.fields.title]: 'lost' } }],
    });
    const path = backUp(gone);

    const before = desk.store.identity();
    const { backup, preview } = lookAt(desk.store, path);
    expect(preview.missingHere).toBe(gone.store.stats().events - desk.store.stats().events);
    must(finish(backup.merge()));
    expect(desk.store.identity()).toEqual(before);
    expect(desk.store.sync.counts().waiting).toBe(preview.missingHere);
    expect(lookAt(phone.store, path).preview.unsent).toBe(0);
    exchange(desk, stream);
    expect(desk.store.sync.counts().waiting).toBe(0);
    exchange(phone, stream);
    expect(canonicalDump(phone.db)).toEqual(canonicalDump(desk.db));
    expect(ids(phone)).toEqual(ids(gone));
  });

  test('[HLC-6] a database that is the older copy of the backup’s gets a new name before it takes the rest', () => {
    const book = openTasks();
    const early = backUp(book);
    const before = book.store.identity();
    book.addTask({ title: 'after the copy' });
    const late = backUp(book);
    const copy = new NodeSqlite(early);
    const rewound = openBook({ db: copy, random: new SeededRandom(5), clock: book.clock });
    expect(rewound.store.identity()).toEqual(before);
    must(finish(lookAt(rewound.store, late).backup.merge()));
    const after = rewound.store.identity();
    expect(after.clientId).not.toBe(before.clientId);
    expect(after.nodeId).not.toBe(before.nodeId);
    expect(ids(rewound)).toEqual(ids(book));
    copy.close();
  });

  test('[HLC-5] what came out of a file is not stamped anew, what is written here is', () => {
    const clock = openTasks().clock;
    const other = openTasks({ random: new SeededRandom(4) });
    const book = openBook({ random: new SeededRandom(6) });
    clock.advance(0);
    must(finish(lookAt(book.store, backUp(other)).backup.merge()));
    const [type] = [book.mint()];
    book.do({ kind: 'createType', id: type, name: 'Mine', fields: [] });
    const stamps = other.db.all('SELECT timestamp FROM events_text ORDER BY arrival');
    expect(book.store.sync.restamp(-3_600_000)).toBe(1);
    const kept = book.db.all('SELECT timestamp FROM events_text WHERE client_id = ? ORDER BY arrival', [
      other.store.identity().clientId,
    ]);
    expect(kept).toEqual(stamps);
  });

  test('a book in which nothing was written becomes that of the file; others keep their own', () => {
    const book = openTasks();
    const path = backUp(book);
    const empty = openBook({ random: new SeededRandom(8) });
    const look = lookAt(empty.store, path);
    expect(look.preview.sameBook).toBe(true);
    must(finish(look.backup.merge()));
    expect(empty.store.identity().bookId).toBe(book.store.identity().bookId);
    const used = openTasks({ random: new SeededRandom(9) });
    const { bookId } = used.store.identity();
    const other = lookAt(used.store, path);
    expect(other.preview.sameBook).toBe(false);
    must(finish(other.backup.merge()));
    expect(used.store.identity().bookId).toBe(bookId);
  });

  test('[HLC-4] changes dated ahead are counted, kept, and appear when their time has come', () => {
    const fast = openTasks({ random: new SeededRandom(4) });
    fast.clock.advance(3_600_000);
    fast.addTask({ title: 'in an hour' });
    const book = openBook({ random: new SeededRandom(6) });
    const { backup, preview } = lookAt(book.store, backUp(fast));
    expect(preview).toMatchObject({ ahead: 2, replaceable: 'yes' });
    expect(must(finish(backup.merge()))).toMatchObject({ ahead: 2, refused: 0 });
    expect(book.store.sync.release(book.clock.now())).toBe(0);
    expect(book.store.sync.release(book.clock.now() + 3_600_000)).toBe(2);
    expect(canonicalDump(book.db)).toEqual(canonicalDump(fast.db));
  });

  test('what waited in the backup waits here', () => {
    const fast = openTasks({ random: new SeededRandom(4) });
    fast.clock.advance(3_600_000);
    fast.addTask({ title: 'in an hour' });
    const between = openBook({ random: new SeededRandom(5) });
    must(finish(lookAt(between.store, backUp(fast)).backup.merge()));
    const book = openBook({ random: new SeededRandom(6) });
    must(finish(lookAt(book.store, backUp(between)).backup.merge()));
    expect(book.store.sync.counts().quarantined).toBe(2);
    expect(book.store.sync.release(book.clock.now() + 3_600_000)).toBe(2);
  });

  test('cut short after any step it has taken some, and goes on where it stopped', () => {
    const log = randomLog(new SeededRandom(11), 40);
    const source = openBook({ random: new SeededRandom(12) });
    put(source, log);
    const path = backUp(source);
    const book = openTasks({ random: new SeededRandom(13) });
    const { backup } = lookAt(book.store, path);
    const steps = backup.merge();
    steps.next();
    steps.return(undefined as never);
    book.addTask({ title: 'the book is as usable as ever' });
    must(finish(backup.merge()));
    expect(new Set(ids(book)).isSupersetOf(new Set(ids(source)))).toBe(true);
  });
});

describe('[FILE-3] replacing the book', () => {
  test.each([1, 2, 3])('makes it what the backup was, and derives everything anew, seed %d', (seed) => {
    const source = openBook({ random: new SeededRandom(seed) });
    put(source, randomLog(new SeededRandom(seed + 50), 60));
    const path = backUp(source);
    const liar = new NodeSqlite(path);
    liar.exec(`UPDATE attributes SET value = '"a lie"'; DELETE FROM entities; DELETE FROM transactions`);
    liar.close();
    const book = openTasks({ random: new SeededRandom(60) });
    const before = book.store.identity();
    const { backup, preview } = lookAt(book.store, path);
    must(backup.replace(null));
    const after = book.store.identity();
    expect(after.bookId).toBe(source.store.identity().bookId);
    expect(new Set([before.clientId, source.store.identity().clientId]).has(after.clientId)).toBe(false);
    expect(new Set([before.nodeId, source.store.identity().nodeId]).has(after.nodeId)).toBe(false);
    expect(ids(book)).toEqual(ids(source));
    expect(canonicalDump(book.db)).toEqual(canonicalDump(source.db));
    expect(book.store.files.replacedBy()).toBe(preview.token);
    expect(book.ask({ kind: 'undo' })).toEqual({ undo: null, redo: null });
  });

  test('[HLC-1] what is written afterwards is later than all that was ever written in either', () => {
    const source = openTasks({ random: new SeededRandom(4) });
    source.clock.advance(200_000);
    source.addTask({ title: 'late' });
    const book = openTasks({ random: new SeededRandom(5) });
    must(lookAt(book.store, backUp(source)).backup.replace(null));
    const newest = source.db.get<{ t: string }>('SELECT max(timestamp) AS t FROM events_text')!.t;
    const done = book.do({ kind: 'createType', id: book.mint(), name: 'Next', fields: [] });
    expect(formatTimestamp(done.timestamp!) > newest).toBe(true);
  });

  test('[SYNC-2] in a linked book what the server has comes back, what only the book had is gone, all devices agree', () => {
    const [desk, phone] = [openTasks(), another(2)];
    const stream = new MemoryStream();
    const user = desk.mint<UserId>();
    const { bookId } = desk.store.identity();
    for (const each of [desk, phone]) link(each, bookId, user);
    exchange(desk, stream);
    exchange(phone, stream);
    const task = desk.addTask({ title: 'sent after the backup, sealed before' });
    // Sealed, and no word from the server yet: in the backup it waits in the outbox.
    const { clientId } = desk.store.identity();
    desk.store.sync.seal({ bookId, clientId, userId: user }, 1);
    desk.addTask({ title: 'not even sealed in the backup' });
    const path = backUp(desk);
    exchange(desk, stream);
    desk.setTask(task, { title: 'on the server' });
    exchange(desk, stream);
    desk.setTask(task, { title: 'never sent' });

    const { backup, preview } = lookAt(desk.store, path);
    expect(preview).toMatchObject({ unsent: 1, missingThere: 2, missingHere: 0, replaceable: 'yes' });
    must(backup.replace(null));
    expect(desk.store.identity()).toMatchObject({ bookId, userId: user });
    expect(desk.ask({ kind: 'record', id: task })?.title).toBe('sent after the backup, sealed before');
    expect(desk.store.sync.nextInOutbox()).toBeNull();
    expect(desk.store.sync.producer()).toEqual({ epoch: 0, seq: 0 });
    exchange(desk, stream);
    exchange(phone, stream);
    exchange(desk, stream);
    expect(desk.ask({ kind: 'record', id: task })?.title).toBe('on the server');
    expect(canonicalDump(desk.db)).toEqual(canonicalDump(phone.db));
    expect(desk.store.sync.counts()).toMatchObject({ waiting: 0, quarantined: 0, rejected: 0 });
  });

  test('[ATTENTION-1] [ATTENTION-3] brings what needed attention and what was discarded; tried again, it goes out under the new name', () => {
    const book = openTasks();
    const user = book.mint<UserId>();
    const { bookId, clientId } = book.store.identity();
    link(book, bookId, user);
    const stream = new MemoryStream();
    exchange(book, stream);
    book.store.sync.apply({ messages: ['rubbish'], cursor: null }, book.clock.now());
    for (const kind of ['otherBook', 'unconfirmed'])
      book.db.run(`INSERT INTO quarantine (kind, digest, content, reason) VALUES (?, 1, '{}', 'so it is')`, [kind]);
    const task = book.addTask({ title: 'refused' });
    book.store.sync.seal({ bookId, clientId, userId: user }, 1);
    book.store.sync.reject(book.store.sync.nextInOutbox()?.id ?? book.mint(), 'It was refused.');
    book.store.attention.discard('unreadable', null);
    const path = backUp(book);
    const listed = () => book.ask({ kind: 'attention', limit: 9 });
    const then = listed();
    book.store.attention.discard('refused', null);
    must(lookAt(book.store, path).backup.replace(null));
    expect(listed()).toEqual(then);
    book.store.attention.retry('refused', null, 0);
    exchange(book, stream);
    const there = openTasks({ clock: book.clock, random: new SeededRandom(2), empty: true });
    link(there, bookId, user);
    exchange(there, stream);
    expect(there.ask({ kind: 'record', id: task })?.title).toBe('refused');
  });

  test('is refused in a linked book by the backup of another one; unlinked, it becomes that one', () => {
    const [book, other] = [openTasks(), openTasks({ random: new SeededRandom(2) })];
    const path = backUp(other);
    book.store.adoptBook(book.store.identity().bookId, book.mint<UserId>());
    const before = canonicalDump(book.db);
    const look = lookAt(book.store, path);
    expect(look.preview).toMatchObject({ sameBook: false, replaceable: 'otherBook' });
    expect(look.backup.replace(null)).toEqual({ ok: false, error: { kind: 'notReplaceable', because: 'otherBook' } });
    expect(canonicalDump(book.db)).toEqual(before);
    book.store.leaveBook();
    must(lookAt(book.store, path).backup.replace(null));
    expect(book.store.identity()).toMatchObject({ bookId: other.store.identity().bookId, userId: null });
  });

  test('the book as it was can be set aside before, and comes back from there', () => {
    const book = openTasks();
    book.addTask({ title: 'as it was' });
    const before = canonicalDump(book.db);
    const aside = `${fileOf(new Uint8Array())}.kept`;
    book.store.files.copyTo(aside);
    must(lookAt(book.store, backUp(openTasks({ random: new SeededRandom(2) }))).backup.replace(null));
    must(lookAt(book.store, aside).backup.replace(null));
    expect(canonicalDump(book.db)).toEqual(before);
  });

  test('every table of a book is copied, derived anew, or of this device', () => {
    const derived = [
      'attributes',
      'leaves',
      'collisions',
      'forks',
      'folded',
      'entities',
      'type_counts',
      'fields',
      'search',
      'transactions',
      'links',
    ];
    const own = ['config', 'commands', 'undo', 'projections', 'handlers', 'sqlite_sequence'];
    const tables = openBook()
      .db.all<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
      .map(({ name }) => name);
    expect([...COPIED, ...derived, ...own].toSorted()).toEqual(tables.toSorted());
  });
});

describe('[FILE-1] a file that may be anything', () => {
  /** Nothing of a refused file reaches the book. */
  function refusal(path: string) {
    const result = examine(path);
    return result.ok ? null : result.error;
  }
  const source = (): Uint8Array => openTasks({ random: new SeededRandom(3) }).store.export();
  function changed(sql: string): string {
    const path = fileOf(source());
    const file = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    file.exec(sql);
    file.close();
    return path;
  }

  test('no database, an empty one, one of another program', () => {
    expect(refusal(fileOf(new TextEncoder().encode('hello')))).toEqual({ kind: 'notABook' });
    expect(refusal(fileOf(new NodeSqlite().export()))).toEqual({ kind: 'notABook' });
    expect(refusal(changed('PRAGMA application_id=1'))).toEqual({ kind: 'notABook' });
  });

  test('one of a newer version of the app', () => {
    expect(refusal(changed('PRAGMA user_version=99'))).toMatchObject({ kind: 'newer', found: 99 });
  });

  test.each([
    [
      'a trigger',
      `CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END`,
      'trigger t is not part of a book',
    ],
    ['a view', `CREATE VIEW v AS SELECT 1`, 'view v is not part of a book'],
    ['a table', `CREATE TABLE t(x)`, 'table t is not part of a book'],
    ['a view in place of a table', `ALTER TABLE links RENAME TO l2; CREATE VIEW links AS SELECT * FROM l2`, 'is not'],
    [
      'a trigger of ours with other words',
      `DROP TRIGGER entities_insert; CREATE TRIGGER entities_insert AFTER INSERT ON entities BEGIN DELETE FROM events; END`,
      'trigger entities_insert is not as Daybook makes it',
    ],
    ['a missing index', `DROP INDEX events_key`, 'index events_key is missing'],
  ])('%s', (_, sql, message) => {
    const error = refusal(changed(sql));
    expect(error?.kind).toBe('altered');
    expect(error).toMatchObject({ message: expect.stringContaining(message) as string });
  });

  test('statistics that ANALYZE leaves are no harm', () => {
    expect(refusal(changed('ANALYZE'))).toBeNull();
  });

  test('cut off, or with bytes changed', () => {
    const bytes = source();
    expect(refusal(fileOf(bytes.subarray(0, bytes.length - 8192 * 3)))?.kind).toBe('damaged');
    const broken = bytes.slice();
    broken.fill(0xa5, 8192 * 4, 8192 * 5);
    expect(['damaged', 'altered']).toContain(refusal(fileOf(broken))?.kind);
  });

  test.each([
    [`UPDATE clients SET id = x'01'`],
    [`UPDATE config SET value = 'x' WHERE key = 'book'`],
    [`DELETE FROM config WHERE key = 'client'`],
    [
      `UPDATE config SET value = 9000000000000000000 WHERE key = 'sealed_through'; INSERT OR IGNORE INTO config VALUES ('sealed_through', -1)`,
    ],
    [`UPDATE events SET arrival = arrival - 100000`],
    [`INSERT INTO quarantine (kind, digest, content, reason) VALUES ('future', 0, '{', '')`],
    [`INSERT INTO pruned VALUES (x'00', 'name', x'00')`],
  ])('rows that make no sense: %s', (sql) => {
    expect(refusal(changed(sql))?.kind).toBe('damaged');
  });

  test.each([
    ['an id that is too short', `UPDATE events SET client_id = x'01' WHERE arrival = 3`, 1, 'malformed'],
    ['a value that is no JSON', `UPDATE events SET value = '{' WHERE arrival = 3`, 1, 'malformed'],
    ['a version before itself', `UPDATE events SET previous = timestamp WHERE arrival = 3`, 1, 'malformed'],
    ['a value in other words', `UPDATE events SET value = ' ' || value WHERE arrival = 3`, 0, 'malformed'],
    [
      'a clock that nobody catches up with',
      `UPDATE events SET timestamp = x'ffffffffffffffffffffffffffffffff' WHERE arrival = 3`,
      0,
      'future',
    ],
  ])(
    '[LOG-9] an event with %s is left out, the others are taken; the book is not replaced by it',
    (_, sql, refused, why) => {
      const path = changed(sql);
      const book = openBook({ random: new SeededRandom(21) });
      const { backup, preview } = lookAt(book.store, path);
      expect(preview).toMatchObject({ refused, missingHere: preview.events - refused, replaceable: why });
      expect(backup.replace(null)).toMatchObject({ ok: false, error: { kind: 'notReplaceable' } });
      expect(book.store.stats().events).toBe(0);
      const taken = must(finish(backup.merge()));
      expect(taken.events + taken.ahead).toBe(preview.missingHere);
      expect(book.store.quickCheck().ok).toBe(true);
      expect(book.ask({ kind: 'schema' }).types).toHaveLength(2);
    },
  );

  test('an event that differs from the one here under its key and id does not take its place', () => {
    const book = openTasks();
    const path = backUp(book);
    const file = new DatabaseSync(path);
    file.exec(`UPDATE events SET value = '"other words"' WHERE arrival = 2`);
    file.close();
    const before = canonicalDump(book.db);
    const { backup, preview } = lookAt(book.store, path);
    expect(preview).toMatchObject({ refused: 1, missingHere: 0, replaceable: 'malformed' });
    must(finish(backup.merge()));
    expect(canonicalDump(book.db)).toEqual(before);
  });

  test('of an earlier version of the app is brought up to date on the copy', () => {
    const fixture = gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures/version-1.db.gz')));
    const path = fileOf(fixture);
    const book = openBook({ random: new SeededRandom(22) });
    const { backup, preview } = lookAt(book.store, path);
    expect(preview.types.map(({ name }) => name)).toContain('Tasks');
    must(backup.replace(null));
    const direct = openBook({ db: new NodeSqlite(fileOf(fixture)), random: new SeededRandom(23) });
    direct.store.rebuild();
    expect(canonicalDump(book.db)).toEqual(canonicalDump(direct.db));
    direct.db.close();
  });

  test('a book with a bit of everything survives being replaced by itself', () => {
    const book = makeFixtureBook(new NodeSqlite());
    const before = canonicalDump(book.db);
    const sync = book.store.sync.counts();
    must(lookAt(book.store, backUp(book)).backup.replace(null));
    expect(canonicalDump(book.db)).toEqual(before);
    expect(book.store.sync.counts()).toMatchObject({ rejected: sync.rejected, quarantined: sync.quarantined });
    expect(book.store.quickCheck().ok).toBe(true);
  });
});
