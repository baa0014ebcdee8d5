import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealBundle } from '../../core/bundle-codec.ts';
import { tick } from '../../core/clock.ts';
import type { Command } from '../../core/command.ts';
import type { Event } from '../../core/event.ts';
import { isUuid, type BookId, type BundleId, type EntityId, type UserId } from '../../core/ids.ts';
import type { Moment, Query } from '../../core/query.ts';
import { reduceLog } from '../../core/reduce.ts';
import type { Timestamp } from '../../core/timestamp.ts';
import { openBook } from '../../testing/open-book.ts';
import { randomLog } from '../../testing/random-log.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { TestBook } from '../../testing/test-book.ts';
import { bundleMessages } from '../../worker/bundle-messages.ts';
import { idFromSql } from '../blob.ts';
import type { SqlValue } from '../database.ts';
import { appendEvents } from '../event-log.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from '../event-rows.ts';
import { readClock } from '../identity.ts';
import { Past } from './past.ts';

/** An event with the moment at which it came to the device. */
interface Came {
  readonly event: Event;
  readonly came: Timestamp;
}

/** A device on which a log arrives slice by slice, in any order, while somebody works on it. */
function live(seed: number, transactions: number): { book: TestBook; log: Came[]; entities: EntityId[] } {
  const random = new SeededRandom(seed);
  const foreign = randomLog(random, transactions);
  const book = openBook({ random });
  const userId = book.mint<UserId>();
  const { bookId } = book.store.identity();
  book.store.adoptBook(bookId, userId);
  const entities = [...new Set(foreign.map((event) => event.entityId))];
  const fields = [...new Set(foreign.map((event) => event.attribute))].filter(isUuid) as string[] as EntityId[];
  const log: Came[] = [];
  const note = (came: Timestamp | null): void => {
    const last = log.length;
    const rows = book.db.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events ORDER BY arrival LIMIT -1 OFFSET ?`, [
      last,
    ]);
    for (const event of readArrivals(rows).keys()) log.push({ event, came: came ?? event.timestamp });
  };
  const shuffled = foreign.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at);
  while (shuffled.length > 0) {
    // Some things happen in the same millisecond.
    if (random.chance(0.7)) book.clock.advance(random.below(5_000));
    if (random.chance(0.4)) {
      act(book, random, entities, fields);
      note(null);
      continue;
    }
    const came = tick(readClock(book.db), book.clock.now()).timestamp;
    const events = shuffled.splice(0, 1 + random.below(12)).map(({ event }) => event);
    book.store.sync.apply({ messages: [messageOf(book, bookId, userId, events)], cursor: 'c' }, book.clock.now());
    note(came);
  }
  return { book, log, entities };
}

function messageOf(book: TestBook, bookId: BookId, userId: UserId, events: readonly Event[]): unknown {
  const [first] = events;
  if (!first) throw new Error('no events');
  const { clientId, timestamp } = first;
  const bundle = sealBundle({ id: book.mint<BundleId>(), bookId, userId, clientId, timestamp }, events);
  return JSON.parse(bundleMessages.write(bundle));
}

/** Something that somebody does, if it can be done. */
function act(book: TestBook, random: SeededRandom, entities: readonly EntityId[], fields: readonly EntityId[]): void {
  const entityId = random.pick(entities);
  const field = random.pick(fields);
  const id = book.mint();
  const commands: readonly Command[] = [
    { kind: 'setValues', changes: [{ entityId, field, value: random.pick([null, 'plain', 'Zoë', 7]) }] },
    { kind: 'deleteRecords', ids: [entityId] },
    { kind: 'restoreRecords', ids: [entityId] },
    { kind: 'changeField', id: field, name: random.pick(['Name', 'Title']), hidden: random.chance(0.5) },
    { kind: 'createType', id, name: 'Made here', fields: [{ id: book.mint(), name: 'Name', kind: 'text' }] },
  ];
  if (random.chance(0.15)) book.store.undo(book.mint(), true);
  else book.store.execute({ id: book.mint(), command: random.pick(commands) });
}

const before = (timestamp: Timestamp): Timestamp =>
  (BigInt(`0x${timestamp}`) - 1n).toString(16).padStart(32, '0') as Timestamp;

/** Every moment at which something happened or came, and the one just before it, in both readings. */
function boundaries(log: readonly Came[]): Moment[] {
  const stamps = new Set(log.flatMap(({ event, came }) => [event.timestamp, came]));
  return [...stamps].flatMap((stamp) =>
    [stamp, before(stamp)].flatMap((at) => (['known', 'dated'] as const).map((reading) => ({ at, reading }))),
  );
}

/** By definition: what was stamped, or had come, by then. */
function logAt(log: readonly Came[], { at, reading }: Moment): Event[] {
  return log
    .filter(({ event, came }) => (reading === 'known' ? came : event.timestamp) <= at)
    .map(({ event }) => event);
}

/** What the tables of a moment say of every attribute: its winner, and its open versions where there are several. */
function tablesAt(book: TestBook, past: Past, moment: Moment, entities: readonly EntityId[]): string[] {
  past.open(moment);
  past.needEntities(entities);
  const rows = book.db.all<{ winner: SqlValue; forked: number; leaves: string | null }>(
    `SELECT event_id AS winner, fork IS NOT NULL AS forked, (SELECT group_concat(hex(event_id) ORDER BY event_id) FROM temp.past_leaves l
       WHERE l.entity_id = a.entity_id AND l.attribute = a.attribute) AS leaves
     FROM temp.past_attributes a WHERE entity_id IN (SELECT entity_id FROM temp.staged_entities)`,
  );
  return rows
    .map(({ winner, forked, leaves }) => `${idFromSql(winner)} ${forked} ${leaves?.toLowerCase() ?? ''}`)
    .toSorted();
}

function reducedAt(log: readonly Event[], entities: readonly EntityId[]): string[] {
  const among = new Set(entities);
  return [...reduceLog(log).values()]
    .filter((state) => among.has(state.entityId))
    .map(({ winner, leaves }) => {
      const ids = leaves.map((leaf) => leaf.id.replaceAll('-', '')).toSorted();
      return `${winner.id} ${leaves.length > 1 ? 1 : 0} ${leaves.length > 1 ? ids.join(',') : ''}`;
    })
    .toSorted();
}

/** Everything that can be asked of a moment. */
function queriesAbout(entities: readonly EntityId[], types: readonly EntityId[], fields: readonly EntityId[]): Query[] {
  const page = { offset: 0, limit: 100 };
  return [
    { kind: 'schema' },
    { kind: 'trash', ...page },
    ...['plain', 'cafe', 'unu 3'].map((text) => ({ kind: 'search', text, limit: 100 }) as const),
    ...entities.map((id) => ({ kind: 'record', id }) as const),
    ...types.flatMap((type) => [
      { kind: 'records' as const, type, ...page },
      { kind: 'records' as const, type, search: 'plain', ...page },
      { kind: 'records' as const, type, offset: 1, limit: 2 },
      ...fields.flatMap((field) => [
        { kind: 'records' as const, type, sort: { field, direction: 'descending' as const }, ...page },
        { kind: 'records' as const, type, filters: [{ field, test: 'contains' as const, value: 'n' }], ...page },
        { kind: 'records' as const, type, filters: [{ field, test: 'empty' as const }], ...page },
      ]),
    ]),
  ];
}

/** Search tells records in the order in which their numbers were handed out, which is local. */
function inAnyOrder(answer: string): string {
  const parsed: unknown = JSON.parse(answer);
  if (typeof parsed !== 'object' || parsed === null || !('hits' in parsed) || !Array.isArray(parsed.hits))
    return answer;
  return JSON.stringify(parsed.hits.map((hit) => JSON.stringify(hit)).toSorted());
}

describe('[PAST-1] [PAST-2] at every boundary of a random log', () => {
  test('attributes and their open versions are what the log up to there reduces to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const { book, log, entities } = live(seed, 25);
        const past = new Past(book.db);
        for (const moment of boundaries(log)) {
          expect(tablesAt(book, past, moment, entities), JSON.stringify(moment)).toEqual(
            reducedAt(logAt(log, moment), entities),
          );
        }
      }),
      { numRuns: 8 },
    );
  });

  test('[PAST-3] every answer is the one of a book that holds the log up to there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const { book, log, entities } = live(seed, 20);
        const { types } = book.ask({ kind: 'schema' });
        const fields = types.flatMap((type) => type.fields.map((field) => field.id));
        const queries = queriesAbout(
          entities,
          types.map((type) => type.id),
          fields.slice(0, 3),
        );
        const random = new SeededRandom(seed);
        const before = queries.map((query) => book.store.answer(query));
        for (const moment of boundaries(log).filter(() => random.chance(0.12))) {
          const naive = openBook();
          const events = logAt(log, moment);
          naive.db.transaction('normal', () => appendEvents(naive.db, [{ events, bundleId: null, sender: null }]));
          for (const query of queries) {
            const asOf = inAnyOrder(book.store.answer({ ...query, asOf: moment } as Query));
            expect(asOf, JSON.stringify({ ...query, asOf: moment })).toBe(inAnyOrder(naive.store.answer(query)));
          }
          naive.db.close();
        }
        // Nothing of it has reached the present.
        expect(queries.map((query) => book.store.answer(query))).toEqual(before);
      }),
      { numRuns: 4 },
    );
  });
});
