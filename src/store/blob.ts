/** How ids, timestamps and attribute names are bound to and read from SQL. */
import type { AttributeName } from '../core/event.ts';
import { bytesToHex } from '../core/hex.ts';
import { bytesToId, idToBytes, isUuid, type Id } from '../core/ids.ts';
import { bytesToTimestamp, timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import type { SqlValue } from './database.ts';

/** An attribute that is named by a field's id takes 16 bytes, every other one its text. */
export function attributeToSql(attribute: AttributeName): SqlValue {
  return isUuid(attribute) ? idToBytes(attribute) : attribute;
}

/** The same, for many rows that name few attributes: each is converted once. */
export function attributeBinder(): (attribute: AttributeName) => SqlValue {
  const bound = new Map<AttributeName, SqlValue>();
  return (attribute) => {
    let value = bound.get(attribute);
    if (value === undefined) {
      value = attributeToSql(attribute);
      bound.set(attribute, value);
    }
    return value;
  };
}

export function attributeFromSql(value: SqlValue): AttributeName {
  return (typeof value === 'string' ? value : bytesToId(bytesOf(value))) as AttributeName;
}

export const idFromSql = <T extends Id<string>>(value: SqlValue): T => bytesToId<T>(bytesOf(value));

export const timestampFromSql = (value: SqlValue): Timestamp => bytesToTimestamp(bytesOf(value));

/** Timestamps one after another, 16 bytes each; null for none. */
export function previousToSql(previous: readonly Timestamp[]): Uint8Array | null {
  const [first] = previous;
  if (first === undefined) return null;
  if (previous.length === 1) return timestampToBytes(first);
  const bytes = new Uint8Array(previous.length * 16);
  previous.forEach((timestamp, i) => bytes.set(timestampToBytes(timestamp), i * 16));
  return bytes;
}

export function previousFromSql(value: SqlValue): Timestamp[] {
  if (value === null) return [];
  const hex = bytesToHex(bytesOf(value));
  return Array.from({ length: hex.length / 32 }, (_, i) => hex.slice(i * 32, i * 32 + 32) as Timestamp);
}

/** Bytes of a blob column. Throws when it is something else: the schema forbids it. */
export function bytesOf(value: SqlValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`expected a blob, found ${typeof value}`);
}

/** A number of an integer column. Throws when it is something else. */
export function numberOf(value: SqlValue): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`expected a number, found ${typeof value}`);
}

/** Text of a text column. Throws when it is something else. */
export function textOf(value: SqlValue): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`expected text, found ${typeof value}`);
}
