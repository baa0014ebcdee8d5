/**
 * Snapshots of a book on the server: bytes that a member uploads in numbered pieces, and that a new device may start from.
 * Pieces are opaque to the server (core/snapshot-codec.ts); each is at most `MAX_PIECE_BYTES`.
 *
 * | call | body -> answer |
 * |---|---|
 * | GET /v1/books/{bookId}/snapshots | -> SnapshotList: whole ones, that which reaches furthest first |
 * | PUT /v1/books/{bookId}/snapshots/{id}/pieces/{number} | bytes -> 204; `id` is minted by the device |
 * | PUT /v1/books/{bookId}/snapshots/{id} | SnapshotFinish -> 204: all pieces are there, and it is offered from now on |
 * | GET /v1/books/{bookId}/snapshots/{id}/pieces/{number} | -> bytes; 404 when another one has taken its place |
 */
import type { BookId } from '../core/ids.ts';
import { parseId, type BundleId } from '../core/ids.ts';
import * as v from 'valibot';

/** A part of a snapshot may have a megabyte, and what nobody could read somewhat more. */
export const MAX_PIECE_BYTES = 2_000_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const offset = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

export const SnapshotFinish = v.object({
  /** Offset of the book's stream up to which it stands in for it. */
  cursor: offset,
  pieces: v.pipe(count, v.minValue(1)),
  /** How many events its maker knew of. */
  events: count,
});
export type SnapshotFinish = v.InferOutput<typeof SnapshotFinish>;

export const SnapshotOffer = v.object({
  id: v.pipe(
    v.string(),
    v.check((text) => parseId(text) !== null, 'not a UUID'),
    v.transform((text) => text as BundleId),
  ),
  cursor: offset,
  pieces: v.pipe(count, v.minValue(1)),
  bytes: count,
  events: count,
  /** Messages of the stream that have come since, and that there ever were. */
  behind: count,
  messages: count,
});
export type SnapshotOffer = v.InferOutput<typeof SnapshotOffer>;

export const SnapshotList = v.object({ snapshots: v.array(SnapshotOffer) });

/** Path of a book's snapshots. */
export const snapshotsPath = (bookId: BookId): string => `/v1/books/${bookId}/snapshots`;
