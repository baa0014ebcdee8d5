/** The benchmark's worker: what the store does and what raw SQLite does with the same events, in turn, on OPFS. */
import * as Comlink from 'comlink';
import { MAX_BUNDLE_EVENTS } from '../../src/core/bundle.ts';
import { sealBundle } from '../../src/core/bundle-codec.ts';
import type { Event } from '../../src/core/event.ts';
import { idToBytes, mintId, type BookId, type UserId } from '../../src/core/ids.ts';
import { timestampToBytes } from '../../src/core/timestamp.ts';
import { openStore } from '../../src/store/book.ts';
import type { Store } from '../../src/store/store.ts';
import { BookGenerator } from '../../src/testing/book-generator.ts';
import { bundleMessages } from '../../src/worker/bundle-messages.ts';
import { installPool } from '../../src/worker/opfs-pool.ts';
import { SqliteDatabase } from '../../src/worker/sqlite-database.ts';
import { loadEngine } from '../../src/worker/sqlite-engine.ts';
import { time } from './measure.ts';
import { installRawStorage, type RawBook, type RawEvent } from './raw-sqlite.ts';

const SEED = 20_261_123;
const BUNDLES_A_PAGE = 8;
const FIRST_SCREEN = 50;

const generator = new BookGenerator(SEED, 3);
const bookId = generator.mint<BookId>();
const userId = generator.mint<UserId>();

const toRaw = (event: Event): RawEvent => ({
  id: idToBytes(event.id),
  clientId: idToBytes(event.clientId),
  entityId: idToBytes(event.entityId),
  attribute: event.attribute,
  value: event.value,
  timestamp: timestampToBytes(event.timestamp),
});

/** Bundles as they come out of the transport: parsed JSON messages. */
function toMessages(events: readonly Event[]): unknown[] {
  const messages: unknown[] = [];
  for (let i = 0; i < events.length; i += MAX_BUNDLE_EVENTS) {
    const slice = events.slice(i, i + MAX_BUNDLE_EVENTS);
    const last = slice.at(-1)!;
    const id = mintId<never>(generator.clock.now(), generator.random.bytes);
    const bundle = sealBundle({ id, bookId, userId, clientId: last.clientId, timestamp: last.timestamp }, slice);
    messages.push(JSON.parse(bundleMessages.write(bundle)));
  }
  return messages;
}

async function openBench() {
  const rawStorage = await installRawStorage('/daybook-bench-raw');
  await rawStorage.wipe();
  let raw: RawBook = rawStorage.open('/raw.sqlite3');

  const engine = await loadEngine();
  const pool = await installPool(engine, '/daybook-bench');
  let store: Store = openBook();
  store.adoptBook(bookId, userId);

  function openBook(): Store {
    const opened = openStore(new SqliteDatabase(engine, '/book.sqlite3', pool.vfs), {
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      now: Date.now,
      messages: bundleMessages,
    });
    if (!opened.ok) throw new Error(`the store did not open: ${JSON.stringify(opened.error)}`);
    return opened.value;
  }

  return Comlink.proxy({
    /** A bare worker round trip. */
    nothing(): void {},

    /** One raw SQLite commit of one event and its attribute, fully durable. Milliseconds. */
    rawCommit(): number {
      const { events } = generator.edit(1);
      const rows = events.map(toRaw);
      raw.setDurability('full');
      const start = performance.now();
      raw.ingest(rows);
      return performance.now() - start;
    },

    /** A history of `records` and about `events` events, taken in page by page by both in turn. Milliseconds a page. */
    ingest(records: number, events: number): { events: number; ours: number[]; raw: number[] } {
      raw.setDurability('normal');
      const history = [...generator.history(records, events)];
      const size = MAX_BUNDLE_EVENTS * BUNDLES_A_PAGE;
      const result = { events: history.length, ours: [] as number[], raw: [] as number[] };
      for (let i = 0; i < history.length; i += size) {
        const slice = history.slice(i, i + size);
        const page = { messages: toMessages(slice), cursor: `bench_${i}`, upToDate: i + size >= history.length };
        const rows = slice.map(toRaw);
        const runs: ['ours' | 'raw', () => unknown][] = [
          ['ours', () => store.sync.apply(page, generator.clock.now())],
          ['raw', () => raw.ingest(rows)],
        ];
        // Whoever goes second finds a warmer machine: take turns.
        if ((i / size) % 2 === 1) runs.reverse();
        for (const [who, run] of runs) {
          const start = performance.now();
          run();
          result[who].push(performance.now() - start);
        }
      }
      raw.db.exec("CREATE INDEX by_type ON attributes(value, entity_id) WHERE attribute = 'type'");
      return result;
    },

    /** Attributes (and all that the store derives) from the log, against one raw statement for attributes alone. */
    rebuild(rounds: number): { ours: number[]; raw: number[] } {
      return {
        ours: time(rounds, () => store.rebuild()),
        raw: time(rounds, () =>
          raw.db.exec(`BEGIN; DELETE FROM attributes;
            INSERT INTO attributes SELECT entity_id, attribute, value, max(timestamp) FROM events GROUP BY entity_id, attribute;
            COMMIT`),
        ),
      };
    },

    /** Closed database to the first 50 records: open, check the schema, query. */
    coldStart(rounds: number): { ours: number[]; raw: number[] } {
      const query = { kind: 'records', type: generator.type, offset: 0, limit: FIRST_SCREEN } as const;
      const type = JSON.stringify(generator.type);
      const ours: number[] = [];
      const rawTimes: number[] = [];
      for (let i = 0; i <= rounds; i++) {
        store.close();
        let start = performance.now();
        store = openBook();
        const answer = JSON.parse(store.answer(query)) as { rows: unknown[] };
        ours.push(performance.now() - start);
        raw.close();
        start = performance.now();
        raw = rawStorage.open('/raw.sqlite3');
        const rows = raw.db.selectArrays(
          `SELECT * FROM attributes WHERE entity_id IN
            (SELECT entity_id FROM attributes WHERE attribute = 'type' AND value = ? ORDER BY entity_id LIMIT ${FIRST_SCREEN})`,
          [type],
        );
        rawTimes.push(performance.now() - start);
        if (answer.rows.length !== FIRST_SCREEN || rows.length < FIRST_SCREEN)
          throw new Error('the first screen is not full');
      }
      return { ours: ours.slice(1), raw: rawTimes.slice(1) };
    },

    /** How many rows each side holds, to see that both did the same work. */
    counts(): { ours: number; raw: number } {
      return { ours: store.stats().events, raw: Number(raw.db.selectValue('SELECT count(*) FROM events')) };
    },
  });
}

export type BenchApi = Awaited<ReturnType<typeof openBench>>;
export interface BenchWorker {
  open(): Promise<BenchApi>;
}
// Exposed before anything is awaited: a worker hears no message that came while its module waited.
Comlink.expose({ open: openBench } satisfies BenchWorker);
