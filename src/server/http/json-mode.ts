/** JSON mode of Durable Streams (9.1): one message a JSON value; a top-level array is a batch, flattened by one level. */
import { isUtf8 } from 'node:buffer';

export interface JsonBody {
  /** The messages, each byte for byte as it was sent. */
  readonly messages: readonly Uint8Array[];
  /** The same, parsed. */
  readonly values: readonly unknown[];
}

/** What parsing would make of a body is bounded before it is parsed: 16 MB of `[[],[],…]` would become gigabytes. */
export interface JsonLimits {
  /** Messages of one body. */
  readonly messages: number;
  /** Arrays and objects in each other. */
  readonly depth: number;
  /** Elements and members in all. */
  readonly values: number;
}

/** Splits a body into its messages; an empty array yields none. `damaged`: it is not JSON in UTF-8. */
export function splitMessages(body: Buffer, limits: JsonLimits): JsonBody | 'damaged' | 'tooMuch' {
  const whole = trimmed(body, hasMark(body) ? 3 : 0, body.length);
  const elements = elementsOf(whole, limits);
  if (elements === 'tooMuch') return 'tooMuch';
  if (!isUtf8(whole)) return 'damaged';
  let value: unknown;
  try {
    value = JSON.parse(whole.toString());
  } catch {
    return 'damaged';
  }
  return Array.isArray(value) ? { messages: elements, values: value } : { messages: [whole], values: [value] };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The elements of a JSON array, as parts of its bytes. Of what is no array, or no JSON, they mean nothing. */
function elementsOf(array: Buffer, limits: JsonLimits): Buffer[] | 'tooMuch' {
  const isArray = array[0] === OPEN_ARRAY;
  const elements: Buffer[] = [];
  let depth = 0;
  let values = 0;
  let from = 1;
  for (let i = 0; i < array.length; i++) {
    const byte = array[i];
    if (byte === QUOTE) i = endOfString(array, i);
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1;
      values += 1;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1;
    else if (byte === COMMA) values += 1;
    if (depth > limits.depth || values > limits.values) return 'tooMuch';
    if ((byte === COMMA && depth === 1) || (byte === CLOSE_ARRAY && depth === 0)) {
      const element = trimmed(array, from, i);
      from = i + 1;
      if (element.length === 0 || !isArray) continue;
      elements.push(element);
      if (elements.length > limits.messages) return 'tooMuch';
    }
  }
  return elements;
}

/** Where the quote stands that ends the string that begins at `start`; the end of the text if there is none. */
function endOfString(text: Buffer, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === BACKSLASH) i += 1;
    else if (text[i] === QUOTE) return i;
  }
  return text.length;
}

/** Whether the text begins with a byte order mark. */
const hasMark = (text: Buffer): boolean => text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** A part of a text without the white space around it. */
function trimmed(text: Buffer, from: number, to: number): Buffer {
  let [start, end] = [from, to];
  while (start < end && isSpace(text[start])) start += 1;
  while (end > start && isSpace(text[end - 1])) end -= 1;
  return text.subarray(start, end);
}

const OPEN = Buffer.from('[');
const COMMA_TEXT = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** The messages as one JSON array. */
export function joinMessages(messages: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [OPEN];
  for (const [i, message] of messages.entries()) {
    if (i > 0) parts.push(COMMA_TEXT);
    parts.push(message);
  }
  parts.push(CLOSE);
  return Buffer.concat(parts);
}
