import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { BundleMessage } from './bundle-message.ts';

const id = '01890000-0000-7000-8000-000000000001';
const takes = (payload: unknown): boolean =>
  v.safeParse(BundleMessage, {
    id,
    version: 1,
    bookId: id,
    userId: id,
    clientId: id,
    timestamp: '0'.repeat(32),
    payload,
  }).success;

test('any bytes in base64 are a payload', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 255 }), (bytes) => {
      expect(takes(Buffer.from(bytes).toString('base64'))).toBe(true);
    }),
  );
});

test.each([
  'A',
  'AA',
  'AAA',
  'A===',
  '====',
  '=AAA',
  'AA=A',
  'AA==AAAA',
  'AAA\n',
  'AA_A',
  'AA-A',
  'AAA\u{17f}',
  'AAA\u{212a}',
  null,
  7,
])('%j is no payload', (text) => expect(takes(text)).toBe(false));

test('the longest payload is looked through in no time, good or bad', () => {
  const longest = 'A'.repeat(1_400_000);
  const start = performance.now();
  expect(takes(longest)).toBe(true);
  for (let i = 0; i < 5; i++) expect(takes(`${longest.slice(1)}!`)).toBe(false);
  expect(takes(`${longest}AAAA`)).toBe(false);
  // valibot's pattern takes longer for the first one alone.
  expect(performance.now() - start).toBeLessThan(1_000);
});
