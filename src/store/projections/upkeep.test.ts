import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Event } from '../../core/event.ts';
import type { ProjectionName, Query } from '../../core/query.ts';
import { canonicalDump } from '../../testing/canonical-dump.ts';
import { Crash, MortalDatabase } from '../../testing/mortal-database.ts';
import { NodeSqlite } from '../../testing/node-sqlite.ts';
import { openBook, openTasks } from '../../testing/open-book.ts';
import { randomLog } from '../../testing/random-log.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { TestBook } from '../../testing/test-book.ts';
import { idFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { appendEvents } from '../event-log.ts';
import { PROJECTIONS, withFed } from './registry.ts';

const NAMES = PROJECTIONS.map((projection) => projection.name);
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function deliver(db: SqlDatabase, events: readonly Event[]): void {
  db.transaction('normal', () => appendEvents(db, [{ events, bundleId: null, sender: null }]));
}

function bookOf(log: readonly Event[]): TestBook {
  const book = openBook();
  deliver(book.db, log);
  return book;
}

/** Ways in which rows can go wrong. `some` stands for a condition that holds for a part of them. */
const DAMAGE: { readonly [P in ProjectionName]: readonly string[] } = {
  entities: [
    'DELETE FROM entities WHERE some',
    'DELETE FROM entities',
    'UPDATE entities SET sample = 1 - sample WHERE some',
    `UPDATE entities SET type = 'field', made = x'00' WHERE some`,
    'UPDATE type_counts SET records = records + 7, samples = 3',
    'DELETE FROM type_counts',
    `INSERT OR IGNORE INTO entities (entity_id, type, made, sample) VALUES (randomblob(16), randomblob(16), x'', 0), (x'', 'type', x'', 0)`,
  ],
  fields: [
    'DELETE FROM fields',
    `UPDATE fields SET kind = '"link"' WHERE some`,
    `INSERT INTO fields VALUES (randomblob(16), randomblob(16), '"text"')`,
  ],
  search: [
    'DELETE FROM search WHERE some',
    'DELETE FROM search',
    `UPDATE search SET text = 'lorem', folded = 1 WHERE some`,
    `INSERT OR IGNORE INTO search SELECT number + 1000, text, folded FROM search`,
    `INSERT OR REPLACE INTO search VALUES (-5, 'nothing', 1)`,
  ],
  folded: [
    'DELETE FROM folded WHERE some',
    `UPDATE folded SET text = '"z"' WHERE some`,
    `INSERT OR IGNORE INTO folded SELECT attribute, entity_id, event_id, value FROM attributes WHERE typeof(attribute) = 'blob'`,
    `INSERT INTO folded VALUES (randomblob(16), randomblob(16), randomblob(16), '"a"')`,
  ],
  links: [
    'DELETE FROM links WHERE some',
    'UPDATE links SET target = entity_id WHERE some',
    'INSERT INTO links VALUES (randomblob(16), randomblob(16), randomblob(16))',
    `INSERT OR IGNORE INTO links SELECT attribute, entity_id, x'' FROM attributes WHERE typeof(attribute) = 'blob'`,
  ],
  transactions: [
    'DELETE FROM transactions WHERE some',
    'DELETE FROM transactions',
    'UPDATE transactions SET events = events + 1, first_arrival = 0 WHERE some',
    'INSERT INTO transactions VALUES (randomblob(16), randomblob(16), 1, 1, 1)',
  ],
};

function damage(db: SqlDatabase, names: readonly ProjectionName[], random: SeededRandom): void {
  for (const name of names) {
    for (let i = random.below(3); i >= 0; i--) {
      db.exec(random.pick(DAMAGE[name]).replace('some', `random() % 2 = 0`));
    }
  }
}

test.each(NAMES)('[PROJ-3] %s: whatever became of it, made anew alone it is what it was', (name) => {
  let damaged = 0;
  fc.assert(
    fc.property(seeds, seeds, (logSeed, damageSeed) => {
      const book = bookOf(randomLog(new SeededRandom(logSeed), 40));
      const before = canonicalDump(book.db, true);
      damage(book.db, [name], new SeededRandom(damageSeed));
      if (String(canonicalDump(book.db, true)) !== String(before)) damaged += 1;
      book.store.rebuild(name);
      expect(canonicalDump(book.db, true)).toEqual(before);
      expect(book.ask({ kind: 'preparing' })).toEqual({ parts: [] });
      book.db.close();
    }),
    { numRuns: 25 },
  );
  expect(damaged).toBeGreaterThan(10);
});

test('[PROJ-2] what another version left is made anew in parts, and what arrives between two of them ends up right', () => {
  fc.assert(
    fc.property(seeds, seeds, fc.integer({ min: 1, max: 12 }), (logSeed, seed, rows) => {
      const random = new SeededRandom(seed);
      const log = randomLog(new SeededRandom(logSeed), 60);
      const cut = log.length >> 1;
      const db = new NodeSqlite();
      deliver(openBook({ db }).db, log.slice(0, cut));
      const stale = NAMES.filter(() => random.chance(0.6));
      damage(db, stale, random);
      for (const name of stale) {
        if (random.chance(0.5)) db.run('DELETE FROM projections WHERE name = ?', [name]);
        else db.run('UPDATE projections SET version = version + 1 WHERE name = ?', [name]);
      }
      let book = openBook({ db });
      let rest = log.slice(cut);
      while (book.store.catchUp(rows)) {
        const some = random.below(12);
        deliver(db, rest.slice(0, some));
        rest = rest.slice(some);
        if (random.chance(0.1)) book = openBook({ db });
      }
      deliver(db, rest);
      const expected = bookOf(log);
      expect(canonicalDump(db)).toEqual(canonicalDump(expected.db));
      const derived = canonicalDump(db, true);
      book.store.rebuild();
      expect(canonicalDump(db, true)).toEqual(derived);
      expected.db.close();
      db.close();
    }),
    { numRuns: 40 },
  );
});

test('[PROJ-2] killed at any statement, it goes on where it was when the book is opened again', () => {
  const log = randomLog(new SeededRandom(5), 25);
  const expected = canonicalDump(bookOf(log).db, true);
  const makeStale = (): SqlDatabase => {
    const { db } = bookOf(log);
    db.exec(
      'UPDATE projections SET version = version + 1; DELETE FROM links; DELETE FROM fields; DELETE FROM entities',
    );
    return db;
  };
  let steps = 0;
  for (;;) {
    steps += 1;
    const file = makeStale();
    const db = new MortalDatabase(file, () => {});
    const book = openBook({ db });
    db.dieAfter(steps);
    let died = false;
    try {
      while (book.store.catchUp(25));
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      died = true;
    }
    db.revive();
    const again = openBook({ db });
    while (again.store.catchUp(25));
    expect(canonicalDump(file, true)).toEqual(expected);
    file.close();
    if (!died) break;
  }
  expect(steps).toBeGreaterThan(50);
});

test('[PROJ-4] the rows of one entity, whatever became of them, are mended from the log', () => {
  fc.assert(
    fc.property(seeds, seeds, (logSeed, seed) => {
      const random = new SeededRandom(seed);
      const book = bookOf(randomLog(new SeededRandom(logSeed), 40));
      const { db } = book;
      const before = canonicalDump(db, true);
      const entities = db.all<{ entity_id: SqlValue }>('SELECT DISTINCT entity_id FROM events ORDER BY entity_id');
      const id = random.pick(entities).entity_id;
      const statements = [
        'DELETE FROM attributes WHERE entity_id = ?',
        `UPDATE attributes SET value = '"damaged"', fork = x'01' WHERE entity_id = ?`,
        `INSERT INTO attributes SELECT ?, min(attribute), '"?"', x'00', x'00', NULL FROM attributes WHERE attribute > 'type'
         ON CONFLICT DO NOTHING`,
        'DELETE FROM leaves WHERE entity_id = ?',
        'UPDATE leaves SET value = 7 WHERE entity_id = ?',
        `INSERT OR IGNORE INTO collisions VALUES (?, 'type', x'00')`,
        'DELETE FROM entities WHERE entity_id = ?',
        'DELETE FROM search WHERE number = (SELECT number FROM entities WHERE entity_id = ?)',
        `UPDATE search SET text = 'x' WHERE number = (SELECT number FROM entities WHERE entity_id = ?)`,
        'DELETE FROM links WHERE entity_id = ?',
        'DELETE FROM folded WHERE entity_id = ?',
        `INSERT INTO folded VALUES (randomblob(16), ?, randomblob(16), '"ghost"')`,
        'INSERT INTO links VALUES (randomblob(16), ?, randomblob(16))',
        'UPDATE links SET target = attribute WHERE entity_id = ?',
        'DELETE FROM fields WHERE field = ?',
      ];
      for (let i = 0; i < 4; i++) db.run(random.pick(statements), [id]);
      book.store.replay(idFromSql(id));
      expect(canonicalDump(db, true)).toEqual(before);
      db.close();
    }),
    { numRuns: 100 },
  );
});

test('[PROJ-2] until it is complete, what answers from a projection says so', () => {
  const book = openTasks();
  const ada = book.addPerson('Ada');
  for (let i = 0; i < 5; i++) book.addTask({ title: `t${i}`, owner: ada });
  const table = { kind: 'records', type: book.tasks, offset: 0, limit: 9 } as const;
  const queries: [Query, ProjectionName[]][] = [
    [{ kind: 'search', text: 't', limit: 9 }, ['entities', 'fields', 'search']],
    [table, ['entities', 'fields']],
    [{ ...table, search: 't' }, ['entities', 'fields', 'search']],
    [{ kind: 'activity', limit: 9 }, ['transactions']],
    [{ kind: 'backlinks', id: ada, offset: 0, limit: 9 }, ['entities', 'fields', 'links']],
    [{ kind: 'groups', type: book.tasks, field: book.fields.owner, limit: 9 }, ['entities', 'fields']],
  ];
  const whole = queries.map(([query]) => book.store.answer(query));
  for (const stale of NAMES) {
    book.db.run('UPDATE projections SET version = 0 WHERE name = ?', [stale]);
    const { store } = openBook({ db: book.db });
    const partial = queries.filter(([query]) => store.answer(query).includes('"partial":true'));
    const expected = queries.filter(([, from]) => from.some((name) => withFed([stale]).has(name)));
    expect(partial, stale).toEqual(expected);
    expect(store.stats().events).toBe(book.store.stats().events);
    while (store.catchUp(2));
    expect(queries.map(([query]) => store.answer(query))).toEqual(whole);
  }
});

test('[PROJ-2] progress is told to whoever asks, and what it was about is answered again in the end', () => {
  const book = bookOf(randomLog(new SeededRandom(9), 200));
  book.db.exec(`UPDATE projections SET version = 99 WHERE name = 'transactions'; DELETE FROM transactions`);
  const again = openBook({ db: book.db });
  const told: string[] = [];
  again.store.subscriptions.add({ kind: 'preparing' }, (answer) => told.push(answer));
  const activity: number[] = [];
  again.store.subscriptions.add({ kind: 'activity', limit: 1_000 }, (answer) =>
    activity.push((JSON.parse(answer) as { transactions: unknown[] }).transactions.length),
  );
  while (again.store.catchUp(100)) again.store.subscriptions.refresh();
  again.store.subscriptions.refresh();
  const shares = told.map(
    (answer) => (JSON.parse(answer) as { parts: { progress: number }[] }).parts[0]?.progress ?? 1,
  );
  expect(shares[0]).toBe(0);
  expect(shares.at(-1)).toBe(1);
  expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
  expect(shares.length).toBeGreaterThan(3);
  expect(activity).toEqual([0, 200]);
});
