import { useCallback, useRef, useState } from 'react';
import { decodeFile, type Encoding } from './decode-file.ts';
import { unguardRows } from './formula-guard.ts';
import { ColumnGuesser, type ColumnGuess, type ColumnHints } from './guess-columns.ts';
import { guessHeader, nameColumns } from './guess-header.ts';
import { startPace } from './pace.ts';
import type { Delimiter } from './guess-delimiter.ts';
import { type CsvRow, type CsvTable, readCsv } from './read-csv.ts';

/** A file that was read, with what its columns most likely hold. */
export interface OpenFile {
  readonly name: string;
  readonly encoding: Encoding;
  readonly text: string;
  readonly table: CsvTable;
  readonly hasHeader: boolean;
  /** Rows without the names. */
  readonly rows: readonly CsvRow[];
  readonly columns: readonly { readonly name: string; readonly guess: ColumnGuess }[];
}

export type FileState =
  | { readonly kind: 'none'; readonly error: string | null }
  /** `done`: 0 to 1. */
  | { readonly kind: 'reading'; readonly name: string; readonly done: number }
  | { readonly kind: 'open'; readonly file: OpenFile };

export interface CsvFile {
  readonly state: FileState;
  readonly open: (file: File) => void;
  /** Reads the same file again, cut up in another way. */
  readonly reread: (change: { readonly delimiter?: Delimiter; readonly hasHeader?: boolean }) => void;
  readonly close: () => void;
}

const MAX_BYTES = 100_000_000;

/** How the person's language writes numbers and days. */
function localHints(): ColumnHints {
  const decimal = new Intl.NumberFormat().formatToParts(1.5).find(({ type }) => type === 'decimal')?.value;
  const parts = new Intl.DateTimeFormat().formatToParts(new Date(2026, 10, 23)).map(({ type }) => type);
  return { decimal: decimal === ',' ? ',' : '.', dayFirst: parts.indexOf('day') < parts.indexOf('month') };
}

/** Reads one file at a time; opening another stops the first. */
export function useCsvFile(): CsvFile {
  const [state, setState] = useState<FileState>({ kind: 'none', error: null });
  const running = useRef<AbortController | null>(null);

  const start = useCallback((work: (signal: AbortSignal) => Promise<FileState>) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const run = async () => {
      let next: FileState;
      try {
        next = await work(controller.signal);
      } catch (reason) {
        const why = reason instanceof Error ? reason.message : String(reason);
        next = { kind: 'none', error: `The file could not be read: ${why}` };
      }
      if (!controller.signal.aborted) setState(next);
    };
    void run();
  }, []);

  const open = useCallback(
    (file: File) => {
      setState({ kind: 'reading', name: file.name, done: 0 });
      start(async (signal) => {
        if (file.size > MAX_BYTES)
          return { kind: 'none', error: 'This file is larger than 100 MB. Split it, and import the parts one by one.' };
        const decoded = decodeFile(new Uint8Array(await file.arrayBuffer()));
        if (!decoded.ok) return { kind: 'none', error: decoded.error };
        const onProgress = (done: number) => setState({ kind: 'reading', name: file.name, done });
        return read({ name: file.name, ...decoded.value }, undefined, undefined, onProgress, signal);
      });
    },
    [start],
  );

  const reread = useCallback<CsvFile['reread']>(
    ({ delimiter, hasHeader }) => {
      if (state.kind !== 'open') return;
      const { file } = state;
      start((signal) => {
        const onProgress = () => undefined;
        return delimiter === undefined
          ? sortOut(file, file.table, hasHeader ?? file.hasHeader, signal)
          : read(file, delimiter, hasHeader, onProgress, signal);
      });
    },
    [start, state],
  );

  const close = useCallback(() => {
    running.current?.abort();
    setState({ kind: 'none', error: null });
  }, []);
  return { state, open, reread, close };
}

type Source = Pick<OpenFile, 'name' | 'encoding' | 'text'>;

async function read(
  source: Source,
  delimiter: Delimiter | undefined,
  hasHeader: boolean | undefined,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<FileState> {
  const raw = await readCsv(source.text, { ...(delimiter && { delimiter }), onProgress, signal });
  const table = { ...raw, rows: unguardRows(raw.rows) };
  if (table.rows.length === 0) return { kind: 'none', error: `There is nothing in ${source.name}.` };
  return sortOut(source, table, hasHeader ?? guessHeader(table.rows[0]?.cells), signal);
}

/** Names the columns and guesses what they hold. */
async function sortOut(
  { name, encoding, text }: Source,
  table: CsvTable,
  hasHeader: boolean,
  signal: AbortSignal,
): Promise<FileState> {
  const names = nameColumns(hasHeader ? (table.rows[0]?.cells ?? []) : null, table.width);
  const rows = hasHeader ? table.rows.slice(1) : table.rows;
  const setting = { delimiter: table.delimiter, locale: localHints() };
  const guessers = names.map((column) => new ColumnGuesser(column, setting));
  const pace = startPace(signal);
  for (const [index, row] of rows.entries()) {
    if (index % 50 === 0) await pace();
    for (const [column, guesser] of guessers.entries()) guesser.add(row.cells[column] ?? '');
  }
  const columns = names.map((column, index) => ({ name: column, guess: guessers[index]!.guess() }));
  return { kind: 'open', file: { name, encoding, text, table, hasHeader, rows, columns } };
}
