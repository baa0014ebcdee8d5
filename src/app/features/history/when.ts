/** Moments and days as people say them, in the language and zone of the browser unless told otherwise. */

export interface Zone {
  readonly locale?: string;
  readonly timeZone?: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it a thousand times. */
function format(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([zone.locale, zone.timeZone, options]);
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(zone.locale, {
      ...options,
      ...(zone.timeZone !== undefined && { timeZone: zone.timeZone }),
    });
    formats.set(key, found);
  }
  return found;
}

/** Number of the day that `millis` falls on, so that days can be compared. */
function dayOf(millis: number, zone: Zone): number {
  const parts = format({ ...zone, locale: 'en' }, { year: 'numeric', month: 'numeric', day: 'numeric' }).formatToParts(
    millis,
  );
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day')) / 86_400_000;
}

/** Short, for the end of a sentence: `14:02` today, `Yesterday 14:02`, `Tue 14:02` this week, then with the date. */
export function whenWords(millis: number, now: number, zone: Zone = {}): string {
  const time = format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(millis);
  const days = dayOf(now, zone) - dayOf(millis, zone);
  if (days === 0) return time;
  if (days === 1) return `Yesterday ${time}`;
  if (days > 1 && days < 7) return `${format(zone, { weekday: 'short' }).format(millis)} ${time}`;
  return `${dayText(millis, now, zone)}, ${time}`;
}

/** A heading for the changes of one day: `Today`, `Yesterday`, `Tuesday 17 November`, with the year when it is another. */
export function dayWords(millis: number, now: number, zone: Zone = {}): string {
  const days = dayOf(now, zone) - dayOf(millis, zone);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const year = format(zone, { year: 'numeric' });
  return format(zone, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(year.format(millis) !== year.format(now) && { year: 'numeric' }),
  }).format(millis);
}

/** The moment in full, for a tooltip. */
export const momentWords = (millis: number, zone: Zone = {}): string =>
  format(zone, { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' }).format(millis);

/** The moment as a heading: `Monday 23 November 2026 at 09:00`, with seconds unless it is a whole minute. */
export const momentHeading = (millis: number, zone: Zone = {}): string =>
  format(zone, { dateStyle: 'full', timeStyle: millis % 60_000 === 0 ? 'short' : 'medium', hourCycle: 'h23' }).format(
    millis,
  );

/** `just now`, `5 min ago`, `3 h ago`, then as whenWords. */
export function agoWords(millis: number, now: number, zone: Zone = {}): string {
  const minutes = Math.floor((now - millis) / 60_000);
  if (minutes < 1 && minutes > -5) return 'just now';
  if (minutes >= 1 && minutes < 60) return `${minutes} min ago`;
  return whenWords(millis, now, zone);
}

/** `17 Nov`, with the year when it is not this one. */
function dayText(millis: number, now: number, zone: Zone): string {
  const year = format(zone, { year: 'numeric' });
  return format(zone, {
    day: 'numeric',
    month: 'short',
    ...(year.format(millis) !== year.format(now) && { year: 'numeric' }),
  }).format(millis);
}

/** A calendar day of a date field (`2026-11-23`), which has no zone. The text itself when it is no date. */
export function dateWords(text: string, zone: Zone = {}): string {
  const millis = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(millis) ? text : format({ ...zone, timeZone: 'UTC' }, { dateStyle: 'medium' }).format(millis);
}

/** A moment of a date-time field, on the person's clock. The text itself when it is none. */
export function dateTimeWords(text: string, zone: Zone = {}): string {
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? text : format(zone, { dateStyle: 'medium', timeStyle: 'short' }).format(millis);
}
