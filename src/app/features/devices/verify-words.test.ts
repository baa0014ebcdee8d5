import { expect, test } from 'vitest';
import type { Verified } from '../../../protocol/verification.ts';
import { apartWords, progressShare, progressWords, verifiedWords } from './verify-words.ts';

const at = Date.UTC(2026, 10, 24, 14, 2);
const words = (outcome: Verified, later = 0) => verifiedWords({ at, outcome }, at + later, { timeZone: 'UTC' });
const repaired = (fetched: number, sentAgain: number, shortened = false): Verified => ({
  kind: 'repaired',
  bundles: 9,
  fetched,
  sentAgain,
  shortened,
});

test.each([
  [{ kind: 'same', bundles: 1_204 }, 'Verified just now: this device and the server hold the same 1,204 bundles.'],
  [{ kind: 'same', bundles: 1 }, 'Verified just now: this device and the server hold the same 1 bundle.'],
  [{ kind: 'same', bundles: 0 }, 'Verified just now: the server holds nothing yet that could be compared.'],
  [
    repaired(1, 3),
    'Verified just now: 3 bundles were missing on the server and are being sent again; 1 was missing here and was fetched.',
  ],
  [repaired(0, 1), 'Verified just now: 1 bundle was missing on the server and is being sent again.'],
  [repaired(2, 0), 'Verified just now: 2 bundles were missing here and were fetched.'],
  [
    repaired(0, 2, true),
    'Verified just now: 2 bundles were missing on the server and are being sent again. Changes from before this device’s history begins are not kept here, and could not be sent.',
  ],
  [
    { kind: 'failed', message: 'The server cannot be reached.' },
    'Not verified just now: The server cannot be reached.',
  ],
  [{ kind: 'stopped' }, null],
] as const satisfies readonly (readonly [Verified, string | null])[])('%j', (outcome, sentence) => {
  expect(words(outcome)).toBe(sentence);
});

test('later it is told as past', () => {
  expect(words({ kind: 'same', bundles: 2 }, 300_000)).toBe(
    'Verified 5 min ago: this device and the server hold the same 2 bundles.',
  );
  expect(words(repaired(0, 1), 86_400_000)).toBe(
    'Verified Yesterday 14:02: 1 bundle was missing on the server and was sent again.',
  );
  expect(words({ kind: 'restarted' })).toContain('is being sent again');
  expect(words({ kind: 'restarted' }, 86_400_000)).toContain('was sent again');
});

test('while it is at it, it says what it does and how far it is', () => {
  expect(progressWords({ part: 'comparing', compared: 500, held: 1_204 })).toBe('Comparing 500 of 1,204 bundles…');
  expect(progressShare({ part: 'comparing', compared: 602, held: 1_204 })).toBe(0.5);
  expect(progressShare({ part: 'catchingUp', compared: 0, held: 0 })).toBeNull();
  expect(progressShare({ part: 'fetching', compared: 9, held: 3 })).toBe(1);
});

test('what the server refused is on this device alone, and Verify does not pass over it', () => {
  expect(apartWords(0)).toBe('');
  expect(apartWords(1)).toBe(' Not among them: 1 bundle that the server refused, on this device alone.');
});
