/** Moments that one chooses by a word, and what a date-time input says of one: pure. */

export interface QuickMoment {
  readonly id: 'yesterday' | 'week' | 'month';
  readonly label: string;
  readonly millis: number;
}

/**
 * The same time of another day, on the clock on the wall: also where the clocks were changed since.
 * @param now Unix milliseconds
 */
export function quickMoments(now: number): readonly QuickMoment[] {
  return [
    { id: 'yesterday', label: 'Yesterday', millis: daysBefore(now, 1) },
    { id: 'week', label: 'A week ago', millis: daysBefore(now, 7) },
    { id: 'month', label: 'A month ago', millis: monthBefore(now) },
  ];
}

function daysBefore(now: number, days: number): number {
  const date = new Date(now);
  date.setDate(date.getDate() - days);
  return date.getTime();
}

/** The same day of the month before, or its last one when it is shorter. */
function monthBefore(now: number): number {
  const date = new Date(now);
  const lastDay = new Date(date.getFullYear(), date.getMonth(), 0).getDate();
  date.setMonth(date.getMonth() - 1, Math.min(date.getDate(), lastDay));
  return date.getTime();
}

/** A moment as a `datetime-local` input holds it, on this device's clock: `2026-11-23T09:00`, cut to the minute. */
export function inputText(millis: number): string {
  const date = new Date(millis);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What was typed as Unix milliseconds, or why it is no moment that has passed. */
export function readInput(text: string, now: number): number | string {
  const millis = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis) || millis < 0) return 'Choose a whole date and time';
  return millis > now ? 'That moment has not come yet' : millis;
}
