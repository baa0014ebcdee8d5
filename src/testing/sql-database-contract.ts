/** What every SqlDatabase does, whatever engine and file system are behind it. */
import { SqlError, type SqlDatabase, type SqlValue } from '../store/database.ts';
import { holds, same, type Check } from './check.ts';

export interface DatabaseMaker {
  /** A new, empty database. */
  fresh(): SqlDatabase;
  /** Closes the last database and opens the same file again. */
  reopen(): SqlDatabase;
}

function failure(work: () => unknown): SqlError['reason'] | 'none' {
  try {
    work();
  } catch (error) {
    if (error instanceof SqlError) return error.reason;
    throw error;
  }
  return 'none';
}

const VALUES: readonly SqlValue[] = [
  null, 0, -1, 2 ** 31, 2 ** 53 - 1, 0.1, -1.5e300, '', 'plain', 'Grüße 😀', 'with \u0000 inside', 'x'.repeat(100_000),
  new Uint8Array(0), Uint8Array.of(0, 255, 7), new Uint8Array(100_000).fill(9),
]; // prettier-ignore

export const sqlDatabaseContract: readonly Check<DatabaseMaker>[] = [
  {
    title: 'gives back every value as it was put in, one by one and in bulk',
    run: (maker) => {
      const db = maker.fresh();
      db.exec('CREATE TABLE t (n INTEGER PRIMARY KEY, v ANY) STRICT');
      const changed = db.bulk(
        'INSERT INTO t VALUES (?, ?)',
        VALUES.map((value, n) => [n, value]),
      );
      same(changed, VALUES.length);
      same(
        db.all('SELECT v FROM t ORDER BY n').map((row) => row['v']),
        VALUES,
      );
      for (const value of VALUES) same(db.get('SELECT ? AS v', [value])?.['v'], value);
      same(db.get('SELECT 1 WHERE 0'), null);
    },
  },
  {
    title: 'counts the rows that a statement changed, and none that it left alone',
    run: (maker) => {
      const db = maker.fresh();
      db.exec('CREATE TABLE t (k PRIMARY KEY, v) WITHOUT ROWID');
      same(db.run('INSERT INTO t VALUES (1, 1), (2, 2)'), 2);
      same(db.run('UPDATE t SET v = 3'), 2);
      same(db.run('UPDATE t SET v = 4 WHERE k = 9'), 0);
      const ignoring = 'INSERT INTO t VALUES (?, ?) ON CONFLICT DO NOTHING';
      same(db.bulk(ignoring, [[2, 0], [3, 0], [3, 0]]), 1); // prettier-ignore
      same(db.bulk(ignoring, []), 0);
      same(db.all('SELECT k, v FROM t ORDER BY k'), [{ k: 1, v: 3 }, { k: 2, v: 3 }, { k: 3, v: 0 }]); // prettier-ignore
    },
  },
  {
    title: 'commits a transaction as a whole, and takes it back as a whole when it throws',
    run: (maker) => {
      const db = maker.fresh();
      db.exec('CREATE TABLE t (v UNIQUE)');
      same(
        db.transaction('full', () => db.run('INSERT INTO t VALUES (1)')),
        1,
      );
      const broken = new Error('broken');
      try {
        db.transaction('normal', () => {
          db.bulk('INSERT INTO t VALUES (?)', [[2], [3]]);
          throw broken;
        });
        holds(false, 'the error was swallowed');
      } catch (error) {
        holds(error === broken, 'another error came out');
      }
      same(failure(() => db.transaction('full', () => db.bulk('INSERT INTO t VALUES (?)', [[4], [4]]))), 'constraint'); // prettier-ignore
      same(failure(() => db.bulk('INSERT INTO t VALUES (?)', [[5], [5]])), 'constraint'); // prettier-ignore
      same(db.all('SELECT v FROM t'), [{ v: 1 }]);
      same(
        db.transaction('normal', () => db.run('INSERT INTO t VALUES (6)')),
        1,
      );
      same(maker.reopen().all('SELECT v FROM t ORDER BY v'), [{ v: 1 }, { v: 6 }]);
    },
  },
  {
    title: 'does not nest transactions, and says what is wrong with a statement',
    run: (maker) => {
      const db = maker.fresh();
      let nested = 'allowed';
      db.transaction('full', () => {
        try {
          db.transaction('full', () => 0);
        } catch {
          nested = 'refused';
        }
      });
      same(nested, 'refused');
      same(failure(() => db.run('INSERT INTO nowhere VALUES (1)')), 'other'); // prettier-ignore
      same(failure(() => db.exec('SELECT')), 'other'); // prettier-ignore
    },
  },
  {
    title: 'keeps temporary tables to itself, and takes their rows back with the transaction',
    run: (maker) => {
      const db = maker.fresh();
      db.exec('CREATE TEMP TABLE staged (v)');
      db.run('INSERT INTO temp.staged VALUES (1)');
      try {
        db.transaction('full', () => {
          db.run('INSERT INTO temp.staged VALUES (2)');
          throw new Error('no');
        });
      } catch {
        // That it throws is checked above.
      }
      same(db.all('SELECT v FROM temp.staged'), [{ v: 1 }]);
      same(maker.reopen().all(`SELECT name FROM sqlite_temp_schema`), []);
    },
  },
  {
    title: 'has what the store builds on: strict tables, upserts, unhex, JSON arrows, ordered aggregates',
    run: (maker) => {
      const db = maker.fresh();
      db.exec('CREATE TABLE t (k INTEGER PRIMARY KEY, v ANY NOT NULL) STRICT');
      const upsert = 'INSERT INTO t VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE v < excluded.v';
      same(db.bulk(upsert, [[1, 5], [1, 4], [1, 6]]), 2); // prettier-ignore
      same(db.get(`SELECT unhex('"0a-ff"', '"-') AS b, '"x"' ->> '$' AS x, octet_length('ü') AS n`), { b: Uint8Array.of(10, 255), x: 'x', n: 2 }); // prettier-ignore
      same(db.get(`SELECT group_concat(v, '' ORDER BY v DESC) AS g FROM (SELECT 1 AS v UNION SELECT 2)`), { g: '21' });
      same(failure(() => db.run('INSERT INTO t VALUES (?, ?)', [7, null])), 'constraint'); // prettier-ignore
    },
  },
  {
    title: 'exports what was committed as a plain database file',
    run: (maker) => {
      const db = maker.fresh();
      db.exec('CREATE TABLE t (v)');
      db.run('INSERT INTO t VALUES (?)', ['a needle in the log']);
      const file = db.export();
      same(String.fromCharCode(...file.subarray(0, 15)), 'SQLite format 3');
      holds(file.length % 512 === 0, 'it is not made of pages');
      let text = '';
      for (const byte of file) text += String.fromCharCode(byte);
      holds(text.includes('a needle in the log'), 'what was written is missing');
      same(db.all('SELECT v FROM t'), [{ v: 'a needle in the log' }]);
    },
  },
];
