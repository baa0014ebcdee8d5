import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { BreakingDatabase, Death, type PointKind } from '../testing/breaking-database.ts';
import { dumpOf } from '../testing/fault-states.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { openStore } from './book.ts';
import type { SqlDatabase } from './database.ts';
import { SCHEMA_VERSION } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-migration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

function fixture(version: number): string {
  const file = join(folder, `${++files}.db`);
  writeFileSync(file, gunzipSync(readFileSync(new URL(`./fixtures/version-${version}.db.gz`, import.meta.url))));
  return file;
}

const open = (db: SqlDatabase): ReturnType<typeof openStore> =>
  openStore(db, { random: new SeededRandom(1).bytes, now: new ManualClock().now, messages: bundleMessages });

/** What lies in a database, its version and its tables included. */
function stateOf(db: SqlDatabase): string {
  const version = JSON.stringify(db.get('PRAGMA user_version'));
  const schema = db.all('SELECT sql FROM main.sqlite_schema ORDER BY name').map((row) => String(row['sql']));
  return [version, ...schema, dumpOf(db)].join('\n');
}

describe.each(Array.from({ length: SCHEMA_VERSION - 1 }, (_, i) => i + 1))('a migration from version %i', (version) => {
  const points: PointKind[] = [];
  const states: string[] = [];
  const course = new NodeSqlite(fixture(version));
  states.push(stateOf(course));
  open(new BreakingDatabase(course, { onPoint: (kind) => points.push(kind), onCommit: () => states.push(stateOf(course)) })); // prettier-ignore
  const after = stateOf(course);
  course.close();

  test('[LOG-4] killed at any statement leaves the old version or the next one, and the next start completes it', () => {
    expect(points.filter((kind) => kind === 'commit').length).toBeGreaterThanOrEqual(SCHEMA_VERSION - version);
    for (const at of points.keys()) {
      const file = fixture(version);
      const left = `${file}-left`;
      const db = new BreakingDatabase(new NodeSqlite(file), {
        onDeath: () => {
          copyFileSync(file, left);
          if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${left}-wal`);
        },
      });
      db.arm({ at, by: 'death' });
      expect(() => open(db)).toThrow(Death);
      db.close();
      const again = new NodeSqlite(left);
      expect(states.includes(stateOf(again)), `point ${at}`).toBe(true);
      expect(open(again)).toMatchObject({ ok: true });
      expect(stateOf(again) === after, `point ${at}`).toBe(true);
      again.close();
    }
  });

  test('refused by a full disk at any write leaves what was there, says so, and goes through later', () => {
    for (const [at, kind] of points.entries()) {
      if (kind !== 'write' && kind !== 'commit') continue;
      const file = new NodeSqlite(fixture(version));
      const db = new BreakingDatabase(file);
      db.arm({ at, by: 'full' });
      expect(open(db)).toMatchObject({ ok: false, error: { kind: 'storage', reason: 'full' } });
      expect(states.includes(stateOf(file)), `point ${at}`).toBe(true);
      db.arm(null);
      expect(open(db)).toMatchObject({ ok: true });
      expect(stateOf(file) === after, `point ${at}`).toBe(true);
      file.close();
    }
  });

  test('that runs out of pages in the middle of its script leaves the file as it was', () => {
    const file = new NodeSqlite(fixture(version));
    const before = stateOf(file);
    const count = Number(Object.values(file.get('PRAGMA page_count') ?? {})[0]);
    let refused = 0;
    for (let pages = 0; ; pages++) {
      file.exec(`PRAGMA max_page_count=${count + pages}`);
      const opened = open(file);
      if (opened.ok) break;
      expect(opened.error).toMatchObject({ kind: 'storage', reason: 'full' });
      expect(stateOf(file) === before, `${pages} pages`).toBe(true);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
    expect(stateOf(file) === after).toBe(true);
    file.close();
  });
});
