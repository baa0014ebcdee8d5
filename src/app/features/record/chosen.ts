import type { JsonValue } from '../../../core/value.ts';

/** The ids that a select or multi-select value holds. */
export function chosenIn(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
}
