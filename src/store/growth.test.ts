/** That the work of every day stays the same however long the log is, without a clock: by plans, and by counted steps. */
import { describe, expect, test } from 'vitest';
import { toJsonText } from '../core/value.ts';
import type { BundleId, EntityId } from '../core/ids.ts';
import type { Query } from '../core/query.ts';
import { CountingDatabase } from '../testing/counting-database.ts';
import { LongHistory } from '../testing/long-history.ts';
import { TestBook } from '../testing/test-book.ts';
import { loadEngine } from '../worker/sqlite-engine.ts';
import { appendEvents } from './event-log.ts';

const engine = await loadEngine();
const [SMALL, LARGE] = [5_000, 50_000];
const SAMPLES = 41;
/** The trees of a ten times larger book are a level higher at the most. */
const MOST_GROWTH = 1.25;

class GrownBook {
  readonly db = new CountingDatabase(engine);
  readonly history: LongHistory;
  readonly book: TestBook;

  constructor(events: number) {
    this.history = new LongHistory(7, { records: events / 10, events });
    const { clock, random } = this.history.book;
    this.book = new TestBook({ db: this.db, clock, random });
    const bundleId = this.history.book.mint<BundleId>();
    for (const transaction of this.history.transactions())
      this.db.transaction('normal', () =>
        appendEvents(this.db, [{ events: transaction.events, bundleId, sender: null }]),
      );
  }

  record(): EntityId {
    return this.book.random.pick(this.history.contacts.records);
  }

  edit(entityId: EntityId): void {
    const field = this.history.contacts.fields[0]!.id;
    this.book.do({ kind: 'setValues', changes: [{ entityId, field, value: toJsonText(this.book.clock.now()) }] });
  }

  /** Steps that SQLite takes, as the median of some samples. */
  work(sample: () => void): number {
    const samples = Array.from({ length: SAMPLES }, () => {
      this.db.steps = 0;
      sample();
      return this.db.steps;
    });
    return samples.toSorted((a, b) => a - b)[SAMPLES >> 1]!;
  }
}

const small = new GrownBook(SMALL);
const large = new GrownBook(LARGE);

/** What people do all day. */
const HOT: { readonly [work: string]: (grown: GrownBook) => void } = {
  'an edit': (grown) => grown.edit(grown.record()),
  'undo and redo of an edit': ({ book }) => {
    book.undo();
    book.redo();
  },
  'a new record': ({ book, history }) => {
    const values = { [history.contacts.fields[0]!.id]: 'Somebody new' };
    book.do({ kind: 'createRecords', type: history.contacts.id, records: [{ id: book.mint(), values }] });
  },
  'a record': (grown) => ask(grown, { kind: 'record', id: grown.record() }),
  'the history of a record': (grown) => ask(grown, { kind: 'history', entityId: grown.record(), limit: 50 }),
  'the first page of a table': (grown) =>
    ask(grown, { kind: 'records', type: grown.history.contacts.id, offset: 0, limit: 50 }),
  'the activity of the book': (grown) => ask(grown, { kind: 'activity', limit: 30 }),
  'the schema': (grown) => ask(grown, { kind: 'schema' }),
  'what waits to be sent': ({ book }) => void book.store.sync.counts(),
  'which records wait': (grown) => ask(grown, { kind: 'waiting', limit: 3 }),
  'what needs attention': (grown) => ask(grown, { kind: 'attention', limit: 20 }),
};

const ask = ({ book }: GrownBook, query: Query): void => void book.store.answer(query);

/** Names that the log goes by in a statement. */
function aliasesOfLog(sql: string): Set<string> {
  const aliases = sql.matchAll(/\bevents\b(?:\s+INDEXED\s+BY\s+\w+)?(?:\s+(?:AS\s+)?([a-z]\w*))?/g);
  return new Set(['events', ...Array.from(aliases, (match) => match[1] ?? 'events')]);
}

describe('[SCALE-1] the work of every day does not grow with the log', () => {
  test.each(Object.entries(HOT))('%s: as many steps in a book ten times as large', (_, sample) => {
    const before = small.work(() => sample(small));
    const after = large.work(() => sample(large));
    expect(before).toBeGreaterThan(0);
    expect(after / before, `${before} steps became ${after}`).toBeLessThan(MOST_GROWTH);
  });

  test.each(Object.entries(HOT))('%s: nothing reads the whole log, or sorts it', (_, sample) => {
    large.db.texts.clear();
    sample(large);
    const offences = [...large.db.texts]
      .filter((sql) => /\bevents\b/.test(sql))
      .flatMap((sql) => {
        const log = aliasesOfLog(sql);
        const plan = large.db.plan(sql);
        const sorts = plan.some((line) => line.startsWith('USE TEMP B-TREE'));
        return plan
          .filter((line) => {
            const [verb, table] = line.split(' ');
            if (!log.has(table ?? '')) return false;
            // From an arrival on, the log is read at its end: what just came is sorted, or grouped.
            const bounded = /events_key \(entity_id=\?|rowid[=>]\?/.test(line);
            return verb === 'SCAN' || (sorts && !bounded);
          })
          .map((line) => `${line} in: ${sql}`);
      });
    expect(offences).toEqual([]);
  });

  test('finds a statement that does', () => {
    expect(large.db.plan('SELECT count(*) FROM events e WHERE value = ?')).toEqual(['SCAN e']);
    expect(aliasesOfLog('SELECT count(*) FROM events e WHERE value = ?').has('e')).toBe(true);
  });
});
