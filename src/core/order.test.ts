import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOrderKey, keyBetween, keysBetween } from './order.ts';

describe('order', () => {
  test('[VALUE-4] a key between two neighbours sorts between them, wherever a person keeps putting things', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 200 }), (places) => {
        const keys: string[] = [];
        for (const place of places) {
          const at = place % (keys.length + 1);
          keys.splice(at, 0, keyBetween(keys[at - 1] ?? null, keys[at] ?? null));
        }
        expect(keys).toEqual([...new Set(keys)].toSorted());
        for (const key of keys) expect(isOrderKey(key)).toBe(true);
      }),
    );
  });

  test('[VALUE-4] several keys are as many, ascending, and between their neighbours', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.boolean(), fc.boolean(), (count, more, left, right) => {
        const [low, high] = keysBetween(null, null, 2) as [string, string];
        const keys = keysBetween(left ? low : null, right ? high : null, count);
        expect(keys).toHaveLength(count);
        const all = [...(left ? [low] : []), ...keys, ...(right ? [high] : [])];
        expect(all).toEqual([...new Set(all)].toSorted());
        const within = keysBetween(low, high, more);
        expect([low, ...within, high]).toEqual([...new Set([low, ...within, high])].toSorted());
      }),
    );
  });

  test('[VALUE-4] adding at the end a thousand times keeps keys short', () => {
    let last: string | null = null;
    for (let i = 0; i < 1_000; i++) last = keyBetween(last, null);
    expect(last!.length).toBeLessThanOrEqual(4);
  });

  test('[VALUE-4] neighbours that any device may have written never stop a person', () => {
    const anyKey = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a0', 'a1', 'Zz', '', '0', 'A00000000000000000000000000'),
      fc.constant(null),
    );
    fc.assert(
      fc.property(anyKey, anyKey, fc.nat(5), (a, b, count) => {
        const key = keyBetween(a, b);
        expect(isOrderKey(key)).toBe(true);
        const low = a !== null && isOrderKey(a) ? a : null;
        const high = b !== null && isOrderKey(b) ? b : null;
        expect(low === null || key > low).toBe(true);
        expect(high === null || (low !== null && low >= high) || key < high).toBe(true);
        expect(keysBetween(a, b, count)).toHaveLength(count);
      }),
    );
  });

  test('[VALUE-4] between two equal keys it comes behind both', () => {
    expect(keyBetween('a1', 'a1') > 'a1').toBe(true);
    expect(keyBetween('a2', 'a1') > 'a2').toBe(true);
  });
});
