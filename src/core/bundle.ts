import type { BookId, BundleId, ClientId, UserId } from './ids.ts';
import type { Timestamp } from './timestamp.ts';

/** Version of the event schema that a bundle was written in; see upcast.ts for what each means. */
export const BUNDLE_VERSION = 1;
export const MAX_BUNDLE_EVENTS = 1_000;
/** Greatest size of a sealed payload, in bytes. */
export const MAX_PAYLOAD_BYTES = 1_000_000;

/** A sealed group of transactions, the unit of sync. `payload` is a codec byte and what that codec wrote. */
export interface Bundle {
  readonly id: BundleId;
  readonly version: number;
  readonly bookId: BookId;
  /** Who sent it. In a repair bundle the events inside may be by others. */
  readonly userId: UserId;
  readonly clientId: ClientId;
  /** The sender's clock when it was sealed: the greatest timestamp inside. */
  readonly timestamp: Timestamp;
  readonly payload: Uint8Array;
}

/** Why a bundle cannot be read. */
export interface CodecError {
  /** `newer`: written by a later version of Daybook; an update will read it. `tooLarge`: beyond the reader's limits. */
  readonly kind: 'unknownCodec' | 'newer' | 'tooLarge' | 'damaged';
  /** Which part of the bundle, in words. */
  readonly where: string;
  readonly message: string;
}
