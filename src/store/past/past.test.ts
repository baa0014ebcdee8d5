import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../core/event.ts';
import type { EntityId } from '../../core/ids.ts';
import type { Moment, Query } from '../../core/query.ts';
import { reduceLog } from '../../core/reduce.ts';
import { boundaries, liveLog, logAt } from '../../testing/live-log.ts';
import { openBook } from '../../testing/open-book.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { inAnyOrder } from '../../testing/store-contract.ts';
import type { TestBook } from '../../testing/test-book.ts';
import { idFromSql } from '../blob.ts';
import type { SqlValue } from '../database.ts';
import { appendEvents } from '../event-log.ts';
import { Past } from './past.ts';

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
      { kind: 'records' as const, type, offset: 0, limit: 1_000 },
      ...fields.flatMap((field) => [
        { kind: 'records' as const, type, sort: { field, direction: 'descending' as const }, ...page },
        { kind: 'records' as const, type, filters: [{ field, test: 'contains' as const, value: 'n' }], ...page },
        { kind: 'records' as const, type, filters: [{ field, test: 'empty' as const }], ...page },
      ]),
    ]),
  ];
}

describe('[PAST-1] [PAST-2] at every boundary of a random log', () => {
  test('attributes and their open versions are what the log up to there reduces to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const { book, log, entities } = liveLog(seed, 25);
        const past = new Past(book.db);
        for (const moment of boundaries(log)) {
          expect(tablesAt(book, past, moment, entities), JSON.stringify(moment)).toEqual(
            reducedAt(logAt(log, moment), entities),
          );
        }
      }),
      { numRuns: 5 },
    );
  });

  test('[PAST-3] every answer is the one of a book that holds the log up to there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const { book, log, entities } = liveLog(seed, 20);
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
      // Seed 6: a text with letters beyond ASCII was sorted as it stands where it had been superseded since.
      { numRuns: 4, examples: [[6]] },
    );
  });
});
