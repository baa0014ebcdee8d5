import { describe, expect, test } from 'vitest';
import type { CheckName, DoctorReport } from '../../core/health.ts';
import { mintId, type BookId, type BundleId, type UserId } from '../../core/ids.ts';
import { sealBundle, splitIntoBundles } from '../../core/bundle-codec.ts';
import { canonicalDump } from '../../testing/canonical-dump.ts';
import { makeFixtureBook } from '../../testing/fixture-book.ts';
import { NodeSqlite } from '../../testing/node-sqlite.ts';
import { openBook } from '../../testing/open-book.ts';
import { randomLog } from '../../testing/random-log.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { TestBook } from '../../testing/test-book.ts';
import { bundleMessages } from '../../worker/bundle-messages.ts';

let ticks = 0;

function examine(book: TestBook, between: () => void = () => undefined): DoctorReport {
  const steps = book.store.examine(() => ticks++);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    expect(step.value.share).toBeGreaterThanOrEqual(0);
    expect(step.value.share).toBeLessThanOrEqual(1);
    between();
  }
}

const bad = (report: DoctorReport): CheckName[] =>
  report.checks.filter(({ outcome }) => outcome !== 'good').map(({ name }) => name);

/** A book that got the events of a random log in bundles, as they came. */
function bookOf(seed: number, transactions: number): TestBook {
  const random = new SeededRandom(seed);
  const book = openBook({ random });
  const [bookId, userId] = [book.mint<BookId>(), book.mint<UserId>()];
  book.store.adoptBook(bookId, userId);
  const log = randomLog(random, transactions).toSorted(() => (random.chance(0.5) ? 1 : -1));
  const messages = splitIntoBundles(log).map((events) => {
    const { clientId, timestamp } = events[0]!;
    const id = mintId<BundleId>(book.clock.now(), random.bytes);
    return JSON.parse(bundleMessages.write(sealBundle({ id, bookId, userId, clientId, timestamp }, events))) as unknown;
  });
  book.store.sync.apply({ messages, cursor: 'end' }, book.clock.now());
  return book;
}

test.each([1, 2, 3, 4, 5, 6])('[DOCTOR-1] a healthy book of random events is found healthy (%i)', (seed) => {
  const book = bookOf(seed, 60);
  expect(bad(examine(book))).toEqual([]);
});

test('[DOCTOR-1] a book with a bit of everything is found healthy, and counted', () => {
  const db = new NodeSqlite();
  const book = makeFixtureBook(db);
  const report = examine(book);
  expect(bad(report)).toEqual([]);
  expect(report.counts).toMatchObject({ deadLetters: 1, outbox: 1, quarantine: 1, types: 2, leaves: 2 });
  const { events, attributes, records, unsealed, collisions } = book.store.stats();
  expect(report.counts).toMatchObject({ events, attributes, records, unsealed, collisions });
  expect(report.horizon).toBeNull();
});

test('[DOCTOR-1] what is written between two steps is no fault', () => {
  const book = makeFixtureBook(new NodeSqlite());
  const [task] = book.tasksNow();
  let n = 0;
  const report = examine(book, () => {
    n += 1;
    book.addTask({ title: `Ünï between ${n}`, owner: null });
    if (task) book.setTask(task.id, { title: `again ${n}` });
  });
  expect(n).toBeGreaterThan(10);
  expect(bad(report)).toEqual([]);
});

