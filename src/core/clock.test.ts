import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyNode, anyTimestamp } from '../testing/arbitraries.ts';
import { MAX_AHEAD_MILLIS, observe, tick, type ClockState } from './clock.ts';
import {
  bytesToTimestamp,
  formatTimestamp,
  makeTimestamp,
  MAX_COUNTER,
  MAX_READABLE_MILLIS,
  millisOf,
  parseTimestamp,
  timestampToBytes,
  ZERO_TIMESTAMP,
  type NodeId,
  type Timestamp,
} from './timestamp.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const here = '0000000000000001' as NodeId;
const there = 'ffffffffffffffff' as NodeId;
const startAt = (millis: number, counter = 0): ClockState => ({
  node: here,
  last: makeTimestamp(millis, counter, here),
});

/** What happens to a device: edits under a wall clock that jumps anywhere, remote events, restarts. */
const life = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('edit' as const), wall: fc.integer({ min: NOW - 1e11, max: NOW + 1e11 }) }),
    fc.record({ kind: fc.constant('edit' as const), wall: fc.constant(NOW) }),
    fc.record({
      kind: fc.constant('remote' as const),
      ahead: fc.integer({ min: -1e9, max: 2 * MAX_AHEAD_MILLIS }),
      counter: fc.oneof(fc.constant(MAX_COUNTER), fc.integer({ min: 0, max: MAX_COUNTER })),
      node: anyNode,
    }),
    fc.record({ kind: fc.constant('restart' as const) }),
  ),
  { maxLength: 60 },
);

describe('clock', () => {
  test('[HLC-1] [HLC-2] whatever clocks, remote events and restarts do, each timestamp is greater than all issued or applied before', () => {
    fc.assert(
      fc.property(life, anyNode, (steps, node) => {
        let state: ClockState = { node, last: ZERO_TIMESTAMP };
        let greatest: Timestamp = ZERO_TIMESTAMP;
        let regressions = 0;
        let misjudged = 0;
        for (const step of steps) {
          if (step.kind === 'restart') {
            state = JSON.parse(JSON.stringify(state)) as ClockState;
          } else if (step.kind === 'edit') {
            const ticked = tick(state, step.wall);
            regressions += ticked.timestamp > greatest ? 0 : 1;
            state = ticked.state;
            greatest = ticked.timestamp;
          } else {
            const remote = makeTimestamp(NOW + step.ahead, step.counter, step.node);
            const seen = observe(state, remote, NOW);
            misjudged += seen.ok === step.ahead <= MAX_AHEAD_MILLIS ? 0 : 1;
            if (seen.ok) state = seen.value;
            if (seen.ok && remote > greatest) greatest = remote;
          }
          expect(state.last).toBe(greatest);
          expect(state.node).toBe(node);
        }
        expect([regressions, misjudged]).toEqual([0, 0]);
      }),
    );
  });

  test('[HLC-1] a clock that runs shows the time', () => {
    const { timestamp } = tick(startAt(NOW), NOW + 5);
    expect(timestamp).toBe(makeTimestamp(NOW + 5, 0, here));
  });

  test('[HLC-1] the counter tells apart what happens within a millisecond', () => {
    expect(tick(startAt(NOW, 41), NOW).timestamp).toBe(makeTimestamp(NOW, 42, here));
  });

  test('[HLC-2] after a remote timestamp of a greater node the next one is greater still', () => {
    const seen = observe(startAt(NOW), makeTimestamp(NOW + 1_000, 7, there), NOW);
    expect(seen.ok && tick(seen.value, NOW).timestamp).toBe(makeTimestamp(NOW + 1_000, 8, here));
  });

  test('[HLC-3] a clock that steps back still moves forward', () => {
    expect(tick(startAt(NOW, 3), NOW - 86_400_000).timestamp).toBe(makeTimestamp(NOW, 4, here));
  });

  test('[HLC-3] a full counter carries into the milliseconds', () => {
    expect(tick(startAt(NOW, MAX_COUNTER), NOW).timestamp).toBe(makeTimestamp(NOW + 1, 0, here));
  });

  test('[HLC-3] a wall clock outside of all calendars does no harm', () => {
    for (const wall of [-1, -1e20, Number.NEGATIVE_INFINITY]) {
      expect(tick(startAt(NOW), wall).timestamp).toBe(makeTimestamp(NOW, 1, here));
    }
    expect(tick(startAt(NOW), NOW + 0.7).timestamp).toBe(makeTimestamp(NOW, 1, here));
  });

  test('[HLC-4] exactly five minutes ahead is taken; a millisecond more moves nothing', () => {
    const state = startAt(NOW);
    expect(observe(state, makeTimestamp(NOW + MAX_AHEAD_MILLIS, 0, there), NOW).ok).toBe(true);
    expect(observe(state, makeTimestamp(NOW + MAX_AHEAD_MILLIS + 1, 0, there), NOW)).toMatchObject({
      ok: false,
      error: { kind: 'farFuture', aheadMillis: MAX_AHEAD_MILLIS + 1 },
    });
  });
});

