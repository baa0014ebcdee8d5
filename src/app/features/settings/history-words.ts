/** How much history is kept, in words and as a day. */
import type { Shortened } from '../../../protocol/worker.ts';
import type { Preferences } from './preferences.ts';
import { sizeWords } from './storage-words.ts';

export type Keep = Preferences['keepHistory'];

export const KEEP_CHOICES: readonly { readonly id: Keep; readonly label: string }[] = [
  { id: 'all', label: 'Keep everything' },
  { id: 'twoYears', label: 'The last 2 years' },
  { id: 'year', label: 'The last year' },
  { id: 'quarter', label: 'The last 3 months' },
];

const MONTHS: { readonly [K in Exclude<Keep, 'all'>]: number } = { twoYears: 24, year: 12, quarter: 3 };

/** The start of the day, by the clock on the wall, since which history is kept; null for all of it. */
export function keptSince(keep: Keep, now: Date): Date | null {
  if (keep === 'all') return null;
  const month = new Date(now.getFullYear(), now.getMonth() - MONTHS[keep], 1);
  // 31 May less three months is the last of February.
  const days = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
  return new Date(month.getFullYear(), month.getMonth(), Math.min(now.getDate(), days));
}

/** `25 August 2026`, in the language of the browser unless told otherwise. */
export const dayText = (date: Date, locale?: string): string =>
  date.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' });

/** `1 superseded change`, `1,204 superseded changes`. */
export const supersededWords = (events: number): string =>
  events === 1 ? '1 superseded change' : `${events.toLocaleString()} superseded changes`;

/** What came of it, in a sentence or two. */
export function outcomeWords({ events, bytesBefore, bytesAfter, left }: Shortened): string {
  const gone = events === 0 ? 'Nothing was left to go.' : `${upper(supersededWords(events))} went.`;
  if (left !== null) return `${gone} ${left} The file could not be made smaller now: try again later.`;
  const smaller = sizeWords(bytesBefore) === sizeWords(bytesAfter) ? '' : `, where it took ${sizeWords(bytesBefore)}`;
  return `${gone} The book takes ${sizeWords(bytesAfter)} now${smaller}.`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
