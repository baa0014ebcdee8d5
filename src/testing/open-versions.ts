/** Open versions of the attributes of a book that is being made: small enough to be kept for a million of them. */
import type { AttributeName, Event } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { Timestamp } from '../core/timestamp.ts';

/** Attributes that a book may have: keys are numbers, entity by entity. */
const MAX_ATTRIBUTES = 1_024;

export class OpenVersions {
  readonly #entities = new Map<EntityId, number>();
  readonly #attributes = new Map<AttributeName, number>();
  /** A lone timestamp, since that is what nearly all have, or several. */
  readonly #leaves = new Map<number, Timestamp | readonly Timestamp[]>();

  /** Timestamps of the open versions of an attribute, in the order in which they came. */
  of(entityId: EntityId, attribute: AttributeName): readonly Timestamp[] {
    const leaves = this.#leaves.get(this.#key(entityId, attribute));
    return leaves === undefined ? [] : typeof leaves === 'string' ? [leaves] : leaves;
  }

  /** Takes in an event that comes after all that it names as seen. */
  add(event: Event): void {
    const key = this.#key(event.entityId, event.attribute);
    const before = this.#leaves.get(key);
    if (before === undefined || (typeof before === 'string' && event.previous.includes(before))) {
      this.#leaves.set(key, event.timestamp);
      return;
    }
    const open = this.of(event.entityId, event.attribute).filter((leaf) => !event.previous.includes(leaf));
    this.#leaves.set(key, open.length === 0 ? event.timestamp : [...open, event.timestamp]);
  }

  #key(entityId: EntityId, attribute: AttributeName): number {
    const number = numberIn(this.#attributes, attribute);
    if (number >= MAX_ATTRIBUTES) throw new Error(`more than ${MAX_ATTRIBUTES} attributes`);
    return numberIn(this.#entities, entityId) * MAX_ATTRIBUTES + number;
  }
}

function numberIn<T>(numbers: Map<T, number>, item: T): number {
  const known = numbers.get(item);
  if (known !== undefined) return known;
  numbers.set(item, numbers.size);
  return numbers.size - 1;
}
