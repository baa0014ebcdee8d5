/** Timestamps that are superseded, by attribute: the part of a snapshot that says what its events left behind. */
import { type ByteReader, ByteWriter, DecodeFailure } from './bytes.ts';
import type { AttributeName } from './event.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { readTable, Table, writeTable } from './id-table.ts';
import type { EntityId } from './ids.ts';
import { readStamps, STAMP_BYTES, writeStamps } from './stamp-column.ts';
import { millisOf, nodeOf, type NodeId, type Timestamp } from './timestamp.ts';
import { decodeText, encodeText } from './utf8.ts';
import { TextCursor } from './value-column.ts';

/** An attribute, and timestamps of it that are superseded: whatever carries one of them, came or not, is no open version. */
export interface Superseded {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  readonly stamps: readonly Timestamp[];
}

/** @param timestamp what milliseconds are measured from */
export function encodeSuperseded(items: readonly Superseded[], timestamp: Timestamp): Uint8Array {
  const millis = millisOf(timestamp);
  const [nodes, entities, attributes] = [new Table(), new Table(), new Table()];
  const stamps = items.flatMap((item) => item.stamps);
  for (const stamp of stamps) nodes.indexOf(nodeOf(stamp));
  const keys = items.map((item) => [entities.indexOf(item.entityId), attributes.indexOf(item.attribute)] as const);
  const text: string[] = [];
  const writer = new ByteWriter();
  writer.uint(items.length);
  writer.sparse([nodes.entries.length]);
  for (const node of nodes.entries) writer.raw(hexToBytes(node));
  for (const table of [entities, attributes]) writeTable(writer, table.entries, millis, text);
  let last = 0;
  for (const [entity] of keys) {
    writer.int(entity - last);
    last = entity;
  }
  for (const [, attribute] of keys) writer.uint(attribute);
  for (const item of items) writer.uint(item.stamps.length);
  writeStamps(writer, stamps, millis, nodes);
  writer.raw(encodeText(text.join('')));
  return writer.finish();
}

/** Reads what `encodeSuperseded` wrote. Throws DecodeFailure. @param most attributes, and timestamps of all of them */
export function decodeSuperseded(reader: ByteReader, timestamp: Timestamp, most: number): Superseded[] {
  const millis = millisOf(timestamp);
  const count = reader.part('superseded').uint();
  if (count > most) throw new DecodeFailure('tooLarge', 'superseded', `${count} entries, and ${most} are allowed`);
  const nodes: NodeId[] = [];
  for (let left = reader.part('nodes').count(8); left > 0; left--) nodes.push(bytesToHex(reader.raw(8)) as NodeId);
  const entities = readTable(reader, 'entities', millis, count);
  const names = readTable(reader, 'attributes', millis, count);
  reader.part('keys');
  let entity = 0;
  const entityOf = Array.from({ length: count }, () => {
    const entry = entities[(entity += reader.int())];
    return typeof entry === 'string' ? (entry as EntityId) : reader.fail(`refers to entry ${entity}, which is no id`);
  });
  const attributeOf = Array.from({ length: count }, () => reader.index(reader.uint(), names.length));
  const lengths = Array.from({ length: count }, () => reader.uint());
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total * STAMP_BYTES > reader.left || total > most) return reader.fail(`claims ${total} timestamps`);
  const stamps = readStamps(reader.part('stamps'), total, millis, nodes);
  const text = new TextCursor(decodeText(reader.raw(reader.left), 'text'));
  const attributes = names.map((name) => (typeof name === 'number' ? text.take(name) : name) as AttributeName);
  if (text.left > 0) throw new DecodeFailure('damaged', 'text', `${text.left} characters belong to nothing`);
  let at = 0;
  return lengths.map((length, i) => ({
    entityId: entityOf[i]!,
    attribute: attributes[attributeOf[i]!]!,
    stamps: stamps.slice(at, (at += length)),
  }));
}
