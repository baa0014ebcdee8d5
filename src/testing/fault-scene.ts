/** The book on which every verb is broken: linked, with something of everything that a verb can be about. */
import type { AttributeName } from '../core/event.ts';
import { idToBytes, type BundleId, type EntityId, type EventId, type Id, type UserId } from '../core/ids.ts';
import type { Moment, Query } from '../core/query.ts';
import { attributeToSql, idFromSql } from '../store/blob.ts';
import { openStore } from '../store/book.ts';
import type { SqlDatabase, SqlValue } from '../store/database.ts';
import type { Store, SyncLink } from '../store/store.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { ManualClock } from './manual-clock.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { SeededRandom } from './seeded-random.ts';
import { takeWhole, type TakenSnapshot } from './snapshots.ts';
import { fromTheFuture, garbage } from './strange-messages.ts';
import { TaskBook } from './task-book.ts';
import { must } from './test-book.ts';
import { exchange, link, MemoryStream, push } from './two-devices.ts';

const HOUR = 3_600_000;

/** What verbs need to know of the book, whichever copy of it is open. */
export interface Scene {
  readonly ids: Pick<TaskBook, 'tasks' | 'people' | 'fields' | 'open' | 'done' | 'red' | 'blue'>;
  readonly link: SyncLink;
  /** Records: one that two devices changed, a plain one, one in the Trash. */
  readonly contested: EntityId;
  readonly plain: EntityId;
  readonly trashed: EntityId;
  /** An earlier version of the plain record's title. */
  readonly earlier: { readonly attribute: AttributeName; readonly eventId: EventId };
  /** A moment at which the records held other values. */
  readonly past: Moment;
  /** Before it lie versions that are superseded, and that the server has. */
  readonly horizon: Timestamp;
  /** The bundle that is sent next. */
  readonly bundle: BundleId;
  /** A page that the server has for this book, rubbish and a bundle of a newer app among it. */
  readonly page: readonly unknown[];
  /** What another device knows of this book, to start from. */
  readonly snapshot: TakenSnapshot;
  /** File with a backup that another device made: with what is not here, without what is only here. Null where there are no files. */
  readonly backup: string | null;
  /** Lines of changes that are not here either, without a header. */
  readonly lines: readonly string[];
  /** Server time when that page comes, and when what waits in quarantine is due; Unix milliseconds. */
  readonly now: number;
  readonly due: number;
}

/**
 * Fills `db`, an empty database, and leaves it open; the same to the last byte each time.
 * @param fileOf puts bytes into a file and returns its path; null where there are no files
 */
