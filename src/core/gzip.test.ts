import { constants, crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeFailure } from './bytes.ts';
import { gunzip, gzip } from './gzip.ts';

const LIMIT = 100_000;

function readOrNull(data: Uint8Array): Uint8Array | null {
  try {
    return gunzip(data, LIMIT);
  } catch (error) {
    if (error instanceof DecodeFailure) return null;
    throw error;
  }
}

function failure(data: Uint8Array, limit = LIMIT): DecodeFailure {
  try {
    gunzip(data, limit);
  } catch (error) {
    if (error instanceof DecodeFailure) return error;
    throw error;
  }
  throw new Error('it was read');
}

/** A gzip member that inflates to `megabytes` of zeros and states whatever size it is told to. */
function bomb(megabytes: number, statedSize: number): Uint8Array {
  // A flushed block ends at a byte, so it can be repeated.
  const block = deflateRawSync(Buffer.alloc(1_000_000), { finishFlush: constants.Z_SYNC_FLUSH });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(Buffer.alloc(1_000)), 0);
  trailer.writeUInt32LE(statedSize, 4);
  return Buffer.concat([
    gzipSync('').subarray(0, 10),
    ...Array.from({ length: megabytes }, () => block),
    Buffer.of(3, 0),
    trailer,
  ]);
}

describe('gzip', () => {
  test('[BUNDLE-1] any bytes come back, also through the gzip of others', () => {
    fc.assert(
      fc.property(fc.uint8Array({ size: 'large', maxLength: 60_000 }), (bytes) => {
        expect(gunzip(gzip(bytes), LIMIT)).toEqual(bytes);
        expect(new Uint8Array(gunzipSync(gzip(bytes)))).toEqual(bytes);
        expect(gunzip(gzipSync(bytes), LIMIT)).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  test('[BUNDLE-6] the same bytes give the same gzip, which holds no date', () => {
    const bytes = new TextEncoder().encode('the same words '.repeat(50));
    expect(gzip(bytes)).toEqual(gzip(bytes.slice()));
    expect(gzip(bytes).slice(4, 8)).toEqual(new Uint8Array(4));
  });

  test('[BUNDLE-3] what states more than the limit is refused before anything is inflated', () => {
    expect(gunzip(gzip(new Uint8Array(LIMIT)), LIMIT)).toHaveLength(LIMIT);
    expect(failure(gzip(new Uint8Array(LIMIT + 1)))).toMatchObject({ kind: 'tooLarge', where: 'gzip' });
    expect(failure(bomb(1_000, 1_000_000_000)).kind).toBe('tooLarge');
  });

  test('[BUNDLE-3] a bomb that lies about its size ends as soon as it shows', () => {
    const lie = bomb(1_000, 1_000);
    expect(lie.length).toBeLessThan(1_100_000);
    const before = process.resourceUsage().maxRSS;
    const start = performance.now();
    expect(failure(lie)).toMatchObject({ kind: 'damaged', message: 'inflates to more than it states' });
    // Making a gigabyte takes longer, and would not fit here.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000);
  });

  test('[BUNDLE-3] a small bomb, which is inflated in one piece, ends as well', () => {
    const lie = bomb(50, 1_000);
    expect(lie.length).toBeLessThan(60_000);
    const before = process.resourceUsage().maxRSS;
    expect(failure(lie).kind).toBe('damaged');
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(20_000);
  });

  test('[BUNDLE-2] wherever a gzip is cut or changed, it is found out', () => {
    const bytes = new TextEncoder().encode('Nothing lost, ever: '.repeat(20) + Math.PI);
    const whole = gzip(bytes);
    for (let length = 0; length < whole.length; length++)
      expect(failure(whole.subarray(0, length))).toBeInstanceOf(DecodeFailure);
    let found = 0;
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at]! ^= 0x10;
      const read = readOrNull(changed);
      if (read === null) found++;
      expect(read ?? bytes).toEqual(bytes);
    }
    // Date, level and system in the header, and the padding of the last block, mean nothing to the content.
    expect(found).toBeGreaterThanOrEqual(whole.length - 7);
    expect(failure(Buffer.concat([whole, Buffer.of(0)])).kind).toMatch(/damaged|tooLarge/);
    expect(failure(Buffer.concat([whole, whole]))).toMatchObject({
      kind: 'damaged',
      message: 'goes on behind its end',
    });
    const large = gzip(Uint8Array.from({ length: 80_000 }, (_, i) => (i * i * 7919) >>> 8));
    expect(large.length).toBeGreaterThan(70_000);
    expect(gunzip(large, LIMIT)).toHaveLength(80_000);
    expect(failure(Buffer.concat([large, large]))).toMatchObject({
      kind: 'damaged',
      message: 'goes on behind its end',
    });
  });
});
