import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyEvents, anyJson } from '../testing/arbitraries.ts';
import { BookGenerator } from '../testing/book-generator.ts';
import { FIELD_KINDS, type FieldKind } from './attribute.ts';
import { MAX_PREVIOUS, type AttributeName } from './event.ts';
import type { EntityId } from './ids.ts';
import { makeTimestamp, type NodeId } from './timestamp.ts';
import { checkEvent, checkValue, MAX_TEXT_LENGTH, parseText, type FieldRule, type ReadingHints } from './validate.ts';

const open = '0193abcd-1234-7000-8000-000000000001' as EntityId;
const done = '0193abcd-1234-7000-8000-000000000002' as EntityId;
const both = '0193abcd-1234-7000-8000-000000000003' as EntityId;
const options = [
  { id: open, name: 'Open' },
  { id: done, name: 'Done' },
  { id: both, name: 'Done, and paid' },
];
const rule = (kind: FieldKind): FieldRule => ({ kind, options });
const check = (kind: FieldKind, value: unknown): unknown => {
  const result = checkValue(rule(kind), value);
  return result.ok ? result.value : `(${result.error})`;
};
const parse = (kind: FieldKind, text: string, hints?: ReadingHints): unknown => {
  const result = parseText(rule(kind), text, hints);
  return result.ok ? result.value : `(${result.error})`;
};

describe('checkValue', () => {
  test('[VALUE-2] nothing is null, whatever the kind', () => {
    for (const kind of FIELD_KINDS) {
      expect(check(kind, null)).toBeNull();
      expect(check(kind, undefined)).toBeNull();
    }
    for (const kind of ['text', 'longText', 'email', 'url', 'phone', 'date', 'dateTime', 'select', 'link'] as const) {
      expect(check(kind, ' \n ')).toBeNull();
    }
    expect(check('multiSelect', [])).toBeNull();
  });

  test.each<[FieldKind, unknown, unknown]>([
    ['text', '  a b  ', 'a b'],
    ['text', 'nul\0l \ud800', 'null \ufffd'],
    ['longText', ' first\r\nsecond \n\n', ' first\nsecond'],
    ['number', -0, 0],
    ['number', 12.5, 12.5],
    ['date', ' 2024-02-29 ', '2024-02-29'],
    ['dateTime', '2026-11-23T09:00+01:00', '2026-11-23T08:00:00.000Z'],
    ['checkbox', false, false],
    ['select', done, done],
    ['multiSelect', [done, open, done], [open, done]],
    ['link', open, open],
    ['email', 'mailto:Zoë.o’Neil+x@例え.jp', 'Zoë.o’Neil+x@例え.jp'],
    ['url', 'example.com/a?b', 'https://example.com/a?b'],
    ['url', 'localhost.test:8080', 'https://localhost.test:8080'],
    ['url', 'HTTP://Example.com', 'HTTP://Example.com'],
    ['url', 'mailto:a@b.example', 'mailto:a@b.example'],
    ['phone', '+49 (0)30 123-45/67 ext. 8', '+49 (0)30 123-45/67 ext. 8'],
    ['phone', '112', '112'],
  ])('[VALUE-2] %s takes %j', (kind, value, expected) => {
    expect(check(kind, value)).toEqual(expected);
  });

  test.each<[FieldKind, unknown, string]>([
    ['text', 5, '(“5” is not text)'],
    ['text', { a: 1 }, '(“{"a":1}” is not text)'],
    ['number', '5', '(“5” is not a number)'],
    ['number', Number.NaN, '(“null” is not a number)'],
    ['date', '2026-02-30', '(“2026-02-30” is not a date such as 2026-11-23)'],
    [
      'dateTime',
      '2026-11-23T09:00',
      '(“2026-11-23T09:00” does not say in which time zone: add Z or an offset such as +01:00)',
    ],
    ['checkbox', 'yes', '(“yes” is neither yes nor no)'],
    ['select', '0193abcd-1234-7000-8000-000000000009', '(not one of the options)'],
    ['multiSelect', [open, 'x'], '(not one of the options)'],
    ['multiSelect', open, `(“${open}” is not a list of options)`],
    ['link', 'Berlin', '(“Berlin” is not a record)'],
    ['email', 'a b@c', '(“a b@c” is not an e-mail address)'],
    ['email', 'someone', '(“someone” is not an e-mail address)'],
    ['url', 'javascript:alert(1)', '(“javascript:alert(1)” is not a web address)'],
    ['url', ' JavaScript://x.example/%0aalert(1)', '(“JavaScript://x.example/%0aalert(1)” is not a web address)'],
    ['url', 'data:text/html,x', '(“data:text/html,x” is not a web address)'],
    ['url', 'nothing', '(“nothing” is not a web address)'],
    ['url', 'https://', '(“https://” is not a web address)'],
    ['phone', 'call me', '(“call me” is not a phone number)'],
    ['phone', '12', '(“12” is not a phone number)'],
  ])('[VALUE-2] %s refuses %j and says why', (kind, value, expected) => {
    expect(check(kind, value)).toBe(expected);
  });

  test('[VALUE-2] text that is too long is refused, not cut', () => {
    expect(check('longText', 'é'.repeat(MAX_TEXT_LENGTH.longText))).toHaveLength(100_000);
    expect(check('longText', 'é'.repeat(MAX_TEXT_LENGTH.longText + 1))).toBe('(longer than 100,000 characters)');
    expect(check('text', 'a'.repeat(MAX_TEXT_LENGTH.text + 1))).toBe('(longer than 10,000 characters)');
  });

  test('[VALUE-2] any JSON in any field is taken or refused in words, and what is taken is taken again unchanged', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELD_KINDS),
        fc.oneof(anyJson, fc.string({ unit: 'grapheme' }), fc.webUrl(), fc.emailAddress()),
        (kind, value) => {
          const first = checkValue(rule(kind), value);
          expect(first.ok || first.error.length > 5).toBe(true);
          expect(first.ok ? checkValue(rule(kind), first.value) : first).toEqual(first);
        },
      ),
    );
  });
});

