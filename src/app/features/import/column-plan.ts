/** What the person decides about each column: pure. */
import type { Field, RecordType } from '../../../core/query.ts';
import type { ColumnTarget } from './convert-column.ts';
import type { ColumnGuess, ColumnHints, ColumnKind } from './guess-columns.ts';

export interface ColumnPlan {
  /** Place in the file. */
  readonly column: number;
  /** Name in the file. */
  readonly header: string;
  readonly target: ColumnTarget;
  readonly hints: ColumnHints;
  readonly guess: ColumnGuess;
  /** Keeps cells that do not fit in a text field beside, rather than leaving them empty. */
  readonly keepMisfits: boolean;
}

interface Column {
  readonly name: string;
  readonly guess: ColumnGuess;
}

/** A first plan: into a new type every column with its guess; into an existing one the fields of the same names, and new ones. */
export function planColumns(columns: readonly Column[], type: RecordType | null): readonly ColumnPlan[] {
  const taken = new Set<string>();
  return columns.map(({ name, guess }, column) => {
    const field = type?.fields.find((each) => !taken.has(each.id) && sameName(each.name, name));
    if (field) taken.add(field.id);
    const target: ColumnTarget = field ? intoField(field) : { kind: 'new', name, fieldKind: guess.kind };
    return { column, header: name, target, hints: guess.hints, guess, keepMisfits: true };
  });
}

export const intoField = (field: Field): ColumnTarget => ({ kind: 'field', field, addOptions: true });

/** Why the columns cannot be imported like this, by column; empty when they can. */
export function planProblems(plans: readonly ColumnPlan[], type: RecordType | null): ReadonlyMap<number, string> {
  const problems = new Map<number, string>();
  const names = new Map<string, number>();
  const fields = new Set<string>();
  for (const field of type?.fields ?? []) names.set(field.name.trim().toLowerCase(), -1);
  for (const { column, target } of plans) {
    if (target.kind === 'field') {
      if (fields.has(target.field.id)) problems.set(column, `Another column goes into ${target.field.name} already`);
      fields.add(target.field.id);
    }
    if (target.kind !== 'new') continue;
    const name = target.name.trim().toLowerCase();
    if (name === '') problems.set(column, 'A name is needed');
    else if (names.has(name)) {
      problems.set(
        column,
        names.get(name) === -1 ? 'There is a field of that name already' : 'Another column has that name',
      );
    }
    names.set(name, column);
  }
  return problems;
}

/** The same plan with another kind of new field. */
export const withKind = (plan: ColumnPlan, fieldKind: ColumnKind): ColumnPlan =>
  plan.target.kind === 'new' ? { ...plan, target: { ...plan.target, fieldKind } } : plan;

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** A name for the new type: that of the file without its ending, in words. */
export function typeNameFrom(fileName: string): string {
  const bare = fileName
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replace(/[_-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return bare === '' ? 'Imported' : `${bare.charAt(0).toUpperCase()}${bare.slice(1)}`.slice(0, 100);
}
