/** Reads calendar dates and moments as people and spreadsheets write them; what could mean two days is refused. */
import { err, ok, type Result } from './result.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)$/;
const YEAR_LAST = /^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4})$/;
const SHORT_YEAR = /^\d{1,2}([-/.])\d{1,2}\1\d\d$/;
const DAY_NAME_YEAR = /^(\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+([a-z]+)\.?,?[\s-]+(\d{4})$/i;
const NAME_DAY_YEAR = /^([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$/i;

/** Whether the calendar has this day; `text` is `2026-11-23`, years 0001 to 9999. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const millis = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(millis) && new Date(millis).toISOString().startsWith(text);
}

/**
 * The day that `text` names, as `2026-11-23`. Year first is always understood; `04/03/2026` only with `dayFirst`, which
 * says how the person or the rest of the column writes it.
 */
export function readDate(text: string, dayFirst?: boolean): Result<string, string> {
  // A spreadsheet adds midnight to a day; any other time of day would be lost, so it is no date.
  const bare = text.trim().replace(/[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?$/, '');
  const shown = `“${text.trim().slice(0, 60)}”`;
  const yearFirst = YEAR_FIRST.exec(bare);
  if (yearFirst) return day(shown, yearFirst[1]!, yearFirst[3]!, yearFirst[4]!);
  const compact = COMPACT.exec(bare);
  if (compact) return day(shown, compact[1]!, compact[2]!, compact[3]!);
  const yearLast = YEAR_LAST.exec(bare);
  if (yearLast) {
    const first = Number(yearLast[1]);
    const second = Number(yearLast[3]);
    const year = yearLast[4]!;
    if (first > 12 || first === second) return day(shown, year, second, first);
    if (second > 12) return day(shown, year, first, second);
    if (dayFirst === undefined) {
      return err(`${shown} could be ${iso(year, first, second)} or ${iso(year, second, first)}: write the year first`);
    }
    return dayFirst ? day(shown, year, second, first) : day(shown, year, first, second);
  }
  const dayName = DAY_NAME_YEAR.exec(bare);
  if (dayName) return day(shown, dayName[3]!, monthOf(dayName[2]!), dayName[1]!);
  const nameDay = NAME_DAY_YEAR.exec(bare);
  if (nameDay) return day(shown, nameDay[3]!, monthOf(nameDay[1]!), nameDay[2]!);
  if (SHORT_YEAR.test(bare)) return err(`${shown} needs a year of four digits`);
  if (/^\d{4}-\d\d-\d\d[T ]\d/.test(bare)) return err(`${shown} has a time of day, and this field holds days`);
  return err(`${shown} is not a date such as 2026-11-23`);
}

const MOMENT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * The moment that an ISO 8601 `text` names, as `2026-11-23T09:00:00.000Z`; fractions beyond milliseconds are cut off.
 * Without a zone it is refused unless `localToUtc` says when the person's clock showed that: it is given the reading in
 * milliseconds as though it were UTC, and answers Unix milliseconds.
 */
export function readMoment(text: string, localToUtc?: (reading: number) => number): Result<string, string> {
  const shown = `“${text.trim().slice(0, 60)}”`;
  const match = MOMENT.exec(text.trim());
  if (!match) return err(`${shown} is not a date and time such as 2026-11-23T09:00Z`);
  const [, date, hour, minute, second = '00', fraction = '', zone] = match;
  if (!isDate(date!)) return err(`${shown} is not in the calendar`);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return err(`${shown} has no such time of day`);
  const reading = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  let millis: number;
  if (zone === undefined) {
    if (!localToUtc) return err(`${shown} does not say in which time zone: add Z or an offset such as +01:00`);
    millis = localToUtc(reading);
  } else {
    const offset = zoneMinutes(zone);
    if (offset === null) return err(`${shown} has no such time zone`);
    millis = reading - offset * 60_000;
  }
  const moment = Number.isFinite(millis) ? new Date(millis).toISOString() : '';
  // Years beyond four digits have a sign, and would not sort as text.
  return moment.length === 24 && !moment.startsWith('0000') ? ok(moment) : err(`${shown} is not in the calendar`);
}

function zoneMinutes(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** Number of an English month name or its short form; 0 when it is none, which no calendar has. */
function monthOf(name: string): number {
  const lower = name.toLowerCase();
  const index = MONTH_NAMES.indexOf(lower);
  return (index >= 0 ? index : MONTHS.indexOf(lower === 'sept' ? 'sep' : lower)) + 1;
}

const iso = (year: string, month: string | number, date: string | number): string =>
  `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;

function day(shown: string, year: string, month: string | number, date: string | number): Result<string, string> {
  const text = iso(year, month, date);
  return isDate(text) ? ok(text) : err(`${shown} is not in the calendar`);
}
