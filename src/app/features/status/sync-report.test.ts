import { expect, it } from 'vitest';
import type { SyncDetails } from '../../../protocol/status.ts';
import { reportText } from './sync-report.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const TOKEN = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA';

const details: SyncDetails = {
  serverUrl: `https://ada:${TOKEN}@book.example.org/path?token=${TOKEN}#join=${TOKEN}`,
  lastContactAt: NOW - 1000,
  waiting: 3,
  waitingSince: null,
  retryAt: null,
  clockOffsetMillis: -40,
  quarantined: 0,
  rejected: 1,
  lastError: `The server at https://book.example.org/v1/books?t=${TOKEN} refused Bearer ${TOKEN}`,
  refused: null,
  verification: { running: null, last: null },
  progress: null,
};

it('tells the state and no secret', () => {
  const text = reportText({ status: { kind: 'offline', waiting: 3 }, details, now: NOW, browser: 'Browser/1' });
  expect(text).not.toContain(TOKEN);
  expect(text).not.toContain('ada');
  expect(text).toContain('Server: https://book.example.org\n');
  expect(text).toContain('Status: Offline · 3 changes waiting');
  expect(text).toContain('Last problem: The server at https://book.example.org refused Bearer [removed]');
  expect(text).toContain('Waiting since: never');
});
