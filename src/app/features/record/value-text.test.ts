import { describe, expect, it } from 'vitest';
import { hrefOf, numberWords, shortUrl, valueText } from './value-text.ts';

const zone = { locale: 'en-GB', timeZone: 'UTC' };
const nameOf = (id: string) => ({ o1: 'Open', o2: 'Done', r1: 'Ada' })[id];

describe('valueText', () => {
  it.each([
    ['text', 'Hello', 'Hello'],
    ['number', 1234.5, '1,234.5'],
    ['number', -0.000001, '-0.000001'],
    ['date', '2026-11-23', '23 Nov 2026'],
    ['dateTime', '2026-11-23T09:00:00.000Z', '23 Nov 2026, 09:00'],
    ['checkbox', true, 'Yes'],
    ['checkbox', false, 'No'],
    ['select', 'o1', 'Open'],
    ['select', 'gone', 'a removed option'],
    ['multiSelect', ['o1', 'o2'], 'Open, Done'],
    ['link', 'r1', 'Ada'],
    ['link', 'r2', 'a record that is not here'],
    ['text', null, ''],
    ['text', undefined, ''],
    // A field's kind may have changed since: what was typed is shown all the same.
    ['number', 'about ten', 'about ten'],
    ['date', 7, '7'],
    ['multiSelect', 'o1', 'o1'],
    [null, { a: 1 }, '{"a":1}'],
  ] as const)('%s %j', (kind, value, words) => {
    expect(valueText(kind, value, nameOf, zone)).toBe(words);
  });
});

it('loses no digit of a large number', () => {
  expect(numberWords(9007199254740991, 'en')).toBe('9007199254740991');
  expect(numberWords(0.1 + 0.2, 'en')).toBe('0.30000000000000004');
});

it('follows addresses, and never a scheme that runs code', () => {
  expect(hrefOf('url', 'https://example.org/a')).toBe('https://example.org/a');
  expect(hrefOf('url', 'javascript:alert(1)')).toBeNull();
  expect(hrefOf('email', 'ada@example.org?bcc=x')).toBe('mailto:ada@example.org%3Fbcc%3Dx');
  expect(hrefOf('phone', '+44 (20) 7946-0000')).toBe('tel:+442079460000');
  expect(hrefOf('text', 'https://example.org')).toBeNull();
  expect(shortUrl('https://www.example.org/')).toBe('example.org');
});
