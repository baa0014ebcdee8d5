/** How long to wait before the next try. Pure: the dice are passed in. */

const LEAST_MILLIS = 1_000;
const MOST_MILLIS = 60_000;
/** No server may send us away for longer than this. */
const MOST_ASKED_MILLIS = 600_000;

/**
 * Exponential backoff with full jitter, between 1 and 60 seconds, so that a thousand devices do not return in step.
 * @param failures failures in a row, this one included: 1 or more
 * @param jitter at random from [0, 1)
 * @param retryAfterMillis what the server asked for, honoured as the least; null when it did not say
 */
export function backoffMillis(failures: number, jitter: number, retryAfterMillis: number | null): number {
  const ceiling = Math.min(MOST_MILLIS, LEAST_MILLIS * 2 ** Math.min(failures, 10));
  const delay = Math.max(LEAST_MILLIS, jitter * ceiling);
  return Math.max(delay, Math.min(retryAfterMillis ?? 0, MOST_ASKED_MILLIS));
}
