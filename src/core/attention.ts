/** What sync could not deal with by itself: kept, told, and left to a person ([SYNC-6]). */
import type { BundleId, ClientId, EntityId, UserId } from './ids.ts';

/**
 * `refused`: a bundle of this device that the server refused for good. The others came from elsewhere: an event dated in the
 * future, one that is none, a message that cannot be read, one of a newer version of Daybook, one of another book; and an event
 * that a snapshot brought, and that the log does not have.
 */
export const HELD_KINDS = ['future', 'malformed', 'unreadable', 'newer', 'otherBook', 'unconfirmed'] as const;
export const ATTENTION_KINDS = ['refused', ...HELD_KINDS] as const;
export type HeldKind = (typeof HELD_KINDS)[number];
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

declare const thing: unique symbol;
/** Names one thing of a kind, for good: nothing else will ever go by it. */
export type ThingId = string & { readonly [thing]: true };

/** What is inside, as far as it can be read. */
export interface ThingContents {
  readonly changes: number;
  /** The first few entities that are changed, with the names of what is changed of them. */
  readonly records: readonly {
    readonly entityId: EntityId;
    /** Empty when it has none, or is not here. */
    readonly title: string;
    /** User-made type; null for everything that is no record of this book. */
    readonly type: EntityId | null;
    /** Names of fields, or of system attributes (`attribute`), each once. */
    readonly fields: readonly { readonly attribute: string; readonly name: string | null }[];
  }[];
  /** How many entities there are beside those. */
  readonly more: number;
}

/** Times are Unix milliseconds of this device's clock, however wrong it is. */
interface ThingFacts {
  readonly id: ThingId;
  readonly bundleId: BundleId | null;
  /** What the server, or whoever tried to read it, said. */
  readonly reason: string;
  /** Bytes that it takes here. */
  readonly bytes: number;
  /** Null: it cannot be read. */
  readonly contents: ThingContents | null;
  /** When it was discarded; null: it needs attention. */
  readonly discardedAt: number | null;
}

export interface RefusedThing extends ThingFacts {
  readonly kind: 'refused';
  /** When the server refused it, and when the oldest change in it was made. */
  readonly refusedAt: number;
  readonly madeAt: number;
}

export interface HeldThing extends ThingFacts {
  readonly kind: HeldKind;
  /** When it came; null when that was not noted yet. */
  readonly arrivedAt: number | null;
  /** From when it can be applied, and is by itself; null when time does not help. */
  readonly due: number | null;
  /** Who sent it; null where it does not say. */
  readonly sender: { readonly clientId: ClientId; readonly userId: UserId | null } | null;
}

export type Thing = RefusedThing | HeldThing;

export interface ThingGroup {
  readonly kind: AttentionKind;
  /** How many things there are. */
  readonly total: number;
  /** The first of them, as many as were asked for. */
  readonly things: readonly Thing[];
}

/** Groups that are not empty, in the order of `ATTENTION_KINDS`. */
export interface AttentionAnswer {
  readonly groups: readonly ThingGroup[];
  /** What a person discarded: kept, and neither counted nor tried. */
  readonly discarded: readonly ThingGroup[];
}

/** What came of trying things again: how many needed no attention any more, and how many still do. */
export interface Retried {
  readonly settled: number;
  readonly left: number;
}

/** Things in full, each as JSON text, and where to go on; null at the end. */
export interface ThingsPage {
  readonly things: readonly string[];
  readonly next: number | null;
}
