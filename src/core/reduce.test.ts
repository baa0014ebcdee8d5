import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../testing/seeded-random.ts';
import { encodeEvents, decodeEvents, splitIntoBundles } from './bundle-codec.ts';
import { observe, type ClockState } from './clock.ts';
import type { AttributeName, Event } from './event.ts';
import { mintId, nextId, type ClientId, type EntityId } from './ids.ts';
import { attributeKey, inConflict, reduceAttribute, reduceLog, type AttributeState } from './reduce.ts';
import { makeTimestamp, type NodeId, type Timestamp } from './timestamp.ts';
import { makeTransaction } from './transaction.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const random = new SeededRandom(5);
const entities = Array.from({ length: 3 }, () => mintId<EntityId>(NOW, random.bytes));
const attributes = ['name', 'status'] as AttributeName[];

/** A device that edits on its own and takes over logs of others, with a wall clock of its own. */
class Device {
  readonly clientId = mintId<ClientId>(NOW, random.bytes);
  clock: ClockState;
  log: Event[] = [];

  constructor(index: number) {
    const node = `000000000000000${index}` as NodeId;
    this.clock = { node, last: makeTimestamp(0, 0, node) };
  }

  edit(entity: number, attribute: number, value: number, wallMillis: number): void {
    const made = makeTransaction([{ entityId: entities[entity]!, attribute: attributes[attribute]!, value }], {
      clientId: this.clientId,
      clock: this.clock,
      wallMillis,
      random: random.bytes,
      leavesOf: (entityId, name) => this.state(entityId, name)?.leaves.map((event) => event.timestamp) ?? [],
    });
    this.clock = made.clock;
    this.log.push(...made.events);
  }

  take(events: readonly Event[]): void {
    for (const event of events) {
      if (this.log.some((known) => known.id === event.id)) continue;
      const seen = observe(this.clock, event.timestamp, Number.MAX_SAFE_INTEGER);
      if (seen.ok) this.clock = seen.value;
      this.log.push(event);
    }
  }

