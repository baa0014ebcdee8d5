import { expect, test } from 'vitest';
import type { Database } from '@sqlite.org/sqlite-wasm';
import { MAX_BUNDLE_EVENTS } from '../core/bundle.ts';
import { sealBundle } from '../core/bundle-codec.ts';
import type { Event } from '../core/event.ts';
import { idToBytes, mintId, type BookId, type BundleId, type CommandId, type UserId } from '../core/ids.ts';
import { timestampToBytes } from '../core/timestamp.ts';
import { BookGenerator } from '../testing/book-generator.ts';
import { compare } from '../testing/compare.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { SqliteDatabase } from '../worker/sqlite-database.ts';
import { loadEngine } from '../worker/sqlite-engine.ts';
import { attributeToSql, previousToSql } from './blob.ts';
import { openStore } from './book.ts';
import { VERSION_1 } from './schema.ts';
import type { Store } from './store.ts';
import type { JsonValue } from '../core/value.ts';

/**
 * sqlite-wasm in memory: what the processor does, and nothing of the disk (`npm run bench` measures on OPFS). The
 * yardsticks use the same tables and indices as the store.
 */
const engine = await loadEngine();
const SEED = 20_261_123;

interface Bench {
  readonly db: SqliteDatabase;
  readonly store: Store;
  readonly generator: BookGenerator;
  readonly bookId: BookId;
  readonly userId: UserId;
}

function open(): Bench {
  const generator = new BookGenerator(SEED, 3);
  const db = new SqliteDatabase(engine, ':memory:', null);
  const opened = openStore(db, { random: generator.random.bytes, now: generator.clock.now, messages: bundleMessages });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const bookId = generator.mint<BookId>();
  const userId = generator.mint<UserId>();
  opened.value.adoptBook(bookId, userId);
  return { db, store: opened.value, generator, bookId, userId };
}

function bundlesOf({ generator, bookId, userId }: Bench, events: readonly Event[]): unknown[] {
  const messages: unknown[] = [];
  for (let i = 0; i < events.length; i += MAX_BUNDLE_EVENTS) {
    const part = events.slice(i, i + MAX_BUNDLE_EVENTS);
    const last = part.at(-1);
    if (!last) break;
    const id = mintId<BundleId>(generator.clock.now(), generator.random.bytes);
    const bundle = sealBundle({ id, bookId, userId, clientId: last.clientId, timestamp: last.timestamp }, part);
    messages.push(JSON.parse(bundleMessages.write(bundle)));
  }
  return messages;
}

function ingest(bench: Bench, events: readonly Event[]): void {
  bench.store.sync.apply({ messages: bundlesOf(bench, events), cursor: 'bench' }, bench.generator.clock.now());
}

/** The plain way: prepared `oo1` statements, a bind a value, into the same two tables. */
function rawBook(): { ingest(events: readonly Event[]): void; readonly db: Database } {
  const db = new engine.sqlite3.oo1.DB(':memory:');
  db.exec('PRAGMA cache_size=-16384; PRAGMA temp_store=memory');
  db.exec(VERSION_1);
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const upsert = db.prepare(`INSERT INTO attributes VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE
    SET value = excluded.value, timestamp = excluded.timestamp, event_id = excluded.event_id WHERE excluded.timestamp > timestamp`);
  let arrival = 0;
  return {
    db,
    ingest(events) {
      db.exec('BEGIN');
      for (const event of events) {
        const [id, entity, timestamp] = [
          idToBytes(event.id),
          idToBytes(event.entityId),
          timestampToBytes(event.timestamp),
        ];
        const attribute = attributeToSql(event.attribute);
        insert
          .bind([
            id,
            idToBytes(event.clientId),
            entity,
            attribute,
            event.value,
            timestamp,
            previousToSql(event.previous),
            id,
            ++arrival,
          ])
          .stepReset();
        upsert.bind([entity, attribute, event.value, timestamp, id]).stepReset();
      }
      db.exec('COMMIT');
    },
  };
}

test.each(['records', 'edits'] as const)('ingest of %s', { timeout: 300_000 }, (kind) => {
  const book = open();
  const { generator } = book;
  const raw = rawBook();
  const first = [...generator.history(10_000, 90_000)];
  ingest(book, first);
  raw.ingest(first);
  const pages = Array.from({ length: 15 }, () => {
    const page: Event[] = [];
    while (page.length < 4 * MAX_BUNDLE_EVENTS) {
      page.push(...(kind === 'records' ? generator.importRecords(100) : generator.edit(2)).events);
    }
    return { page, messages: bundlesOf(book, page) };
  });
  const now = generator.clock.now();
  compare(`ingest of 4,000 events: ${kind}`, pages.length, {
    'prepared binds into events and attributes': (round) => raw.ingest(pages[round]?.page ?? []),
    'apply, from messages to every projection': (round) =>
      book.store.sync.apply({ messages: pages[round]?.messages ?? [], cursor: 'bench' }, now),
  });
  // Both took in the same.
  expect(book.store.stats().events).toBe(Number(raw.db.selectValue('SELECT count(*) FROM events')));
});

