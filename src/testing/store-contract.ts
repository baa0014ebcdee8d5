/** What a worker that runs the contracts offers to the test that started it. */
export interface ContractRunner {
  /** Runs every check with files in this directory of OPFS; the error of each by its title, null where it held. */
  run(directory: string): Promise<{ readonly title: string; readonly error: string | null }[]>;
}

/** The store on a real engine: the same checks on node:sqlite and on sqlite-wasm over OPFS. */
import { idToBytes, type CommandId, type EntityId, type UserId } from '../core/ids.ts';
import type { Moment, Query } from '../core/query.ts';
import { reduceLog } from '../core/reduce.ts';
import { ZERO_TIMESTAMP, type Timestamp } from '../core/timestamp.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import type { JsonValue } from '../core/value.ts';
import { idFromSql } from '../store/blob.ts';
import type { SqlValue } from '../store/database.ts';
import { appendEvents } from '../store/event-log.ts';
import { canonicalDump, LOCAL_TABLES } from './canonical-dump.ts';
import { holds, same, type Check } from './check.ts';
import { randomLog } from './random-log.ts';
import { SeededRandom } from './seeded-random.ts';
import type { DatabaseMaker } from './sql-database-contract.ts';
import { TaskBook } from './task-book.ts';
import { must, TestBook } from './test-book.ts';
import { exchange, link, MemoryStream } from './two-devices.ts';

/** Numbers of records are local, and with them the order in which a search tells of records. */
export function inAnyOrder(answer: string): string {
  const parsed: unknown = JSON.parse(answer);
  if (typeof parsed !== 'object' || parsed === null || !('hits' in parsed) || !Array.isArray(parsed.hits))
    return answer;
  return JSON.stringify(parsed.hits.map((hit) => JSON.stringify(hit)).toSorted());
}

type AsOfQuery = Extract<Query, { readonly asOf?: Moment }>;

export interface StoreHost extends DatabaseMaker {
  /** A second database beside the first. */
  another(): ReturnType<DatabaseMaker['fresh']>;
}

