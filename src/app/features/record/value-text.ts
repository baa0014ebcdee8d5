/** Values in words, as cells, sentences and lists show them. */
import type { FieldKind } from '../../../core/attribute.ts';
import type { JsonValue } from '../../../core/value.ts';
import { dateTimeWords, dateWords, type Zone } from '../history/when.ts';

/** What ids inside a value are called. */
export type NameOf = (id: string) => string | undefined;

const numbers = new Map<string, Intl.NumberFormat>();

/** A number with its digits grouped, and no fraction cut off. */
export function numberWords(value: number, locale?: string): string {
  const key = locale ?? '';
  let format = numbers.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 });
    numbers.set(key, format);
  }
  return Math.abs(value) >= 1e15 ? String(value) : format.format(value);
}

/** A value as text; '' when it is empty. Values that do not fit their kind (any more) are shown as they are. */
export function valueText(
  kind: FieldKind | null,
  value: JsonValue | undefined,
  nameOf: NameOf,
  zone: Zone = {},
): string {
  if (value === null || value === undefined) return '';
  switch (kind) {
    case 'number':
      return typeof value === 'number' ? numberWords(value, zone.locale) : plain(value);
    case 'date':
      return typeof value === 'string' ? dateWords(value, zone) : plain(value);
    case 'dateTime':
      return typeof value === 'string' ? dateTimeWords(value, zone) : plain(value);
    case 'checkbox':
      return value === true ? 'Yes' : value === false ? 'No' : plain(value);
    case 'select':
      return typeof value === 'string' ? (nameOf(value) ?? 'a removed option') : plain(value);
    case 'link':
      return typeof value === 'string' ? (nameOf(value) ?? 'a record that is not here') : plain(value);
    case 'multiSelect':
      return Array.isArray(value)
        ? value.map((id) => (typeof id === 'string' ? (nameOf(id) ?? 'a removed option') : plain(id))).join(', ')
        : plain(value);
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
    case null:
      return plain(value);
  }
}

function plain(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return JSON.stringify(value);
}

/** A web address without what everybody knows, for showing. */
export const shortUrl = (url: string): string => url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');

/** What opens when a value is followed; null when it is nothing to follow, or of a scheme that may do harm. */
export function hrefOf(kind: FieldKind, value: JsonValue | undefined): string | null {
  if (typeof value !== 'string' || value === '') return null;
  if (kind === 'email') return `mailto:${encodeURIComponent(value).replaceAll('%40', '@')}`;
  if (kind === 'phone') return `tel:${value.replace(/[^\d+*#,;]/g, '')}`;
  if (kind === 'url') return /^(https?|ftp|mailto|tel):/i.test(value) ? value : null;
  return null;
}