test('rebuild', { timeout: 300_000 }, () => {
  const book = open();
  const { db, store, generator } = book;
  ingest(book, [...generator.history(10_000, 150_000)]);
  const raw = `DELETE FROM attributes; INSERT INTO attributes (entity_id, attribute, value, timestamp, event_id)
    SELECT entity_id, attribute, value, max(timestamp), id FROM events GROUP BY entity_id, attribute`;
  compare('rebuild from 150,000 events', 7, {
    'one raw INSERT ... SELECT ... GROUP BY': () => db.transaction('normal', () => db.exec(raw)),
    'attributes with open versions': () => store.rebuild('attributes'),
    'attributes and every projection': () => store.rebuild(),
  });
  expect(store.stats().events).toBe(150_000);
});

test('an import of 100,000 events, undone and redone', { timeout: 300_000 }, () => {
  const book = open();
  const { store, generator } = book;
  const schema = generator.schema().events;
  ingest(book, schema);
  const texts = generator.fields.filter((field) => field.kind === 'text');
  const values = (): { [field: string]: JsonValue } =>
    Object.fromEntries(texts.map((field) => [field.id, generator.random.pick(['One', 'Two'])]));
  const records = generator.mintIds(20_000).map((id) => ({ id, values: values() }));
  const id = (): CommandId => mintId<CommandId>(generator.clock.now(), generator.random.bytes);
  const done: unknown[] = [];
  compare('an import of 100,000 events', 1, {
    'the import': () =>
      done.push(
        store.execute({
          id: id(),
          command: {
            kind: 'batch',
            label: 'Import',
            commands: [{ kind: 'createRecords', type: generator.type, records }],
          },
        }),
      ),
    'undo of it': () => done.push(store.undo(id(), false)),
    'redo of it': () => done.push(store.redo(id(), false)),
  });
  expect(done).toMatchObject(Array.from({ length: 3 }, () => ({ ok: true, value: { events: 100_000 } })));
  expect(store.stats()).toMatchObject({ records: 20_000, events: 300_000 + schema.length });
});

test('first pages of 100,000 records', { timeout: 300_000 }, () => {
  const book = open();
  const { store, generator } = book;
  ingest(book, [...generator.schema().events]);
  for (let i = 0; i < 100; i++) ingest(book, [...generator.importRecords(1_000).events]);
  const [name, , city, , status, amount, since] = generator.fields;
  if (!name || !city || !status || !amount || !since) throw new Error('the generator made other fields');
  const edit = (field: typeof name): void => {
    const id = mintId<CommandId>(generator.clock.now(), generator.random.bytes);
    const entityId = generator.random.pick(generator.records);
    const value = field === amount ? generator.random.below(1_000) : field === since ? '2026-11-23' : 'Edited';
    store.execute({ id, command: { kind: 'setValues', changes: [{ entityId, field: field.id, value }] } });
  };
  // An edit before each question, as when somebody is at work: nothing is kept from the last answer.
  const page =
    (query: object, edited = name) =>
    (): void => {
      edit(edited);
      store.answer({ kind: 'records', type: generator.type, offset: 0, limit: 50, ...query });
    };
  const sorted = (field: typeof name) => page({ sort: { field: field.id, direction: 'ascending' } }, field);
  const contains = { field: name.id, test: 'contains', value: 'ann' } as const;
  compare('an edit, and the first page of 100,000 records', 9, {
    'an edit alone': () => edit(name),
    unsorted: page({}),
    'sorted by text': sorted(name),
    'sorted by text, some of it with accents': sorted(city),
    'sorted by number': sorted(amount),
    'sorted by date': sorted(since),
    'filtered by text': page({ filters: [contains] }),
    'filtered by option': page({ filters: [{ field: status.id, test: 'is', value: status.options[0] }] }),
    'grouped by option': () => {
      edit(name);
      store.answer({ kind: 'groups', type: generator.type, field: status.id, limit: 50 });
    },
    'searched, two words': page({ search: 'street ann' }),
    'searched in vain': page({ search: 'nowhere' }),
  });
  expect(store.stats().records).toBe(100_000);
});