describe('parseText', () => {
  test.each<[FieldKind, string, unknown]>([
    ['text', ' 2026 ', '2026'],
    ['longText', 'a\nb ', 'a\nb'],
    ['number', '1,234.5', 1234.5],
    ['date', '23.11.2026', '2026-11-23'],
    ['dateTime', '2026-11-23T09:00Z', '2026-11-23T09:00:00.000Z'],
    ['checkbox', 'Yes', true],
    ['checkbox', ' x ', true],
    ['checkbox', '0', false],
    ['select', 'done', done],
    ['select', open, open],
    ['multiSelect', 'Done, Open', [open, done]],
    ['multiSelect', 'done, and paid', [both]],
    ['multiSelect', 'Done, and paid; Open', [open, both]],
    ['link', open, open],
    ['url', 'example.com', 'https://example.com'],
    ...FIELD_KINDS.map((kind): [FieldKind, string, unknown] => [kind, '  ', null]),
  ])('[VALUE-2] %s reads “%s”', (kind, text, expected) => {
    expect(parse(kind, text)).toEqual(expected);
  });

  test.each<[FieldKind, string, string]>([
    ['checkbox', 'maybe', '(“maybe” is neither yes nor no)'],
    ['select', 'Closed', '(“Closed” is not one of the options)'],
    ['multiSelect', 'Open, Closed', '(“Closed” is not one of the options)'],
    ['number', '1,234', '(“1,234” could mean 1234 or 1.234: write one of these)'],
    ['date', '04/03/2026', '(“04/03/2026” could be 2026-04-03 or 2026-03-04: write the year first)'],
    ['dateTime', '2026-11-23', '(“2026-11-23” is not a date and time such as 2026-11-23T09:00Z)'],
  ])('[VALUE-3] %s refuses “%s” and says why', (kind, text, expected) => {
    expect(parse(kind, text)).toBe(expected);
  });

  test('[VALUE-3] hints settle what could be two things', () => {
    const hints: ReadingHints = { decimal: '.', dayFirst: true, localToUtc: (reading) => reading - 3_600_000 };
    expect(parse('number', '1,234', hints)).toBe(1234);
    expect(parse('date', '04/03/2026', hints)).toBe('2026-03-04');
    expect(parse('dateTime', '2026-11-23 09:00', hints)).toBe('2026-11-23T08:00:00.000Z');
    expect(parse('dateTime', '2026-11-23', hints)).toBe('2026-11-22T23:00:00.000Z');
  });

  test('[VALUE-2] whatever is typed into whatever field, what is read fits the field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIELD_KINDS), fc.string({ unit: 'binary' }), (kind, text) => {
        const read = parseText(rule(kind), text);
        expect(read.ok ? checkValue(rule(kind), read.value) : read).toEqual(read);
      }),
    );
  });
});

