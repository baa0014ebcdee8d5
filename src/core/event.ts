import type { ClientId, EntityId, EventId } from './ids.ts';
import type { Timestamp } from './timestamp.ts';
import type { JsonText } from './value.ts';

declare const attribute: unique symbol;
/** Name of an attribute: a field's id, or a system name (see attribute.ts). 1 to 200 characters. */
export type AttributeName = string & { readonly [attribute]: true };

export const MAX_ATTRIBUTE_LENGTH = 200;

/**
 * Most timestamps that `previous` may hold: versions of one attribute that many devices wrote while apart. An author who
 * sees more names the newest; the next edit settles the rest.
 */
export const MAX_PREVIOUS = 256;

/** One immutable change of one attribute of one entity. */
export interface Event {
  readonly id: EventId;
  readonly clientId: ClientId;
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  /** JSON text; `null` clears the attribute. */
  readonly value: JsonText;
  readonly timestamp: Timestamp;
  /** Timestamps of every current version (leaf) of this attribute that the author saw, ascending. */
  readonly previous: readonly Timestamp[];
}

/** Total order in which events win: by timestamp, and by id should a copied database make two events of one key. */
export function compareEvents(a: Event, b: Event): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}
