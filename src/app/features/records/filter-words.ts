/** Filters as people read and choose them. */
import type { Field, Filter } from '../../../core/query.ts';
import { valueText } from '../record/value-text.ts';

type Test = Filter['test'];

/** The tests that make sense for a kind, the usual one first. */
export function testsFor(field: Field): readonly Test[] {
  switch (field.kind) {
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
      return ['contains', 'is', 'isNot', 'empty', 'notEmpty'];
    case 'number':
    case 'date':
      return ['is', 'atLeast', 'atMost', 'empty', 'notEmpty'];
    case 'dateTime':
      return ['atLeast', 'atMost', 'empty', 'notEmpty'];
    case 'checkbox':
      return ['is'];
    case 'select':
      return ['is', 'isNot', 'empty', 'notEmpty'];
    case 'multiSelect':
      return ['is', 'isNot', 'empty', 'notEmpty'];
    case 'link':
      return ['contains', 'empty', 'notEmpty'];
  }
}

/** A test in words: `is at least`, or `is on or after` for dates. */
export function testWords(field: Field, test: Test): string {
  const day = field.kind === 'date' || field.kind === 'dateTime';
  switch (test) {
    case 'is':
      return field.kind === 'multiSelect' ? 'has' : 'is';
    case 'isNot':
      return field.kind === 'multiSelect' ? 'has not' : 'is not';
    case 'contains':
      return 'contains';
    case 'empty':
      return 'is empty';
    case 'notEmpty':
      return 'is not empty';
    case 'atLeast':
      return day ? 'is on or after' : 'is at least';
    case 'atMost':
      return day ? 'is on or before' : 'is at most';
  }
}

/** A filter as a short sentence: `Status is Open`. */
export function filterWords(field: Field, filter: Filter): string {
  const words = `${field.name} ${testWords(field, filter.test)}`;
  if (!('value' in filter)) return words;
  const names = (id: string) => field.options.find((option) => option.id === id)?.name;
  if (field.kind === 'checkbox') return `${words} ${filter.value === true ? 'ticked' : 'not ticked'}`;
  if (filter.test === 'contains') return `${words} “${filter.value}”`;
  const kind = field.kind === 'multiSelect' ? 'select' : field.kind;
  return `${words} ${valueText(kind, filter.value, names)}`;
}
