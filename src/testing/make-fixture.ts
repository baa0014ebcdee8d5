/**
 * Makes the fixture of the present schema version: `node src/testing/make-fixture.ts`. A fixture is made once, when its
 * version is released, and then kept for good: every later version must open it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeFixtureBook, portrait } from './fixture-book.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-fixture-'));
try {
  const file = join(folder, 'book.db');
  const book = makeFixtureBook(new NodeSqlite(file));
  const name = join(import.meta.dirname, '../store/fixtures', `version-${SCHEMA_VERSION}`);
  writeFileSync(`${name}.json`, `${JSON.stringify(portrait(book))}\n`);
  book.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  book.store.close();
  writeFileSync(`${name}.db.gz`, gzipSync(readFileSync(file), { level: 9 }));
} finally {
  rmSync(folder, { recursive: true });
}
