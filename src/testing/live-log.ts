/** A device on which a log arrives slice by slice while somebody works on it, and what it held at any moment, by definition. */
import { sealBundle } from '../core/bundle-codec.ts';
import { tick } from '../core/clock.ts';
import type { Command } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import { isUuid, type BundleId, type EntityId, type UserId } from '../core/ids.ts';
import type { Moment } from '../core/query.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from '../store/event-rows.ts';
import { readClock } from '../store/identity.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { openBook } from './open-book.ts';
import { randomLog } from './random-log.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TestBook } from './test-book.ts';
import { link } from './two-devices.ts';

/** An event with the moment at which it came to the device. */
export interface Came {
  readonly event: Event;
  readonly came: Timestamp;
}

/** A device on which a log arrives slice by slice, in any order, while somebody works on it. */
export function liveLog(seed: number, transactions: number): { book: TestBook; log: Came[]; entities: EntityId[] } {
  const random = new SeededRandom(seed);
  const foreign = randomLog(random, transactions);
  const book = openBook({ random });
  link(book, book.store.identity().bookId, book.mint<UserId>());
  const entities = [...new Set(foreign.map((event) => event.entityId))];
  const fields = [...new Set(foreign.map((event) => event.attribute))].filter(isUuid) as string[] as EntityId[];
  const log: Came[] = [];
  const note = (came: Timestamp | null): void => {
    const last = log.length;
    const rows = book.db.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events ORDER BY arrival LIMIT -1 OFFSET ?`, [
      last,
    ]);
    for (const event of readArrivals(rows).keys()) log.push({ event, came: came ?? event.timestamp });
  };
  const shuffled = foreign.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at);
  while (shuffled.length > 0) {
    // Some things happen in the same millisecond.
    if (random.chance(0.7)) book.clock.advance(random.below(5_000));
    if (random.chance(0.4)) {
      act(book, random, entities, fields);
      note(null);
      continue;
    }
    const came = tick(readClock(book.db), book.clock.now()).timestamp;
    const events = shuffled.splice(0, 1 + random.below(12)).map(({ event }) => event);
    book.store.sync.apply({ messages: [messageOf(book, events)], cursor: 'c' }, book.clock.now());
    note(came);
  }
  return { book, log, entities };
}

/** A message in which these events come to a book that is linked. */
export function messageOf(book: TestBook, events: readonly Event[]): unknown {
  const { bookId, userId } = book.store.identity();
  const [first] = events;
  if (!first || userId === null) throw new Error('a message needs events, and a book that is linked');
  const { clientId, timestamp } = first;
  const bundle = sealBundle({ id: book.mint<BundleId>(), bookId, userId, clientId, timestamp }, events);
  return JSON.parse(bundleMessages.write(bundle));
}

/** Something that somebody does, if it can be done. */
function act(book: TestBook, random: SeededRandom, entities: readonly EntityId[], fields: readonly EntityId[]): void {
  const entityId = random.pick(entities);
  const field = random.pick(fields);
  const id = book.mint();
  const commands: readonly Command[] = [
    { kind: 'setValues', changes: [{ entityId, field, value: random.pick([null, 'plain', 'Zoë', 7]) }] },
    { kind: 'deleteRecords', ids: [entityId] },
    { kind: 'restoreRecords', ids: [entityId] },
    { kind: 'changeField', id: field, name: random.pick(['Name', 'Title']), hidden: random.chance(0.5) },
    { kind: 'createType', id, name: 'Made here', fields: [{ id: book.mint(), name: 'Name', kind: 'text' }] },
  ];
  if (random.chance(0.15)) book.store.undo(book.mint(), true);
  else book.store.execute({ id: book.mint(), command: random.pick(commands) });
}

const before = (timestamp: Timestamp): Timestamp =>
  (BigInt(`0x${timestamp}`) - 1n).toString(16).padStart(32, '0') as Timestamp;

/** Every moment at which something happened or came, and the one just before it, in both readings. */
export function boundaries(log: readonly Came[]): Moment[] {
  const stamps = new Set(log.flatMap(({ event, came }) => [event.timestamp, came]));
  return [...stamps].flatMap((stamp) =>
    [stamp, before(stamp)].flatMap((at) => (['known', 'dated'] as const).map((reading) => ({ at, reading }))),
  );
}

/** By definition: what was stamped, or had come, by then. */
export function logAt(log: readonly Came[], { at, reading }: Moment): Event[] {
  return log
    .filter(({ event, came }) => (reading === 'known' ? came : event.timestamp) <= at)
    .map(({ event }) => event);
}
