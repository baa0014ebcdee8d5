/** Cursors of live reads (protocol, section 10): intervals of 20 s since 9 October 2024, always ahead of the reader's last one. */
const EPOCH = Date.UTC(2024, 9, 9);
const INTERVAL_MILLIS = 20_000;
/** Most intervals that an answer jumps ahead of a reader who is level: an hour. */
const MAX_JUMP = 180;

const intervalAt = (now: number): number => Math.floor((now - EPOCH) / INTERVAL_MILLIS);

/**
 * @param now Unix milliseconds
 * @param last the reader's cursor, as it came; anything but a decimal number counts as none
 * @param random 0 <= random < 1
 */
export function nextCursor(now: number, last: string | undefined, random: number): string {
  const current = intervalAt(now);
  const seen = last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : -1;
  return String(seen < current ? current : seen + 1 + Math.floor(random * MAX_JUMP));
}

/** The cursor that goes with a later event of an answer that began with `first`: it moves with time alone. */
export const laterCursor = (now: number, first: string): string => String(Math.max(Number(first), intervalAt(now)));
