/** JSON mode of Durable Streams (9.1): one message a JSON value; a top-level array is a batch, flattened by one level. */

export interface JsonBody {
  /** The messages, each byte for byte as it was sent. */
  readonly messages: readonly Uint8Array[];
  /** The same, parsed. */
  readonly values: readonly unknown[];
}

/** Splits a body into its messages; an empty array yields none. Null when it is not JSON in UTF-8. */
export function splitMessages(body: Uint8Array): JsonBody | null {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body).trim();
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const encoder = new TextEncoder();
  if (!Array.isArray(value)) return { messages: [encoder.encode(text)], values: [value] };
  return { messages: elementsOf(text).map((element) => encoder.encode(element)), values: value };
}

/** The texts of the elements of a valid JSON array. */
function elementsOf(array: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let from = 1;
  for (let i = 0; i < array.length; i++) {
    const char = array[i];
    if (char === '"') i = endOfString(array, i);
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if ((char === ',' && depth === 1) || depth === 0) {
      const element = array.slice(from, i).trim();
      if (element !== '') elements.push(element);
      from = i + 1;
    }
  }
  return elements;
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote;
  }
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** The messages as one JSON array. */
export function joinMessages(messages: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [OPEN];
  for (const [i, message] of messages.entries()) {
    if (i > 0) parts.push(COMMA);
    parts.push(message);
  }
  parts.push(CLOSE);
  return Buffer.concat(parts);
}
