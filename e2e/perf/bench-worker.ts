/** The benchmark's worker: what the store does and what raw SQLite does with the same events, in turn. */
import * as Comlink from 'comlink';
import { MAX_BUNDLE_EVENTS } from '../../src/core/bundle.ts';
import { sealBundle } from '../../src/core/bundle-codec.ts';
import type { Event } from '../../src/core/event.ts';
import { idToBytes, mintId, type BookId, type CommandId, type EntityId, type UserId } from '../../src/core/ids.ts';
import type { Query, RecordsAnswer } from '../../src/core/query.ts';
import { timestampToBytes, type Timestamp } from '../../src/core/timestamp.ts';
import { openStore } from '../../src/store/book.ts';
import type { Store } from '../../src/store/store.ts';
import { LongHistory, type BookSize } from '../../src/testing/long-history.ts';
import { bundleMessages } from '../../src/worker/bundle-messages.ts';
import { installPool } from '../../src/worker/opfs-pool.ts';
import { SqliteDatabase } from '../../src/worker/sqlite-database.ts';
import { loadEngine } from '../../src/worker/sqlite-engine.ts';
import { takeTurns, type Times } from './measure.ts';
import { installRawStorage, type RawEvent } from './raw-sqlite.ts';

const SEED = 20_261_125;
/** As many as the sync loop applies at a time. */
const BUNDLES_A_PAGE = 8;
const FIRST_SCREEN = 50;
/** Where the app's own worker looks for the book: it takes it over when this worker has let go. */
const APP_DIRECTORY = '/daybook';
const APP_DATABASE = '/book.db';
/** Timestamps kept as moments to ask about. */
const MOMENTS = 500;

const toRaw = (event: Event): RawEvent => ({
  id: idToBytes(event.id),
  clientId: idToBytes(event.clientId),
  entityId: idToBytes(event.entityId),
  attribute: event.attribute,
  value: event.value,
  timestamp: timestampToBytes(event.timestamp),
});

