/**
 * The hybrid logical clock, after Kulkarni, Demirbas, Madappa, Avva and Leone, "Logical Physical Clocks" (2014), as
 * pure functions over a state that the caller persists with the events it stamped ([HLC-6]).
 */
import { err, ok, type Result } from './result.ts';
import {
  counterOf,
  makeTimestamp,
  MAX_COUNTER,
  MAX_MILLIS,
  millisOf,
  type NodeId,
  type Timestamp,
} from './timestamp.ts';

/** `last` is the greatest timestamp this client has ever issued or applied, whoever issued it. */
export interface ClockState {
  readonly node: NodeId;
  readonly last: Timestamp;
}

/** How far ahead of estimated server time a remote timestamp may be before its event waits in quarantine ([HLC-4]). */
export const MAX_AHEAD_MILLIS = 5 * 60_000;

export interface FarFuture {
  readonly kind: 'farFuture';
  readonly timestamp: Timestamp;
  /** How far beyond now it lies, in milliseconds. */
  readonly aheadMillis: number;
}

/**
 * Issues the next timestamp: [HLC-1] greater than all before it, [HLC-3] also when the wall clock stepped back; a full
 * counter carries into the milliseconds.
 * @param wallMillis corrected wall clock ([HLC-5]), Unix milliseconds
 */
export function tick(state: ClockState, wallMillis: number): { state: ClockState; timestamp: Timestamp } {
  const lastMillis = millisOf(state.last);
  const wall = Math.min(Math.max(0, Math.floor(wallMillis)), MAX_MILLIS);
  let millis = wall;
  let counter = 0;
  if (wall <= lastMillis) {
    millis = lastMillis;
    counter = counterOf(state.last) + 1;
    if (counter > MAX_COUNTER) {
      millis += 1;
      counter = 0;
    }
  }
  const timestamp = makeTimestamp(millis, counter, state.node);
  return { state: { node: state.node, last: timestamp }, timestamp };
}

/**
 * Takes note of an applied remote timestamp: [HLC-2] the clock never runs behind it. [HLC-4] one that lies more than
 * five minutes ahead of `serverMillis` (estimated server time) moves nothing and comes back as an error.
 */
export function observe(state: ClockState, remote: Timestamp, serverMillis: number): Result<ClockState, FarFuture> {
  const aheadMillis = millisOf(remote) - serverMillis;
  if (aheadMillis > MAX_AHEAD_MILLIS) return err({ kind: 'farFuture', timestamp: remote, aheadMillis });
  return ok(remote > state.last ? { node: state.node, last: remote } : state);
}