  state(entityId: EntityId, attribute: AttributeName): AttributeState | undefined {
    return reduceLog(this.log).get(attributeKey(entityId, attribute));
  }
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      device: fc.nat(2),
      entity: fc.nat(2),
      attribute: fc.nat(1),
      value: fc.nat(3),
      wallMillis: fc.integer({ min: NOW, max: NOW + 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sync' as const), from: fc.nat(2), to: fc.nat(2) }) },
);
const lives = fc.array(step, { minLength: 1, maxLength: 30 });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function live(steps: readonly Step[]): Device[] {
  const devices = [1, 2, 3].map((index) => new Device(index));
  for (const each of steps) {
    if (each.kind === 'edit') devices[each.device]!.edit(each.entity, each.attribute, each.value, each.wallMillis);
    else devices[each.to]!.take(devices[each.from]!.log);
  }
  return devices;
}

const allEvents = (devices: readonly Device[]): Event[] => [
  ...new Map(devices.flatMap((device) => device.log.map((event) => [event.id, event]))).values(),
];

/** The same state whatever order maps and lists are in. */
const dump = (log: readonly Event[]): unknown => [...reduceLog(log)].toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('reduce', () => {
  test('[LOG-1] any order, repetition and grouping of the same events comes to the same state', () => {
    fc.assert(
      fc.property(lives, fc.integer(), fc.nat(3), (steps, seed, repeats) => {
        const log = allEvents(live(steps));
        if (log.length === 0) return;
        const expected = dump(log);
        const shuffle = new SeededRandom(seed);
        const deliveries = log
          .concat(Array.from({ length: repeats }, () => shuffle.pick(log)))
          .map((event) => ({ event, at: shuffle.next() }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ event }) => event);
        expect(dump(deliveries)).toEqual(expected);

        // Through bundles, as a stream brings them, cut anywhere.
        const cut = shuffle.below(deliveries.length);
        const brought = [deliveries.slice(cut), deliveries.slice(0, cut)]
          .filter((part) => part.length > 0)
          .flatMap((part) => splitIntoBundles(part))
          .flatMap((events) => {
            const envelope = { clientId: events[0]!.clientId, timestamp: events[0]!.timestamp };
            const decoded = decodeEvents(encodeEvents(events, envelope), envelope);
            if (!decoded.ok) throw new Error(decoded.error.message);
            return decoded.value;
          });
        expect(dump(brought)).toEqual(expected);
      }),
    );
  });

  test('[LOG-6] versions are in conflict when their authors knew nothing of one another, and only then', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const log = allEvents(live(steps));
        const byKey = Map.groupBy(log, (event) => attributeKey(event.entityId, event.attribute));
        for (const [key, state] of reduceLog(log)) {
          const events = byKey.get(key)!;
          // What an author knew of an attribute is what the chain of `previous` leads to.
          const knew = (event: Event): Set<Timestamp> => {
            const known = new Set<Timestamp>();
            const visit = (timestamp: Timestamp): void => {
              if (known.has(timestamp)) return;
              known.add(timestamp);
              for (const each of events) if (each.timestamp === timestamp) each.previous.forEach(visit);
            };
            event.previous.forEach(visit);
            return known;
          };
          const open = events.filter((event) => !events.some((later) => knew(later).has(event.timestamp)));
          expect(new Set(state.leaves)).toEqual(new Set(open));
          expect(inConflict(state)).toBe(new Set(open.map((event) => event.value)).size > 1);
          expect(state.leaves[0]).toBe(state.winner);
        }
      }),
    );
  });

  test('[LOG-7] an edit that saw every open version closes the conflict, in any order of arrival', () => {
    let conflicts = 0;
    fc.assert(
      fc.property(lives, fc.integer(), (steps, seed) => {
        const devices = live(steps);
        const last = devices[0]!;
        last.take(allEvents(devices));
        for (const state of reduceLog(last.log).values()) {
          if (!inConflict(state)) continue;
          conflicts++;
          last.edit(entities.indexOf(state.entityId), attributes.indexOf(state.attribute), 9, 0);
        }
        const shuffle = new SeededRandom(seed);
        const log = last.log.map((event) => ({ event, at: shuffle.next() })).toSorted((a, b) => a.at - b.at);
        for (const state of reduceLog(log.map(({ event }) => event)).values()) expect(inConflict(state)).toBe(false);
      }),
    );
    expect(conflicts).toBeGreaterThan(10);
  });

  test('[LOG-6] versions that say the same are no conflict', () => {
    const [a, b] = [new Device(1), new Device(2)];
    a.edit(0, 0, 7, NOW);
    b.edit(0, 0, 7, NOW + 1);
    const state = reduceAttribute([...a.log, ...b.log]);
    expect(state.leaves).toHaveLength(2);
    expect(inConflict(state)).toBe(false);
    expect(state.winner).toBe(b.log[0]);
  });

  test('[LOG-8] of two events of one key the greater id wins on every client, and both stand', () => {
    const device = new Device(1);
    device.edit(0, 0, 1, NOW);
    const event = device.log[0]!;
    const twin: Event = { ...event, id: nextId(event.id), value: '2' as Event['value'] };
    for (const log of [
      [event, twin],
      [twin, event, twin],
    ]) {
      const state = reduceAttribute(log);
      expect(state.winner).toBe(twin);
      expect(state.leaves).toEqual([twin, event]);
      expect(inConflict(state)).toBe(true);
    }
  });

  test('[LOG-1] one id under two timestamps, as a copy made before a re-stamp brings it, is two events', () => {
    const device = new Device(1);
    device.edit(0, 0, 1, NOW);
    const event = device.log[0]!;
    const other: Event = { ...event, timestamp: makeTimestamp(NOW + 5, 0, 'ffffffffffffffff' as NodeId) };
    expect(reduceAttribute([event, other]).winner).toBe(other);
    expect(reduceAttribute([other, event]).winner).toBe(other);
  });

  test('an attribute without events has no state', () => {
    expect(() => reduceAttribute([])).toThrow('no state');
  });
});
