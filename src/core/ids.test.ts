import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyId } from '../testing/arbitraries.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import {
  bytesToId,
  idMillis,
  idToBytes,
  isUuid,
  mintId,
  mintIds,
  nextId,
  parseId,
  type EntityId,
  type Id,
} from './ids.ts';
import { MAX_MILLIS } from './timestamp.ts';

const millis = fc.integer({ min: 0, max: MAX_MILLIS });
const id = (text: string): EntityId => {
  const parsed = parseId<EntityId>(text);
  if (parsed === null) throw new Error(`not an id: ${text}`);
  return parsed;
};

describe('ids', () => {
  test('[ID-1] a minted id is a UUIDv7 that holds its millisecond', () => {
    fc.assert(
      fc.property(millis, fc.integer(), (at, seed) => {
        const minted = mintId(at, new SeededRandom(seed).bytes);
        expect(minted).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(idMillis(minted)).toBe(at);
      }),
    );
  });

  test('[ID-1] a UUID of any version is an id; any other text is none', () => {
    expect(isUuid('f47ac10b-58cc-4372-a567-0e02b2c3d479')).toBe(true);
    for (const text of [
      '',
      'F47AC10B-58CC-4372-A567-0E02B2C3D479',
      'f47ac10b58cc4372a5670e02b2c3d479',
      ' f47ac10b-58cc-4372-a567-0e02b2c3d479',
      7,
      null,
    ]) {
      expect(parseId(text)).toBeNull();
    }
  });

  test('[ID-2] the next id is greater by one, whatever bits stand between', () => {
    expect(nextId(id('0193abcd-1234-7000-8000-000000000000'))).toBe('0193abcd-1234-7000-8000-000000000001');
    expect(nextId(id('0193abcd-1234-7000-8000-ffffffffffff'))).toBe('0193abcd-1234-7000-8001-000000000000');
    expect(nextId(id('0193abcd-1234-7000-bfff-ffffffffffff'))).toBe('0193abcd-1234-7001-8000-000000000000');
    expect(() => nextId(id('0193abcd-1234-7fff-bfff-ffffffffffff'))).toThrow(RangeError);
    expect(() => nextId('no id' as Id<'entity'>)).toThrow(RangeError);
  });

  test('[ID-2] ids minted together ascend, and keep version, variant and millisecond', () => {
    fc.assert(
      fc.property(millis, fc.integer(), fc.integer({ min: 0, max: 50 }), (at, seed, count) => {
        const ids = mintIds(count, at, new SeededRandom(seed).bytes);
        expect(ids).toHaveLength(count);
        expect(ids).toEqual([...new Set(ids)].toSorted());
        for (const each of ids) expect([each[14], '89ab'.includes(each[19]!), idMillis(each)]).toEqual(['7', true, at]);
      }),
    );
  });

  test('[ID-3] text and bytes hold the same, and sort alike', () => {
    fc.assert(
      fc.property(anyId(), anyId(), (a, b) => {
        const bytes = idToBytes(a);
        expect(bytesToId(bytes)).toBe(a);
        expect(Math.sign(compareBytes(bytes, idToBytes(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
    expect(() => bytesToId(new Uint8Array(15))).toThrow(RangeError);
    expect(() => idToBytes('no id' as Id<'entity'>)).toThrow(RangeError);
  });

  test('hexadecimal text and bytes hold the same; what is none is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes);
      }),
    );
    expect(hexToBytes('00FFaB')).toEqual(Uint8Array.of(0, 255, 171));
    for (const text of ['0', 'g0', '0g', '0 ', 'é0', '0€', '\u{1f600}'])
      expect(() => hexToBytes(text)).toThrow(RangeError);
  });
});

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
