/** Reads a file of text line by line in bounded memory, however long the file or one of its lines is. */
import type { ReadableFile } from '../protocol/worker.ts';

const CHUNK_BYTES = 1_000_000;
const LINES_AT_A_TIME = 2_000;
const BYTES_AT_A_TIME = 2_000_000;
const LINE_FEED = 0x0a;

export interface LineBatch {
  /** Number of the first line, from 1. */
  readonly first: number;
  /** Without their ends; null for one that is too long, or is not UTF-8. */
  readonly lines: readonly (string | null)[];
  /** Share of the file that is read, 0 to 1. */
  readonly done: number;
}

/** @param maxBytes of a line */
export async function* lineBatches(file: ReadableFile, maxBytes: number): AsyncGenerator<LineBatch> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let lines: (string | null)[] = [];
  let bytes = 0;
  let number = 1;
  // What was read of the line that the last chunk ended in; null once it is too long.
  let begun: Uint8Array | null = new Uint8Array(0);

  const decode = (line: Uint8Array | null): string | null => {
    if (line === null || line.length > maxBytes) return null;
    try {
      return decoder.decode(line).replace(/\r$/, '');
    } catch {
      return null;
    }
  };
  const join = (end: Uint8Array): Uint8Array | null => {
    if (begun === null || begun.length + end.length > maxBytes) return null;
    if (begun.length === 0) return end;
    const whole = new Uint8Array(begun.length + end.length);
    whole.set(begun);
    whole.set(end, begun.length);
    return whole;
  };

  for (let offset = 0; offset < file.size; offset += CHUNK_BYTES) {
    const chunk = new Uint8Array(await file.slice(offset, Math.min(offset + CHUNK_BYTES, file.size)).arrayBuffer());
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const line = join(chunk.subarray(from, end));
      lines.push(decode(line));
      bytes += line?.length ?? 0;
      begun = new Uint8Array(0);
      from = end + 1;
      if (lines.length < LINES_AT_A_TIME && bytes < BYTES_AT_A_TIME) continue;
      yield { first: number, lines, done: (offset + from) / file.size };
      number += lines.length;
      lines = [];
      bytes = 0;
    }
    begun = join(chunk.slice(from));
  }
  if (begun === null || begun.length > 0) lines.push(decode(begun));
  if (lines.length > 0) yield { first: number, lines, done: 1 };
}