export const storeContract: readonly Check<StoreHost>[] = [
  {
    title: '[LOG-4] what was done is there after it was opened anew, with undo and retries',
    run: (host) => {
      const book = new TaskBook({ db: host.fresh() });
      const id = book.addTask({ title: 'Ünï', effort: 1.5, tags: [book.red], urgent: true });
      const request = {
        id: book.mint<CommandId>(),
        command: { kind: 'setValues', changes: [{ entityId: id, field: book.fields.title, value: 'two' }] },
      } as const;
      const done = must(book.store.execute(request));
      const answers = (of: TestBook): string[] =>
        (
          [
            { kind: 'schema' },
            { kind: 'record', id },
            { kind: 'undo' },
            { kind: 'history', entityId: id, limit: 9 },
          ] as const satisfies Query[]
        ).map((query) => of.store.answer(query));
      const before = answers(book);
      const again = new TestBook({ db: host.reopen(), clock: book.clock, random: new SeededRandom(3) });
      same(answers(again), before);
      same(must(again.store.execute(request)), done);
      must(again.undo());
      same(again.ask({ kind: 'record', id })?.title, 'Ünï');
      same(again.store.quickCheck(), { ok: true, value: null });
    },
  },
  {
    title: '[LOG-1] [LOG-2] a log delivered in any order comes to what it reduces to, also when it is made anew',
    run: (host) => {
      for (const seed of [1, 2, 3]) {
        const random = new SeededRandom(seed);
        const log = randomLog(random, 120);
        const book = new TestBook({ db: seed === 1 ? host.fresh() : host.another() });
        const shuffled = log.map((event) => ({ event, at: random.next() })).toSorted((a, b) => a.at - b.at);
        for (let i = 0; i < shuffled.length; i += 17) {
          const events = shuffled.slice(i, i + 17).map(({ event }) => event);
          book.db.transaction('normal', () => appendEvents(book.db, [{ events, bundleId: null, sender: null }]));
        }
        const found = book.db
          .all<{ event_id: SqlValue; leaves: number }>(
            `SELECT a.event_id, max(1, (SELECT count(*) FROM leaves l WHERE l.entity_id = a.entity_id AND l.attribute = a.attribute)) AS leaves
             FROM attributes a`,
          )
          .map((row) => `${idFromSql(row.event_id)} ${row.leaves}`);
        const expected = Array.from(reduceLog(log).values(), ({ winner, leaves }) => `${winner.id} ${leaves.length}`);
        same(found.toSorted(), expected.toSorted(), `seed ${seed}`);
        const derived = canonicalDump(book.db, true);
        book.store.rebuild();
        same(canonicalDump(book.db, true), derived, `seed ${seed}, rebuilt`);
        if (seed > 1) book.db.close();
      }
    },
  },
  {
    title: 'sorted, narrowed and searched tables are what comes of doing it by hand',
    run: (host) => {
      const book = new TaskBook({ db: host.fresh() });
      const random = new SeededRandom(11);
      const records = Array.from({ length: 400 }, (_, i) => ({
        id: book.mint(),
        values: book.byId({
          title: `${random.pick(['Alpha', 'beta', 'Gämma', 'delta'])} ${i % 37}`,
          effort: random.chance(0.2) ? null : random.below(50) - 10,
          due: random.chance(0.2) ? null : `2026-0${1 + random.below(9)}-11`,
          status: random.pick([null, book.open, book.done]),
        }),
      }));
      book.do({ kind: 'createRecords', type: book.tasks, records });
      const gone = new Set(records.filter(() => random.chance(0.1)).map((record) => record.id));
      book.do({ kind: 'deleteRecords', ids: [...gone] });
      const live = records.filter((record) => !gone.has(record.id));
      const ids = (query: object, offset = 0, limit = 500): EntityId[] =>
        book.ask({ kind: 'records', type: book.tasks, offset, limit, ...query }).rows.map((row) => row.id);
      const value = (record: (typeof records)[number], field: EntityId): JsonValue => record.values[field] ?? null;
      same(ids({}), live.map((record) => record.id), 'unsorted'); // prettier-ignore
      const ranks: { readonly [field: string]: (v: JsonValue) => number | string } = {
        [book.fields.effort]: Number,
        [book.fields.due]: String,
        [book.fields.title]: (v) => JSON.stringify(v).toLowerCase().slice(0, -1),
        [book.fields.status]: (v) => [book.open, book.done].indexOf(v as EntityId),
      };
      for (const [field, rank] of Object.entries(ranks)) {
        for (const direction of ['ascending', 'descending'] as const) {
          const byHand = live
            .toSorted((a, b) => {
              const [x, y] = [value(a, field as EntityId), value(b, field as EntityId)];
              if (x === null || y === null) return Number(x === null) - Number(y === null);
              const order = rank(x) < rank(y) ? -1 : rank(x) > rank(y) ? 1 : 0;
              return direction === 'ascending' ? order : -order;
            })
            .map((record) => record.id);
          const sort = { field, direction };
          same(ids({ sort }), byHand, `${direction} by ${field}`);
          same(ids({ sort }, 100, 50), byHand.slice(100, 150), `a page, ${direction} by ${field}`);
        }
      }
      const filters = [{ field: book.fields.effort, test: 'atLeast', value: 20 }, { field: book.fields.status, test: 'is', value: book.done }]; // prettier-ignore
      const matching = live.filter(
        (r) => Number(value(r, book.fields.effort) ?? -99) >= 20 && value(r, book.fields.status) === book.done,
      );
      same(ids({ filters }), matching.map((record) => record.id), 'filtered'); // prettier-ignore
      const found = live.filter(
        (r) =>
          JSON.stringify(value(r, book.fields.title)).includes('Gämma') && value(r, book.fields.status) === book.open,
      );
      same(ids({ search: 'gamm open' }), found.map((record) => record.id), 'searched'); // prettier-ignore
    },
  },
  {
    title: 'two devices come to the same book',
    run: (host) => {
      const here = new TaskBook({ db: host.fresh() });
      const there = new TestBook({ db: host.another(), clock: here.clock, random: new SeededRandom(2) });
      const stream = new MemoryStream();
      const user = here.mint<UserId>();
      const { bookId } = here.store.identity();
      link(here, bookId, user);
      link(there, bookId, user);
      const records = Array.from({ length: 700 }, (_, i) => ({
        id: here.mint(),
        values: here.byId({ title: `${i}`, effort: i }),
      }));
      here.do({ kind: 'createRecords', type: here.tasks, records });
      const meet = (): void => [here, there, here].forEach((book) => void exchange(book, stream));
      meet();
      for (const [i, { id }] of records.slice(0, 40).entries()) {
        here.setTask(id, { title: `here ${i}` });
        if (i % 2 === 0)
          there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value: `there ${i}` }] });
      }
      meet();
      same(canonicalDump(there.db), canonicalDump(here.db));
      same(there.ask({ kind: 'conflicts', limit: 5 }).total, 20);
      same([here.store.sync.counts().waiting, there.store.sync.counts().waiting], [0, 0]);
      there.db.close();
    },
  },
  {
    title:
      '[ATTENTION-1] [ATTENTION-2] [ATTENTION-3] [ATTENTION-4] what was refused or cannot be read is kept, tried again, discarded and taken away',
    run: (host) => {
      const here = new TaskBook({ db: host.fresh() });
      const { bookId, clientId } = here.store.identity();
      const userId = here.mint<UserId>();
      link(here, bookId, userId);
      const stream = new MemoryStream();
      exchange(here, stream);
      for (const title of ['one', 'two']) {
        here.addTask({ title });
        here.store.sync.seal({ bookId, userId, clientId }, 1);
        here.store.sync.reject(here.store.sync.nextInOutbox()?.id ?? here.mint(), `no ${title}`);
      }
      const rubbish = { messages: ['rubbish', { id: 1 }], cursor: '1' };
      same(here.store.sync.apply(rubbish, here.clock.now()), { events: 0, quarantined: 2 });
      const listed = (of: TestBook) => of.ask({ kind: 'attention', limit: 9 });
      const before = listed(here);
      const kinds = (groups: typeof before.groups) => groups.map(({ kind, total }) => `${total} ${kind}`);
      same(kinds(before.groups), ['2 refused', '2 unreadable']);
      const again = new TestBook({ db: host.reopen(), clock: here.clock, random: new SeededRandom(3) });
      same(listed(again), before, 'opened anew');
      const { attention, sync } = again.store;
      const second = before.groups[0]?.things[1]?.id ?? null;
      const texts = attention.export('refused', second, 0).things;
      same(texts.map((text) => (JSON.parse(text) as { reason: string }).reason), ['no two']); // prettier-ignore
      same(attention.discard('refused', second), 1);
      same(attention.discard('unreadable', null), 2);
      same(attention.retry('refused', null, 0), { settled: 1, left: 0, next: null });
      same(sync.apply(rubbish, here.clock.now()), { events: 0, quarantined: 0 }, 'comes again');
      same([kinds(listed(again).groups), kinds(listed(again).discarded)], [[], ['1 refused', '2 unreadable']]);
      same([sync.counts().rejected, sync.counts().quarantined, sync.counts().waiting], [0, 0, 2]);
      same(attention.retry('refused', second, 0), { settled: 1, left: 0, next: null });
      exchange(again, stream);
      const there = new TestBook({ db: host.another(), clock: here.clock, random: new SeededRandom(2) });
      link(there, bookId, userId);
      exchange(there, stream);
      same(canonicalDump(there.db), canonicalDump(again.db));
      there.db.close();
    },
  },
  {
    title:
      '[LOG-3] [PRUNE-1] a history that was shortened comes to the same, and to a smaller file, opened anew as well',
    run: (host) => {
      const here = new TaskBook({ db: host.fresh() });
      const there = new TestBook({ db: host.another(), clock: here.clock, random: new SeededRandom(2) });
      const stream = new MemoryStream();
      const user = here.mint<UserId>();
      const { bookId } = here.store.identity();
      for (const book of [here, there]) link(book, bookId, user);
      const ids = Array.from({ length: 60 }, (_, i) => here.addTask({ title: `${i}`, notes: 'n'.repeat(400) }));
      for (let turn = 0; turn < 8; turn++) {
        for (const id of ids) here.setTask(id, { notes: `${turn} ${'n'.repeat(400)}` });
      }
      for (const book of [here, there, here]) exchange(book, stream);
      const derived = (book: TestBook): string[] =>
        canonicalDump(book.db).filter((_, table) => !LOCAL_TABLES.has(table));
      const before = { derived: derived(here), bytes: here.store.stats().databaseBytes };
      here.clock.advance(1);
      const horizon = makeTimestamp(here.clock.now(), 0, '0000000000000000' as NodeId);
      const run = must(here.store.prune(horizon));
      for (let done = false; !done;) ({ done } = must(run.step()));
      here.store.compact();
      same(derived(here), before.derived);
      const { databaseBytes } = here.store.stats();
      holds(databaseBytes < before.bytes * 0.7, `the file had ${before.bytes} bytes, and has ${databaseBytes}`);
      same(here.store.unusedBytes(), 0);
      const again = new TestBook({ db: host.reopen(), clock: here.clock, random: new SeededRandom(3) });
      same([again.store.quickCheck(), again.store.horizon()], [{ ok: true, value: null }, horizon]);
      const id = ids[0] ?? here.mint();
      again.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value: 'on it goes' }] });
      for (const book of [again, there]) exchange(book, stream);
      same(derived(again), derived(there));
      again.store.rebuild();
      same(derived(again), derived(there), 'rebuilt');
      there.db.close();
    },
  },
  {
    title:
      '[PROJ-2] [PROJ-3] [PROJ-4] projections are made anew alone, in parts, for one entity, and after a version change',
    run: (host) => {
      const book = new TaskBook({ db: host.fresh() });
      const people = ['Ada', 'Zoë'].map((name) => book.addPerson(name));
      const records = Array.from({ length: 60 }, (_, i) => ({
        id: book.mint(),
        values: book.byId({ title: `Ünï ${i}`, owner: people[i % 2] ?? null }),
      }));
      book.do({ kind: 'createRecords', type: book.tasks, records });
      const task = records[3]?.id ?? book.mint();
      const derived = canonicalDump(book.db, true);
      const mended = (about: string): void => same(canonicalDump(book.db, true), derived, about);
      for (const name of ['entities', 'fields', 'search', 'folded', 'links', 'transactions'] as const) {
        book.db.run(`DELETE FROM ${name}`);
        book.store.rebuild(name);
        mended(`${name}, rebuilt`);
      }
      for (const table of ['attributes', 'entities', 'folded', 'links'])
        book.db.run(`DELETE FROM ${table} WHERE entity_id = ?`, [idToBytes(task)]);
      book.store.replay(task);
      mended('one entity, replayed');
      book.db.exec(
        'UPDATE projections SET version = 0; DELETE FROM search; DELETE FROM links; DELETE FROM transactions',
      );
      const again = new TestBook({ db: host.reopen(), clock: book.clock, random: new SeededRandom(3) });
      const query = { kind: 'backlinks', id: people[1] ?? task, offset: 0, limit: 9 } as const;
      same(again.ask(query), { total: 0, offset: 0, rows: [], partial: true });
      let parts = 0;
      while (again.store.catchUp(10)) parts += 1;
      holds(parts > 20, `it took ${parts} parts`);
      same(canonicalDump(again.db, true), derived, 'after another version');
      same([again.ask(query).total, again.ask(query).partial], [30, undefined]);
      const groups = again.ask({ kind: 'groups', type: book.tasks, field: book.fields.owner, limit: 9 }).groups;
      same(groups.map(({ name, records: count }) => [name, count]), [['Ada', 30], ['Zoë', 30]]); // prettier-ignore
    },
  },
  {
    title: '[PAST-3] [PAST-4] a moment is answered as it was, while the book goes on, in both readings',
    run: (host) => {
      const book = new TaskBook({ db: host.fresh() });
      const random = new SeededRandom(5);
      const ada = book.addPerson('Ada');
      const ids = Array.from({ length: 120 }, (_, i) =>
        book.addTask({ title: `Zoë ${i % 11}`, effort: i, status: random.pick([book.open, book.done]), owner: ada }),
      );
      const edit = (): void => {
        const some = ids.filter(() => random.chance(0.3));
        const changes = some.map((entityId) => ({ entityId, field: book.fields.effort, value: random.below(50) }));
        book.do({ kind: 'setValues', changes });
        book.do({ kind: random.chance(0.5) ? 'deleteRecords' : 'restoreRecords', ids: some.slice(0, 9) });
      };
      const page = { kind: 'records', type: book.tasks, offset: 0, limit: 50 } as const;
      const queries: readonly AsOfQuery[] = [
        { kind: 'schema' },
        page,
        { ...page, sort: { field: book.fields.effort, direction: 'descending' }, offset: 20 },
        { ...page, filters: [{ field: book.fields.owner, test: 'contains', value: 'ada' }] },
        { ...page, search: 'zoe 7 open' },
        { kind: 'search', text: 'zoe 3', limit: 100 },
        { kind: 'trash', offset: 0, limit: 20 },
        ...ids.slice(0, 3).map((id) => ({ kind: 'record', id }) as const),
      ];
      const answers = (asOf?: Moment): string[] =>
        queries.map((query) => inAnyOrder(book.store.answer(asOf ? { ...query, asOf } : query)));
      const kept: { readonly at: Timestamp; readonly answers: string[] }[] = [];
      for (let i = 0; i < 5; i++) {
        edit();
        if (i === 2) book.do({ kind: 'changeField', id: book.fields.effort, name: 'Hours', hidden: true });
        const { last } = book.ask({ kind: 'timeline' });
        if (last !== null) kept.push({ at: last, answers: answers() });
      }
      for (const { at, answers: then } of kept) {
        for (const reading of ['dated', 'known'] as const) {
          same(answers({ at, reading }), then, reading);
          edit();
          same(answers({ at, reading }), then, `${reading}, after an edit`);
        }
      }
      const before = answers();
      must(book.execute({ kind: 'restoreAsOf', ids, moment: { at: kept[0]?.at ?? ZERO_TIMESTAMP, reading: 'known' } }));
      must(book.undo());
      // Of the Trash and of single records, when they were changed last is another thing now.
      const tables = (all: readonly string[]): readonly string[] => all.slice(0, 6);
      same(tables(answers()), tables(before), 'restored and undone');
      same(book.db.all(`SELECT name FROM main.sqlite_schema WHERE name LIKE 'past%'`), [], 'tables in the file');
    },
  },
  {
    title: 'the readable views show every event and attribute in letters',
    run: (host) => {
      const book = new TaskBook({ db: host.fresh() });
      const id = book.addTask({ title: 'Read me' });
      const row = book.db.get('SELECT * FROM attributes_text WHERE entity_id = ? AND attribute = ?', [
        id,
        book.fields.title,
      ]);
      same(row?.['value'], '"Read me"');
      const event = book.db.get('SELECT * FROM events_text WHERE id = ?', [row?.['event_id'] ?? null]);
      same([event?.['timestamp'], event?.['client_id']], [row?.['timestamp'], book.store.identity().clientId]);
      const shown = String(row?.['timestamp']);
      holds(/^2026-11-23T09:00:00\.\d{3}Z-\d{4}-[0-9a-f]{16}$/.test(shown), `the timestamp reads ${shown}`);
    },
  },
];