describe('checkEvent', () => {
  const event = { ...new BookGenerator(1).schema().events[0]!, attribute: open as string as AttributeName };
  const node = '89abcdef01234567' as NodeId;

  test('[LOG-9] what people make passes as it is', () => {
    const book = new BookGenerator(4);
    const made = [book.schema(), book.importRecords(20), book.edit(3), ...book.conflict()];
    for (const each of made.flatMap((transaction) => transaction.events))
      expect(checkEvent(each)).toEqual({ ok: true, value: each });
  });

  test('[LOG-9] a value becomes canonical, and what else an event holds is left behind', () => {
    expect(checkEvent({ ...event, value: ' { "b" : 1, "a":"\\u0041"} ', extra: 1 })).toEqual({
      ok: true,
      value: { ...event, value: '{"a":"A","b":1}' },
    });
  });

  test.each<[string, unknown, string, string]>([
    ['nothing', null, 'event', 'not an object'],
    ['text', 'event', 'event', 'not an object'],
    ['no id', { ...event, id: undefined }, 'id', 'not a UUID'],
    ['an id in capitals', { ...event, id: event.id.toUpperCase() }, 'id', 'not a UUID'],
    ['no client', { ...event, clientId: 5 }, 'clientId', 'not a UUID'],
    ['no entity', { ...event, entityId: '' }, 'entityId', 'not a UUID'],
    ['no attribute', { ...event, attribute: null }, 'attribute', 'not text'],
    ['an empty attribute', { ...event, attribute: '' }, 'attribute', 'not 1 to 200 characters'],
    ['a long attribute', { ...event, attribute: 'a'.repeat(201) }, 'attribute', 'not 1 to 200 characters'],
    ['half a character', { ...event, attribute: 'a\ud800' }, 'attribute', 'not well-formed text'],
    ['a value that is no text', { ...event, value: { a: 1 } }, 'value', 'not JSON text'],
    ['a value that is no JSON', { ...event, value: 'Open' }, 'value', 'not JSON'],
    ['no timestamp', { ...event, timestamp: '2026' }, 'timestamp', 'not a timestamp'],
    ['no list', { ...event, previous: null }, 'previous', 'not a list'],
    ['a list of other things', { ...event, previous: [1] }, 'previous', 'not a timestamp'],
    ['itself as previous', { ...event, previous: [event.timestamp] }, 'previous', 'not before the event'],
    [
      'a list out of order',
      { ...event, previous: [makeTimestamp(2, 0, node), makeTimestamp(1, 0, node)] },
      'previous',
      'not ascending',
    ],
    [
      'one timestamp twice',
      { ...event, previous: [makeTimestamp(2, 0, node), makeTimestamp(2, 0, node)] },
      'previous',
      'not ascending',
    ],
    [
      'a list without end',
      { ...event, previous: Array.from({ length: MAX_PREVIOUS + 1 }, (_, i) => makeTimestamp(i, 0, node)) },
      'previous',
      'more than 256 timestamps',
    ],
  ])('[LOG-9] %s is refused, and the error says where', (_, candidate, where, reason) => {
    expect(checkEvent(candidate)).toEqual({ ok: false, error: { kind: 'malformed', where, reason } });
  });

  test('[LOG-9] nothing at all makes it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          anyEvents.map((events) => events[0]),
        ),
        (candidate) => {
          const checked = checkEvent(candidate);
          expect(checked.ok ? checkEvent(checked.value) : checked).toEqual(checked);
        },
      ),
    );
  });
});
