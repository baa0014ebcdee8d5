/** What a log comes to, by definition: slow, obvious, and the yardstick that every store is checked against ([LOG-1]). */
import { compareEvents, type AttributeName, type Event } from './event.ts';
import type { EntityId } from './ids.ts';
import type { Timestamp } from './timestamp.ts';

export interface AttributeState {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  /** The event with the greatest timestamp (then id). */
  readonly winner: Event;
  /** Versions that no event names in `previous`, newest first; the winner is usually the only one. */
  readonly leaves: readonly Event[];
}

/** Key of one attribute of one entity, for maps. */
export function attributeKey(entityId: EntityId, attribute: AttributeName): string {
  return `${entityId}/${attribute}`;
}

/** Reduces all events of one attribute, in any order, with repetitions. Throws when there are none. */
export function reduceAttribute(events: Iterable<Event>): AttributeState {
  // The timestamp is part of what tells events apart: see compareEvents.
  const distinct = new Map<string, Event>();
  const seen = new Set<Timestamp>();
  for (const event of events) {
    distinct.set(event.timestamp + event.id, event);
    for (const timestamp of event.previous) seen.add(timestamp);
  }
  const ordered = [...distinct.values()].toSorted((a, b) => compareEvents(b, a));
  const winner = ordered[0];
  if (!winner) throw new Error('an attribute without events has no state');
  return {
    entityId: winner.entityId,
    attribute: winner.attribute,
    winner,
    leaves: ordered.filter((event) => !seen.has(event.timestamp)),
  };
}

/** Reduces a whole log to the state of every attribute, by `attributeKey`. */
export function reduceLog(log: Iterable<Event>): Map<string, AttributeState> {
  const groups = new Map<string, Event[]>();
  for (const event of log) {
    const key = attributeKey(event.entityId, event.attribute);
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return new Map([...groups].map(([key, events]) => [key, reduceAttribute(events)]));
}

/** Whether an attribute is in conflict: two or more leaves with unequal values. */
export function inConflict(state: AttributeState): boolean {
  return new Set(state.leaves.map((event) => event.value)).size > 1;
}
