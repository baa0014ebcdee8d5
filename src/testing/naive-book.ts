/**
 * What a book comes to, by the plainest means: all events of all messages of a stream, the greatest timestamp wins. Shares
 * nothing with the store, and nothing with core/reduce.ts.
 */
import { openBundle } from '../core/bundle-codec.ts';
import { carriedMessages } from '../core/carrier.ts';
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { EventId } from '../core/ids.ts';
import { millisOf, type Timestamp } from '../core/timestamp.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { TOMORROW } from './simulated-versions.ts';

export interface NaiveBook {
  /** All events, each named by `nameOf`, with when they were made. */
  readonly names: ReadonlyMap<string, Timestamp>;
  readonly ids: ReadonlySet<EventId>;
  /** How often an event comes that was there before. */
  readonly copies: number;
  /** Of each attribute (`entity attribute`) the value that counts. */
  readonly values: ReadonlyMap<string, string>;
}

/** Two copies of a database can each stamp anew what neither had sent: the same event with two timestamps. */
export const nameOf = ({ id, timestamp }: Event): string => `${id} ${timestamp}`;

/**
 * @param messages JSON texts, as a stream holds them
 * @param serverMillis what is dated more than five minutes after it does not count yet ([HLC-4])
 */
export function naiveBook(messages: readonly string[], serverMillis: number): NaiveBook {
  const events = new Map<string, Event>();
  let copies = 0;
  for (const event of eventsIn(messages)) {
    if (events.has(nameOf(event))) copies += 1;
    if (millisOf(event.timestamp) <= serverMillis + MAX_AHEAD_MILLIS) events.set(nameOf(event), event);
  }
  const winners = new Map<string, Event>();
  for (const event of events.values()) {
    const key = `${event.entityId} ${event.attribute}`;
    const best = winners.get(key);
    if (!best || event.timestamp + event.id > best.timestamp + best.id) winners.set(key, event);
  }
  return {
    copies,
    names: new Map([...events].map(([name, { timestamp }]) => [name, timestamp])),
    ids: new Set([...events.values()].map(({ id }) => id)),
    values: new Map([...winners].map(([key, { value }]) => [key, value])),
  };
}

function* eventsIn(messages: readonly string[]): Generator<Event> {
  for (const json of messages) {
    const bundle = bundleMessages.read(JSON.parse(json));
    if (!bundle.ok) continue;
    const events = openBundle(bundle.value, undefined, TOMORROW);
    if (events.ok) yield* events.value;
    const carried = carriedMessages(bundle.value.payload);
    if (carried.ok && carried.value) yield* eventsIn(carried.value);
  }
}
