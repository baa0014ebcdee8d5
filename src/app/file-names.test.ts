import { expect, test } from 'vitest';
import { backupName, csvName, linesName } from './file-names.ts';

test('names a backup by the day, so that names sort by age', () => {
  expect(backupName(new Date(2026, 10, 3, 23, 59))).toBe('daybook-2026-11-03.sqlite3');
  expect(linesName(new Date(2026, 0, 31))).toBe('daybook-2026-01-31.jsonl');
});

test.each([
  ['Inspections', 'Inspections.csv'],
  ['In / out: "all"?', 'In out all.csv'],
  ['..', 'Records.csv'],
  [' Fläche. ', 'Fläche.csv'],
])('names a table %s as %s', (type, name) => {
  expect(csvName(type)).toBe(name);
});
