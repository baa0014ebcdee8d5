import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { portrait } from '../testing/fixture-book.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { openStore } from './book.ts';
import type { SqlDatabase } from './database.ts';
import { SCHEMA_VERSION } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-migrations-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

function fileWith(bytes: Uint8Array): string {
  const file = join(folder, `${Math.floor(performance.now() * 1_000)}.db`);
  writeFileSync(file, bytes);
  return file;
}

function fixtureFile(version: number): string {
  return fileWith(gunzipSync(fixture(`version-${version}.db.gz`)));
}

function schemaOf(db: SqlDatabase): string[] {
  return db
    .all('SELECT type, name, tbl_name, sql FROM sqlite_schema')
    .map((row) => JSON.stringify(Object.values(row)))
    .toSorted();
}

function tryToOpen(db: SqlDatabase): unknown {
  const opened = openStore(db, {
    random: new SeededRandom(1).bytes,
    now: new ManualClock().now,
    messages: bundleMessages,
  });
  return opened.ok ? 'opened' : opened.error;
}

describe.each(Array.from({ length: SCHEMA_VERSION }, (_, i) => i + 1))('a database of version %i', (version) => {
  test('opens, and answers everything as it did', () => {
    const db = new NodeSqlite(fixtureFile(version));
    const book = openBook({ db, random: new SeededRandom(3) });
    // Later versions may say more, never something else.
    expect(portrait(book)).toMatchObject(JSON.parse(fixture(`version-${version}.json`).toString()));
    expect(book.store.quickCheck()).toEqual({ ok: true, value: null });
    db.close();
  });

  test('has the tables of a new one afterwards, with what the log comes to in them', () => {
    const db = new NodeSqlite(fixtureFile(version));
    const book = openBook({ db, random: new SeededRandom(3) });
    expect(schemaOf(db)).toEqual(schemaOf(openBook().db));
    while (book.store.catchUp(10));
    expect(book.ask({ kind: 'preparing' })).toEqual({ parts: [] });
    const derived = canonicalDump(db, true);
    book.store.rebuild();
    expect(canonicalDump(db, true)).toEqual(derived);
    db.close();
  });

  test('goes on: what was undone is redone, and new things are made', () => {
    const db = new NodeSqlite(fixtureFile(version));
    const clock = new ManualClock(Date.UTC(2027, 0, 1));
    const book = openBook({ db, clock, random: new SeededRandom(3) });
    expect(book.redo().ok).toBe(true);
    const type = book.mint();
    book.do({ kind: 'createType', id: type, name: 'New', fields: [] });
    book.do({ kind: 'createRecords', type, records: [{ id: book.mint(), values: {} }] });
    expect(book.ask({ kind: 'records', type, offset: 0, limit: 5 }).total).toBe(1);
    db.close();
  });
});

describe('refused and left untouched:', () => {
  test('a database of a newer version', () => {
    const file = fixtureFile(SCHEMA_VERSION);
    const newer = new NodeSqlite(file);
    newer.exec(`PRAGMA user_version=${SCHEMA_VERSION + 1}; PRAGMA wal_checkpoint(TRUNCATE)`);
    newer.close();
    const before = readFileSync(file);
    const db = new NodeSqlite(file);
    expect(tryToOpen(db)).toEqual({ kind: 'newer', found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION });
    db.close();
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test.each([
    ['with tables of its own', 'CREATE TABLE accounts (id)'],
    ['that calls itself of our version', `CREATE TABLE accounts (id); PRAGMA user_version=${SCHEMA_VERSION}`],
  ])('a database %s', (_, sql) => {
    const db = new NodeSqlite();
    db.exec(sql);
    const before = schemaOf(db);
    expect(tryToOpen(db)).toEqual({ kind: 'notABook' });
    expect(schemaOf(db)).toEqual(before);
  });

  test('a file that is damaged', () => {
    const bytes = gunzipSync(fixture(`version-${SCHEMA_VERSION}.db.gz`));
    const intact = new NodeSqlite(fileWith(bytes));
    const page = Number(intact.get(`SELECT rootpage FROM sqlite_schema WHERE name = 'config'`)?.['rootpage']);
    intact.close();
    bytes.fill(0xa5, (page - 1) * 8_192, page * 8_192);
    const file = fileWith(bytes);
    const db = new NodeSqlite(file);
    expect(tryToOpen(db)).toMatchObject({ kind: 'damaged' });
    db.close();
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });
});

test('a book that is opened again is the same book', () => {
  const db = new NodeSqlite();
  const first = openBook({ db }).store.identity();
  expect(openBook({ db, random: new SeededRandom(50) }).store.identity()).toEqual(first);
});
