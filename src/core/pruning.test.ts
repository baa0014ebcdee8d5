import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { compareEvents, type Event } from './event.ts';
import { droppableVersions, END_OF_TIME } from './pruning.ts';
import { attributeKey, reduceAttribute } from './reduce.ts';
import { makeTimestamp, type NodeId, type Timestamp } from './timestamp.ts';

const START = Date.UTC(2026, 10, 1);
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
/** Before, within and behind the half second in which random logs are made. */
const horizons = fc
  .integer({ min: -20, max: 620 })
  .map((at) => makeTimestamp(START + at, 0, '0000000000000000' as NodeId));

/** The events of each attribute of a random log. */
function attributesOf(seed: number): Event[][] {
  const log = randomLog(new SeededRandom(seed), 60);
  return [...Map.groupBy(log, (event) => attributeKey(event.entityId, event.attribute)).values()];
}

function stateOf(events: readonly Event[]): unknown {
  const { winner, leaves } = reduceAttribute(events);
  return { winner: winner.id, leaves: leaves.map((leaf) => leaf.id) };
}

/** The value at a moment; undefined where there is none. */
function valueAt(events: readonly Event[], moment: Timestamp): string | undefined {
  return events
    .filter((event) => event.timestamp <= moment)
    .toSorted(compareEvents)
    .at(-1)?.id;
}

test('[PRUNE-1] [PRUNE-2] what stays comes to the same by itself, and to the same value at every moment from the horizon on', () => {
  let dropped = 0;
  fc.assert(
    fc.property(seeds, horizons, (seed, horizon) => {
      const random = new SeededRandom(seed);
      for (const events of attributesOf(seed)) {
        const unsettled = new Set(events.filter(() => random.chance(0.1)).map((event) => event.timestamp));
        const late = new Set(events.filter(() => random.chance(0.2)).map((event) => event.timestamp));
        const gone = new Set(
          droppableVersions(
            events.map((event) => ({
              ...event,
              settled: !unsettled.has(event.timestamp),
              late: late.has(event.timestamp),
            })),
            new Set(),
            horizon,
          ),
        );
        dropped += gone.size;
        const rest = events.filter((event) => !gone.has(event.timestamp));
        expect(stateOf(rest)).toEqual(stateOf(events));
        for (const stamp of gone) expect(stamp < horizon && !unsettled.has(stamp)).toBe(true);
        for (const moment of [horizon, ...events.map((event) => event.timestamp), END_OF_TIME]) {
          if (moment >= horizon) expect(valueAt(rest, moment)).toBe(valueAt(events, moment));
        }
        const known = (of: readonly Event[]): Event[] =>
          of.filter((event) => event.timestamp < horizon && !late.has(event.timestamp));
        expect(valueAt(known(rest), horizon)).toBe(valueAt(known(events), horizon));
      }
    }),
    { numRuns: 80 },
  );
  expect(dropped).toBeGreaterThan(500);
});

test('[PRUNE-3] what a change from the horizon on was made on stays, and so does what open versions of a conflict were', () => {
  fc.assert(
    fc.property(seeds, horizons, (seed, horizon) => {
      for (const events of attributesOf(seed)) {
        const versions = events.map((event) => ({ ...event, settled: true, late: false }));
        const gone = new Set(droppableVersions(versions, new Set(), horizon));
        const { leaves } = reduceAttribute(events);
        const bases = [...events.filter((event) => event.timestamp >= horizon), ...(leaves.length > 1 ? leaves : [])];
        for (const { previous } of bases) for (const base of previous) expect(gone.has(base)).toBe(false);
      }
    }),
    { numRuns: 40 },
  );
});

test('of a chain before the horizon its last version stays, and one that was named by what went is superseded', () => {
  const stamp = (millis: number): Timestamp => makeTimestamp(millis, 0, '0000000000000001' as NodeId);
  const version = (millis: number, ...previous: readonly number[]) => ({
    timestamp: stamp(millis),
    previous: previous.map(stamp),
    settled: true,
    late: false,
  });
  const chain = [version(1), version(2, 1), version(3, 2)];
  expect(droppableVersions(chain, new Set(), END_OF_TIME)).toEqual([stamp(1), stamp(2)]);
  expect(droppableVersions(chain, new Set(), stamp(3))).toEqual([stamp(1)]);
  // 2 was concurrent to 1; who settled them has gone, and 3 saw what settled them.
  const apart = [version(2), version(3)];
  expect(droppableVersions(apart, new Set(), END_OF_TIME)).toEqual([]);
  expect(droppableVersions(apart, new Set([stamp(2)]), END_OF_TIME)).toEqual([stamp(2)]);
});