describe('timestamps', () => {
  test('[HLC-7] the order is total, and the same in bytes, text and readable text', () => {
    const calendar = anyTimestamp.map((t) =>
      makeTimestamp(
        millisOf(t) % (MAX_READABLE_MILLIS + 1),
        Number.parseInt(t.slice(12, 16), 16),
        t.slice(16) as NodeId,
      ),
    );
    // Close neighbours, so that counter and node decide as often as time does.
    const near = fc
      .tuple(fc.integer({ min: NOW, max: NOW + 1 }), fc.integer({ min: 0, max: 1 }), fc.constantFrom(here, there))
      .map(([millis, counter, node]) => makeTimestamp(millis, counter, node));
    fc.assert(
      fc.property(fc.oneof(calendar, near), fc.oneof(calendar, near), (a, b) => {
        const order = a < b ? -1 : a > b ? 1 : 0;
        const bytes = [...timestampToBytes(a)].findIndex((byte, i) => byte !== timestampToBytes(b)[i]);
        expect(bytes < 0 ? 0 : Math.sign(timestampToBytes(a)[bytes]! - timestampToBytes(b)[bytes]!)).toBe(order);
        const [x, y] = [formatTimestamp(a), formatTimestamp(b)];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(order);
        expect([0, order]).toContain(Math.sign(millisOf(a) - millisOf(b)));
      }),
    );
  });

  test('[HLC-7] bytes and readable text hold the whole timestamp', () => {
    fc.assert(
      fc.property(anyTimestamp, (timestamp) => {
        expect(bytesToTimestamp(timestampToBytes(timestamp))).toBe(timestamp);
        // Later years have a sign and six digits, which nothing reads.
        const readable = millisOf(timestamp) <= MAX_READABLE_MILLIS;
        expect(parseTimestamp(formatTimestamp(timestamp))).toBe(readable ? timestamp : null);
      }),
    );
    expect(formatTimestamp(makeTimestamp(NOW, 0, '89abcdef01234567' as NodeId))).toBe(
      '2026-11-23T09:00:00.000Z-0000-89abcdef01234567',
    );
  });

  test('readable text that is none is refused', () => {
    for (const text of [
      '',
      '2026-11-23T09:00:00.000Z',
      '2026-02-30T09:00:00.000Z-0000-89abcdef01234567',
      '1969-12-31T23:59:59.999Z-0000-89abcdef01234567',
      '2026-11-23T09:00:00.000Z-0000-89ABCDEF01234567',
    ]) {
      expect(parseTimestamp(text)).toBeNull();
    }
  });

  test('a part out of range is a broken invariant', () => {
    expect(() => makeTimestamp(-1, 0, here)).toThrow(RangeError);
    expect(() => makeTimestamp(2 ** 48, 0, here)).toThrow(RangeError);
    expect(() => makeTimestamp(0, MAX_COUNTER + 1, here)).toThrow(RangeError);
    expect(() => makeTimestamp(0.5, 0, here)).toThrow(RangeError);
  });
});
