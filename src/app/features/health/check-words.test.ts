import { expect, test } from 'vitest';
import type { DoctorReport } from '../../../core/health.ts';
import { mendable, reportText, summaryOf, wordsOf } from './check-words.ts';

const good = { name: 'file', outcome: 'good', faults: 0, examples: [], millis: 12.4 } as const;
const bad = {
  name: 'links',
  outcome: 'bad',
  faults: 1_200,
  examples: ['a link of X is not right'],
  millis: 3,
} as const;
const skipped = { name: 'search', outcome: 'skipped', faults: 0, examples: [], millis: 0 } as const;

const reportOf = (...checks: DoctorReport['checks']): DoctorReport => ({
  sizes: { file: 3_000_000, free: 8_192 },
  counts: {
    events: 10,
    attributes: 9,
    records: 3,
    types: 1,
    clients: 1,
    bundles: 0,
    outbox: 0,
    deadLetters: 0,
    quarantine: 0,
    unsealed: 10,
    leaves: 0,
    collisions: 0,
  },
  horizon: null,
  checks,
});

test('what was found is said in words', () => {
  expect(wordsOf(good)).toBe('Every page of it is in order.');
  expect(wordsOf(bad)).toBe('Some do not lead both ways. 1,200 faults.');
  expect(wordsOf(skipped)).toContain('was not looked at');
  expect(summaryOf(reportOf(good))).toBe('Everything is in order.');
  expect(summaryOf(reportOf(good, skipped))).toBe('What could be looked at is in order.');
  expect(summaryOf(reportOf(good, bad))).toBe('One thing is not as it should be.');
  expect(summaryOf(reportOf(bad, bad))).toBe('2 things are not as they should be.');
  expect(mendable(reportOf(good, bad, skipped))).toEqual(['links']);
});

test('the report to hand on holds sizes, counts, outcomes and examples', () => {
  const text = reportText(reportOf(good, bad), { version: '1.2.3', browser: 'A browser', now: 0 });
  expect(text.split('\n')).toEqual([
    'Daybook 1.2.3, health report of 1970-01-01T00:00:00.000Z',
    'A browser',
    'file: 3.0 MB, of which free: 8.2 KB',
    'history complete since: the beginning',
    'events: 10',
    'attributes: 9',
    'records: 3',
    'types: 1',
    'clients: 1',
    'bundles: 0',
    'outbox: 0',
    'deadLetters: 0',
    'quarantine: 0',
    'unsealed: 10',
    'leaves: 0',
    'collisions: 0',
    'file: good, 12 ms',
    'links: bad (1200), 3 ms',
    '  - a link of X is not right',
  ]);
});
