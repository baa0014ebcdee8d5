/**
 * Cells that a spreadsheet would take for formulas, and run, when it opens a CSV file. An apostrophe before them makes them
 * text, as when it is typed; reading takes it off again, so that a file goes out and comes back the same (docs/export.md).
 */

import type { CsvRow } from './read-csv.ts';

/** What spreadsheets begin formulas with, in full width as well, and what they pass over before one. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const GUARDED = /^'+[=+\-@\t\r＝＋－＠]/;
/** A sign and then nothing but digits and what parts them: numbers and phone numbers, which do no harm. */
const HARMLESS = /^[+-][\d\s().,/-]*$/;

/** The text as it may stand in a cell. */
export const guardCell = (text: string): string =>
  GUARDED.test(text) || (FORMULA.test(text) && !HARMLESS.test(text)) ? `'${text}` : text;

/** The text that a cell stands for: undoes `guardCell`. */
export const unguardCell = (cell: string): string => (GUARDED.test(cell) ? cell.slice(1) : cell);

/** The rows with every cell as it stands for. */
export const unguardRows = (rows: readonly CsvRow[]): readonly CsvRow[] =>
  rows.map((row) =>
    row.cells.some((cell) => GUARDED.test(cell)) ? { ...row, cells: row.cells.map(unguardCell) } : row,
  );
