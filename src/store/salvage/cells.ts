/** Takes a page of a b-tree apart: https://www.sqlite.org/fileformat2.html#b_tree_pages. Any bytes whatever may be in it. */
import { DecodeFailure } from '../../core/bytes.ts';
import { decodeText } from '../../core/utf8.ts';
import type { SqlValue } from '../database.ts';
import type { PageFile } from './page-file.ts';

export type PageKind = 'tableLeaf' | 'tableInterior' | 'indexLeaf' | 'indexInterior';

export interface Row {
  /** Of tables that have one; null in indexes and tables without rowid. */
  readonly rowid: number | null;
  readonly values: readonly SqlValue[];
}

export interface TreePage {
  readonly kind: PageKind;
  /** Pages below it, the rightmost included. */
  readonly children: readonly number[];
  /** Its cells one by one; null for one that makes no sense. Interior pages of tables have none. */
  readonly rows: () => Generator<Row | null, void>;
}

const KINDS: { readonly [byte: number]: PageKind } = {
  2: 'indexInterior',
  5: 'tableInterior',
  10: 'indexLeaf',
  13: 'tableLeaf',
};
/** The header of the file stands before page 1. */
const FILE_HEADER_BYTES = 100;
/** No value of ours is longer (a bundle has at most 1.4 MB), and a broken length may ask for anything. */
const MAX_PAYLOAD_BYTES = 64_000_000;

/** The page as part of a tree; null when it is none (free, overflow, or damaged beyond that). */
export function readTreePage(file: PageFile, number: number): TreePage | null {
  const page = file.page(number);
  if (!page) return null;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const start = number === 1 ? FILE_HEADER_BYTES : 0;
  const kind = KINDS[page[start] ?? 0];
  if (!kind) return null;
  const interior = kind === 'tableInterior' || kind === 'indexInterior';
  const cells = view.getUint16(start + 3);
  const pointers = start + (interior ? 12 : 8);
  if (pointers + cells * 2 > page.length) return null;
  const starts = Array.from({ length: cells }, (_, i) => view.getUint16(pointers + i * 2));
  const inside = (at: number): boolean => at >= pointers + cells * 2 && at + 4 <= page.length;
  return {
    kind,
    children: interior ? [...starts.map((at) => (inside(at) ? view.getUint32(at) : 0)), view.getUint32(start + 8)] : [],
    *rows() {
      if (kind === 'tableInterior') return;
      for (const at of starts) {
        yield inside(at) ? readCell(file, page, interior ? at + 4 : at, kind === 'tableLeaf') : null;
      }
    },
  };
}

function readCell(file: PageFile, page: Uint8Array, start: number, table: boolean): Row | null {
  const reader = new Varints(page, start);
  const bytes = reader.next();
  const rowid = table ? reader.next() : null;
  if (bytes < 2 || bytes > MAX_PAYLOAD_BYTES || (rowid !== null && !Number.isSafeInteger(rowid))) return null;
  const payload = readPayload(file, page, reader.at, bytes, table);
  const values = payload && readRecord(payload);
  return values && { rowid, values };
}

/** The payload of a cell, followed over its overflow pages; null when one of them is missing. */
function readPayload(file: PageFile, page: Uint8Array, at: number, bytes: number, table: boolean): Uint8Array | null {
  const usable = file.pageBytes;
  const most = table ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (bytes <= most) return at + bytes <= page.length ? page.subarray(at, at + bytes) : null;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((bytes - least) % (usable - 4));
  const local = fitting <= most ? fitting : least;
  if (at + local + 4 > page.length) return null;
  const payload = new Uint8Array(bytes);
  payload.set(page.subarray(at, at + local));
  let next = new DataView(page.buffer, page.byteOffset + at + local, 4).getUint32(0);
  for (let filled = local; filled < bytes;) {
    const overflow = file.page(next);
    if (!overflow) return null;
    const part = overflow.subarray(4, Math.min(usable, 4 + bytes - filled));
    payload.set(part, filled);
    filled += part.length;
    next = new DataView(overflow.buffer, overflow.byteOffset, 4).getUint32(0);
  }
  return payload;
}

/** The columns of a record; null when it is none. */
function readRecord(payload: Uint8Array): SqlValue[] | null {
  const header = new Varints(payload, 0);
  const headerBytes = header.next();
  if (headerBytes < 1 || headerBytes > payload.length) return null;
  const types: number[] = [];
  while (header.at < headerBytes) types.push(header.next());
  if (header.at !== headerBytes) return null;
  const values: SqlValue[] = [];
  let at = headerBytes;
  for (const type of types) {
    const bytes = bytesOf(type);
    if (bytes === null || at + bytes > payload.length) return null;
    const value = readValue(payload.subarray(at, at + bytes), type);
    if (value === undefined) return null;
    values.push(value);
    at += bytes;
  }
  return at === payload.length ? values : null;
}

const NUMBER_BYTES: readonly (number | null)[] = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, null, null];

function bytesOf(type: number): number | null {
  if (type < 12) return NUMBER_BYTES[type] ?? null;
  return Math.floor((type - 12) / 2);
}

/** Undefined when the bytes are no such value. */
function readValue(bytes: Uint8Array, type: number): SqlValue | undefined {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  if (type < 7) {
    let value = ((bytes[0] ?? 0) << 24) >> 24;
    for (const byte of bytes.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  if (type % 2 === 0) return bytes.slice();
  try {
    return decodeText(bytes, 'value');
  } catch (error) {
    if (error instanceof DecodeFailure) return undefined;
    throw error;
  }
}

/** Numbers of seven bits a byte, the high ones first; of the ninth byte all eight count. Beyond 2^53 they are not exact. */
class Varints {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    for (let i = 0; i < 8; i++) {
      const byte = this.#bytes[this.at++] ?? 0;
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return value * 256 + (this.#bytes[this.at++] ?? 0);
  }
}
