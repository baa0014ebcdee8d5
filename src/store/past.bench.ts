import { expect, test } from 'vitest';
import type { Event } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { AnswerOf, Moment, Query } from '../core/query.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { BookGenerator } from '../testing/book-generator.ts';
import { compare } from '../testing/compare.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { SqliteDatabase } from '../worker/sqlite-database.ts';
import { loadEngine } from '../worker/sqlite-engine.ts';
import { noteArrival } from './arrivals.ts';
import { timestampFromSql } from './blob.ts';
import { openStore } from './book.ts';
import type { SqlValue } from './database.ts';
import { appendEvents } from './event-log.ts';
import { readClock } from './identity.ts';
import type { Store } from './store.ts';

/** sqlite-wasm in memory, as in store.bench.ts. */
const engine = await loadEngine();
const SEED = 20_261_123;
const EVENTS = 1_000_000;
const AT_A_TIME = 20_000;
const PAGE = 1_000;

interface Bench {
  readonly db: SqliteDatabase;
  readonly store: Store;
  readonly generator: BookGenerator;
  /** Moments of transactions spread over the whole time, the first behind the last record that was brought in. */
  readonly stamps: readonly Timestamp[];
}

/** A book into which a history came from elsewhere, some thousands of events at a time. */
function open(records: number): Bench {
  const generator = new BookGenerator(SEED, 3);
  const db = new SqliteDatabase(engine, ':memory:', null);
  const { clock, random } = generator;
  const opened = openStore(db, { random: random.bytes, now: clock.now, messages: bundleMessages });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  let batch: Event[] = [];
  const take = (): void =>
    db.transaction('normal', () => {
      const before = readClock(db);
      const { firstArrival, lastArrival } = appendEvents(db, [{ events: batch, bundleId: null, sender: null }]);
      noteArrival(db, before, clock.now(), firstArrival, lastArrival);
      batch = [];
    });
  for (const event of generator.history(records, EVENTS)) if (batch.push(event) === AT_A_TIME) take();
  take();
  const edits = db.all<{ timestamp: SqlValue }>(
    'SELECT timestamp FROM transactions WHERE events < 9 ORDER BY timestamp',
  );
  const stamps = Array.from({ length: 40 }, (_, i) => edits[Math.floor((edits.length * (i + 0.5)) / 40)]);
  return { db, store: opened.value, generator, stamps: stamps.map((row) => timestampFromSql(row?.timestamp ?? null)) };
}

test.each([10_000, 100_000])('a past moment of %i records and 1,000,000 events', { timeout: 3_600_000 }, (records) => {
  const { db, store, generator, stamps } = open(records);
  const { type, fields } = generator;
  const [name, , , , , amount] = fields;
  if (!name || !amount) throw new Error('the generator made other fields');
  const ask = <Q extends Query>(query: Q): AnswerOf<Q> => JSON.parse(store.answer(query)) as AnswerOf<Q>;
  // Each answer is about a moment that nobody has asked about before, unless it says otherwise.
  let next = 0;
  const moment = (reading: Moment['reading']): Moment => {
    const at = stamps[(next += 7) % stamps.length];
    if (at === undefined) throw new Error('no moment');
    return { at, reading };
  };
  const random = (): EntityId => generator.random.pick(generator.records);
  compare(`one record, of ${records}`, 15, {
    'one record now': () => ask({ kind: 'record', id: random() }),
    'one record at a moment, dated': () => ask({ kind: 'record', id: random(), asOf: moment('dated') }),
    'one record at a moment, known': () => ask({ kind: 'record', id: random(), asOf: moment('known') }),
  });
  const latest = { at: stamps.at(-1) as Timestamp, reading: 'dated' } as const;
  ask({ kind: 'record', id: random(), asOf: latest });
  compare(`one more record, of ${records}`, 15, {
    'one record now': () => ask({ kind: 'record', id: random() }),
    'one record at the moment that is open': () => ask({ kind: 'record', id: random(), asOf: latest }),
  });
  const page = { kind: 'records', type, offset: 0, limit: 50 } as const;
  compare(`a first page of 50, of ${records}`, 7, {
    'first page now': () => ask(page),
    'first page at a moment, dated': () => ask({ ...page, asOf: moment('dated') }),
    'first page at a moment, known': () => ask({ ...page, asOf: moment('known') }),
    'sorted by number, dated': () =>
      ask({ ...page, sort: { field: amount.id, direction: 'ascending' }, asOf: moment('dated') }),
    'sorted by text, known': () =>
      ask({ ...page, sort: { field: name.id, direction: 'ascending' }, asOf: moment('known') }),
  });
  const whole = (asOf?: Moment): number => {
    let read = 0;
    for (let offset = 0; offset < 10_000; offset += PAGE)
      read += ask({ ...page, limit: PAGE, offset, ...(asOf && { asOf }) }).rows.length;
    return read;
  };
  compare(`every value of 10,000 records, of ${records}`, 5, {
    'a raw GROUP BY over the log, up to a moment': () =>
      db.get(
        'SELECT sum(length(value)) AS n FROM (SELECT value, max(timestamp) FROM events WHERE timestamp <= unhex(?) GROUP BY entity_id, attribute)',
        [moment('dated').at],
      ),
    'the whole table now': () => whole(),
    'the whole table at a moment, dated': () => whole(moment('dated')),
    'the whole table at a moment, known': () => whole(moment('known')),
  });
  whole(latest);
  compare(`every value of 10,000 records again, of ${records}`, 5, {
    'the whole table now': () => whole(),
    'the whole table at the moment that is open': () => whole(latest),
  });
  compare(`what differs, of ${records}`, 5, {
    'from the last fortieth of the time to now': () => ask({ kind: 'diff', then: latest, now: null, limit: 100 }),
    'of one record, in all the time': () =>
      ask({
        kind: 'diff',
        then: { at: stamps[0] as Timestamp, reading: 'known' },
        now: null,
        entityIds: [random()],
        limit: 100,
      }),
  });
  expect(whole(latest)).toBe(10_000);
  expect(store.stats().records).toBe(records);
});
