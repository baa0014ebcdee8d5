import { useNow } from './ui/use-now.ts';
import { useClient, useValue } from './use-client.tsx';

/** How far this device's clock is ahead of the server's, in milliseconds; 0 while nobody knows. */
export function useClockOffset(): number {
  return useValue(useClient().status)?.details.clockOffsetMillis ?? 0;
}

/**
 * Unix milliseconds by the clock that changes are stamped with ([HLC-5]): how long ago something was is told by it, and not by
 * a clock that may be a year off.
 */
export function useCorrectedNow(everyMillis: number): number {
  return useNow(everyMillis) - useClockOffset();
}
