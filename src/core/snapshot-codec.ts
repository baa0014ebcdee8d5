/**
 * A snapshot as bytes, in pieces that can be told and read each by itself, so that neither side ever holds more than one: the
 * mark "DyBkSnap", a version, then parts, each with a byte that says what it is, its length in four bytes, and its content. The
 * first is the head, the last the number of parts before it and a CRC-32 of everything before. Events are payloads as in
 * bundles; the other parts are gzip. Little-endian.
 */
import type { CodecError } from './bundle.ts';
import { decodeEvents, encodeEvents } from './bundle-codec.ts';
import { ByteReader, DecodeFailure } from './bytes.ts';
import type { Event } from './event.ts';
import { crc32, gunzip, gzip } from './gzip.ts';
import { isUuid, type BookId, type BundleId, type ClientId } from './ids.ts';
import { err, ok, type Result } from './result.ts';
import { decodeSuperseded, encodeSuperseded, type Superseded } from './superseded-column.ts';
import { isTimestamp, type Timestamp } from './timestamp.ts';
import { decodeText, encodeText } from './utf8.ts';

const MARK = encodeText('DyBkSnap');
const VERSION = 1;
const HEAD = 1;
const EVENTS = 2;
const SUPERSEDED = 3;
const HELD = 4;
const END = 0;
/** Bytes of what a part starts with, and of the end. */
const PART_BYTES = 5;
const END_BYTES = PART_BYTES + 8;

/** Most bytes that one part may inflate to; what is held may be one message of an unknown kind. */
const MAX_INFLATED = 16_000_000;
/** Most timestamps that one part of superseded ones holds. */
export const MAX_SUPERSEDED = 20_000;

export interface SnapshotHead {
  /** Names the snapshot; its events carry it where others carry their bundle. */
  readonly id: BundleId;
  readonly bookId: BookId;
  /** Who took it. */
  readonly clientId: ClientId;
  /** The greatest timestamp that its maker knew. */
  readonly timestamp: Timestamp;
  /** Since when history is complete for whoever starts from it: later than every event in it. */
  readonly horizon: Timestamp;
  /** The server's offset behind the last bundle that is in it. */
  readonly cursor: string;
  /** Which piece of the snapshot this is, from 0 on. All else is the same in each. */
  readonly piece: number;
}

/** Something that could not be applied where the snapshot was taken, as it came. */
export interface Held {
  readonly kind: string;
  readonly content: string;
  readonly bundleId: BundleId | null;
  readonly due: number | null;
  readonly reason: string;
}

export type SnapshotPart =
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  | { readonly kind: 'superseded'; readonly attributes: readonly Superseded[] }
  | { readonly kind: 'held'; readonly items: readonly Held[] };

export interface SnapshotError {
  /** `newer`: of a later version of Daybook. `notASnapshot`: bytes of something else. */
  readonly kind: 'notASnapshot' | 'newer' | 'damaged' | 'tooLarge';
  /** Which part, in words. */
  readonly where: string;
  readonly message: string;
}

/** Puts a piece of a snapshot together, part by part. */
export class SnapshotWriter {
  readonly #head: SnapshotHead;
  readonly #chunks: Uint8Array[] = [];
  #parts = 0;

  /** Bytes that it has so far. */
  bytes = 0;

  constructor(head: SnapshotHead) {
    this.#head = head;
    this.#chunks.push(MARK, Uint8Array.of(VERSION));
    this.addBytes(HEAD, gzip(encodeText(JSON.stringify(head))));
  }

