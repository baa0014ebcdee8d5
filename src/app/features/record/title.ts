/** What a record is called. */
import type { FieldKind } from '../../../core/attribute.ts';
import type { Field, RecordRow, RecordType } from '../../../core/query.ts';

const TITLE_KINDS: ReadonlySet<FieldKind> = new Set(['text', 'longText', 'email', 'url', 'phone']);

/** Fields that are shown, in order. */
export const shownFields = (type: RecordType): readonly Field[] => type.fields.filter((field) => !field.hidden);

/** The field whose value is the title of a record: the first one shown that holds text. */
export const titleFieldOf = (type: RecordType): Field | null =>
  shownFields(type).find((field) => TITLE_KINDS.has(field.kind)) ?? null;

/** Title of a row; `Untitled` when it has none. */
export function titleOf(type: RecordType, row: RecordRow): string {
  const field = titleFieldOf(type);
  const value = field === null ? undefined : row.values[field.id];
  return titleOr(typeof value === 'string' ? value : '');
}

/** One line, and never nothing. */
export const titleOr = (title: string): string => title.replace(/\s+/g, ' ').trim() || 'Untitled';
