/** What a worker brings for the parts that know no browser. */
import type { Platform } from '../sync/http-call.ts';
import type { After, Clock } from '../sync/ports.ts';

export const clock: Clock = { wall: () => Date.now(), steady: () => performance.now() };

export const after: After = (millis, run) => {
  const timer = setTimeout(run, millis);
  return () => clearTimeout(timer);
};

export const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** At random from [0, 1). */
export const randomFraction = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;

/** A macrotask; a timer of 0 ms would wait for 4 ms after a few in a row. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export const platform: Platform<AbortSignal> = {
  fetch: (url, init) => fetch(url, init),
  newAbort: () => new AbortController(),
  after,
  clock,
};
