import type { Offset } from '../streams/offset.ts';

/** How many whole snapshots of a stream are kept: whoever downloads one may finish when the next one is there. */
export const KEPT = 2;

/** A whole snapshot. */
export interface SnapshotInfo {
  readonly id: string;
  /** Offset up to which it stands in for the stream. */
  readonly cursor: Offset;
  readonly pieces: number;
  readonly bytes: number;
  /** How many events its maker knew of. */
  readonly events: number;
  /** Messages that have come since, and that there ever were. */
  readonly behind: number;
  readonly messages: number;
}

export interface Piece {
  readonly snapshot: string;
  /** The device that uploads it. */
  readonly by: string;
  /** From 0 on, in any order; a piece that is there already is taken again as the same bytes alone. */
  readonly number: number;
  readonly data: Uint8Array;
  /** Most bytes that all of its pieces may have. */
  readonly most: number;
}

export type PutOutcome =
  | 'stored'
  /** There is no such stream. */
  | 'missing'
  /** It is somebody else's, or whole already, or other bytes are there under this number: its pieces stay as they are. */
  | 'taken'
  | 'tooLarge';

export interface Finish {
  readonly snapshot: string;
  readonly by: string;
  readonly cursor: Offset;
  /** How many pieces it must have. */
  readonly pieces: number;
  readonly events: number;
}

export type FinishOutcome =
  /** It is offered from now on; also said when it was before. */
  | 'offered'
  | 'missing'
  /** Pieces are not there. */
  | 'incomplete'
  /** Its cursor is of another log, or of one that was put back, or lies before what is kept. */
  | 'otherLog';

/**
 * Where snapshots of streams live: opaque bytes in numbered pieces, whole only after `finish`. Promises reject only for
 * faults of the storage. Held to by src/testing/snapshot-store-contract.ts, whatever the storage.
 */
export interface SnapshotStore {
  /** Durable when it resolves. A device has one snapshot of a stream under way: its first piece ends the one before. */
  put(path: string, piece: Piece): Promise<PutOutcome>;
  finish(path: string, finish: Finish): Promise<FinishOutcome>;
  /** Whole snapshots of the stream as it is now, that which reaches furthest first. */
  offered(path: string): Promise<readonly SnapshotInfo[]>;
  /** A piece of one of them; null when it is not there (any more). */
  read(path: string, snapshot: string, number: number): Promise<Uint8Array | null>;
  /**
   * Deletes what is offered no more, and what nobody has added to since `staleBefore` (Unix milliseconds): some pieces in one
   * transaction. Returns how many went; 0 when nothing is left to do.
   */
  sweep(staleBefore: number): Promise<number>;
}
