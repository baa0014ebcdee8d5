/** The column of values: what kind each is and how long; the text itself stands elsewhere, in one piece. */
import { type ByteReader, type ByteWriter, DecodeFailure } from './bytes.ts';
import type { Table } from './id-table.ts';
import { isUuid } from './ids.ts';
import type { JsonText } from './value.ts';

/** What the text of a value is: the low two bits of its tag; above them a length. */
const STRING = 0; // what stands between the quotes, unescaped; its length in UTF-16 units
const RAW = 1; // JSON text as it is; its length in UTF-16 units
const CHOICE = 2; // one id as a string (0), or a list of so many
const WORD = 3; // one of WORDS
const KINDS = 4;
const WORDS = ['null', 'false', 'true'] as const;

/** Characters of an id in quotes, with a comma or bracket. */
export const CHOICE_LENGTH = 39;

export interface PackedValue {
  readonly tag: number;
  /** Indexes of the ids that it holds. */
  readonly choices: readonly number[];
  /** What it adds to the text; well-formed. */
  readonly text: string;
}

/** A string that looks the same without its escapes. */
const PLAIN = /^"[^"\\\u0000-\u001f\ud800-\udfff]*"$/;
const CHOICES = /^\["[0-9a-f-]{36}"(,"[0-9a-f-]{36}")*\]$/;

/** Takes a well-formed text apart, whether it is JSON or not: `readValues` gives the same text back. */
export function packValue(value: JsonText, choices: Table): PackedValue {
  const word = (WORDS as readonly string[]).indexOf(value);
  if (word >= 0) return { tag: word * KINDS + WORD, choices: [], text: '' };
  if (value.startsWith('"')) {
    const inner = PLAIN.test(value) ? value.slice(1, -1) : unescaped(value);
    if (inner !== null) {
      if (isUuid(inner)) return { tag: CHOICE, choices: [choices.indexOf(inner)], text: '' };
      return { tag: inner.length * KINDS + STRING, choices: [], text: inner };
    }
  } else if (CHOICES.test(value)) {
    const ids = value.slice(2, -2).split('","');
    if (ids.every((id) => isUuid(id)))
      return { tag: ids.length * KINDS + CHOICE, choices: ids.map((id) => choices.indexOf(id)), text: '' };
  }
  return { tag: value.length * KINDS + RAW, choices: [], text: value };
}

export function writeValues(writer: ByteWriter, values: readonly PackedValue[]): void {
  for (const value of values) writer.uint(value.tag);
  for (const value of values) for (const choice of value.choices) writer.uint(choice);
}

/** Reads the column; the values that came of it are made by calling the outcome with the text. */
export function readValues(
  reader: ByteReader,
  count: number,
  ids: readonly string[],
  maxBytes: number,
): (text: TextCursor) => JsonText[] {
  const tags = Array.from({ length: count }, () => reader.uint());
  const quoted: string[] = [];
  const choice = (): string => {
    const index = reader.index(reader.uint(), ids.length);
    return (quoted[index] ??= `"${ids[index]!}"`);
  };
  let room = maxBytes;
  const known = tags.map((tag) => {
    const kind = tag % KINDS;
    const length = (tag - kind) / KINDS;
    if (kind === WORD) return WORDS[length] ?? reader.fail(`has a word ${length}`);
    if (kind !== CHOICE) return null;
    if (length === 0) return choice();
    room -= length * CHOICE_LENGTH;
    if (room < 0) throw new DecodeFailure('tooLarge', 'value', `lists of ids longer than ${maxBytes} bytes`);
    return `[${Array.from({ length }, choice).join(',')}]`;
  });
  return (text) =>
    known.map((value, i) => {
      if (value !== null) return value as JsonText;
      const tag = tags[i]!;
      const kind = tag % KINDS;
      const taken = text.take((tag - kind) / KINDS);
      return (kind === STRING ? JSON.stringify(taken) : taken) as JsonText;
    });
}

/** Hands out a text from its start, piece by piece. */
export class TextCursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get left(): number {
    return this.#text.length - this.#at;
  }

  take(length: number): string {
    if (length > this.left) throw new DecodeFailure('damaged', `text, character ${this.#at}`, 'ends too early');
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }
}

/** What a string with escapes says, if JSON would write it the same way again. */
function unescaped(value: string): string | null {
  try {
    const inner: unknown = JSON.parse(value);
    return typeof inner === 'string' && inner.isWellFormed() && JSON.stringify(inner) === value ? inner : null;
  } catch {
    return null;
  }
}
