import { describe, expect, it } from 'vitest';
import type { EntityId } from '../../../core/ids.ts';
import type { Field, RecordType } from '../../../core/query.ts';
import { planColumns, planProblems, typeNameFrom, withKind } from './column-plan.ts';
import type { ColumnGuess } from './guess-columns.ts';

const guess: ColumnGuess = {
  kind: 'number',
  hints: { decimal: '.', dayFirst: false },
  decimalMatters: false,
  dayFirstMatters: false,
};
const field = (id: string, name: string): Field => ({
  id: id as EntityId,
  type: 't' as EntityId,
  name,
  kind: 'text',
  order: id,
  hidden: false,
  options: [],
  target: null,
});
const type: RecordType = {
  id: 't' as EntityId,
  name: 'Things',
  icon: null,
  order: 'a0',
  hidden: false,
  fields: [field('f1', 'Name'), field('f2', 'Size')],
  records: 0,
  samples: 0,
};
const columns = ['name', 'Size', 'Colour', 'NAME'].map((name) => ({ name, guess }));

describe('planColumns', () => {
  it('makes a field of each column of a new type', () => {
    expect(planColumns(columns, null).map(({ target }) => target)).toEqual(
      columns.map(({ name }) => ({ kind: 'new', name, fieldKind: 'number' })),
    );
  });

  it('finds the fields of an existing type by name, each once', () => {
    const targets = planColumns(columns, type).map(({ target }) =>
      target.kind === 'field' ? target.field.id : target.kind,
    );
    expect(targets).toEqual(['f1', 'f2', 'new', 'new']);
  });
});

describe('planProblems', () => {
  it('refuses names that are missing or there already', () => {
    const plans = planColumns([...columns, { name: 'colour', guess }, { name: ' ', guess }], type);
    expect(Object.fromEntries(planProblems(plans, type))).toEqual({
      3: 'There is a field of that name already',
      4: 'Another column has that name',
      5: 'A name is needed',
    });
  });

  it('refuses two columns for one field', () => {
    const plans = planColumns(columns, type).map((plan) => ({
      ...plan,
      target: planColumns(columns, type)[0]!.target,
    }));
    expect([...planProblems(plans.slice(0, 2), type)]).toEqual([[1, 'Another column goes into Name already']]);
  });

  it('accepts what is fine', () => {
    expect(planProblems(planColumns(columns.slice(0, 3), type), type).size).toBe(0);
  });
});

it('changes the kind of a new field alone', () => {
  const [plan] = planColumns(columns, null);
  expect(withKind(plan!, 'text').target).toEqual({ kind: 'new', name: 'name', fieldKind: 'text' });
});

it.each([
  ['airports.csv', 'Airports'],
  ['my_stock-list 2026.tsv', 'My stock list 2026'],
  ['.csv', 'Imported'],
])('calls a type made of %s %s', (file, expected) => {
  expect(typeNameFrom(file)).toBe(expected);
});
