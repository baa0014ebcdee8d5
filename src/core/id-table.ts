/** Tables of ids (and, among attributes, names), each entry relative to the one before: ids made together cost ten bytes. */
import { type ByteReader, type ByteWriter, DecodeFailure, fold, unfold } from './bytes.ts';
import { hex48, hexToBytes } from './hex.ts';
import { idFromTail, idMillis, isUuid, type Id } from './ids.ts';
import { MAX_MILLIS } from './timestamp.ts';

/** Bytes of an id behind its milliseconds. */
const TAIL_BYTES = 10;

/**
 * How an entry starts: 0 for a text, and its length comes next; an odd number for an id that differs from the one before
 * in its last 48 bits alone, by (n - 1) / 2, folded; an even one for an id whose milliseconds differ by n / 2 - 1, folded,
 * and whose other bytes come behind the heads.
 */
const TEXT = 0;

/** Collects the distinct entries of a column in the order in which they first appear. */
export class Table {
  readonly entries: string[] = [];
  readonly #indexes = new Map<string, number>();

  /** Index of an entry, which is added when it is new. */
  indexOf(entry: string): number {
    const known = this.#indexes.get(entry);
    if (known !== undefined) return known;
    this.#indexes.set(entry, this.entries.length);
    return this.entries.push(entry) - 1;
  }
}

/**
 * Writes a table; entries that are no UUIDs go to `text`, to be written by the caller.
 * @param millis Unix milliseconds that the first id is measured from
 */
export function writeTable(writer: ByteWriter, entries: readonly string[], millis: number, text: string[]): void {
  writer.sparse([entries.length]);
  const tails: Id<string>[] = [];
  let before: Id<string> | null = null;
  for (const entry of entries) {
    if (!isUuid(entry)) {
      writer.uint(TEXT);
      writer.uint(entry.length);
      text.push(entry);
      continue;
    }
    if (before !== null && prefixOf(before) === prefixOf(entry)) {
      writer.uint(fold(countOf(entry) - countOf(before)) * 2 + 1);
    } else {
      writer.uint(fold(idMillis(entry) - (before === null ? millis : idMillis(before))) * 2 + 2);
      tails.push(entry);
    }
    before = entry;
  }
  for (const id of tails) writeTail(writer, id);
}

/** An entry of a table that was read: an id, or the length of a text that the caller reads. */
export type Entry = string | number;

/** Reads what `writeTable` wrote; `most` entries at the most, since one byte can stand for a whole id. */
export function readTable(reader: ByteReader, part: string, millis: number, most: number): Entry[] {
  reader.part(part);
  const count = reader.count(1);
  if (count > most) throw new DecodeFailure('tooLarge', part, `${count} entries, and ${most} are allowed`);
  const heads: number[] = [];
  for (let i = 0; i < count; i++) {
    const head = reader.uint();
    heads.push(head);
    if (head === TEXT) heads.push(reader.uint());
  }
  const entries: Entry[] = [];
  let before: Id<string> | null = null;
  for (let i = 0; i < heads.length; i++) {
    const head = heads[i]!;
    if (head === TEXT) {
      entries.push(heads[++i]!);
      continue;
    }
    if (head % 2 === 1) {
      if (before === null) return reader.fail('counts on from nothing');
      const count: number = countOf(before) + unfold((head - 1) / 2);
      before = withCount(before, count) ?? reader.fail(`counts to ${count}`);
    } else {
      before = readTail(reader, (before === null ? millis : idMillis(before)) + unfold(head / 2 - 1));
    }
    entries.push(before);
  }
  return entries;
}

/** The last ten bytes of an id. */
export function writeTail(writer: ByteWriter, id: Id<string>): void {
  writer.raw(hexToBytes(id.slice(14, 18) + id.slice(19, 23) + id.slice(24)));
}

/** The id with these milliseconds and the ten bytes that come next. */
export function readTail<T extends Id<string>>(reader: ByteReader, millis: number): T {
  if (!(millis >= 0 && millis <= MAX_MILLIS)) return reader.fail(`has an id at ${millis} milliseconds`);
  return idFromTail<T>(millis, reader.raw(TAIL_BYTES), 0);
}

/** All of an id but its last 48 bits: what ids that count up nearly always share. */
const prefixOf = (id: Id<string>): string => id.slice(0, 24);

/** The last 48 bits of an id. */
const countOf = (id: Id<string>): number => Number.parseInt(id.slice(24), 16);

const MAX_COUNT = 2 ** 48 - 1;

function withCount<T extends Id<string>>(id: T, count: number): T | null {
  return count >= 0 && count <= MAX_COUNT ? ((prefixOf(id) + hex48(count)) as T) : null;
}

/** Whether `id` counts up by one from `before`, without a carry beyond 48 bits. */
export const follows = (before: Id<string>, id: Id<string>): boolean =>
  prefixOf(before) === prefixOf(id) && countOf(before) + 1 === countOf(id);

/** `length` ids that count up by one from `first`, or null when they run out. */
export function countUp<T extends Id<string>>(first: T, length: number): T[] | null {
  if (length === 1) return [first];
  const prefix = prefixOf(first);
  const start = countOf(first);
  if (start + length - 1 > MAX_COUNT) return null;
  return Array.from({ length }, (_, i) => (prefix + hex48(start + i)) as T);
}
