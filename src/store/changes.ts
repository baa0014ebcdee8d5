/** What was committed since the subscriptions last looked: enough to tell which of them may read something new. */
import { DELETED, TYPE } from '../core/attribute.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { isUuid, type EntityId } from '../core/ids.ts';
import type { Moment } from '../core/query.ts';
import { millisOf, ZERO_TIMESTAMP, type Timestamp } from '../core/timestamp.ts';

/** Beyond so many entities it is no longer worth telling them apart. */
const MANY = 2_000;

export class Changes {
  readonly attributes = new Set<AttributeName>();
  readonly #entities = new Set<EntityId>();
  #anyEntity = false;
  #system = false;
  #waiting = false;
  #undo = false;
  #preparing = false;
  #earliest: Timestamp | null = null;
  #since: number | null = null;

  get any(): boolean {
    return this.attributes.size > 0 || this.#system || this.#waiting || this.#undo || this.#preparing;
  }

  /** Whether types, fields, options or names may have changed, or entities come and gone. */
  get system(): boolean {
    return this.#system;
  }

  /** Whether records may have appeared or vanished. */
  get existence(): boolean {
    return this.attributes.has(TYPE) || this.attributes.has(DELETED);
  }

  /** Whether what waits to be acknowledged may have changed, for any entity. */
  get waiting(): boolean {
    return this.#waiting;
  }

  get undo(): boolean {
    return this.#undo;
  }

  /** Whether a projection that is being made anew has come further. */
  get preparing(): boolean {
    return this.#preparing;
  }

  /** Whether how things stood at a moment may be told otherwise since. */
  concernPast({ at, reading }: Moment): boolean {
    // What is known by a moment is settled when the moment has passed.
    if (reading === 'known') return this.#since !== null && this.#since <= millisOf(at);
    return this.#earliest !== null && this.#earliest <= at;
  }

  concerns(entity: EntityId): boolean {
    return this.#anyEntity || this.#entities.has(entity);
  }

  /** @param nowMillis corrected wall clock, Unix milliseconds */
  add(events: readonly Event[], nowMillis: number): void {
    if (events.length > 0) this.#since = Math.min(this.#since ?? nowMillis, nowMillis);
    for (const { attribute, entityId, timestamp } of events) {
      if (this.#earliest === null || timestamp < this.#earliest) this.#earliest = timestamp;
      if (!this.attributes.has(attribute)) {
        this.attributes.add(attribute);
        if (!isUuid(attribute)) this.#system = true;
      }
      if (this.#entities.size < MANY) this.#entities.add(entityId);
      else if (!this.#entities.has(entityId)) this.#anyEntity = true;
    }
  }

  waitingChanged(): void {
    this.#waiting = true;
  }

  undoChanged(): void {
    this.#undo = true;
  }

  preparingChanged(): void {
    this.#preparing = true;
  }

  everythingChanged(): void {
    this.attributes.add(TYPE).add(DELETED);
    this.#earliest = ZERO_TIMESTAMP;
    this.#since = 0;
    this.#system = this.#waiting = this.#undo = this.#preparing = this.#anyEntity = true;
  }
}
