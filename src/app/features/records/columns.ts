/** How wide the columns of the table are, by what they hold. */
import type { Field } from '../../../core/query.ts';

const WIDTHS: { readonly [kind in Field['kind']]: number } = {
  text: 180,
  longText: 260,
  number: 120,
  date: 128,
  dateTime: 176,
  checkbox: 96,
  select: 148,
  multiSelect: 208,
  link: 180,
  email: 212,
  url: 188,
  phone: 156,
};
export const MARGIN_WIDTH = 52;
export const TITLE_WIDTH = 264;

/** The columns as CSS: the margin, each field, and what is left. */
export function columnsOf(fields: readonly Field[], title: Field | null): string {
  const widths = fields.map((field) => `${field.id === title?.id ? TITLE_WIDTH : WIDTHS[field.kind]}px`);
  return [`${MARGIN_WIDTH}px`, ...widths, 'minmax(0, 1fr)'].join(' ');
}

/** Kinds whose values line up at the right. */
export const alignsRight = (field: Field): boolean => field.kind === 'number';
