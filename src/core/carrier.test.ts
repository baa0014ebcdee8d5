import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CARRIER_BYTE, carriedMessages, packMessages } from './carrier.ts';
import { gzip } from './gzip.ts';
import { ok } from './result.ts';
import { encodeText } from './utf8.ts';

function unpack(texts: readonly string[]): string[] {
  return packMessages(texts).flatMap(({ payload, messages }) => {
    const carried = carriedMessages(payload);
    if (!carried.ok || carried.value === null) throw new Error('not a carrier');
    expect(carried.value.length).toBe(messages);
    return [...carried.value];
  });
}

test('[BUNDLE-8] messages come out as they went in, in order, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      expect(unpack(texts)).toEqual(texts);
    }),
  );
  const many = Array.from({ length: 2_500 }, (_, i) => `${i}`);
  expect(packMessages(many).length).toBe(3);
  expect(unpack(many)).toEqual(many);
});

test('[BUNDLE-8] the largest bundle that any app seals fits, and what fits nothing is left out', () => {
  // A full payload in base64 that does not compress.
  let seed = 1;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 16;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const base64 = (length: number): string => Array.from({ length }, () => letters[next() % 64]).join('');
  const full = JSON.stringify({ id: 'x', payload: base64(1_333_336) });
  expect(unpack(['small', full, 'small too'])).toEqual(['small', full, 'small too']);
  expect(Math.max(...packMessages([full]).map(({ payload }) => payload.length))).toBeLessThanOrEqual(1_040_000);
  expect(unpack(['a', 'x'.repeat(4_100_000), 'b'])).toEqual(['a', 'b']);
});

test('[BUNDLE-2] [BUNDLE-3] any bytes give messages or an error, and a bomb ends early', () => {
  const carrier = (content: Uint8Array): Uint8Array => Uint8Array.of(CARRIER_BYTE, ...content);
  expect(carriedMessages(Uint8Array.of(1, 2, 3))).toEqual(ok(null));
  expect(carriedMessages(new Uint8Array())).toEqual(ok(null));
  for (const content of [
    '{}',
    '[1]',
    '["a", null]',
    'no JSON',
    JSON.stringify(Array.from({ length: 1_001 }, () => '')),
  ]) {
    expect(carriedMessages(carrier(gzip(encodeText(content))))).toMatchObject({
      ok: false,
      error: { kind: 'damaged' },
    });
  }
  expect(carriedMessages(carrier(gzip(new Uint8Array(5_000_000))))).toMatchObject({
    ok: false,
    error: { kind: 'tooLarge' },
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const carried = carriedMessages(carrier(bytes));
      expect(carried.ok || carried.error.message !== '').toBe(true);
    }),
  );
});
