import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookGenerator } from '../testing/book-generator.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { ClockState } from './clock.ts';
import { MAX_PREVIOUS, type AttributeName } from './event.ts';
import { idMillis, mintId, nextId, type ClientId, type EntityId } from './ids.ts';
import { makeTimestamp, millisOf, type NodeId, type Timestamp } from './timestamp.ts';
import { groupByTransaction, makeTransaction, restamp, type Author } from './transaction.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const node = '89abcdef01234567' as NodeId;
const name = 'name' as AttributeName;
const random = new SeededRandom(1);
const entities = Array.from({ length: 5 }, () => mintId<EntityId>(NOW, random.bytes));
const clientId = mintId<ClientId>(NOW, random.bytes);
const clockAt = (millis: number): ClockState => ({ node, last: makeTimestamp(millis, 0, node) });

const author = (changes: Partial<Author> = {}): Author => ({
  clientId,
  clock: clockAt(NOW - 1_000),
  wallMillis: NOW,
  random: random.bytes,
  leavesOf: () => [],
  ...changes,
});

describe('makeTransaction', () => {
  test('[ID-2] [LOG-5] its events share one timestamp, and their ids count up from that millisecond', () => {
    const { clock, timestamp, events } = makeTransaction(
      entities.map((entityId) => ({ entityId, attribute: name, value: 'x' })),
      author(),
    );
    expect(timestamp).toBe(makeTimestamp(NOW, 0, node));
    expect(clock).toEqual({ node, last: timestamp });
    expect(idMillis(events[0]!.id)).toBe(NOW);
    events.forEach((event, i) => {
      expect(event).toEqual({
        id: i === 0 ? event.id : nextId(events[i - 1]!.id),
        clientId,
        entityId: entities[i],
        attribute: name,
        value: '"x"',
        timestamp,
        previous: [],
      });
    });
  });

  test('[LOG-5] the last of several changes to an attribute counts', () => {
    const [entityId, other] = [entities[0]!, entities[1]!];
    const { events } = makeTransaction(
      [
        { entityId, attribute: name, value: 'first' },
        { entityId: other, attribute: name, value: { b: 1, a: [true, null] } },
        { entityId, attribute: name, value: null },
      ],
      author(),
    );
    expect(events.map((event) => [event.entityId, event.value])).toEqual([
      [entityId, 'null'],
      [other, '{"a":[true,null],"b":1}'],
    ]);
  });

  test('a transaction of nothing is refused', () => {
    expect(() => makeTransaction([], author())).toThrow('at least one change');
  });

  test('[LOG-6] previous holds what the author saw of each attribute, ascending, each once', () => {
    const seen = [3, 1, 2, 1].map((millis) => makeTimestamp(millis, 0, node));
    const { events } = makeTransaction(
      entities.slice(0, 2).map((entityId) => ({ entityId, attribute: name, value: 1 })),
      author({ leavesOf: (entityId) => (entityId === entities[0] ? seen : []) }),
    );
    expect(events.map((event) => event.previous)).toEqual([[seen[1], seen[2], seen[0]], []]);
  });

  test('[LOG-6] of more versions than an event can name it names the newest', () => {
    const seen = Array.from({ length: MAX_PREVIOUS + 5 }, (_, i) => makeTimestamp(i, 0, node));
    const { events } = makeTransaction(
      [{ entityId: entities[0]!, attribute: name, value: 1 }],
      author({ leavesOf: () => seen }),
    );
    expect(events[0]!.previous).toEqual(seen.slice(5));
  });

  test('[HLC-1] it is younger than all that its author saw, even under a clock that fell behind', () => {
    const seen = makeTimestamp(NOW + 60_000, 9, 'ffffffffffffffff' as NodeId);
    const { timestamp, clock } = makeTransaction(
      [{ entityId: entities[0]!, attribute: name, value: 1 }],
      author({ leavesOf: () => [seen], wallMillis: 0 }),
    );
    expect(timestamp > seen).toBe(true);
    expect(clock.last).toBe(timestamp);
  });
});

describe('groupByTransaction', () => {
  test('[LOG-5] events come back in the transactions they were made in, oldest first', () => {
    const book = new BookGenerator(2);
    const made = [book.schema(), book.importRecords(3), book.edit(2), book.edit(3)];
    const shuffled = made.toReversed().flatMap((transaction) => transaction.events);
    expect(groupByTransaction(shuffled)).toEqual(made);
  });
});

