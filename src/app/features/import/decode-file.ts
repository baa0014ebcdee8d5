/** From the bytes of a file to its text, whatever program wrote it. */
import { err, ok, type Result } from '../../../core/result.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface DecodedText {
  /** Line ends are `\n`, whatever they were. No byte order mark. */
  readonly text: string;
  readonly encoding: Encoding;
}

/**
 * A byte order mark decides; without one, bytes that are valid UTF-8 are UTF-8, and all others what Windows programs
 * write in Western Europe and America. The error is a sentence for the person.
 */
export function decodeFile(bytes: Uint8Array): Result<DecodedText, string> {
  const foreign = foreignFormat(bytes);
  if (foreign !== null) return err(foreign);
  const marked = encodingByMark(bytes);
  if (marked !== null) return ok({ text: unifyLineEnds(new TextDecoder(marked).decode(bytes)), encoding: marked });
  try {
    return ok({ text: unifyLineEnds(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), encoding: 'utf-8' });
  } catch {
    return ok({ text: unifyLineEnds(new TextDecoder('windows-1252').decode(bytes)), encoding: 'windows-1252' });
  }
}

function encodingByMark(bytes: Uint8Array): Encoding | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return null;
}

/** What the file is, when it cannot be CSV. */
function foreignFormat(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start.startsWith('PK\u0003\u0004') || start.startsWith('\u00d0\u00cf\u0011\u00e0')) {
    return 'This is a workbook or an archive, not a CSV file. In the spreadsheet choose “Save as” or “Download”, then CSV.';
  }
  if (start.startsWith('%PDF')) return 'This is a PDF, not a CSV file.';
  if (start.startsWith('SQLite f')) return 'This is a database, not a CSV file.';
  // Text holds no NUL, except in UTF-16, which has its mark.
  if (encodingByMark(bytes) === null && bytes.subarray(0, 4096).includes(0)) return 'This file is not text.';
  return null;
}

/** A lone carriage return ends a line only where nothing else does; beside line feeds it belongs to a cell. */
function unifyLineEnds(text: string): string {
  if (!text.includes('\r')) return text;
  return text.includes('\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\r', '\n');
}
