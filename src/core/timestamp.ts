import { bytesToHex, hex48, hexToBytes, PAIRS } from './hex.ts';

declare const timestamp: unique symbol;
declare const node: unique symbol;
/**
 * A hybrid logical clock reading as 32 lowercase hexadecimal digits: 12 of Unix milliseconds, 4 of counter, 16 of node
 * id. Big-endian, so that the hex text, the 16 bytes, the readable text and time itself all sort alike; `<` compares.
 */
export type Timestamp = string & { readonly [timestamp]: true };
/** The 64-bit id of a clock, as 16 lowercase hexadecimal digits. */
export type NodeId = string & { readonly [node]: true };

export const MAX_MILLIS = 2 ** 48 - 1;
/** The last millisecond whose readable form still sorts as text (9999-12-31T23:59:59.999Z). */
export const MAX_READABLE_MILLIS = 253_402_300_799_999;
export const MAX_COUNTER = 0xffff;
export const ZERO_TIMESTAMP = '0'.repeat(32) as Timestamp;

/** Puts a timestamp together. Throws RangeError when a part is out of range: a broken invariant, not bad input. */
export function makeTimestamp(millis: number, counter: number, nodeId: NodeId): Timestamp {
  if (!Number.isInteger(millis) || millis < 0 || millis > MAX_MILLIS)
    throw new RangeError(`millis out of range: ${millis}`);
  if (!Number.isInteger(counter) || counter < 0 || counter > MAX_COUNTER) {
    throw new RangeError(`counter out of range: ${counter}`);
  }
  return (hex48(millis) + PAIRS[counter >> 8]! + PAIRS[counter & 255]! + nodeId) as Timestamp;
}

/** Unix milliseconds of a timestamp. */
export const millisOf = (timestamp: Timestamp): number => Number.parseInt(timestamp.slice(0, 12), 16);

/** Counter of a timestamp, 0 to 65,535. */
export const counterOf = (timestamp: Timestamp): number => Number.parseInt(timestamp.slice(12, 16), 16);

/** Node id of the clock that issued a timestamp. */
export const nodeOf = (timestamp: Timestamp): NodeId => timestamp.slice(16) as NodeId;

export function isTimestamp(text: unknown): text is Timestamp {
  return typeof text === 'string' && /^[0-9a-f]{32}$/.test(text);
}

/** The 16 bytes of a timestamp. */
export const timestampToBytes = (timestamp: Timestamp): Uint8Array<ArrayBuffer> => hexToBytes(timestamp);

/** The timestamp in 16 bytes. Throws RangeError for any other length. */
export function bytesToTimestamp(bytes: Uint8Array): Timestamp {
  if (bytes.length !== 16) throw new RangeError(`a timestamp has 16 bytes, not ${bytes.length}`);
  return bytesToHex(bytes) as Timestamp;
}

/** The node id in 8 random bytes. */
export function bytesToNodeId(bytes: Uint8Array): NodeId {
  if (bytes.length !== 8) throw new RangeError(`a node id has 8 bytes, not ${bytes.length}`);
  return bytesToHex(bytes) as NodeId;
}

/** Readable form, `2026-11-23T09:00:00.000Z-0000-89abcdef01234567`. Beyond the year 9999 it no longer sorts as text. */
export function formatTimestamp(timestamp: Timestamp): string {
  return `${new Date(millisOf(timestamp)).toISOString()}-${timestamp.slice(12, 16)}-${timestamp.slice(16)}`;
}

const READABLE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)-([0-9a-f]{4})-([0-9a-f]{16})$/;

/** Reads the readable form back; null when `text` is not one. */
export function parseTimestamp(text: string): Timestamp | null {
  const match = READABLE.exec(text);
  if (!match) return null;
  const millis = Date.parse(match[1]!);
  if (!(millis >= 0) || new Date(millis).toISOString() !== match[1]) return null;
  return makeTimestamp(millis, Number.parseInt(match[2]!, 16), match[3] as NodeId);
}
