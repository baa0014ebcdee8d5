import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { decodeFile } from './decode-file.ts';
import { DELIMITERS } from './guess-delimiter.ts';
import { readCsv } from './read-csv.ts';

const read = async (text: string, options?: Parameters<typeof readCsv>[1]) =>
  (await readCsv(text, options)).rows.map(({ cells }) => cells);

/** Cells with all that makes CSV hard. No lone carriage returns: line ends are unified before. */
const cell = fc
  .array(fc.constantFrom('a', 'é', '"', '""', ',', ';', '\t', '|', '\n', ' ', '0', '語', '🙂', "'", '\\'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

describe('readCsv', () => {
  it('gives back what was written: rows to CSV and back are the same cells', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 2, max: 5 })
          .chain((width) =>
            fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 }),
          ),
        fc.constantFrom(...DELIMITERS),
        fc.boolean(),
        async (rows, delimiter, quotes) => {
          const filled = rows.filter((row) => row.some((text) => text.trim() !== ''));
          const table = await readCsv(Papa.unparse(rows, { delimiter, quotes, newline: '\n' }), { delimiter });
          expect(table.rows.map(({ cells }) => cells)).toEqual(filled);
          expect(table.problemCount).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is not led astray by where a chunk ends', async () => {
    // Rows of many lengths put the 64 KB border into every place: in a quoted cell, between two quotes, before a line end.
    const rows = Array.from({ length: 9_000 }, (_, index) => [
      String(index),
      `"quoted" ${'x'.repeat(index % 97)},\n${index}`,
      index % 3 === 0 ? '' : 'plain',
    ]);
    const text = Papa.unparse(rows, { newline: '\n' });
    expect(text.length).toBeGreaterThan(500_000);
    const table = await readCsv(text);
    expect(table.rows.map(({ cells }) => cells)).toEqual(rows);
    expect(table.problemCount).toBe(0);
  });

  it.each([
    ['a,b\n1,2', ','],
    ['a;b\n1,5;2,5', ';'],
    ['a\tb\n1,5\t2', '\t'],
    ['a|b\n1|2', '|'],
    ['alone\n1\n2', ','],
    ['name,tags,note\nx,a; b; c; d,\n', ','],
    ['\n\nname;amount\nx;1,5\n\n', ';'],
  ])('finds the delimiter of %j', async (text, delimiter) => {
    expect((await readCsv(text)).delimiter).toBe(delimiter);
  });

  it('leaves out empty rows, counts them, and numbers rows as a spreadsheet does', async () => {
    const table = await readCsv('a,b\n1,2\n\n,\n3,4\n');
    expect(table.rows.map(({ number }) => number)).toEqual([1, 2, 5]);
    expect(table.emptyRows).toBe(2);
  });

  it('names the line of a quote that is never closed, and keeps what follows', async () => {
    const table = await readCsv('a,b\n"x\ny",2\n"open,3\n4,5');
    expect(table.problems).toEqual([
      { line: 4, kind: 'quoteNotClosed' },
      { line: 4, kind: 'fewerCells' },
    ]);
    expect(table.rows.at(-1)?.cells).toEqual(['open,3\n4,5']);
  });

  it('names the line of a quote in the middle of a quoted cell', async () => {
    const table = await readCsv('a,b\n1,2\n"Bob "the" Builder",3\n4,5');
    expect(table.problems).toEqual([{ line: 3, kind: 'quoteInside' }]);
    expect(table.rows.at(-1)?.cells).toEqual(['4', '5']);
  });

  it('names lines with more or fewer cells than the first, and drops no cell', async () => {
    const table = await readCsv('a,b\n1\n1,2,3\n1,2');
    expect(table.problems).toEqual([
      { line: 2, kind: 'fewerCells' },
      { line: 3, kind: 'moreCells' },
    ]);
    expect(table.width).toBe(3);
    expect(table.rows[2]?.cells).toEqual(['1', '2', '3']);
  });

  it('keeps cells as they are: zeros in front, spaces, formulas', async () => {
    expect(await read('a,b\n00123, x \n=1+1,"a ""b"""')).toEqual([
      ['a', 'b'],
      ['00123', ' x '],
      ['=1+1', 'a "b"'],
    ]);
  });

  it('answers for a file with nothing in it', async () => {
    expect(await readCsv('')).toMatchObject({ rows: [], width: 0, emptyRows: 0, problemCount: 0 });
    expect(await readCsv('\n\n')).toMatchObject({ rows: [], width: 0 });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('changed my mind'));
    await expect(readCsv('a,b\n'.repeat(100_000), { signal: stop.signal })).rejects.toThrow('changed my mind');
  });

  it('reads the airports of vega-datasets, each of 3,376 rows', async () => {
    const decoded = decodeFile(readFileSync('node_modules/vega-datasets/data/airports.csv'));
    if (!decoded.ok) throw new Error(decoded.error);
    const table = await readCsv(decoded.value.text);
    expect(decoded.value.encoding).toBe('utf-8');
    expect(table).toMatchObject({ width: 7, delimiter: ',', emptyRows: 0, problemCount: 0 });
    expect(table.rows).toHaveLength(3_377);
    expect(table.rows[0]?.cells).toEqual(['iata', 'name', 'city', 'state', 'country', 'latitude', 'longitude']);
    expect(table.rows[1]).toEqual({
      number: 2,
      cells: ['00M', 'Thigpen', 'Bay Springs', 'MS', 'USA', '31.95376472', '-89.23450472'],
    });
    expect(table.rows.at(-1)?.cells).toEqual([
      'ZZV',
      'Zanesville Municipal',
      'Zanesville',
      'OH',
      'USA',
      '39.94445833',
      '-81.89210528',
    ]);
    expect(table.rows.filter(({ cells }) => cells.length !== 7)).toEqual([]);
  });
});
