import { err, ok, type Result } from './result.ts';

declare const json: unique symbol;
/** JSON text in canonical form (sorted keys, no spaces), so that equal values are equal texts. */
export type JsonText = string & { readonly [json]: true };

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Most bytes of UTF-8 that a value's JSON text may take: room for the longest text a field takes with every character
 * escaped, and small enough that any event fits into a bundle of its own.
 */
export const MAX_VALUE_BYTES = 700_000;
/** How deep arrays and objects may lie in one another. */
export const MAX_VALUE_DEPTH = 32;

/** The value that clears an attribute. */
export const NULL_TEXT = 'null' as JsonText;

/** Canonical JSON text of a value. Throws RangeError for numbers JSON cannot hold (NaN, infinities). */
export function toJsonText(value: JsonValue): JsonText {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value) as JsonText;
  if (Array.isArray(value)) return `[${value.map(toJsonText).join(',')}]` as JsonText;
  const record = value as { readonly [key: string]: JsonValue };
  const parts = Object.keys(record)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${toJsonText(record[key]!)}`);
  return `{${parts.join(',')}}` as JsonText;
}

/** The value of a JSON text that is known to be one. Throws SyntaxError otherwise. */
export function fromJsonText(text: JsonText): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** A string that is canonical as it stands: nothing in it needs an escape. */
const PLAIN_STRING = /^"[^"\\\u0000-\u001f\ud800-\udfff]*"$/;

/** Brings JSON text of any maker into canonical form. The error is a reason in plain words. */
export function canonicalJson(text: string): Result<JsonText, string> {
  // Three bytes are the most that UTF-8 needs for one UTF-16 unit: nearly every text is short enough not to be counted.
  if (text.length * 3 > MAX_VALUE_BYTES && utf8Length(text) > MAX_VALUE_BYTES)
    return err(`longer than ${MAX_VALUE_BYTES} bytes`);
  if (PLAIN_STRING.test(text)) return ok(text as JsonText);
  if (/^\s*[[{]/.test(text) && depthOf(text) > MAX_VALUE_DEPTH) return err(`nested deeper than ${MAX_VALUE_DEPTH}`);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return err('not JSON');
  }
  try {
    return ok(toJsonText(value));
  } catch {
    return err('a number beyond what JSON can carry');
  }
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair takes four bytes: two for each half.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (character === '[' || character === '{') {
      deepest = Math.max(deepest, ++depth);
    } else if (character === ']' || character === '}') {
      depth--;
    }
  }
  return deepest;
}