async function openBench(size: BookSize) {
  const history = new LongHistory(SEED, size);
  const { book } = history;
  const { random } = book;
  const bookId = book.mint<BookId>();
  const userId = book.mint<UserId>();
  const moments: Timestamp[] = [];

  const rawStorage = await installRawStorage('/daybook-bench-raw');
  let raw = rawStorage.open('/raw.sqlite3');
  const memory = rawStorage.openInMemory();
  const engine = await loadEngine();
  const pool = await installPool(engine, APP_DIRECTORY);
  let store: Store = openBook();
  store.adoptBook(bookId, userId);

  function openBook(): Store {
    const opened = openStore(new SqliteDatabase(engine, APP_DATABASE, pool.vfs), {
      random: book.random.bytes,
      now: book.clock.now,
      messages: bundleMessages,
    });
    if (!opened.ok) throw new Error(`the store did not open: ${JSON.stringify(opened.error)}`);
    return opened.value;
  }

  /** Bundles as they come out of the transport: parsed JSON messages. */
  function toMessages(events: readonly Event[]): unknown[] {
    const messages: unknown[] = [];
    for (let i = 0; i < events.length; i += MAX_BUNDLE_EVENTS) {
      const slice = events.slice(i, i + MAX_BUNDLE_EVENTS);
      const { clientId, timestamp } = slice.at(-1)!;
      const id = mintId<never>(book.clock.now(), random.bytes);
      messages.push(JSON.parse(bundleMessages.write(sealBundle({ id, bookId, userId, clientId, timestamp }, slice))));
    }
    return messages;
  }

  function* pages(): Generator<Event[]> {
    let page: Event[] = [];
    for (const { timestamp, events } of history.transactions()) {
      if (moments.length < MOMENTS && random.chance((2 * MOMENTS) / size.events)) moments.push(timestamp);
      for (const event of events) {
        page.push(event);
        if (page.length < MAX_BUNDLE_EVENTS * BUNDLES_A_PAGE) continue;
        yield page;
        page = [];
      }
    }
    if (page.length > 0) yield page;
  }

  const { contacts } = history;
  const ask = (query: Query): string => store.answer(query);
  const randomRecords = (count: number): EntityId[] =>
    Array.from({ length: count }, () => random.pick(contacts.records));

  /** One value of one record, as a person changes it. */
  function edit(value: string): void {
    const id = mintId<CommandId>(book.clock.now(), random.bytes);
    const changes = [{ entityId: random.pick(contacts.records), field: contacts.fields[0]!.id, value }];
    book.clock.advance(1_000);
    const done = store.execute({ id, command: { kind: 'setValues', changes } });
    if (!done.ok) throw new Error(JSON.stringify(done.error));
  }

  /** One raw commit of one event and its attribute. */
  function rawEdit(to: typeof raw): number {
    book.clock.advance(1_000);
    const event = book.write([
      { entityId: random.pick(contacts.records), attribute: contacts.fields[0]!.id as never, value: 'an edit' },
    ]).events[0]!;
    const rows = [toRaw(event)];
    const start = performance.now();
    to.ingest(rows);
    return performance.now() - start;
  }

  return Comlink.proxy({
    /** A bare worker round trip. */
    nothing(): void {},

    /**
     * The whole history, taken in page by page by all in turn. Milliseconds a page.
     * @param tell hears now and then how many events are in
     */
    ingest(tell: (events: number) => unknown): Times {
      raw.setDurability('normal');
      const times = { ours: [] as number[], raw: [] as number[], memory: [] as number[] };
      const order = ['ours', 'raw', 'memory'] as const;
      let turn = 0;
      for (const page of pages()) {
        const slice = { messages: toMessages(page), cursor: `bench_${turn}` };
        const rows = page.map(toRaw);
        const ways = {
          ours: () => store.sync.apply(slice, book.clock.now()),
          raw: () => raw.ingest(rows),
          memory: () => memory.ingest(rows),
        };
        // Whoever goes second finds a warmer machine: take turns.
        for (let i = 0; i < order.length; i++) {
          const way = order[(turn + i) % order.length]!;
          const start = performance.now();
          ways[way]();
          times[way].push(performance.now() - start);
        }
        turn++;
        // Posted at once, though nobody is listened to before the end.
        if (turn % 25 === 0) void tell(turn * MAX_BUNDLE_EVENTS * BUNDLES_A_PAGE);
      }
      raw.setDurability('full');
      raw.indexTypes();
      memory.indexTypes();
      const held = { ours: store.stats().events, raw: Number(raw.db.selectValue('SELECT count(*) FROM events')) };
      if (held.ours !== size.events || held.raw !== size.events)
        throw new Error(`of ${size.events} events there are ${JSON.stringify(held)}`);
      return times;
    },

    rebuild(part: 'attributes' | undefined, rounds: number): Times {
      return takeTurns(rounds, {
        ours: () => store.rebuild(part),
        raw: () => raw.rebuild(),
        memory: () => memory.rebuild(),
      });
    },

    /** Closed database to the first 50 records: open, check the schema, query. In memory: the query alone. */
    coldStart(rounds: number): Times {
      const query = { kind: 'records', type: contacts.id, offset: 0, limit: FIRST_SCREEN } as const;
      const type = JSON.stringify(contacts.id);
      const times = { ours: [] as number[], raw: [] as number[], memory: [] as number[] };
      for (let i = 0; i <= rounds; i++) {
        store.close();
        let start = performance.now();
        store = openBook();
        const answer = JSON.parse(ask(query)) as RecordsAnswer;
        times.ours.push(performance.now() - start);
        raw.close();
        start = performance.now();
        raw = rawStorage.open('/raw.sqlite3');
        const rows = raw.firstRecords(type, FIRST_SCREEN);
        times.raw.push(performance.now() - start);
        start = performance.now();
        memory.firstRecords(type, FIRST_SCREEN);
        times.memory.push(performance.now() - start);
        if (answer.rows.length !== FIRST_SCREEN || rows.length < FIRST_SCREEN)
          throw new Error('the first screen is not full');
      }
      return { ours: times.ours.slice(1), raw: times.raw.slice(1), memory: times.memory.slice(1) };
    },

    /** One edit, without the way to the worker. */
    edit(rounds: number): Times {
      const times = { ours: [] as number[], raw: [] as number[], memory: [] as number[] };
      for (let i = 0; i < rounds; i++) {
        const start = performance.now();
        edit(`edit ${i}`);
        times.ours.push(performance.now() - start);
        times.raw.push(rawEdit(raw));
        times.memory.push(rawEdit(memory));
      }
      return times;
    },

    /** One raw commit of one event and its attribute, fully durable. Milliseconds. */
    rawCommit: () => rawEdit(raw),

    record(rounds: number): Times {
      const ids = randomRecords(rounds + 1);
      const bytes = ids.map(idToBytes);
      return takeTurns(rounds, {
        ours: (i) => JSON.parse(ask({ kind: 'record', id: ids[i + 1]! })),
        raw: (i) => raw.record(bytes[i + 1]!),
        memory: (i) => memory.record(bytes[i + 1]!),
      });
    },

    history(rounds: number): Times {
      const ids = randomRecords(rounds + 1);
      const bytes = ids.map(idToBytes);
      return takeTurns(rounds, {
        ours: (i) => JSON.parse(ask({ kind: 'history', entityId: ids[i + 1]!, limit: 50 })),
        raw: (i) => raw.history(bytes[i + 1]!, 50),
        memory: (i) => memory.history(bytes[i + 1]!, 50),
      });
    },

    recordInThePast(rounds: number): Times {
      const ids = randomRecords(rounds + 1);
      const bytes = ids.map(idToBytes);
      const times = Array.from({ length: rounds + 1 }, () => random.pick(moments));
      return takeTurns(rounds, {
        ours: (i) =>
          JSON.parse(ask({ kind: 'record', id: ids[i + 1]!, asOf: { at: times[i + 1]!, reading: 'dated' } })),
        raw: (i) => raw.recordAt(bytes[i + 1]!, timestampToBytes(times[i + 1]!)),
        memory: (i) => memory.recordAt(bytes[i + 1]!, timestampToBytes(times[i + 1]!)),
      });
    },

    /** The table with about 10,000 records, all of it, as of the last third of the log; pages of 1,000. */
    tableInThePast(rounds: number): { records: number; times: number[] } {
      const type = history.types.toSorted(
        (a, b) => Math.abs(a.records.length - 10_000) - Math.abs(b.records.length - 10_000),
      )[0]!;
      const late = moments.toSorted().slice(Math.floor((moments.length * 2) / 3));
      let records = 0;
      const times: number[] = [];
      for (let i = 0; i < rounds; i++) {
        const asOf = { at: random.pick(late), reading: 'dated' } as const;
        const start = performance.now();
        records = 0;
        for (;;) {
          const page = JSON.parse(
            ask({ kind: 'records', type: type.id, offset: records, limit: 1_000, asOf }),
          ) as RecordsAnswer;
          records += page.rows.length;
          if (page.rows.length === 0 || records >= page.total) break;
        }
        times.push(performance.now() - start);
      }
      return { records, times };
    },

    /** First pages of the largest table, each after an edit, so that nothing is kept from the last answer. */
    firstPages(rounds: number): { records: number; times: { [work: string]: number[] } } {
      const [name, , , , status, amount] = contacts.fields;
      const page = { kind: 'records', type: contacts.id, offset: 0, limit: FIRST_SCREEN } as const;
      const queries: { [work: string]: Query } = {
        'sorted by text': { ...page, sort: { field: name!.id, direction: 'ascending' } },
        'sorted by number': { ...page, sort: { field: amount!.id, direction: 'descending' } },
        'filtered by words': { ...page, filters: [{ field: name!.id, test: 'contains', value: 'ann' }] },
        'filtered by option': { ...page, filters: [{ field: status!.id, test: 'is', value: status!.options[0]! }] },
        'searched, two words': { ...page, search: 'street ann' },
        'searched in vain': { ...page, search: 'nowhere' },
      };
      const times: { [work: string]: number[] } = {};
      for (let i = 0; i < rounds; i++) {
        for (const [work, query] of Object.entries(queries)) {
          edit(`Ann ${i}`);
          const start = performance.now();
          JSON.parse(ask(query));
          (times[work] ??= []).push(performance.now() - start);
        }
      }
      const { total } = JSON.parse(ask(page)) as RecordsAnswer;
      return { records: total, times };
    },

    /** Bytes of each database, without its write-ahead log. */
    bytes(): { ours: number; raw: number } {
      return { ours: store.stats().databaseBytes, raw: raw.size() };
    },

    /** Closes the book, so that the app can open it. Returns the largest type and some of its records. */
    letGo(): { type: EntityId; field: EntityId; records: EntityId[] } {
      store.close();
      pool.release();
      return { type: contacts.id, field: contacts.fields[0]!.id, records: randomRecords(400) };
    },
  });
}

export type BenchApi = Awaited<ReturnType<typeof openBench>>;
export interface BenchWorker {
  open(size: BookSize): Promise<BenchApi>;
}
// Exposed before anything is awaited: a worker hears no message that came while its module waited.
Comlink.expose({ open: openBench } satisfies BenchWorker);
