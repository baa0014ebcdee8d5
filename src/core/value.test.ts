import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyJson } from '../testing/arbitraries.ts';
import {
  canonicalJson,
  fromJsonText,
  MAX_VALUE_BYTES,
  MAX_VALUE_DEPTH,
  toJsonText,
  utf8Length,
  type JsonValue,
} from './value.ts';

describe('values', () => {
  test('[VALUE-1] any value comes back out of its text', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(fromJsonText(toJsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('[VALUE-1] equal values have equal texts, in whatever order their keys were written', () => {
    const reversed = (value: JsonValue): JsonValue => {
      if (value === null || typeof value !== 'object') return value;
      if (Array.isArray(value)) return value.map(reversed);
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, each]) => [key, reversed(each)]),
      );
    };
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(toJsonText(reversed(value))).toBe(toJsonText(value));
      }),
    );
    expect(toJsonText({ b: [1, { z: null, a: -0 }], a: 'é"\n' })).toBe('{"a":"é\\"\\n","b":[1,{"a":0,"z":null}]}');
  });

  test('[VALUE-1] a number that JSON does not have is a broken invariant', () => {
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => toJsonText([number])).toThrow(RangeError);
  });

  test('[LOG-9] canonical text stays as it is; other JSON text becomes canonical', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(4), (value, spaces) => {
        const canonical = toJsonText(value);
        expect(canonicalJson(canonical)).toEqual({ ok: true, value: canonical });
        expect(canonicalJson(JSON.stringify(value, null, spaces))).toEqual({ ok: true, value: canonical });
      }),
    );
    expect(canonicalJson('"\\u0041\ud800"')).toEqual({ ok: true, value: '"A\\ud800"' });
    expect(canonicalJson(' 1.50 ')).toEqual({ ok: true, value: '1.5' });
    expect(canonicalJson('{"__proto__":1}')).toEqual({ ok: true, value: '{"__proto__":1}' });
  });

  test('[LOG-9] text that is no JSON is refused, whatever it is', () => {
    for (const text of ['', 'undefined', '"', "'a'", '{"a":1', '[1,]', 'NaN', '"\n"']) {
      expect(canonicalJson(text)).toEqual({ ok: false, error: 'not JSON' });
    }
    expect(canonicalJson('[1e999]')).toMatchObject({ ok: false });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = canonicalJson(text);
        expect(read.ok ? JSON.parse(read.value) : undefined).toEqual(parseOrNothing(text));
      }),
    );
  });

  test('[LOG-9] values nested too deep or too long are refused before they can do harm', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(canonicalJson(nested(MAX_VALUE_DEPTH)).ok).toBe(true);
    expect(canonicalJson(nested(MAX_VALUE_DEPTH + 1))).toEqual({ ok: false, error: 'nested deeper than 32' });
    expect(canonicalJson(` \n{"a":${nested(300_000)}}`).ok).toBe(false);
    expect(canonicalJson(JSON.stringify(['['.repeat(100), '\\"[[[{{{'.repeat(20)])).ok).toBe(true);
    expect(canonicalJson(`"${'a'.repeat(MAX_VALUE_BYTES - 2)}"`).ok).toBe(true);
    expect(canonicalJson(`"${'a'.repeat(MAX_VALUE_BYTES - 1)}"`)).toEqual({
      ok: false,
      error: 'longer than 700000 bytes',
    });
    expect(canonicalJson(`"${'€'.repeat(MAX_VALUE_BYTES / 3)}"`).ok).toBe(false);
  });

  test('the length of a text in UTF-8 is that of its bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀') }),
        (a, b) => {
          expect(utf8Length(a + b)).toBe(Buffer.byteLength(a + b));
        },
      ),
    );
  });
});

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
