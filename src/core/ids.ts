import { CODES, DIGITS, hex48 } from './hex.ts';
import type { Random } from './random.ts';

declare const kind: unique symbol;
/** A UUID in its canonical lowercase text form, marked with what it identifies so that ids cannot be mixed up. */
export type Id<K extends string> = string & { readonly [kind]: K };

export type EntityId = Id<'entity'>;
export type ClientId = Id<'client'>;
export type UserId = Id<'user'>;
export type BookId = Id<'book'>;
export type BundleId = Id<'bundle'>;
export type EventId = Id<'event'>;
export type CommandId = Id<'command'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `text` is a UUID in canonical lowercase form. The version is not looked at: ids of other makers are welcome. */
export function isUuid(text: unknown): text is Id<string> {
  return typeof text === 'string' && UUID.test(text);
}

/** Marks a UUID as the id of a K, or null when `text` is not a canonical UUID. */
export function parseId<T extends Id<string>>(text: unknown): T | null {
  return isUuid(text) ? (text as T) : null;
}

/**
 * Mints a UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.
 * @param millis Unix milliseconds of the caller's clock, 0 to 2^48 - 1
 * @param random source of random bytes
 */
export function mintId<T extends Id<string>>(millis: number, random: Random): T {
  const bytes = new Uint8Array(16);
  bytes.set(random(10), 6);
  for (let i = 5, rest = Math.floor(millis); i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytesToId<T>(bytes);
}

/**
 * The id that counts up by one from `id` (RFC 9562, section 6.2, method 2), stepping over the version and variant
 * bits; used for the events of one transaction, so that their ids compress to almost nothing.
 * Throws RangeError after the last id of a millisecond (2^74 ids).
 */
export function nextId<T extends Id<string>>(id: T): T {
  // The last 48 bits hold nothing but the count: nearly always that is all there is to do.
  const low = Number.parseInt(id.slice(24), 16);
  if (low < 0xffff_ffff_ffff) return (id.slice(0, 24) + hex48(low + 1)) as T;
  const bytes = idToBytes(id);
  for (let i = 15; i >= 6; i--) {
    const room = i === 6 ? 0x0f : i === 8 ? 0x3f : 0xff;
    const fixed = bytes[i]! & ~room;
    if ((bytes[i]! & room) < room) {
      bytes[i] = bytes[i]! + 1;
      return bytesToId<T>(bytes);
    }
    bytes[i] = fixed;
  }
  throw new RangeError(`no id follows ${id} in its millisecond`);
}

/**
 * Mints the ids of things made together (the fields of a type, the records of an import): they count up from a random
 * start, so that they sort in this order and take a byte each on the wire. Throws RangeError as `nextId` does.
 */
export function mintIds<T extends Id<string>>(count: number, millis: number, random: Random): T[] {
  const ids: T[] = [];
  for (let i = 0; i < count; i++) ids.push(i === 0 ? mintId<T>(millis, random) : nextId(ids[i - 1]!));
  return ids;
}

/** Unix milliseconds that a UUIDv7 was minted at; of any other UUID, what its first 48 bits say. */
export const idMillis = (id: Id<string>): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** Where in the text of an id its bytes stand. */
const PLACES: Uint8Array = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);

/** The 16 bytes of an id. Throws RangeError when it is not a UUID. */
export function idToBytes(id: Id<string>): Uint8Array<ArrayBuffer> {
  if (!isUuid(id)) throw new RangeError(`not a UUID: ${String(id).slice(0, 60)}`);
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) {
    const place = PLACES[i]!;
    bytes[i] = (DIGITS[id.charCodeAt(place)]! << 4) | DIGITS[id.charCodeAt(place + 1)]!;
  }
  return bytes;
}

/** The id in 16 bytes. Throws RangeError for any other length. */
export function bytesToId<T extends Id<string>>(bytes: Uint8Array): T {
  if (bytes.length !== 16) throw new RangeError(`an id has 16 bytes, not ${bytes.length}`);
  const high = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  return joinId<T>(high, (bytes[4]! << 8) | bytes[5]!, bytes, 6);
}

/**
 * The id of these milliseconds whose last ten bytes are in `bytes` from `at` on.
 * @param millis 0 to 2^48 - 1
 */
export const idFromTail = <T extends Id<string>>(millis: number, bytes: Uint8Array, at: number): T =>
  joinId<T>(Math.floor(millis / 2 ** 16), millis % 2 ** 16, bytes, at);

/** Character by character: every id that is read comes through here, and joining texts takes five times as long. */
function joinId<T extends Id<string>>(high: number, low: number, bytes: Uint8Array, at: number): T {
  const digit = (value: number): number => CODES[value & 15]!;
  const first = (i: number): number => CODES[bytes[at + i]! >> 4]!;
  const second = (i: number): number => CODES[bytes[at + i]! & 15]!;
  // prettier-ignore
  return String.fromCharCode(
    digit(high >> 28), digit(high >> 24), digit(high >> 20), digit(high >> 16),
    digit(high >> 12), digit(high >> 8), digit(high >> 4), digit(high), DASH,
    digit(low >> 12), digit(low >> 8), digit(low >> 4), digit(low), DASH,
    first(0), second(0), first(1), second(1), DASH,
    first(2), second(2), first(3), second(3), DASH,
    first(4), second(4), first(5), second(5), first(6), second(6),
    first(7), second(7), first(8), second(8), first(9), second(9),
  ) as T;
}

const DASH = '-'.charCodeAt(0);

/** The id whose 32 hexadecimal digits are `hex`. */
export function hexToId<T extends Id<string>>(hex: string): T {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as T;
}
