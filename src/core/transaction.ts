/** Transactions: all events of one user action, under one timestamp. */
import { tick, type ClockState } from './clock.ts';
import { MAX_PREVIOUS, type AttributeName, type Event } from './event.ts';
import { mintId, nextId, type ClientId, type EntityId, type EventId } from './ids.ts';
import type { Random } from './random.ts';
import { attributeKey } from './reduce.ts';
import { millisOf, type Timestamp } from './timestamp.ts';
import { toJsonText, type JsonValue } from './value.ts';

/** What a transaction does to one attribute of one entity; null clears it. */
export interface AttributeChange {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  readonly value: JsonValue;
}

export interface Transaction {
  readonly timestamp: Timestamp;
  /** At least one; at most one per attribute of an entity. */
  readonly events: readonly Event[];
}

export interface Author {
  readonly clientId: ClientId;
  readonly clock: ClockState;
  /** Corrected wall clock ([HLC-5]), Unix milliseconds. */
  readonly wallMillis: number;
  readonly random: Random;
  /** Timestamps of the current versions (leaves) of an attribute that the author sees, in any order; none when it is new. */
  readonly leavesOf: (entityId: EntityId, attribute: AttributeName) => readonly Timestamp[];
}

/**
 * Stamps a list of changes as one transaction. Of several changes to one attribute the last wins. Event ids count up by
 * one from a random start ([ID-2]). The caller persists `clock` with the events ([HLC-6]).
 * Throws when there are no changes: a transaction of nothing is no transaction.
 */
export function makeTransaction(
  changes: Iterable<AttributeChange>,
  author: Author,
): Transaction & { readonly clock: ClockState } {
  const last = new Map<string, AttributeChange>();
  for (const change of changes) last.set(attributeKey(change.entityId, change.attribute), change);
  if (last.size === 0) throw new Error('a transaction needs at least one change');

  const drafts = [...last.values()].map((change) => ({
    change,
    previous: [...new Set(author.leavesOf(change.entityId, change.attribute))].toSorted().slice(-MAX_PREVIOUS),
  }));
  const { state: clock, timestamp } = tick(
    // What was seen lies before what is made of it, whatever state the clock was in.
    atLeast(
      author.clock,
      drafts.flatMap((draft) => draft.previous),
    ),
    author.wallMillis,
  );

  let id = mintId<EventId>(millisOf(timestamp), author.random);
  const events = drafts.map(({ change, previous }, index): Event => {
    if (index > 0) id = nextId(id);
    return {
      id,
      clientId: author.clientId,
      entityId: change.entityId,
      attribute: change.attribute,
      value: toJsonText(change.value),
      timestamp,
      previous,
    };
  });
  return { clock, timestamp, events };
}

/** The transactions that `events` belong to, oldest first; the events of each in the order in which they came. */
export function groupByTransaction(events: Iterable<Event>): Transaction[] {
  return [...Map.groupBy(events, (event) => event.timestamp)]
    .map(([timestamp, group]) => ({ timestamp, events: group }))
    .toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}

export interface Correction {
  /**
   * The clock as it would be without these transactions: `last` is the greatest timestamp among everything else that this
   * client has sent or applied.
   */
  readonly clock: ClockState;
  /** How far the wall clock was ahead of server time when it stamped them, in milliseconds; negative when it was behind. */
  readonly offsetMillis: number;
  /** Corrected wall clock now: no transaction is dated later than that. */
  readonly nowMillis: number;
}

/**
 * [HLC-5] Gives transactions that a wrong clock stamped, and that nobody else has seen, the timestamps which a right clock
 * would have given them: in the same order, the same distance apart. References among them in `previous` follow; event
 * ids stay. Pass all of this client's events that were never sent; the caller persists `clock` with the outcome.
 * @returns the new events, oldest transaction first, and which timestamp became which
 */
export function restamp(
  events: Iterable<Event>,
  correction: Correction,
): {
  readonly clock: ClockState;
  readonly events: readonly Event[];
  readonly renamed: ReadonlyMap<Timestamp, Timestamp>;
} {
  let clock = correction.clock;
  const renamed = new Map<Timestamp, Timestamp>();
  const restamped: Event[] = [];
  for (const transaction of groupByTransaction(events)) {
    const drafts = transaction.events.map((event) => ({
      event,
      previous: event.previous.map((timestamp) => renamed.get(timestamp) ?? timestamp).toSorted(),
    }));
    const wallMillis = Math.min(millisOf(transaction.timestamp) - correction.offsetMillis, correction.nowMillis);
    const stamped = tick(
      atLeast(
        clock,
        drafts.flatMap((draft) => draft.previous),
      ),
      wallMillis,
    );
    clock = stamped.state;
    renamed.set(transaction.timestamp, stamped.timestamp);
    for (const { event, previous } of drafts) restamped.push({ ...event, timestamp: stamped.timestamp, previous });
  }
  return { clock, events: restamped, renamed };
}

/** The clock, moved up to the greatest of `timestamps` if it was behind it. */
function atLeast(clock: ClockState, timestamps: readonly Timestamp[]): ClockState {
  let last = clock.last;
  for (const timestamp of timestamps) if (timestamp > last) last = timestamp;
  return last === clock.last ? clock : { node: clock.node, last };
}
