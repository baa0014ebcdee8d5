import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NAME } from '../core/attribute.ts';
import { sealBundle } from '../core/bundle-codec.ts';
import type { AttributeName, Event } from '../core/event.ts';
import {
  idToBytes,
  mintId,
  type BundleId,
  type ClientId,
  type EntityId,
  type EventId,
  type UserId,
} from '../core/ids.ts';
import { openSnapshot, SnapshotWriter, type SnapshotHead, type SnapshotPart } from '../core/snapshot-codec.ts';
import type { Superseded } from '../core/superseded-column.ts';
import { bytesToTimestamp, makeTimestamp, nodeOf, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { toJsonText } from '../core/value.ts';
import { canonicalDump, LOCAL_TABLES } from '../testing/canonical-dump.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { randomLog } from '../testing/random-log.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { fetchHistory, startFrom, takeWhole, type TakenSnapshot } from '../testing/snapshots.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';

const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;

interface Contents {
  readonly head: SnapshotHead;
  readonly events: readonly Event[];
  readonly superseded: readonly Superseded[];
  readonly held: Extract<SnapshotPart, { kind: 'held' }>['items'];
}

function contentsOf({ pieces }: TakenSnapshot): Contents {
  const opened = pieces.map((bytes) => must(openSnapshot(bytes)));
  const parts = opened.flatMap((piece) => [...piece.parts()].map(must));
  return {
    head: opened[0]!.head,
    events: parts.flatMap((part) => (part.kind === 'events' ? part.events : [])),
    superseded: parts.flatMap((part) => (part.kind === 'superseded' ? part.attributes : [])),
    held: parts.flatMap((part) => (part.kind === 'held' ? part.items : [])),
  };
}

/** Two pieces, of which the second holds the second half. */
function written({ head, events, superseded, held }: Contents): readonly Uint8Array[] {
  const half = events.length >> 1;
  return [events.slice(0, half), events.slice(half)].map((some, piece) => {
    const writer = new SnapshotWriter({ ...head, piece });
    const marks = superseded.filter((_, i) => i % 2 === piece);
    if (marks.length > 0) writer.add({ kind: 'superseded', attributes: marks });
    if (some.length > 0) writer.add({ kind: 'events', events: some });
    if (piece === 1 && held.length > 0) writer.add({ kind: 'held', items: held });
    return writer.finish();
  });
}

/** What somebody could make of a snapshot. @param log everything that was ever true */
function lies(random: SeededRandom, { head, ...true_ }: Contents, log: readonly Event[], bookId: string): Contents {
  const mint = <T extends string>(): T => mintId(START, random.bytes) as string as T;
  const earlier = (): Timestamp => makeTimestamp(START + random.below(490), random.below(3), random.pick(log.map((event) => nodeOf(event.timestamp)))); // prettier-ignore
  const fabricated = (): Event => {
    const like = random.pick(log);
    const timestamp = random.chance(0.3) ? like.timestamp : earlier();
    return {
      ...like,
      id: mint<EventId>(),
      entityId: random.chance(0.7) ? like.entityId : mint<EntityId>(),
      clientId: random.chance(0.5) ? like.clientId : mint<ClientId>(),
      timestamp,
      value: random.pick([like.value, random.pick(log).value, toJsonText(`never said ${random.below(9)}`)]),
      previous: random.chance(0.5) ? [] : like.previous.filter((stamp) => stamp < timestamp && random.chance(0.8)),
    };
  };
  const changed = (event: Event): readonly Event[] => {
    switch (random.below(7)) {
      case 0:
        return [];
      case 1:
        return [{ ...event, value: random.pick(log).value }];
      case 2:
        return [{ ...event, previous: [] }];
      case 3:
        return [{ ...event, clientId: mint<ClientId>() }];
      case 4: {
        const timestamp = earlier();
        return [{ ...event, timestamp, previous: event.previous.filter((stamp) => stamp < timestamp) }];
      }
      case 5: {
        // An older version as though it were the newest.
        const others = log.filter((other) => other.entityId === event.entityId && other.attribute === event.attribute);
        return [random.pick(others)];
      }
      default:
        return [event, { ...event, id: mint<EventId>(), value: random.pick(log).value }];
    }
  };
  const share = random.pick([0.02, 0.2, 0.8]);
  const events = true_.events.flatMap((event) => (random.chance(share) ? changed(event) : [event]));
  for (let i = random.below(5); i > 0; i--) events.push(fabricated());
  const superseded = true_.superseded.flatMap((item) => {
    if (!random.chance(share)) return [item];
    const stamps = item.stamps.filter(() => random.chance(0.5));
    return stamps.length > 0 ? [{ ...item, stamps }] : [];
  });
  for (let i = random.below(1 + Math.floor(share * 40)); i > 0; i--) {
    const { entityId, attribute, timestamp } = random.pick(log);
    const stamps = [...new Set([random.chance(0.8) ? timestamp : earlier(), earlier()])].toSorted();
    superseded.push({ entityId, attribute: random.chance(0.1) ? ('what' as AttributeName) : attribute, stamps });
  }
  const message = (): string => {
    const envelope = { id: mint<BundleId>(), bookId: head.bookId, userId: mint<UserId>(), clientId: mint<ClientId>(), timestamp: earlier() }; // prettier-ignore
    return bundleMessages.write(sealBundle(envelope, [fabricated()], 'json'));
  };
  const held = true_.held.filter(() => random.chance(0.9));
  for (let i = random.below(4); i > 0; i--) {
    const kind = random.pick(['future', 'malformed', 'newer', 'unreadable', 'otherBook']);
    const content = random.pick([JSON.stringify(fabricated()), JSON.stringify(random.pick(log)), message(), '7', '{}']);
    const due = random.pick([null, START, START + HOUR, START + 9 * HOUR]);
    held.push({ kind, content, bundleId: random.chance(0.5) ? mint<BundleId>() : null, due, reason: bookId });
  }
  // Later than everything that is ever told, most times.
  const horizon = random.chance(0.9) ? makeTimestamp(START + 900_000, 0, nodeOf(head.horizon)) : head.horizon;
  return { head: { ...head, horizon }, events, superseded, held };
}

/** The log in bundles, as the devices that made it would have sent it. */
function streamOf(log: readonly Event[], book: TestBook, random: SeededRandom): MemoryStream {
  const stream = new MemoryStream();
  const userId = mintId<UserId>(START, random.bytes);
  for (let at = 0; at < log.length;) {
    const events = log.slice(at, at + 1 + random.below(12));
    const { clientId } = events[0]!;
    const id = mintId<BundleId>(START, random.bytes);
    const timestamp = events.map((event) => event.timestamp).toSorted().at(-1)!; // prettier-ignore
    const bundle = sealBundle(
      { id, bookId: book.store.identity().bookId, userId, clientId, timestamp },
      events,
      'json',
    );
    stream.append(id, bundleMessages.write(bundle));
    at += events.length;
  }
  return stream;
}

const rows = (book: TestBook): readonly string[] =>
  book.db
    .all(
      'SELECT hex(id), hex(client_id), hex(entity_id), hex(attribute), hex(timestamp), value, hex(previous) FROM events',
    )
    .map((row) => Object.values(row).join())
    .toSorted();

test('[SNAP-8] [LOG-1] [LOG-2] whatever a snapshot says, once history is here the book is as one that read the log', () => {
  let [started, refused, half, setAside] = [0, 0, 0, 0];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const random = new SeededRandom(seed);
      const log = randomLog(random, 15 + random.below(40));
      const clock = new ManualClock(START + 1_000_000);
      const [reader, taker, fresh] = [2, 3, 4].map((i) => openBook({ clock, random: new SeededRandom(seed + i) })) as [TestBook, TestBook, TestBook]; // prettier-ignore
      const { bookId } = taker.store.identity();
      const userId = taker.mint<UserId>();
      for (const book of [reader, taker, fresh]) link(book, bookId, userId);
      const stream = streamOf(log, taker, random);
      const cut = 1 + random.below(stream.messages.length);
      taker.store.sync.apply({ messages: stream.messages.slice(0, cut), cursor: String(cut) }, clock.now());
      const honest = takeWhole(taker);
      const said = lies(random, contentsOf(honest), log, bookId);
      const pieces = written(said);
      const own = () => fresh.do({ kind: 'createType', id: fresh.mint(), name: 'Own', fields: [] });
      if (random.chance(0.4)) own();
      const isHalf = random.chance(0.3);
      const outcome = startFrom(fresh, { ...honest, pieces: isHalf ? [...pieces.slice(0, 1), honest.pieces[0]!.subarray(1)] : pieces }, clock.now()); // prettier-ignore
      if (outcome.ok) started += 1;
      else if (isHalf && fresh.store.sync.start()?.piece === 1) half += 1;
      else refused += 1;
      if (random.chance(0.5)) fresh.store.sync.release(clock.now());
      if (random.chance(0.3)) own();
      exchange(fresh, stream);
      if (random.chance(0.3)) fresh.store.rebuild();
      fetchHistory(fresh, stream.messages, clock.now(), 1 + random.below(9));
      for (const book of [reader, fresh, reader, fresh]) exchange(book, stream);
      for (const book of [reader, fresh]) book.store.sync.release(clock.now());
      expect(rows(fresh)).toEqual(rows(reader));
      expect(canonicalDump(fresh.db)).toEqual(canonicalDump(reader.db));
      expect(fresh.db.all('SELECT * FROM pruned')).toEqual([]);
      setAside +=
        fresh.ask({ kind: 'attention', limit: 1 }).groups.find(({ kind }) => kind === 'unconfirmed')?.total ?? 0;
      // Nothing comes of it later, either.
      clock.advance(10 * HOUR);
      for (const book of [reader, fresh]) book.store.sync.release(clock.now());
      own();
      for (const book of [fresh, reader, fresh]) exchange(book, stream);
      expect(fresh.store.sync.counts().waiting).toBe(0);
      expect(canonicalDump(fresh.db)).toEqual(canonicalDump(reader.db));
      fresh.store.rebuild();
      expect(canonicalDump(fresh.db)).toEqual(canonicalDump(reader.db));
      for (const book of [reader, taker, fresh]) book.db.close();
    }),
    // 24: an event comes twice in one part, and both times otherwise than before.
    { numRuns: 60, examples: [[24]] },
  );
  // It bites: most lies are such that somebody starts from them.
  expect(started).toBeGreaterThan(20);
  expect(half).toBeGreaterThan(3);
  expect(setAside).toBeGreaterThan(20);
  expect(refused).toBeLessThan(20);
});

