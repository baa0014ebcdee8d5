import type { Platform } from '../sync/http-call.ts';
import type { After } from '../sync/ports.ts';

/** Timers of Node. What was scheduled does not keep a test's process alive. */
export const after: After = (millis, run) => {
  const timer = setTimeout(run, millis);
  return () => clearTimeout(timer);
};

/**
 * What the HTTP transport needs, as Node brings it. `hurry` divides every time limit, so that tests need not sit them out;
 * `wall` is this device's clock.
 */
export function nodePlatform(hurry = 1, wall: () => number = Date.now): Platform<AbortSignal> {
  return {
    fetch: (url, init) => fetch(url, init),
    newAbort: () => new AbortController(),
    after: (millis, run) => after(millis / hurry, run),
    clock: { wall, steady: () => performance.now() },
  };
}
