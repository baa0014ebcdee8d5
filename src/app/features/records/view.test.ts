import { expect, it } from 'vitest';
import type { EntityId } from '../../../core/ids.ts';
import { nextSort, readView, type View, writeView } from './view.ts';

const a = '01930000-0000-7000-8000-00000000000a' as EntityId;
const b = '01930000-0000-7000-8000-00000000000b' as EntityId;

it.each<[string, View]>([
  ['plain', { search: '', sort: null, filters: [] }],
  ['searched', { search: 'a & b? ü:"', sort: null, filters: [] }],
  ['sorted', { search: '', sort: { field: a, direction: 'descending' }, filters: [] }],
  [
    'filtered',
    {
      search: 'x',
      sort: { field: b, direction: 'ascending' },
      filters: [
        { field: a, test: 'is', value: 'o:1' },
        { field: a, test: 'isNot', value: true },
        { field: b, test: 'contains', value: 'a:b\n"c"' },
        { field: b, test: 'atLeast', value: 12.5 },
        { field: b, test: 'atMost', value: '2026-11-23' },
        { field: b, test: 'empty' },
        { field: b, test: 'notEmpty' },
      ],
    },
  ],
])('a %s view comes back from its URL', (_, view) => {
  expect(readView(writeView(view))).toEqual(view);
});

it('the plain view leaves the URL alone', () => {
  expect(writeView({ search: '', sort: null, filters: [] })).toBe('');
});

it.each([
  '?sort=nonsense',
  '?sort=-',
  '?filter=x',
  `?filter=${a}:is`,
  `?filter=${a}:is:{broken`,
  `?filter=${a}:contains:7`,
  `?filter=${a}:atLeast:null`,
  `?filter=${a}:drop:1`,
])('leaves out what it cannot read: %s', (query) => {
  expect(readView(query)).toEqual({ search: '', sort: null, filters: [] });
});

it('a header sorts up, then down, then not', () => {
  const up = nextSort(null, a);
  const down = nextSort(up, a);
  expect([up, down, nextSort(down, a), nextSort(down, b)]).toEqual([
    { field: a, direction: 'ascending' },
    { field: a, direction: 'descending' },
    null,
    { field: b, direction: 'ascending' },
  ]);
});
