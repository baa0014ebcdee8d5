import { describe, expect, test } from 'vitest';
import { encodeEvents } from '../core/bundle-codec.ts';
import { BUNDLE_VERSION, type Bundle } from '../core/bundle.ts';
import { carriedMessages } from '../core/carrier.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { type BundleId, type ClientId, type EntityId, type EventId, type UserId } from '../core/ids.ts';
import { ok } from '../core/result.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import type { EventSchema } from '../core/upcast.ts';
import { toJsonText } from '../core/value.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { fetchHistory, startFrom, takeWhole } from '../testing/snapshots.ts';
import { must, TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { appendEvents } from './event-log.ts';
import type { SyncLink } from './store.ts';

const NEXT = BUNDLE_VERSION + 1;
/** The app of tomorrow: what is called `title` there is our `name`, so what we wrote is renamed. */
const tomorrow: EventSchema = {
  version: NEXT,
  upcasters: [
    ...Array.from({ length: BUNDLE_VERSION - 1 }, () => (event: object) => ok([event as never])),
    (event) => ok([event['attribute'] === 'name' ? { ...event, attribute: 'title' } : event]),
  ],
};
const TITLE = 'title' as AttributeName;

interface Device {
  readonly book: TestBook;
  readonly db: NodeSqlite;
  readonly random: SeededRandom;
}

/** A device with today's app. */
function device(clock: ManualClock, seed: number): Device {
  const db = new NodeSqlite();
  const random = new SeededRandom(seed);
  return { book: new TestBook({ db, clock, random }), db, random };
}

/** Starts today's app on the same database again, or tomorrow's. */
const restart = ({ db, random, book }: Device): TestBook => new TestBook({ db, clock: book.clock, random });
const update = ({ db, random, book }: Device): TestBook =>
  new TestBook({ db, clock: book.clock, random, schema: tomorrow });

function title(device: Device, entityId: EntityId, text: string, attribute: AttributeName = TITLE): Event {
  return {
    id: device.book.mint<EventId>(),
    clientId: device.book.mint<ClientId>(),
    entityId,
    attribute,
    value: toJsonText(text),
    timestamp: makeTimestamp(device.book.clock.now(), 0, 'feedfacefeedface' as NodeId),
    previous: [],
  };
}

/** What an app of some version seals. */
function message(device: Device, to: SyncLink, version: number, events: readonly Event[]): string {
  const envelope = { id: device.book.mint<BundleId>(), ...to, timestamp: events[0]!.timestamp };
  const bundle: Bundle = { ...envelope, version, payload: encodeEvents(events, envelope) };
  return bundleMessages.write(bundle);
}

const valueOf = ({ db }: Device, entityId: EntityId, attribute: string): unknown =>
  db.get('SELECT value FROM attributes_text WHERE entity_id = ? AND attribute = ?', [entityId, attribute])?.['value'];
const held = ({ db }: Device): unknown[] => db.all('SELECT kind, content FROM quarantine ORDER BY number');

interface Meeting {
  readonly one: Device;
  readonly two: Device;
  readonly to: SyncLink;
  readonly clock: ManualClock;
}

function meeting(): Meeting {
  const clock = new ManualClock();
  const [one, two] = [device(clock, 1), device(clock, 2)];
  const { bookId } = one.book.store.identity();
  const userId = one.book.mint<UserId>();
  for (const { book } of [one, two]) link(book, bookId, userId);
  // Tomorrow's app runs on a third device, of somebody else.
  return { one, two, clock, to: { bookId, userId: one.book.mint<UserId>(), clientId: one.book.mint<ClientId>() } };
}

describe('[BUNDLE-8] [SYNC-4] what this version cannot read', () => {
  test('is kept as it came, and applied after an update, in the words of the new version', () => {
    const { one, to, clock } = meeting();
    const entity = one.book.mint();
    const text = message(one, to, NEXT, [title(one, entity, 'From tomorrow')]);
    one.book.store.sync.apply({ messages: [JSON.parse(text)], cursor: '1' }, clock.now());
    expect(held(one)).toEqual([{ kind: 'newer', content: text }]);
    // The same app again can do nothing about it.
    const same = restart(one);
    expect(same.store.sync.release(clock.now())).toBe(0);
    expect(held(one)).toEqual([{ kind: 'newer', content: text }]);
    const updated = update(one);
    expect(updated.store.sync.release(clock.now())).toBe(1);
    expect([valueOf(one, entity, 'title'), held(one)]).toEqual(['"From tomorrow"', []]);
    // It is known by its id as well, should the server send it again.
    expect(updated.store.sync.apply({ messages: [JSON.parse(text)], cursor: null }, clock.now()).events).toBe(0);
    expect(updated.store.sync.release(clock.now())).toBe(0);
  });

  test('travels on to a log that was lost, byte for byte, through a device that never understood it', () => {
    const { one, two, to, clock } = meeting();
    const entity = one.book.mint();
    const texts = [
      message(one, to, NEXT, [title(one, entity, 'From tomorrow')]),
      JSON.stringify({ ...(JSON.parse(message(one, to, 1, [title(one, entity, 'x')])) as object), payload: '/w==' }),
      '{"format":"nothing like today\'s","Ünï":"😀"}',
    ];
    one.book.store.sync.apply({ messages: texts.map((text) => JSON.parse(text) as unknown), cursor: '3' }, clock.now());
    expect(held(one).map((row) => (row as { content: string }).content)).toEqual(texts);

    one.book.store.sync.resendAll(linkOf(one));
    const log = new MemoryStream();
    push(one.book, log);
    // A server takes nothing but bundles under the sender's own envelope.
    const { clientId, userId } = one.book.store.identity();
    const bundles = log.messages.map((each) => bundleMessages.read(each));
    expect(bundles.length).toBe(1);
    for (const bundle of bundles)
      expect(bundle).toMatchObject({ ok: true, value: { clientId, userId, bookId: to.bookId } });
    expect(bundles[0]?.ok && carriedMessages(bundles[0].value.payload)).toEqual(ok(texts));

    // The other device holds them now, and only once, whoever else sends them too.
    exchange(two.book, log);
    expect(held(two)).toEqual(held(one));
    two.book.store.sync.resendAll(linkOf(two));
    exchange(two.book, log);
    exchange(one.book, log);
    expect([held(one).length, held(two).length, one.book.store.sync.counts().rejected]).toEqual([3, 3, 0]);

    const updated = update(two);
    expect(updated.store.sync.release(clock.now())).toBe(1);
    expect(valueOf(two, entity, 'title')).toBe('"From tomorrow"');
  });

  test('travels on, and is applied at once by a device that understands it', () => {
    const { one, two, to, clock } = meeting();
    const entity = one.book.mint();
    const text = message(one, to, NEXT, [title(one, entity, 'From tomorrow')]);
    one.book.store.sync.apply({ messages: [JSON.parse(text)], cursor: '1' }, clock.now());
    one.book.store.sync.resendAll(linkOf(one));
    const log = new MemoryStream();
    push(one.book, log);
    const updated = update(two);
    expect(exchange(updated, log)).toEqual({ applied: 1, quarantined: 0 });
    expect([valueOf(two, entity, 'title'), held(two)]).toEqual(['"From tomorrow"', []]);
  });

  test('also where the log is lost while it is being sent again', () => {
    const { one, to, clock } = meeting();
    const text = message(one, to, NEXT, [title(one, one.book.mint(), 'From tomorrow')]);
    one.book.store.sync.apply({ messages: [JSON.parse(text)], cursor: '1' }, clock.now());
    for (let loss = 0; loss < 3; loss++) {
      one.book.store.sync.resendAll(linkOf(one));
      one.book.store.sync.seal(linkOf(one), 1);
    }
    one.book.store.newClient();
    const log = new MemoryStream();
    push(one.book, log);
    const carried = log.messages.map((each) => {
      const read = bundleMessages.read(each);
      return read.ok ? carriedMessages(read.value.payload) : read;
    });
    expect(carried).toEqual([ok([text])]);
  });

  test('an event that is called malformed goes along, and a message of another book does not', () => {
    const { one, two, to, clock } = meeting();
    const entity = one.book.mint();
    const long = title(one, entity, 'x', 'a'.repeat(250) as AttributeName);
    const messages = [
      JSON.parse(message(one, to, BUNDLE_VERSION, [long])) as unknown,
      JSON.parse(
        message(one, { ...to, bookId: one.book.mint() }, BUNDLE_VERSION, [title(one, entity, 'y')]),
      ) as unknown,
    ];
    one.book.store.sync.apply({ messages, cursor: '2' }, clock.now());
    expect(held(one)).toMatchObject([{ kind: 'malformed' }, { kind: 'otherBook' }]);
    one.book.store.sync.resendAll(linkOf(one));
    const log = new MemoryStream();
    push(one.book, log);
    exchange(two.book, log);
    expect(held(two)).toEqual([{ kind: 'malformed', content: JSON.stringify(long) }]);
  });

  test('packed twice, it is set aside and not unpacked', () => {
    const { one, two, to, clock } = meeting();
    one.book.store.sync.apply({ messages: ['what is this?'], cursor: '1' }, clock.now());
    one.book.store.sync.resendAll(linkOf(one));
    const log = new MemoryStream();
    push(one.book, log);
    // Somebody takes the carrier for a message of its own.
    two.book.db.run(
      `INSERT INTO quarantine (kind, digest, bundle_id, due, content, reason, version) VALUES ('newer', 0, NULL, NULL, ?, '', 1)`,
      [JSON.stringify(log.messages[0])],
    );
    two.book.store.sync.resendAll(linkOf(two));
    const again = new MemoryStream();
    push(two.book, again);
    const third = openBook({ clock, random: new SeededRandom(9) });
    link(third, to.bookId, to.userId);
    expect(exchange(third, again)).toEqual({ applied: 0, quarantined: 1 });
    expect(third.db.all('SELECT kind, reason FROM quarantine')).toEqual([
      { kind: 'unreadable', reason: 'carried inside a bundle that carries others' },
    ]);
  });
});

describe('[SNAP-8] what a newer version wrote, and its snapshot brought,', () => {
  test('stays where it is until this version can read it in the log', () => {
    const { one, two, to, clock } = meeting();
    const [entity, invented] = [two.book.mint(), two.book.mint()];
    const messages = [JSON.parse(message(two, to, NEXT, [title(two, entity, 'From tomorrow')])) as unknown];
    const updated = update(two);
    updated.store.sync.apply({ messages, cursor: '1' }, clock.now());
    // This the log does not have.
    const lie = { events: [title(two, invented, 'Invented')], bundleId: two.book.mint<BundleId>(), sender: null };
    two.db.transaction('normal', () => appendEvents(two.db, [lie]));
    must(startFrom(one.book, takeWhole(updated), clock.now()));
    fetchHistory(one.book, messages, clock.now());
    expect([valueOf(one, entity, 'title'), valueOf(one, invented, 'title')]).toEqual(['"From tomorrow"', '"Invented"']);
    expect(held(one)).toMatchObject([{ kind: 'newer' }]);
    expect(one.book.store.sync.history()).toBeNull();
    // Today's app can tell no more when it starts again; tomorrow's can.
    const same = restart(one);
    same.store.sync.release(clock.now());
    expect(same.store.sync.history()).toBeNull();
    const later = update(one);
    later.store.sync.release(clock.now());
    fetchHistory(later, messages, clock.now());
    expect([valueOf(one, entity, 'title'), valueOf(one, invented, 'title')]).toEqual(['"From tomorrow"', undefined]);
    expect(held(one)).toMatchObject([{ kind: 'unconfirmed' }]);
    // Should the log come to hold it after all, it is no longer to be decided upon.
    const late = JSON.parse(message(two, to, NEXT, lie.events)) as unknown;
    later.store.sync.apply({ messages: [late], cursor: '2' }, clock.now());
    update(one).store.sync.release(clock.now());
    expect([valueOf(one, invented, 'title'), held(one)]).toEqual(['"Invented"', []]);
  });
});

describe('[BUNDLE-9] what an older version wrote', () => {
  test('is read in the words of the new one, from bundles and from what was held until its time came', () => {
    const { one, two, to, clock } = meeting();
    const [now, later] = [one.book.mint(), one.book.mint()];
    const NAME = 'name' as AttributeName;
    const ahead = { ...title(one, later, 'Later', NAME), timestamp: makeTimestamp(clock.now() + 3_600_000, 0, 'feedfacefeedface' as NodeId) }; // prettier-ignore
    // Held by today's app, released by tomorrow's.
    one.book.store.sync.apply(
      { messages: [JSON.parse(message(one, to, BUNDLE_VERSION, [ahead]))], cursor: '1' },
      clock.now(),
    );
    const updated = update(one);
    clock.advance(3_600_000);
    expect(updated.store.sync.release(clock.now())).toBe(1);
    expect([valueOf(one, later, 'title'), valueOf(one, later, 'name')]).toEqual(['"Later"', undefined]);
    // Sent by today's app, read by tomorrow's.
    const other = update(two);
    const text = message(two, to, BUNDLE_VERSION, [title(two, now, 'Now', NAME)]);
    other.store.sync.apply({ messages: [JSON.parse(text)], cursor: '1' }, clock.now());
    expect([valueOf(two, now, 'title'), valueOf(two, now, 'name')]).toEqual(['"Now"', undefined]);
  });
});

function linkOf({ book }: Device): SyncLink {
  const { bookId, userId, clientId } = book.store.identity();
  if (userId === null) throw new Error('the book is not linked');
  return { bookId, userId, clientId };
}
