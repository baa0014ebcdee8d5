/** Values as one types them, and back: pure. */
import type { Field } from '../../../core/query.ts';
import type { Result } from '../../../core/result.ts';
import { parseText, type ReadingHints } from '../../../core/validate.ts';
import type { JsonValue } from '../../../core/value.ts';

/** Whether a field is edited as text. */
export const isTyped = (field: Field): boolean => !['checkbox', 'select', 'multiSelect', 'link'].includes(field.kind);

export interface Writing {
  /** Mark before the fraction of a number, in the person's language. */
  readonly decimal: '.' | ',';
  /** Minutes that the person's clock is behind UTC at a moment, as Date.getTimezoneOffset says. */
  readonly offsetAt: (millis: number) => number;
}

/** How this browser's person writes. */
export function localWriting(locale?: string): Writing {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return {
    decimal: parts.find((part) => part.type === 'decimal')?.value === ',' ? ',' : '.',
    offsetAt: (millis) => new Date(millis).getTimezoneOffset(),
  };
}

/** The text with which editing a value starts. Date inputs take `2026-11-23` and `2026-11-23T09:00`. */
export function draftOf(field: Field, value: JsonValue | undefined, writing: Writing): string {
  if (value === null || value === undefined) return '';
  if (field.kind === 'number' && typeof value === 'number') return String(value).replace('.', writing.decimal);
  if (field.kind === 'dateTime' && typeof value === 'string') {
    const millis = Date.parse(value);
    if (Number.isNaN(millis)) return value;
    const local = new Date(millis - writing.offsetAt(millis) * 60_000).toISOString();
    return local.endsWith(':00.000Z')
      ? local.slice(0, 16)
      : local.endsWith('.000Z')
        ? local.slice(0, 19)
        : local.slice(0, 23);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value that a typed text means, or why it means none. */
export function valueOf(field: Field, text: string, writing: Writing): Result<JsonValue, string> {
  const hints: ReadingHints = {
    decimal: writing.decimal,
    localToUtc: (reading) => {
      // Twice, so that it is right on both sides of a change of the clocks.
      const once = reading + writing.offsetAt(reading) * 60_000;
      return reading + writing.offsetAt(once) * 60_000;
    },
  };
  return parseText(field, text, hints);
}
