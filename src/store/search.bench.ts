import { expect, test } from 'vitest';
import type { Event } from '../core/event.ts';
import { BookGenerator } from '../testing/book-generator.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { SqliteDatabase } from '../worker/sqlite-database.ts';
import { loadEngine } from '../worker/sqlite-engine.ts';
import { openStore } from './book.ts';
import type { SqlDatabase } from './database.ts';
import { appendEvents } from './event-log.ts';
import { foldText } from './fold-text.ts';

/**
 * Which way to search serves best: a scan of the folded words, or FTS5 with trigrams or with whole words and their beginnings,
 * over the same words of 100,000 records. sqlite-wasm in memory.
 */
const RECORDS = 100_000;
const ROUNDS = 9;
const PAGE = 60;

const SCHEMA = `
  CREATE VIRTUAL TABLE trigrams USING fts5(text, content='', contentless_delete=1, tokenize='trigram');
  CREATE VIRTUAL TABLE prefixes USING fts5(text, content='', contentless_delete=1, tokenize='unicode61', prefix='2 3', detail=none);
  CREATE TABLE scanned(number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`;

const SEARCHES = {
  'two common words': 'street ann',
  'a rare pair': 'zhang accra',
  'the inside of words': 'chmid eyst',
  'a number': '97',
  'two letters': 'an',
  nothing: 'nowhere',
} as const;

const words = (text: string): string[] => foldText(text).split(' ');
const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`;

/** How each way finds the first page of what holds all the words: its numbers, the newest first. */
const WAYS: { readonly [way: string]: (db: SqlDatabase, text: string) => number[] } = {
  scan: (db, text) =>
    numbers(
      db,
      `scanned WHERE ${words(text)
        .map(() => 'instr(text, ?) > 0')
        .join(' AND ')} ORDER BY number`,
      words(text),
    ),
  // Trigrams find nothing for less than three letters: those are looked for by a scan.
  trigrams: (db, text) =>
    words(text).some((word) => word.length < 3)
      ? (WAYS['scan']?.(db, text) ?? [])
      : numbers(db, 'trigrams WHERE trigrams MATCH ? ORDER BY rowid', [words(text).map(quoted).join(' AND ')], 'rowid'),
  'beginnings of words': (db, text) =>
    numbers(
      db,
      'prefixes WHERE prefixes MATCH ? ORDER BY rowid',
      [
        words(text)
          .map((word) => `${quoted(word)} *`)
          .join(' AND '),
      ],
      'rowid',
    ),
};

function numbers(db: SqlDatabase, from: string, params: readonly string[], column = 'number'): number[] {
  return db.all<{ n: number }>(`SELECT ${column} AS n FROM ${from} DESC LIMIT ${PAGE}`, params).map((row) => row.n);
}

const WRITES: { readonly [way: string]: string } = {
  scan: 'INSERT OR REPLACE INTO scanned (number, text) VALUES (?, ?)',
  trigrams: 'INSERT OR REPLACE INTO trigrams (rowid, text) VALUES (?, ?)',
  'beginnings of words': 'INSERT OR REPLACE INTO prefixes (rowid, text) VALUES (?, ?)',
};

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function report(
  title: string,
  rows: readonly (readonly [name: string, times: readonly number[], more: string])[],
): void {
  const yardstick = median(rows[0]?.[1] ?? []);
  const lines = rows.map(([name, times, more]) => {
    const ms = median(times);
    return `  ${name.padEnd(24)}${ms.toFixed(1).padStart(9)} ms  x ${(ms / yardstick).toFixed(2).padEnd(8)}${more}`;
  });
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`);
}

test('search of 100,000 records, three ways', { timeout: 600_000 }, async () => {
  const generator = new BookGenerator(20_261_123, 3);
  const db = new SqliteDatabase(await loadEngine(), ':memory:', null);
  openStore(db, { random: generator.random.bytes, now: generator.clock.now, messages: bundleMessages });
  const ingest = (events: readonly Event[]): void =>
    db.transaction('normal', () => void appendEvents(db, [{ events, bundleId: null, sender: null }]));
  ingest(generator.schema().events);
  for (let i = 0; i < RECORDS / 1_000; i++) ingest(generator.importRecords(1_000).events);
  const texts = db.all<{ number: number; text: string }>('SELECT number, text FROM search').map(({ number, text }) => [number, text] as const); // prettier-ignore
  expect(texts).toHaveLength(RECORDS);
  db.exec(SCHEMA);

  const size = (): number => Number(Object.values(db.get('PRAGMA page_count') ?? {})[0]) * 8_192;
  report(
    'writing the words of 100,000 records, 1,000 in a transaction',
    Object.entries(WRITES).map(([way, sql]) => {
      const before = size();
      const times: number[] = [];
      for (let i = 0; i < RECORDS; i += 1_000) {
        times.push(time(() => db.transaction('normal', () => db.bulk(sql, texts.slice(i, i + 1_000)))));
      }
      return [way, times, `${((size() - before) / 1e6).toFixed(1)} MB`];
    }),
  );
  report(
    'writing the words of 1,000 records again',
    Object.entries(WRITES).map(([way, sql]) => {
      const times = Array.from({ length: ROUNDS }, () => {
        const rows = Array.from({ length: 1_000 }, () => generator.random.pick(texts));
        return time(() => db.transaction('normal', () => db.bulk(sql, rows)));
      });
      return [way, times, ''];
    }),
  );
  for (const [title, text] of Object.entries(SEARCHES)) {
    report(
      `the first ${PAGE} with ${title} (${text})`,
      Object.entries(WAYS).map(([way, find]) => {
        let found: number[] = [];
        const times = Array.from({ length: ROUNDS }, () => time(() => (found = find(db, text))));
        return [way, times, `${found.length} found`];
      }),
    );
  }
});