  /** @param part at most as many events as a bundle holds, or `MAX_SUPERSEDED` timestamps */
  add(part: SnapshotPart): void {
    switch (part.kind) {
      case 'events':
        return this.addBytes(EVENTS, encodeEvents(part.events, this.#head));
      case 'superseded':
        return this.addBytes(SUPERSEDED, gzip(encodeSuperseded(part.attributes, this.#head.timestamp)));
      case 'held':
        return this.addBytes(HELD, gzip(encodeText(JSON.stringify(part.items))));
    }
  }

  finish(): Uint8Array<ArrayBuffer> {
    const length = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const bytes = new Uint8Array(length + END_BYTES);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const view = new DataView(bytes.buffer);
    bytes[at] = END;
    view.setUint32(at + 1, 8, true);
    view.setUint32(at + PART_BYTES, this.#parts, true);
    view.setUint32(at + PART_BYTES + 4, crc32(bytes.subarray(0, at + PART_BYTES + 4)), true);
    return bytes;
  }

  protected addBytes(kind: number, content: Uint8Array): void {
    const start = new Uint8Array(PART_BYTES);
    start[0] = kind;
    new DataView(start.buffer).setUint32(1, content.length, true);
    this.#chunks.push(start, content);
    this.#parts += 1;
    this.bytes += start.length + content.length;
  }
}

export interface OpenedSnapshot {
  readonly head: SnapshotHead;
  /** The parts in their order, decoded one by one as they are asked for; it ends behind the first error. */
  parts(): Generator<Result<SnapshotPart, SnapshotError>, undefined>;
}

/** Opens a piece that came from anywhere: whole and undamaged, or an error; nothing is thrown. */
export function openSnapshot(bytes: Uint8Array): Result<OpenedSnapshot, SnapshotError> {
  if (!MARK.every((byte, i) => bytes[i] === byte))
    return fail('notASnapshot', 'start', 'these are not the bytes of a snapshot');
  const version = bytes[MARK.length];
  if (version === undefined || bytes.length < MARK.length + 1 + END_BYTES)
    return fail('damaged', 'end', 'ends too early');
  if (version > VERSION) return fail('newer', 'start', `${version}, and this Daybook reads up to ${VERSION}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - END_BYTES;
  if (view.getUint32(bytes.length - 4, true) !== crc32(bytes.subarray(0, bytes.length - 4)))
    return fail('damaged', 'end', 'does not match its checksum');
  const places: { readonly kind: number; readonly content: Uint8Array }[] = [];
  let at = MARK.length + 1;
  while (at < end) {
    const length = view.getUint32(at + 1, true);
    if (at + PART_BYTES + length > end) return fail('damaged', `part ${places.length}`, 'is longer than what follows');
    places.push({ kind: bytes[at]!, content: bytes.subarray(at + PART_BYTES, at + PART_BYTES + length) });
    at += PART_BYTES + length;
  }
  const [first, ...rest] = places;
  if (bytes[end] !== END || view.getUint32(end + PART_BYTES, true) !== places.length)
    return fail('damaged', 'end', 'does not hold as many parts as it says');
  if (first?.kind !== HEAD) return fail('damaged', 'head', 'does not come first');
  const head = guarded('head', () => readHead(first.content));
  if (!head.ok) return head;
  return ok({
    head: head.value,
    *parts(): Generator<Result<SnapshotPart, SnapshotError>, undefined> {
      for (const [i, { kind, content }] of rest.entries()) {
        const part = readPart(kind, content, head.value, `part ${i + 1}`);
        yield part;
        if (!part.ok) return undefined;
      }
      return undefined;
    },
  });
}

function readPart(
  kind: number,
  content: Uint8Array,
  head: SnapshotHead,
  where: string,
): Result<SnapshotPart, SnapshotError> {
  switch (kind) {
    case EVENTS: {
      const events = decodeEvents(content, head);
      return events.ok ? ok({ kind: 'events', events: events.value }) : err(errorOf(events.error, where));
    }
    case SUPERSEDED:
      return guarded(where, () => ({
        kind: 'superseded',
        attributes: decodeSuperseded(new ByteReader(gunzip(content, MAX_INFLATED)), head.timestamp, MAX_SUPERSEDED),
      }));
    case HELD:
      return guarded(where, () => ({ kind: 'held', items: readHeld(content) }));
    default:
      return fail('damaged', where, `is of an unknown kind, ${kind}`);
  }
}

function readHead(content: Uint8Array): SnapshotHead {
  const { id, bookId, clientId, timestamp, horizon, cursor, piece } = readJson(content) as {
    readonly [key: string]: unknown;
  };
  if (!isUuid(id) || !isUuid(bookId) || !isUuid(clientId)) throw new DecodeFailure('damaged', 'head', 'lacks an id');
  if (!isTimestamp(timestamp) || !isTimestamp(horizon)) throw new DecodeFailure('damaged', 'head', 'lacks a timestamp');
  if (typeof cursor !== 'string' || cursor === '') throw new DecodeFailure('damaged', 'head', 'lacks a cursor');
  if (!Number.isSafeInteger(piece) || Number(piece) < 0) throw new DecodeFailure('damaged', 'head', 'lacks its number');
  return {
    id: id as BundleId,
    bookId: bookId as BookId,
    clientId: clientId as ClientId,
    timestamp,
    horizon,
    cursor,
    piece: Number(piece),
  };
}

function readHeld(content: Uint8Array): Held[] {
  const items = readJson(content);
  if (!Array.isArray(items)) throw new DecodeFailure('damaged', 'held', 'is no list');
  return items.map((item: unknown) => {
    const { kind, content: text, bundleId, due, reason } = (item ?? {}) as { readonly [key: string]: unknown };
    const fits =
      typeof kind === 'string' &&
      typeof text === 'string' &&
      (bundleId === null || isUuid(bundleId)) &&
      (due === null || Number.isSafeInteger(due)) &&
      typeof reason === 'string';
    if (!fits) throw new DecodeFailure('damaged', 'held', 'has an entry that is none');
    return { kind, content: text, bundleId: bundleId as BundleId | null, due: due as number | null, reason };
  });
}

function readJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(gunzip(content, MAX_INFLATED), 'payload')) ?? {};
  } catch (error) {
    if (error instanceof DecodeFailure) throw error;
    throw new DecodeFailure('damaged', 'payload', 'not JSON');
  }
}

function guarded<T>(where: string, read: () => T): Result<T, SnapshotError> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof DecodeFailure) return fail(error.kind, `${where}, ${error.where}`, error.message);
    // As in decodeEvents: a hole in the checks must not break what is read beside it.
    return fail('damaged', where, error instanceof Error ? error.message : String(error));
  }
}

/** No part is of another version than the whole. */
function errorOf(error: CodecError, where: string): SnapshotError {
  const kind = error.kind === 'tooLarge' ? 'tooLarge' : 'damaged';
  return { kind, where: `${where}, ${error.where}`, message: error.message };
}

const fail = (kind: SnapshotError['kind'], where: string, message: string): Result<never, SnapshotError> =>
  err({ kind, where, message });
