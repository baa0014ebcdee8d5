import type { Platform } from '../sync/http-call.ts';
import type { After } from '../sync/ports.ts';

/** Timers of Node. What was scheduled does not keep a test's process alive. */
export const after: After = (millis, run) => {
  const timer = setTimeout(run, millis);
  return () => clearTimeout(timer);
};

/** What the HTTP transport needs, as Node brings it. `wall` is this device's clock. */
export function nodePlatform(wall: () => number = Date.now): Platform<AbortSignal> {
  return {
    fetch: (url, init) => fetch(url, init),
    newAbort: () => new AbortController(),
    after,
    clock: { wall, steady: () => performance.now() },
  };
}