describe('restamp', () => {
  test('[HLC-5] a year fast: edits keep their order and distance, and end up in the present', () => {
    const year = 365 * 86_400_000;
    const book = new BookGenerator(3, 1);
    const synced = [...book.schema().events, ...book.importRecords(20).events];
    const sent = synced.at(-1)!.timestamp;
    const present = book.clock.now() + 3_600_000;
    book.clock.set(present + year);
    const wrong = Array.from({ length: 30 }, () => book.edit(2));
    const span = book.clock.now() - (present + year);

    const { clock, events, renamed } = restamp(
      wrong.flatMap((transaction) => transaction.events),
      { clock: { node, last: sent }, offsetMillis: year, nowMillis: present + span },
    );
    expect(renamed.size).toBe(wrong.length);
    const stamps = wrong.map((transaction) => renamed.get(transaction.timestamp)!);
    expect(stamps).toEqual(stamps.toSorted());
    wrong.forEach((transaction, i) => expect(millisOf(stamps[i]!)).toBe(millisOf(transaction.timestamp) - year));
    expect(clock.last).toBe(stamps.at(-1));
    const before = wrong.flatMap((transaction) => transaction.events);
    expect(events).toEqual(
      before.map((event) => ({
        ...event,
        timestamp: renamed.get(event.timestamp),
        previous: event.previous.map((timestamp) => renamed.get(timestamp) ?? timestamp),
      })),
    );
    // Some edits were made upon others of these, else this test shows nothing.
    expect(before.some((event) => event.previous.some((timestamp) => renamed.has(timestamp)))).toBe(true);
  });

  test('[HLC-5] a clock that was set right in between leaves nothing in the future', () => {
    const change = (value: number): { entityId: EntityId; attribute: AttributeName; value: number } => ({
      entityId: entities[0]!,
      attribute: name,
      value,
    });
    const first = makeTransaction([change(1)], author({ wallMillis: NOW + 1e10 }));
    const second = makeTransaction(
      [change(2)],
      author({ clock: first.clock, wallMillis: NOW + 5_000, leavesOf: () => [first.timestamp] }),
    );
    const { events } = restamp([...second.events, ...first.events], {
      clock: clockAt(NOW - 1),
      offsetMillis: 0,
      nowMillis: NOW + 6_000,
    });
    expect(events.map((event) => event.timestamp)).toEqual([
      makeTimestamp(NOW + 6_000, 0, node),
      makeTimestamp(NOW + 6_000, 1, node),
    ]);
    expect(events[1]!.previous).toEqual([events[0]!.timestamp]);
  });

  test('[HLC-1] [HLC-5] whatever the error was, nothing lands at or before what was sent, or what it builds upon', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ gap: fc.integer({ min: 0, max: 1e6 }), saw: fc.option(fc.integer({ min: 0, max: 1e6 })) }),
          { minLength: 1, maxLength: 12 },
        ),
        fc.integer({ min: -1e10, max: 1e10 }),
        (edits, offsetMillis) => {
          let clock = clockAt(NOW + offsetMillis);
          let wallMillis = NOW + offsetMillis;
          let open: readonly Timestamp[] = [];
          const events = edits.flatMap(({ gap, saw }) => {
            wallMillis += gap;
            if (saw !== null) open = [...open, makeTimestamp(NOW - saw, 0, 'ffffffffffffffff' as NodeId)];
            const made = makeTransaction(
              [{ entityId: entities[0]!, attribute: name, value: gap }],
              author({ clock, wallMillis, leavesOf: () => open }),
            );
            clock = made.clock;
            open = [made.timestamp];
            return made.events;
          });
          const sent = clockAt(NOW);
          const outcome = restamp(events, { clock: sent, offsetMillis, nowMillis: wallMillis - offsetMillis });
          let last = sent.last;
          for (const event of outcome.events) {
            expect(event.timestamp > last).toBe(true);
            for (const seen of event.previous) expect(seen < event.timestamp).toBe(true);
            expect(event.previous).toEqual(event.previous.toSorted());
            last = event.timestamp;
          }
          expect(outcome.clock.last).toBe(last);
        },
      ),
    );
  });
});
