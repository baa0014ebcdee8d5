/** How far this device's clock is off, estimated from the server's answers ([HLC-5]). Pure: readings are passed in. */

/** One reading: the offset lies within `offsetMillis` ± `errorMillis`. Positive: this device's clock is fast. */
export interface ClockSample {
  readonly offsetMillis: number;
  readonly errorMillis: number;
}

/** Beyond this the clock counts as wrong: the person is told, and what it stamped and nobody has seen is stamped anew. */
const WRONG_CLOCK_MILLIS = 60_000;

/** A server's clock as read over HTTP is taken to be this sure at best: it tells whole milliseconds, and timers are coarse. */
const LEAST_ERROR_MILLIS = 5;

/**
 * Reads one answer: the server looked at its clock somewhere between question and answer, half way at the best guess.
 * @param serverMillis server time as told, Unix milliseconds
 * @param roundTripMillis how long the call took
 * @param receivedAt this device's wall clock when the answer came
 */
export function readClock(serverMillis: number, roundTripMillis: number, receivedAt: number): ClockSample {
  const half = Math.max(0, roundTripMillis) / 2;
  return { offsetMillis: Math.round(receivedAt - half - serverMillis), errorMillis: half + LEAST_ERROR_MILLIS };
}

/**
 * The better of what was known and a new reading: the one with the smaller error, as long as both can be true of one
 * clock. When they cannot, somebody set the clock in between, and only the new reading counts.
 */
export function betterSample(known: ClockSample | null, sample: ClockSample): ClockSample {
  if (known === null) return sample;
  const apart = Math.abs(known.offsetMillis - sample.offsetMillis);
  if (apart > known.errorMillis + sample.errorMillis) return sample;
  return sample.errorMillis <= known.errorMillis ? sample : known;
}

/** Whether a clock is so far off that a person should know. */
export const isWrongClock = (offsetMillis: number): boolean => Math.abs(offsetMillis) > WRONG_CLOCK_MILLIS;
