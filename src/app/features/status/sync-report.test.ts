import { expect, it } from 'vitest';
import type { SyncDetails } from '../../../protocol/status.ts';
import { reportText } from './sync-report.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const TOKEN = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA';

const details: SyncDetails = {
  serverUrl: `https://ada:${TOKEN}@book.example.org/path?token=${TOKEN}#join=${TOKEN}`,
  lastContactAt: NOW - 1000,
  waiting: 3,
  waitingSince: NOW - 3_600_000,
  retryAt: NOW + 30_000,
  clockOffsetMillis: -40,
  quarantined: 0,
  rejected: 1,
  lastError: `The server at https://book.example.org/v1/books?t=${TOKEN} refused Bearer ${TOKEN}`,
  refused: null,
  verification: { running: null, last: null },
  progress: 0.25,
  history: null,
  sent: 0,
  arriving: null,
};

it('tells what waits, since when, last contact, server, clock and the next try, and no secret', () => {
  const text = reportText({ status: { kind: 'offline', waiting: 3 }, details, now: NOW, browser: 'Browser/1' });
  expect(text).not.toContain(TOKEN);
  expect(text).not.toContain('ada');
  expect(text.split('\n')).toEqual([
    'Daybook sync report: 2026-11-23T09:00:00.000Z',
    'Status: Offline · 3 changes waiting',
    'Server: https://book.example.org',
    'Last contact: 2026-11-23T08:59:59.000Z',
    'Changes waiting: 3',
    'Waiting since: 2026-11-23T08:00:00.000Z',
    'Next try: 2026-11-23T09:00:30.000Z',
    'Clock ahead of the server (ms): -40',
    'Quarantined: 0',
    'Rejected: 1',
    'Last verified: never',
    'First sync: 25 %',
    'Last problem: The server at https://book.example.org refused Bearer [removed]',
    'Browser: Browser/1',
  ]);
});

it('claims nothing that is not known', () => {
  const unknown: SyncDetails = {
    ...details,
    ...{ serverUrl: null, lastContactAt: null, waiting: 0, waitingSince: null, retryAt: null },
    ...{ clockOffsetMillis: null, lastError: null, progress: null },
  };
  expect(reportText({ status: { kind: 'local' }, details: unknown, now: NOW, browser: 'B' }).split('\n')).toEqual([
    'Daybook sync report: 2026-11-23T09:00:00.000Z',
    'Status: Saved on this device only',
    'Server: none',
    'Last contact: not yet',
    'Changes waiting: 0',
    'Waiting since: nothing waits',
    'Next try: none is planned',
    'Clock ahead of the server (ms): not compared',
    'Quarantined: 0',
    'Rejected: 1',
    'Last verified: never',
    'First sync: none under way, or not known',
    'Last problem: none',
    'Browser: B',
  ]);
});

it.each([
  ['a token without digits', 'abcdefghijklmnopqrstuvWXYZabcdefghijklmnopq'],
  ['a token without small letters', 'Q83VEJRWEJCRZE8SNFZ4KKVN7XI0VNIQQ83VEJRWEJA'],
  ['a token with dashes', 'q83v-jRWeJCrze8S_FZ4kKvN7xI0VniQq83vEjRWe-A'],
])('%s is no secret that gets out, whether an error or the status holds it', (_, secret) => {
  const status = { kind: 'writeFailed', reason: 'other', message: `disk of ${secret}` } as const;
  const text = reportText({ status, details: { ...details, lastError: `not ${secret}.` }, now: NOW, browser: 'B' });
  expect(text).not.toContain(secret);
  expect(text).toContain('Status: Not saved: disk of [removed]');
  const id = '01939e2a-5f5b-7c4d-8e3f-0123456789ab';
  const named = reportText({ status, details: { ...details, lastError: `bundle ${id}` }, now: NOW, browser: 'B' });
  expect(named).toContain(`Last problem: bundle ${id}`);
});
