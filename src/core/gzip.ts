/** gzip (RFC 1952) with a reader that can be given anything: its memory is bounded while it inflates, not afterwards. */
import { Gunzip, gzipSync } from 'fflate';
import { DecodeFailure } from './bytes.ts';

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/**
 * Input is inflated in slices of this size; each can grow 1,032-fold, which bounds what is allocated beyond the limit. A
 * slice costs some 200 KB of fresh buffers, so that smaller ones take longer: of 4 KB, twice as long for most bundles.
 */
const SLICE_BYTES = 8_192;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Bytes in gzip; the same bytes give the same gzip, on every machine and at any time. */
export const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 9, mtime: 0 });

/**
 * The bytes in a gzip member. Throws DecodeFailure when it is damaged, or holds more than `limit` bytes: the size that it
 * states is checked first, and held against what comes out while it is inflated, so that a bomb ends early.
 */
export function gunzip(data: Uint8Array, limit: number): Uint8Array {
  if (data.length < HEADER_BYTES + TRAILER_BYTES) return damaged('ends too early');
  // Deflate, and none of the optional parts of a header.
  if (data[0] !== 0x1f || data[1] !== 0x8b || data[2] !== 8 || data[3] !== 0)
    return damaged('has no gzip header of ours');
  const end = data.length - TRAILER_BYTES;
  const trailer = new DataView(data.buffer, data.byteOffset + end, TRAILER_BYTES);
  const size = trailer.getUint32(4, true);
  if (size > limit) throw new DecodeFailure('tooLarge', 'gzip', `inflates to ${size} bytes, and ${limit} are allowed`);

  const bytes = new Uint8Array(size);
  let length = 0;
  const inflate = new Gunzip((chunk) => {
    if (length + chunk.length > size) damaged('inflates to more than it states');
    bytes.set(chunk, length);
    length += chunk.length;
  });
  inflate.onmember = () => damaged('goes on behind its end');
  try {
    for (let at = 0; at < data.length; at += SLICE_BYTES) {
      const next = Math.min(at + SLICE_BYTES, data.length);
      inflate.push(data.subarray(at, next), next === data.length);
    }
  } catch (error) {
    if (error instanceof DecodeFailure) throw error;
    return damaged(error instanceof Error ? error.message : String(error));
  }
  if (length !== size) return damaged('inflates to less than it states');
  if (crc32(bytes) !== trailer.getUint32(0, true)) return damaged('does not match its checksum');
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) value = CRC[(value ^ bytes[i]!) & 0xff]! ^ (value >>> 8);
  return (value ^ 0xffff_ffff) >>> 0;
}

function damaged(reason: string): never {
  throw new DecodeFailure('damaged', 'gzip', reason);
}