/** A fresh book that is linked to the stream of another one. */
function pair() {
  const clock = new ManualClock(START + HOUR);
  const taker = openTasks({ clock });
  const fresh = openTasks({ clock, random: new SeededRandom(7), empty: true });
  const stream = new MemoryStream();
  const user = taker.mint<UserId>();
  for (const book of [taker, fresh]) link(book, taker.store.identity().bookId, user);
  const task = taker.addTask({ title: 'true', effort: 1 });
  for (const effort of [2, 3, 4]) taker.setTask(task, { effort });
  exchange(taker, stream);
  const honest = takeWhole(taker);
  const startWith = (
    change: (contents: Contents) => Contents,
    head: Partial<SnapshotHead> = { horizon: makeTimestamp(clock.now() + 60_000, 0, '0000000000000000' as NodeId) },
  ) => {
    const contents = change(contentsOf(honest));
    return startFrom(fresh, { ...honest, pieces: written({ ...contents, head: { ...contents.head, ...head } }) }, clock.now()); // prettier-ignore
  };
  const finish = (): void => {
    exchange(fresh, stream);
    fetchHistory(fresh, stream.messages, clock.now());
  };
  return { clock, taker, fresh, stream, task, startWith, finish };
}

const unconfirmed = (book: TestBook) => book.ask({ kind: 'attention', limit: 9 }).groups.find(({ kind }) => kind === 'unconfirmed'); // prettier-ignore

