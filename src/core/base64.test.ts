import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';

describe('base64', () => {
  test('[BUNDLE-1] it is what everybody else writes, and comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
    const large = new Uint8Array(100_001).map((_, i) => (i * 7919) >> 3);
    expect(toBase64(large)).toBe(Buffer.from(large).toString('base64'));
    expect(fromBase64(toBase64(large))).toEqual({ ok: true, value: large });
  });

  test('[BUNDLE-2] text that is not exactly what the bytes would give is refused', () => {
    for (const text of [
      'A',
      'AA',
      'AAA',
      'A===',
      'AA=A',
      'AA==AAAA',
      '====',
      'AB==',
      'AAB=',
      'AA A',
      'AA-_',
      'AA\n=',
      'AAAé',
      '\u0141AAA',
      'AAA\u{1f600}',
    ]) {
      expect(fromBase64(text).ok).toBe(false);
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', 'B', 'z', '/', '+', '=', ' ', '€'), maxLength: 12 }),
        (text) => {
          const read = fromBase64(text);
          expect(read.ok).toBe(Buffer.from(text, 'base64').toString('base64') === text);
          expect(read.ok ? toBase64(read.value) : text).toBe(text);
        },
      ),
    );
  });
});