export function makeScene(
  db: SqlDatabase,
  elsewhere: SqlDatabase,
  fileOf: ((bytes: Uint8Array) => string) | null = null,
): Scene {
  const book = new TaskBook({ db });
  const there = new TaskBook({ db: elsewhere, clock: book.clock, random: new SeededRandom(2), empty: true });
  const stream = new MemoryStream();
  const user = book.mint<UserId>();
  const { bookId, clientId } = book.store.identity();
  const to: SyncLink = { bookId, userId: user, clientId };
  const { fields } = book;

  const contested = book.addTask({ title: 'one', effort: 1, tags: [book.red], status: book.open });
  const plain = book.addTask({ title: 'Ünï', notes: 'two\nlines', urgent: true, due: '2026-12-24' });
  const past = must(book.execute({ kind: 'changeType', id: book.people, name: 'Persons' })).timestamp;
  if (past === null) throw new Error('nothing was changed');
  const trashed = book.addTask({ title: 'gone', owner: book.addPerson('Ada') });
  book.do({ kind: 'deleteRecords', ids: [trashed] });
  book.do({
    kind: 'createRecords',
    type: book.tasks,
    sample: true,
    records: [{ id: book.mint(), values: book.byId({ title: 'A sample' }) }],
  });
  book.do({ kind: 'namePerson', user: user as Id<string> as EntityId, name: 'Ada' });
  for (const title of ['first draft', 'second draft', 'Ünï']) book.setTask(plain, { title });
  const horizon = must(book.execute({ kind: 'changeType', id: book.people, name: 'People' })).timestamp ?? past;
  link(book, bookId, user);
  link(there, bookId, user);
  exchange(book, stream);
  exchange(there, stream);
  // Both change one title; what the other device wrote comes with the page.
  there.do({ kind: 'setValues', changes: [{ entityId: contested, field: fields.title, value: 'theirs' }] });
  there.do({ kind: 'createRecords', type: book.tasks, records: [{ id: there.mint(), values: book.byId({ title: 'new there' }) }] }); // prettier-ignore
  book.setTask(contested, { title: 'ours' });
  // Already known here: two versions of one attribute that stand side by side.
  there.do({ kind: 'setValues', changes: [{ entityId: plain, field: fields.effort, value: 5 }] });
  book.setTask(plain, { effort: 6 });
  push(there, stream);
  exchange(book, stream);
  there.do({ kind: 'setValues', changes: [{ entityId: plain, field: fields.notes, value: 'later' }] });
  const known = stream.messages.length;
  push(there, stream);

  const snapshot = takeWhole(there);
  const backup = fileOf === null ? null : fileOf(there.store.export());
  const lines = there.store.files.lines(null).text.trimEnd().split('\n').slice(-4);

  // Held: something dated an hour ahead, something of a newer app, and something that nobody can read.
  const dice = new SeededRandom(3);
  const held = [
    fromTheFuture(dice, to, book.clock.now(), HOUR),
    garbage(dice, to, book.clock.now()),
    '"what is this?"',
  ];
  book.store.sync.apply({ messages: held.map((text) => JSON.parse(text) as unknown), cursor: null }, book.clock.now());
  const strange = [fromTheFuture(dice, to, book.clock.now(), 2 * HOUR), '{"id":1}'];

  // In the outbox: two bundles; then what is in none; then something undone.
  const { sync } = book.store;
  book.setTask(plain, { title: 'plain' });
  sync.seal(to, 1);
  const first = sync.nextInOutbox();
  if (!first) throw new Error('nothing was sealed');
  sync.setProducer({ epoch: 1, seq: 0 });
  book.setTask(plain, { effort: 7 });
  sync.seal(to, 1);
  book.setTask(contested, { notes: 'unsealed' });
  book.setTask(contested, { notes: 'undone' });
  must(book.undo());

  const attribute = book.attribute('title');
  const [earliest] = db.all<{ id: SqlValue }>(
    'SELECT id FROM events WHERE entity_id = ? AND attribute = ? ORDER BY arrival',
    [idToBytes(plain), attributeToSql(attribute)],
  );
  if (!earliest) throw new Error('the plain record has no history');
  elsewhere.close();
  return {
    ids: book,
    link: to,
    contested,
    plain,
    trashed,
    earlier: { attribute, eventId: idFromSql<EventId>(earliest.id) },
    past: { at: past, reading: 'dated' },
    horizon,
    bundle: first.id,
    page: [...stream.messages.slice(Math.max(0, known - 1)), ...strange.map((text) => JSON.parse(text) as unknown)],
    snapshot,
    backup,
    lines,
    now: book.clock.now(),
    due: book.clock.now() + HOUR,
  };
}

/** An open copy of the book, whose randomness can be begun anew: a request that is made twice then writes the same. */
export interface Opened {
  readonly store: Store;
  readonly rewind: (seed?: number) => void;
}

/** Opens a copy of the book as a process does that starts: with the same clock and the same randomness each time. */
export function openScene(db: SqlDatabase, scene: Scene): Opened {
  const clock = new ManualClock(scene.now);
  let random = new SeededRandom(4);
  const opened = openStore(db, { random: (length) => random.bytes(length), now: clock.now, messages: bundleMessages });
  return { store: must(opened), rewind: (seed = 4) => (random = new SeededRandom(seed)) };
}

/** Everything that the interface and sync see of a book. */
export function answersOf(store: Store, { ids, plain, contested }: Scene): string {
  const table = { kind: 'records', type: ids.tasks, offset: 0, limit: 50 } as const;
  const queries: readonly Query[] = [
    { kind: 'schema' },
    { ...table, sort: { field: ids.fields.title, direction: 'ascending' } },
    { ...table, search: 'o' },
    ...[plain, contested].map((id) => ({ kind: 'record', id }) as const),
    ...[plain, contested].map((entityId) => ({ kind: 'history', entityId, limit: 50 }) as const),
    { kind: 'activity', limit: 50 },
    { kind: 'trash', offset: 0, limit: 50 },
    { kind: 'conflicts', limit: 50 },
    { kind: 'attention', limit: 50 },
    { kind: 'undo' },
    { kind: 'people' },
  ];
  const { sync } = store;
  return [
    ...queries.map((query) => store.answer(query)),
    JSON.stringify([store.identity(), sync.counts(), sync.producer(), sync.cursor(), sync.nextInOutbox()]),
  ].join('\n');
}