test('[SNAP-8] what nobody ever wrote is set aside, is in no record and no snapshot, and comes to everybody only if a person wants it', () => {
  const { taker, fresh, stream, task, startWith, finish } = pair();
  const title = taker.fields.title as string as AttributeName;
  const false_ = { id: fresh.mint<EventId>(), value: toJsonText('never written') };
  must(startWith((said) => ({ ...said, events: said.events.flatMap((event) => (event.entityId === task && event.attribute === title ? [event, { ...event, ...false_ }] : [event])) }))); // prettier-ignore
  const titleIn = (book: TestBook): unknown => book.ask({ kind: 'record', id: task })?.values[taker.fields.title];
  finish();
  expect(titleIn(fresh)).toBe('true');
  expect(unconfirmed(fresh)).toMatchObject({ total: 1, things: [{ contents: { changes: 1 }, due: null }] });
  expect(fresh.store.sync.counts()).toMatchObject({ quarantined: 1, waiting: 0 });
  expect(contentsOf(takeWhole(fresh)).held).toEqual([]);
  // Neither time nor a start applies it.
  expect(fresh.store.sync.release(START + 99 * HOUR)).toBe(0);
  expect(unconfirmed(fresh)?.total).toBe(1);
  fresh.store.attention.retry('unconfirmed', null, 0);
  expect(fresh.store.sync.counts()).toMatchObject({ quarantined: 0, waiting: 1 });
  for (const book of [fresh, taker]) exchange(book, stream);
  expect(canonicalDump(taker.db)).toEqual(canonicalDump(fresh.db));
  expect(rows(taker)).toContainEqual(expect.stringContaining('never written'));
});

