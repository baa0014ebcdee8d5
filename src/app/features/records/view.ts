/** What part of a type's records is shown, as the URL keeps it: search, sort and filters. */
import { parseId, type EntityId } from '../../../core/ids.ts';
import type { Filter, Sort } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';

export interface View {
  readonly search: string;
  readonly sort: Sort | null;
  readonly filters: readonly Filter[];
}

/** Whether it leaves records out. */
export const isNarrowed = (view: View): boolean => view.search !== '' || view.filters.length > 0;

const TESTS = ['is', 'isNot', 'contains', 'empty', 'notEmpty', 'atLeast', 'atMost'] as const;

/** Reads a view from the query of a URL; whatever cannot be read is left out. */
export function readView(query: string): View {
  const parameters = new URLSearchParams(query);
  return {
    search: parameters.get('q') ?? '',
    sort: readSort(parameters.get('sort')),
    filters: parameters
      .getAll('filter')
      .map(readFilter)
      .filter((filter) => filter !== null),
  };
}

/** The query of a URL for a view, with its `?`; '' for the plain view. */
export function writeView(view: View): string {
  const parameters = new URLSearchParams();
  if (view.search !== '') parameters.set('q', view.search);
  if (view.sort) parameters.set('sort', `${view.sort.direction === 'descending' ? '-' : ''}${view.sort.field}`);
  for (const filter of view.filters) {
    const value = 'value' in filter ? `:${JSON.stringify(filter.value)}` : '';
    parameters.append('filter', `${filter.field}:${filter.test}${value}`);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function readSort(text: string | null): Sort | null {
  const field = parseId<EntityId>(text?.replace(/^-/, ''));
  return field === null ? null : { field, direction: text?.startsWith('-') === true ? 'descending' : 'ascending' };
}

function readFilter(text: string): Filter | null {
  const [, id, name, json] = /^([^:]+):([^:]+)(?::(.*))?$/s.exec(text) ?? [];
  const field = parseId<EntityId>(id);
  const test = TESTS.find((each) => each === name);
  if (field === null || test === undefined) return null;
  if (test === 'empty' || test === 'notEmpty') return { field, test };
  const value = readJson(json);
  if (value === undefined) return null;
  if (test === 'is' || test === 'isNot') return { field, test, value };
  if (test === 'contains') return typeof value === 'string' ? { field, test, value } : null;
  return typeof value === 'string' || typeof value === 'number' ? { field, test, value } : null;
}

function readJson(text: string | undefined): JsonValue | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return undefined;
  }
}

/** What a click on a column's header does next: up, down, then the order in which records were made. */
export function nextSort(sort: Sort | null, field: EntityId): Sort | null {
  if (sort?.field !== field) return { field, direction: 'ascending' };
  return sort.direction === 'ascending' ? { field, direction: 'descending' } : null;
}
