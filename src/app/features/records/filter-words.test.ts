import { expect, it } from 'vitest';
import type { Field, Filter } from '../../../core/query.ts';
import { filterWords, testsFor } from './filter-words.ts';

const field = (name: string, kind: Field['kind']) =>
  ({ id: 'f', name, kind, options: [{ id: 'o1', name: 'Open' }] }) as unknown as Field;
const filter = (parts: object) => ({ field: 'f', ...parts }) as unknown as Filter;

it.each([
  ['Status is Open', 'Status', 'select', { test: 'is', value: 'o1' }],
  ['Status is not Open', 'Status', 'select', { test: 'isNot', value: 'o1' }],
  ['Tags has Open', 'Tags', 'multiSelect', { test: 'is', value: 'o1' }],
  ['Name contains “ada”', 'Name', 'text', { test: 'contains', value: 'ada' }],
  ['Price is at least 12.5', 'Price', 'number', { test: 'atLeast', value: 12.5 }],
  ['Paid is ticked', 'Paid', 'checkbox', { test: 'is', value: true }],
  ['Paid is not ticked', 'Paid', 'checkbox', { test: 'is', value: false }],
  ['Notes is empty', 'Notes', 'longText', { test: 'empty' }],
  ['Owner contains “ada”', 'Owner', 'link', { test: 'contains', value: 'ada' }],
] as const)('%s', (words, name, kind, parts) => {
  expect(filterWords(field(name, kind), filter(parts))).toBe(words);
});

it('offers each kind something', () => {
  for (const kind of [
    'text',
    'longText',
    'number',
    'date',
    'dateTime',
    'checkbox',
    'select',
    'multiSelect',
    'link',
    'email',
    'url',
    'phone',
  ] as const) {
    expect(testsFor(field('x', kind)).length).toBeGreaterThan(0);
  }
});