test('[SNAP-8] a bundle that a snapshot was said to cover, and that the server has lost, is sent again', () => {
  const { taker, fresh, stream, startWith, finish } = pair();
  const type = fresh.mint();
  fresh.do({ kind: 'createType', id: type, name: 'Only here', fields: [] });
  push(fresh, stream);
  stream.messages.pop();
  expect(fresh.store.sync.unechoed()).toBe(1);
  const stamps = fresh.db.all<{ t: Uint8Array }>('SELECT DISTINCT timestamp AS t FROM events WHERE entity_id = ?', [idToBytes(type)]).map(({ t }) => bytesToTimestamp(t)); // prettier-ignore
  must(
    startWith((said) => ({ ...said, superseded: [...said.superseded, { entityId: type, attribute: NAME, stamps }] })),
  );
  expect(fresh.store.sync.unechoed()).toBe(0);
  finish();
  expect(fresh.store.sync.counts().waiting).toBeGreaterThan(0);
  for (const book of [fresh, taker, fresh]) exchange(book, stream);
  expect(taker.ask({ kind: 'schema' }).types.map(({ name }) => name)).toContain('Only here');
  expect(canonicalDump(taker.db)).toEqual(canonicalDump(fresh.db));
  expect(fresh.store.sync.counts().waiting).toBe(0);
});

test('[SNAP-2] [SNAP-8] a snapshot that leads elsewhere than the server says is refused, with the reason, and the log is read', () => {
  const { taker, fresh, startWith, finish } = pair();
  expect(startWith((said) => said, { cursor: '999' })).toMatchObject({
    error: { kind: 'damaged', where: 'head, cursor' },
  });
  finish();
  expect(canonicalDump(fresh.db)).toEqual(canonicalDump(taker.db));
  expect(unconfirmed(fresh)).toBeUndefined();
});

test('[SNAP-8] where the server kept less of the log, a snapshot is believed about what is missing', () => {
  const { clock, taker, fresh, stream, startWith } = pair();
  must(startWith((said) => said));
  exchange(fresh, stream);
  fresh.store.sync.missHistory(String(stream.messages.length), clock.now());
  fetchHistory(fresh, stream.messages, clock.now());
  expect(fresh.store.sync.history()).toBeNull();
  expect(unconfirmed(fresh)).toBeUndefined();
  const state = (book: TestBook) => canonicalDump(book.db).filter((_, table) => !LOCAL_TABLES.has(table));
  expect(state(fresh)).toEqual(state(taker));
});

test('[SNAP-8] what a snapshot holds in quarantine is not tried before the log brings it, and goes when the log does not have it', () => {
  const { clock, taker, fresh, task, startWith, finish } = pair();
  const like = contentsOf(takeWhole(taker)).events.find((event) => event.entityId === task)!;
  const fabricated = (): Event => ({ ...like, id: fresh.mint<EventId>(), entityId: fresh.mint() });
  const envelope = { id: fresh.mint<BundleId>(), bookId: taker.store.identity().bookId, userId: fresh.mint<UserId>(), clientId: like.clientId, timestamp: like.timestamp }; // prettier-ignore
  const message = bundleMessages.write(sealBundle(envelope, [fabricated()], 'json'));
  const as = (kind: string, content: string, due: number | null = null) => ({ kind, content, due, bundleId: envelope.id, reason: '' }); // prettier-ignore
  const held = [as('future', JSON.stringify(fabricated()), START), as('malformed', JSON.stringify(fabricated())), as('newer', message)]; // prettier-ignore
  must(startWith((said) => ({ ...said, held })));
  const before = rows(fresh);
  expect(fresh.store.sync.release(clock.now())).toBe(0);
  for (const kind of ['future', 'malformed', 'newer'] as const)
    expect(fresh.store.attention.retry(kind, null, 0)).toMatchObject({ settled: 0, left: 1 });
  expect(rows(fresh)).toEqual(before);
  expect(fresh.store.sync.counts().quarantined).toBe(3);
  finish();
  expect(fresh.store.sync.counts().quarantined).toBe(0);
  expect(canonicalDump(fresh.db)).toEqual(canonicalDump(taker.db));
});
