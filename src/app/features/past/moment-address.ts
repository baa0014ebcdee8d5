/** The moment of the past that an address shows, and the addresses that keep it: pure. */
import type { Moment, Query } from '../../../core/query.ts';
import {
  formatTimestamp,
  makeTimestamp,
  MAX_COUNTER,
  MAX_READABLE_MILLIS,
  millisOf,
  type NodeId,
  parseTimestamp,
  type Timestamp,
} from '../../../core/timestamp.ts';

const AT = 'asOf';
const READING = 'reading';

/** The end of a millisecond: all that was written in it counts. Throws RangeError before 1970 and after the year 9999. */
export function endOf(millis: number): Timestamp {
  if (millis > MAX_READABLE_MILLIS) throw new RangeError(`millis out of range: ${millis}`);
  return makeTimestamp(millis, MAX_COUNTER, 'f'.repeat(16) as NodeId);
}

/**
 * The moment in the query of a URL; null for now, and when it cannot be read.
 * `asOf` is a timestamp in its readable form, or a plain `2026-11-23T09:00:00.000Z` for the end of that millisecond.
 */
export function readMoment(query: string): Moment | null {
  const parameters = new URLSearchParams(query);
  const at = readTimestamp(parameters.get(AT) ?? '');
  return at === null ? null : { at, reading: parameters.get(READING) === 'known' ? 'known' : 'dated' };
}

function readTimestamp(text: string): Timestamp | null {
  const whole = parseTimestamp(text);
  if (whole !== null) return whole;
  const millis = Date.parse(text);
  const plain = millis >= 0 && millis <= MAX_READABLE_MILLIS && new Date(millis).toISOString() === text;
  return plain ? endOf(millis) : null;
}

/** The address with this moment instead of any other; null leads back to now. */
export function withMoment(address: string, moment: Moment | null): string {
  const [rest, hash] = split(address, '#');
  const [path, query] = split(rest, '?');
  const parameters = new URLSearchParams(query);
  parameters.delete(AT);
  parameters.delete(READING);
  const parts = [parameters.toString(), moment === null ? '' : momentParameters(moment)].filter((part) => part !== '');
  return `${path}${parts.length === 0 ? '' : `?${parts.join('&')}`}${hash === undefined ? '' : `#${hash}`}`;
}

function split(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Written by hand: a person may read it in the address bar, and colons need no escape in a query. */
function momentParameters({ at, reading }: Moment): string {
  const text = at === endOf(millisOf(at)) ? new Date(millisOf(at)).toISOString() : formatTimestamp(at);
  return `${AT}=${text}${reading === 'known' ? `&${READING}=known` : ''}`;
}

/** Whether an address shows something that was different in the past; settings, activity and the like are always of now. */
export function hasPast(address: string): boolean {
  const [path = ''] = address.split(/[?#]/, 1);
  return /^\/(t\/[^/]+(\/r(\/.*)?)?|search|trash|compare|more)?\/?$/.test(path);
}

/** Where a link leads for somebody who looks at a moment: further into it, unless it names its own or is about now alone. */
export function keepMoment(address: string, moment: Moment | null): string {
  return moment === null || !hasPast(address) || readMoment(address.split('?')[1] ?? '') !== null
    ? address
    : withMoment(address, moment);
}

/** The query as of the moment, where it has a past. One that names its own moment keeps that. */
export function queryAsOf<Q extends Query>(query: Q, moment: Moment | null): Q {
  if (moment === null) return query;
  switch (query.kind) {
    case 'schema':
    case 'records':
    case 'record':
    case 'search':
    case 'trash':
      return { asOf: moment, ...query };
    default:
      return query;
  }
}
