import type { After, Signal } from './ports.ts';

/** Waits so many milliseconds, or until it is called off. */
export function pause(after: After, millis: number, signal: Signal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const callOff = after(millis, done);
    signal.addEventListener('abort', done);
  });
}