describe('[DOCTOR-2] a fault that was planted is found, told, and mended:', () => {
  const FAULTS: readonly (readonly [name: string, check: CheckName, sql: string])[] = [
    ['a value', 'attributes', `UPDATE attributes SET value = '"other"' WHERE attribute = 'name'`],
    ['an attribute that is missing', 'attributes', `DELETE FROM attributes WHERE attribute = 'kind'`],
    ['an attribute of no event', 'attributes', `INSERT INTO attributes SELECT entity_id, 'invented', value, timestamp, event_id, NULL FROM attributes WHERE attribute = 'name' LIMIT 1`],
    ['an older version that won', 'attributes', `UPDATE attributes SET timestamp = zeroblob(16) WHERE attribute = 'order'`],
    ['a conflict that was forgotten', 'versions', 'DELETE FROM leaves'],
    ['a conflict that never was', 'versions', `INSERT INTO leaves SELECT entity_id, attribute, timestamp, id, client_id, value FROM events WHERE attribute = 'name'`],
    ['a conflict that is not marked', 'versions', `UPDATE attributes SET fork = NULL WHERE fork IS NOT NULL`],
    ['a collision of nothing', 'versions', `INSERT INTO collisions SELECT entity_id, attribute, timestamp FROM events LIMIT 1`],
    ['a record that is missing', 'entities', `DELETE FROM entities WHERE typeof(type) = 'blob' AND number = (SELECT max(number) FROM entities WHERE typeof(type) = 'blob')`],
    ['a record too many', 'entities', `INSERT INTO entities (entity_id, type, made, sample) SELECT zeroblob(16), type, made, 0 FROM entities WHERE typeof(type) = 'blob' LIMIT 1`],
    ['a wrong number of records', 'entities', 'UPDATE type_counts SET records = records + 1'],
    ['a field of another kind', 'fields', `UPDATE fields SET kind = '"number"' WHERE kind = '"email"'`],
    ['a field that is missing', 'fields', `DELETE FROM fields WHERE kind = '"date"'`],
    ['words that are wrong', 'search', `UPDATE search SET text = 'nothing'`],
    ['words of nothing', 'search', `INSERT INTO search VALUES (12345, 'nothing', 1)`],
    ['a text that is not folded', 'folded', 'DELETE FROM folded'],
    ['a text folded otherwise', 'folded', `UPDATE folded SET text = '"other"'`],
    ['a link that is missing', 'links', 'DELETE FROM links'],
    ['a link to elsewhere', 'links', 'UPDATE links SET target = zeroblob(16)'],
    ['a link from nowhere', 'links', 'INSERT INTO links SELECT attribute, zeroblob(16), target FROM links LIMIT 1'],
    ['a transaction that is missing', 'transactions', 'DELETE FROM transactions WHERE timestamp = (SELECT min(timestamp) FROM transactions)'],
    ['a transaction counted wrongly', 'transactions', 'UPDATE transactions SET events = events + 1 WHERE events > 1'],
    ['a bundle that is garbled', 'outbox', `UPDATE outbox SET message = '{"half'`],
    ['a bundle with too few changes', 'outbox', 'UPDATE outbox SET events = events + 1'],
    ['a refused bundle that is garbled', 'outbox', `UPDATE dead_letters SET message = '{"half'`],
    ['changes that would never be sent', 'log', `UPDATE config SET value = (SELECT max(arrival) FROM events) WHERE key = 'sealed_through'`],
    ['a device that nobody knows', 'log', 'DELETE FROM clients WHERE self = 0'],
    ['arrivals out of order', 'log', `INSERT INTO arrivals (first_arrival, last_arrival, timestamp) VALUES (0, 0, unhex('${'ff'.repeat(16)}'))`],
    ['a clock that is behind', 'clock', `UPDATE config SET value = zeroblob(16) WHERE key = 'clock'`],
  ]; // prettier-ignore

  test.each(FAULTS)('%s', (_, check, sql) => {
    const book = makeFixtureBook(new NodeSqlite());
    book.setTask(book.tasksNow()[0]!.id, { notes: 'in no bundle yet: Ünï' });
    const before = canonicalDump(book.db, true);
    book.db.exec(sql);
    const report = examine(book);
    const found = report.checks.find(({ name }) => name === check);
    expect(found).toMatchObject({ outcome: 'bad' });
    expect(found?.faults).toBeGreaterThan(0);
    expect(found?.examples.length).toBeGreaterThan(0);
    const dump = canonicalDump(book.db, true);
    examine(book);
    expect(canonicalDump(book.db, true)).toEqual(dump);
    book.store.mend(bad(report));
    expect(bad(examine(book))).toEqual([]);
    expect(canonicalDump(book.db, true)).toEqual(before);
  });
});

test('[LOG-3] a change that is gone from the log and waits in a bundle is missed', () => {
  const book = makeFixtureBook(new NodeSqlite());
  book.db.exec('DELETE FROM events WHERE bundle_id IN (SELECT id FROM outbox)');
  expect(bad(examine(book))).toContain('outbox');
});
