/** Records as CSV: what a person sees in the table, in a form that programs read, and that comes back the same. */
import Papa from 'papaparse';
import type { Field, RecordRow } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { guardCell } from '../import/formula-guard.ts';

/** Excel takes a file without it for one in the code page of the machine, and garbles every accent; others pass over it. */
export const BYTE_ORDER_MARK = '\ufeff';

/** The line of names. */
export const csvHeader = (fields: readonly Field[]): string => toLines([fields.map(({ name }) => guardCell(name))]);

/** A line for each record. */
export function csvRows(fields: readonly Field[], rows: readonly RecordRow[]): string {
  return rows.length === 0 ? '' : toLines(rows.map((row) => fields.map((field) => cellOf(field, row))));
}

/** RFC 4180: lines end with CR LF, the last one too. */
const toLines = (rows: readonly (readonly string[])[]): string =>
  `${Papa.unparse(rows as string[][], { newline: '\r\n', header: false })}\r\n`;

/**
 * A value as a cell: numbers with a dot and ungrouped, days and moments as ISO 8601 has them, names of options and titles of
 * records instead of ids. What does not fit its field (any more) stands there as it is.
 */
function cellOf(field: Field, row: RecordRow): string {
  const value = row.values[field.id];
  if (value === null || value === undefined) return '';
  const optionName = (id: JsonValue): string => field.options.find((option) => option.id === id)?.name ?? plain(id);
  switch (field.kind) {
    case 'number':
      return typeof value === 'number' ? numberText(value) : guardCell(plain(value));
    case 'select':
      return guardCell(optionName(value));
    case 'multiSelect':
      return guardCell(Array.isArray(value) ? joined((value as readonly JsonValue[]).map(optionName)) : plain(value));
    case 'link':
      return guardCell(typeof value === 'string' ? (row.links[value] ?? value) : plain(value));
    case 'text':
    case 'longText':
    case 'date':
    case 'dateTime':
    case 'checkbox':
    case 'email':
    case 'url':
    case 'phone':
      return guardCell(plain(value));
  }
}

/** Semicolons part options; where a name has one itself, line ends do. */
const joined = (names: readonly string[]): string =>
  names.join(names.length > 1 && names.some((name) => name.includes(';')) ? '\n' : '; ');

/** Beyond what is counted exactly a row of digits would claim too much: there the exponent is written. */
const numberText = (value: number): string =>
  Math.abs(value) > Number.MAX_SAFE_INTEGER ? value.toExponential() : String(value);

function plain(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return JSON.stringify(value);
}
