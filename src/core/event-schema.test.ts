import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyId, anyJson } from '../testing/arbitraries.ts';
import * as attributes from './attribute.ts';
import type { AttributeName } from './event.ts';
import { MAX_FACT_LENGTH, misfit } from './event-schema.ts';
import type { EntityId } from './ids.ts';
import { canonicalJson, toJsonText, type JsonText, type JsonValue } from './value.ts';

const id = '0193abcd-1234-7000-8000-000000000001' as EntityId;
const option = attributes.optionAttribute(id);
const look = (attribute: string, value: JsonValue): string | null =>
  misfit(attribute as AttributeName, toJsonText(value));

const deep = Array.from({ length: 30 }).reduce<JsonValue>((inner) => [inner], 'deleted');
const huge = 'x'.repeat(600_000);
/** What none of them takes. */
const NEVER: JsonValue[] = [0, 1, -0.5, [], ['true'], {}, { name: 'a' }, [[id]], deep, huge, [huge], { a: huge }];

const FLAGS = { takes: [true, false], not: ['true', 'yes', '', id], words: 'true or false' };
const TEXTS = {
  takes: ['', 'Tasks', 'a0V', '“Ünï”\n\0', 'true', id, 'x'.repeat(MAX_FACT_LENGTH - 2)],
  not: [true, false, 'x'.repeat(MAX_FACT_LENGTH - 1), '\0'.repeat(MAX_FACT_LENGTH / 5)],
  words: 'text of at most 10,000 characters',
};
const WRONG_IDS = [
  true,
  '',
  'x',
  id.toUpperCase(),
  ` ${id}`,
  `${id} `,
  `{${id}}`,
  id.replaceAll('-', ''),
  'x'.repeat(36),
];
const IDS = { takes: [id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'], not: [...WRONG_IDS, 'type'], words: 'a UUID' };

const SYSTEM: { readonly [attribute in attributes.SystemAttribute]: typeof FLAGS | typeof TEXTS | typeof IDS } = {
  type: {
    takes: [...attributes.SYSTEM_TYPES, id],
    not: [...WRONG_IDS, 'Type', 'types', 'constructor'],
    words: 'a system type or a UUID',
  },
  deleted: FLAGS,
  hidden: FLAGS,
  sample: FLAGS,
  name: TEXTS,
  order: TEXTS,
  icon: TEXTS,
  kind: TEXTS,
  owner: IDS,
  target: IDS,
  user: IDS,
};

describe.each(Object.entries(SYSTEM))('[LOG-10] %s', (attribute, { takes, not, words }) => {
  test('takes values of its shape, and null', () => {
    for (const value of [null, ...takes]) expect(look(attribute, value), toJsonText(value).slice(0, 60)).toBeNull();
  });

  test('takes no others, and says so', () => {
    for (const value of [...NEVER, ...not])
      expect(look(attribute, value), toJsonText(value).slice(0, 60)).toBe(`${attribute} is not ${words}`);
  });
});

test('[LOG-10] every name that the app has for an attribute has a schema', () => {
  const names = Object.entries(attributes).flatMap(([constant, value]) =>
    typeof value === 'string' && constant !== 'OPTION_PREFIX' ? [value] : [],
  );
  expect(names.toSorted()).toEqual(Object.keys(SYSTEM).toSorted());
  for (const name of names) expect(look(name, { a: 1 })).not.toBeNull();
});

describe('[LOG-10] an option', () => {
  const value = { name: 'Open', order: 'a0', tint: 3 };

  test('has a name, an order and a tint, and what a later version adds', () => {
    for (const each of [null, value, { ...value, tint: -1 }, { ...value, name: '' }, { ...value, icon: ['x'] }])
      expect(look(option, each)).toBeNull();
    expect(misfit(option, '{"__proto__":null,"name":"a","order":"b","tint":1}' as JsonText)).toBeNull();
  });

  test.each<[string, JsonValue]>([
    ['text', 'Open'],
    ['a list', [value]],
    ['a list of its parts', ['Open', 'a0', 3]],
    ['nothing inside', {}],
    ['no name', { order: 'a0', tint: 3 }],
    ['a name that is none', { ...value, name: null }],
    ['an order that is none', { ...value, order: 5 }],
    ['half a tint', { ...value, tint: 1.5 }],
    ['a tint in words', { ...value, tint: '3' }],
    ['parts that lie deeper', { option: value }],
    ['parts that come from elsewhere', { ...value, name: undefined as unknown as null, ['__proto__']: value }],
    ['too much', { ...value, note: 'x'.repeat(MAX_FACT_LENGTH) }],
    ['too long a name', { ...value, name: huge }],
  ])('is not %s', (_, wrong) => {
    const text = canonicalJson(JSON.stringify(wrong));
    if (!text.ok) throw new Error(text.error);
    expect(misfit(option, text.value)).toBe(`${option} is not an option with a name, an order and a tint`);
  });

  test('whose id is none is an attribute that nobody knows', () => {
    for (const name of ['option:', 'option:x', `option:${id}0`, `option:${id.toUpperCase()}`, `Option:${id}`])
      expect(look(name, deep)).toBeNull();
  });
});

test('[LOG-10] fields and names that this version does not know take anything', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyId(), fc.constantFrom('constructor', '__proto__', 'Type', 'types', 'archived')),
      anyJson,
      (name, value) => {
        expect(look(name, value)).toBeNull();
      },
    ),
  );
});

test('[LOG-10] whatever a value is, it is taken or told apart, and nothing throws', () => {
  const names = [...Object.keys(SYSTEM), option];
  fc.assert(
    fc.property(fc.constantFrom(...names), anyJson, (name, value) => {
      const wrong = look(name, value);
      expect(wrong === null || wrong.startsWith(`${name} is not `)).toBe(true);
      if (value === null) expect(wrong).toBeNull();
    }),
  );
});
