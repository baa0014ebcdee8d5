import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../core/query.ts';
import { tellDifferences, tellRestore } from './difference-words.ts';

const zone = { locale: 'en-GB', timeZone: 'UTC' };

function difference(parts: Partial<Difference>): Difference {
  return {
    entityId: 'r1' as Difference['entityId'],
    title: 'Roof',
    type: 't1' as Difference['type'],
    attribute: 'f1' as Difference['attribute'],
    fieldName: null,
    fieldKind: null,
    before: null,
    after: null,
    words: { o1: 'Open', o2: 'Done', t1: 'Inspections' },
    ...parts,
  };
}
const system = (attribute: string, before: Difference['before'], after: Difference['after']) =>
  difference({ attribute: attribute as Difference['attribute'], before, after });
const told = (...parts: readonly Difference[]) => tellDifferences(parts, zone);

describe('a value that differs', () => {
  it.each<[string, string, string, Difference]>([
    ['Status', 'Open', 'Done', difference({ fieldName: 'Status', fieldKind: 'select', before: 'o1', after: 'o2' })],
    ['Due', '', '23 Nov 2026', difference({ fieldName: 'Due', fieldKind: 'date', after: '2026-11-23' })],
    ['Paid', 'Yes', '', difference({ fieldName: 'Paid', fieldKind: 'checkbox', before: true })],
    ['Name', 'Jobs', 'Inspections', system('name', 'Jobs', 'Inspections')],
    ['Hidden', '', 'Yes', system('hidden', null, true)],
    [
      'Option',
      'Open',
      'Done',
      system('option:o1', { name: 'Open', order: 'a', tint: 1 }, { name: 'Done', order: 'a', tint: 1 }),
    ],
    ['Place in the list', '', 'moved', system('order', 'a0', 'a1')],
  ])('%s: %j and then %j', (name, before, after, one) => {
    expect(told(one)[0]?.values).toEqual([{ attribute: one.attribute, name, before, after }]);
  });
});

describe('what became of a record', () => {
  it.each([
    ['made', system('type', null, 't1')],
    ['unmade', system('type', 't1', null)],
    ['trashed', system('deleted', null, true)],
    ['untrashed', system('deleted', true, null)],
  ] as const)('is told once: %s', (fate, one) => {
    const [entity] = told(one, difference({ fieldName: 'Site', fieldKind: 'text', after: 'Elm Street' }));
    expect(entity).toMatchObject({ fate, values: [{ name: 'Site', after: 'Elm Street' }] });
  });

  it('is told of each apart', () => {
    const other = { entityId: 'r2' as Difference['entityId'], title: 'Boiler' };
    const field = { fieldName: 'Site', fieldKind: 'text', after: 'x' } as const;
    const entities = told(
      difference(field),
      difference({ ...field, fieldName: 'Note' }),
      difference({ ...field, ...other }),
    );
    expect(entities.map(({ title, values }) => [title, values.length])).toEqual([
      ['Roof', 2],
      ['Boiler', 1],
    ]);
  });
});

describe('restoring', () => {
  it('goes the other way', () => {
    const [entity] = tellRestore(
      [
        difference({ fieldName: 'Site', fieldKind: 'text', before: 'Elm', after: 'Oak' }),
        system('deleted', null, true),
      ],
      zone,
    );
    expect(entity).toMatchObject({ fate: 'untrashed', values: [{ name: 'Site', before: 'Oak', after: 'Elm' }] });
  });

  it('moves what was not there yet to the Trash as it is', () => {
    const site = difference({ fieldName: 'Site', fieldKind: 'text', after: 'Oak' });
    expect(tellRestore([system('type', null, 't1'), site], zone)).toMatchObject([{ fate: 'unmade', values: [] }]);
  });
});
