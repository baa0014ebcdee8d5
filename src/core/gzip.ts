/** gzip (RFC 1952) with a reader that can be given anything: its memory is bounded while it inflates, not afterwards. */
import { Gunzip, gzipSync, inflateSync } from 'fflate';
import { DecodeFailure } from './bytes.ts';

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/**
 * Up to this size input is inflated in one piece, straight to where it belongs: the buffers that a stream makes for itself
 * cost a browser ten times as much as the inflating. A bomb of this size ends within tenths of a second and takes no memory.
 */
const AT_ONCE_BYTES = 65_536;
/** Larger input goes in slices of this size; each can grow 1,032-fold, which bounds what is allocated beyond the limit. */
const SLICE_BYTES = 4_096;

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

  let bytes: Uint8Array;
  try {
    bytes = data.length <= AT_ONCE_BYTES ? inflateAtOnce(data.subarray(HEADER_BYTES, end), size) : inflate(data, size);
  } catch (error) {
    if (error instanceof DecodeFailure) throw error;
    return damaged(error instanceof Error ? error.message : String(error));
  }
  if (bytes.length !== size) return damaged('inflates to less than it states');
  if (crc32(bytes) !== trailer.getUint32(0, true)) return damaged('does not match its checksum');
  return bytes;
}

function inflateAtOnce(deflated: Uint8Array, size: number): Uint8Array {
  // One byte more than is stated shows what inflates to more. Beyond the room that it is given fflate writes nothing.
  const room = new Uint8Array(size + 1);
  const bytes = inflateSync(deflated, { out: room });
  if (bytes.length > size) return damaged('inflates to more than it states');
  if (isWhole(deflated.subarray(0, -1), room)) return damaged('goes on behind its end');
  return bytes;
}

/** Whether nothing is missing at the end: a stream that is whole without its last byte ended before it. */
function isWhole(deflated: Uint8Array, room: Uint8Array): boolean {
  try {
    inflateSync(deflated, { out: room });
    return true;
  } catch {
    return false;
  }
}

/** @param data with header and trailer */
function inflate(data: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  const stream = new Gunzip((chunk) => {
    if (length + chunk.length > size) damaged('inflates to more than it states');
    bytes.set(chunk, length);
    length += chunk.length;
  });
  stream.onmember = () => damaged('goes on behind its end');
  for (let at = 0; at < data.length; at += SLICE_BYTES) {
    const next = Math.min(at + SLICE_BYTES, data.length);
    stream.push(data.subarray(at, next), next === data.length);
  }
  return bytes.subarray(0, length);
}

/** CRC-32 as in gzip and PNG. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) value = CRC[(value ^ bytes[i]!) & 0xff]! ^ (value >>> 8);
  return (value ^ 0xffff_ffff) >>> 0;
}

function damaged(reason: string): never {
  throw new DecodeFailure('damaged', 'gzip', reason);
}
