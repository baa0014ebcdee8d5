declare const json: unique symbol;
/** JSON text in canonical form (sorted keys, no spaces), so that equal values are equal texts. */
export type JsonText = string & { readonly [json]: true };

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

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
