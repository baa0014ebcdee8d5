import { describe, expect, it } from 'vitest';
import type { Field } from '../../../core/query.ts';
import { draftOf, localWriting, valueOf, type Writing } from './drafts.ts';

const field = (kind: Field['kind']) => ({ kind, options: [] }) as unknown as Field;
/** Berlin in winter, one hour before UTC. */
const berlin: Writing = { decimal: ',', offsetAt: () => -60 };
const london: Writing = { decimal: '.', offsetAt: () => 0 };

describe('a value comes back from its draft', () => {
  it.each([
    ['text', 'Hello'],
    ['longText', 'two\nlines'],
    ['number', 1234.5],
    ['number', -1e-7],
    ['number', 0.001],
    ['date', '2026-11-23'],
    ['dateTime', '2026-11-23T09:00:00.000Z'],
    ['dateTime', '2026-11-23T09:00:07.000Z'],
    ['dateTime', '2026-11-23T23:30:07.125Z'],
    ['email', 'ada@example.org'],
    ['url', 'https://example.org/'],
    ['phone', '+44 20 7946 0000'],
  ] as const)('%s %j', (kind, value) => {
    for (const writing of [berlin, london]) {
      expect(valueOf(field(kind), draftOf(field(kind), value, writing), writing)).toEqual({ ok: true, value });
    }
  });
});

it('writes as the person does', () => {
  expect(draftOf(field('number'), 1234.5, berlin)).toBe('1234,5');
  expect(draftOf(field('dateTime'), '2026-11-23T09:00:00.000Z', berlin)).toBe('2026-11-23T10:00');
  expect(localWriting('de').decimal).toBe(',');
  expect(localWriting('en').decimal).toBe('.');
});

it('says why a text means nothing, and an empty one clears', () => {
  expect(valueOf(field('number'), 'ten', london)).toEqual({ ok: false, error: '“ten” is not a number' });
  expect(valueOf(field('number'), '  ', london)).toEqual({ ok: true, value: null });
});

it('keeps the time of day across a change of the clocks', () => {
  // Berlin: UTC+2 until 2026-10-25T01:00Z, then UTC+1.
  const change = Date.UTC(2026, 9, 25, 1);
  const writing: Writing = { decimal: ',', offsetAt: (millis) => (millis < change ? -120 : -60) };
  for (const value of ['2026-10-24T22:30:00.000Z', '2026-10-25T08:00:00.000Z']) {
    expect(valueOf(field('dateTime'), draftOf(field('dateTime'), value, writing), writing)).toEqual({
      ok: true,
      value,
    });
  }
});
