/** From CSV text to rows of cells, in steps that leave the page responsive. */
import Papa from 'papaparse';
import { type Delimiter, guessDelimiter } from './guess-delimiter.ts';
import { startPace } from './pace.ts';

/** Something wrong with the file itself. */
export interface CsvProblem {
  /** Line of the file, from 1, at which the row begins. */
  readonly line: number;
  readonly kind: 'quoteNotClosed' | 'quoteInside' | 'moreCells' | 'fewerCells';
}

export interface CsvRow {
  readonly cells: readonly string[];
  /** Which row of the file it is, from 1, as a spreadsheet counts. */
  readonly number: number;
}

export interface CsvTable {
  /** All rows that hold anything; what the first one is, names or values, is for others to say. */
  readonly rows: readonly CsvRow[];
  /** Cells of the longest row. */
  readonly width: number;
  readonly delimiter: Delimiter;
  /** The first few, in order; `problemCount` counts all. */
  readonly problems: readonly CsvProblem[];
  readonly problemCount: number;
  /** Rows left out because all their cells are empty. */
  readonly emptyRows: number;
}

export interface ReadOptions {
  /** Left out: found out from the text. */
  readonly delimiter?: Delimiter;
  /** Told how much is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Characters parsed before the page gets its turn. */
const CHUNK = 64 * 1024;
const PROBLEMS_KEPT = 20;

/** Reads CSV text whose lines end with `\n` (see decodeFile). Rejects only with the signal's reason. */
export function readCsv(text: string, options: ReadOptions = {}): Promise<CsvTable> {
  const reader = new Reader();
  const pace = startPace(options.signal);
  return new Promise((resolve, reject) => {
    Papa.parse<string[]>(text, {
      delimiter: options.delimiter ?? guessDelimiter(text),
      newline: '\n',
      chunkSize: CHUNK,
      chunk: (results: Papa.ParseResult<string[]>, parser: Papa.Parser) => {
        reader.take(results);
        options.onProgress?.(Math.min(1, results.meta.cursor / text.length));
        parser.pause();
        pace().then(
          () => parser.resume(),
          (reason: unknown) => {
            reject(reason instanceof Error ? reason : new Error(String(reason)));
            parser.abort();
          },
        );
      },
      complete: () => resolve(reader.finish()),
    });
  });
}

class Reader {
  readonly #rows: { cells: readonly string[]; number: number; line: number }[] = [];
  readonly #quotes: CsvProblem[] = [];
  #quoteCount = 0;
  #delimiter: Delimiter = ',';
  #width = 0;
  #row = 0;
  #line = 1;
  #emptyRows = 0;
  #endsEmpty = false;

  take(results: Papa.ParseResult<string[]>): void {
    if (results.meta.delimiter) this.#delimiter = results.meta.delimiter as Delimiter;
    const broken = new Map<number, CsvProblem['kind']>();
    for (const error of results.errors) {
      // Of a row that the end of the chunk cut in two nothing is known yet: it is read again with the next one.
      if (error.type !== 'Quotes' || error.row === undefined || error.row >= results.data.length) continue;
      broken.set(error.row, error.code === 'MissingQuotes' ? 'quoteNotClosed' : 'quoteInside');
    }
    for (const [index, cells] of results.data.entries()) {
      this.#row += 1;
      const kind = broken.get(index);
      if (kind !== undefined) {
        this.#quoteCount += 1;
        if (this.#quotes.length < PROBLEMS_KEPT) this.#quotes.push({ line: this.#line, kind });
      }
      if (cells.some((cell) => cell.trim() !== '')) {
        this.#rows.push({ cells, number: this.#row, line: this.#line });
        this.#width = Math.max(this.#width, cells.length);
      } else {
        this.#emptyRows += 1;
      }
      this.#line += 1;
      for (const cell of cells) this.#line += countLineFeeds(cell);
    }
    // The end of the last line is no row of its own.
    this.#endsEmpty = results.data.at(-1)?.length === 1 && results.data.at(-1)?.[0] === '';
  }

  finish(): CsvTable {
    const expected = this.#rows[0]?.cells.length ?? 0;
    const uneven = this.#rows.filter(({ cells }) => cells.length !== expected);
    const lengths = uneven
      .slice(0, PROBLEMS_KEPT)
      .map(({ cells, line }): CsvProblem => ({ line, kind: cells.length > expected ? 'moreCells' : 'fewerCells' }));
    return {
      rows: this.#rows.map(({ cells, number }) => ({ cells, number })),
      width: this.#width,
      delimiter: this.#delimiter,
      problems: [...this.#quotes, ...lengths].toSorted((a, b) => a.line - b.line).slice(0, PROBLEMS_KEPT),
      problemCount: this.#quoteCount + uneven.length,
      emptyRows: this.#emptyRows - (this.#endsEmpty ? 1 : 0),
    };
  }
}

function countLineFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
