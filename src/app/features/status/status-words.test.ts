import type { Status } from '../../../protocol/status.ts';
import { describe, expect, it } from 'vitest';
import { offsetWords, statusWords } from './status-words.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const text = (status: Status) => statusWords(status, NOW).text;

describe('the status chip says exactly what the design says', () => {
  it.each<[string, Status]>([
    ['Saved on this device only', { kind: 'local' }],
    ['All changes synced', { kind: 'synced' }],
    ['Offline · 3 changes waiting', { kind: 'offline', waiting: 3 }],
    ['Offline · 1 change waiting', { kind: 'offline', waiting: 1 }],
    ['Offline · everything saved here', { kind: 'offline', waiting: 0 }],
    ['Sending 3 changes…', { kind: 'sending', waiting: 3 }],
    ['Sending 1 change…', { kind: 'sending', waiting: 1 }],
    ['Receiving changes…', { kind: 'receiving' }],
    ['3 changes not sent yet · trying again in 30 s', { kind: 'stuck', waiting: 3, retryAt: NOW + 30_000 }],
    ['1 change not sent yet · trying again in 5 min', { kind: 'stuck', waiting: 1, retryAt: NOW + 300_000 }],
    ['3 changes not sent yet · trying again now', { kind: 'stuck', waiting: 3, retryAt: NOW - 1 }],
    ['1 change needs attention', { kind: 'attention', count: 1 }],
    ['2 changes need attention', { kind: 'attention', count: 2 }],
    ["This device's clock is 7 min fast · changes are safe", { kind: 'clock', offsetMillis: 7 * 60_000 }],
    ['Not saved: storage is full', { kind: 'writeFailed', reason: 'full', message: 'SQLITE_FULL' }],
    ['Not saved: the disk is gone', { kind: 'writeFailed', reason: 'other', message: 'the disk is gone' }],
  ])('%s', (words, status) => {
    expect(text(status)).toBe(words);
  });

  it('tells how far a first sync has come, and then the history', () => {
    const words = (status: Status, progress: number | null, history: number | null) =>
      statusWords(status, NOW, { progress, history: history === null ? null : { share: history } }).text;
    expect(words({ kind: 'receiving' }, 0.346, null)).toBe('Receiving changes… 34 %');
    expect(words({ kind: 'synced' }, null, 0.129)).toBe('Receiving history… 12 %');
    expect(words({ kind: 'synced' }, null, 0.999)).toBe('Receiving history… 99 %');
    expect(statusWords({ kind: 'synced' }, NOW, { progress: null, history: { share: null } }).text).toBe(
      'Receiving history…',
    );
    expect(words({ kind: 'receiving' }, 1, null)).toBe('Receiving changes… 99 %');
    // What a person waits for comes first.
    expect(words({ kind: 'sending', waiting: 2 }, null, 0.1)).toBe('Sending 2 changes…');
    expect(words({ kind: 'offline', waiting: 0 }, null, 0.1)).toBe('Offline · everything saved here');
  });

  it('groups the digits of large numbers', () => {
    expect(text({ kind: 'offline', waiting: 12345 })).toBe('Offline · 12,345 changes waiting');
  });
});

it.each<[number, string]>([
  [-90_000, '2 min slow'],
  [20_000, '20 s fast'],
  [3 * 3_600_000, '3 h fast'],
  [-366 * 86_400_000, '366 days slow'],
])('a clock off by %d ms is %s', (offset, words) => {
  expect(offsetWords(offset)).toBe(words);
});

it('asks for a person only where one is needed', () => {
  const tones = (['local', 'synced'] as const).map((kind) => statusWords({ kind }, NOW).tone);
  expect(tones).toEqual(['calm', 'calm']);
  expect(statusWords({ kind: 'attention', count: 1 }, NOW).tone).toBe('alert');
  expect(statusWords({ kind: 'offline', waiting: 1 }, NOW).tone).toBe('waiting');
});
