/**
 * Events as text, one JSON object a line (docs/export.md). The first line says what the file is. What is written is read
 * back as it was: values are canonical JSON already, and stay so.
 */
import type { Event } from './event.ts';
import { parseId, type BookId } from './ids.ts';
import { err, ok, type Result } from './result.ts';
import {
  formatTimestamp,
  isTimestamp,
  MAX_READABLE_MILLIS,
  millisOf,
  parseTimestamp,
  type Timestamp,
} from './timestamp.ts';
import { checkEvent } from './validate.ts';

const FORMAT = 'daybook-events';
const VERSION = 1;

/** Most bytes of a line: the longest value, its author's many versions, and room. */
export const MAX_LINE_BYTES = 1_000_000;

/** The first line, with its line end. */
export const writeHeader = (bookId: BookId): string =>
  `${JSON.stringify({ format: FORMAT, version: VERSION, book: bookId })}\n`;

/** Reads the first line: which book the events are of, or why this is no such file. */
export function readHeader(
  line: string,
): Result<
  BookId,
  { readonly kind: 'notABook' } | { readonly kind: 'newer'; readonly found: number; readonly known: number }
> {
  const header = parseObject(line);
  if (header?.['format'] !== FORMAT) return err({ kind: 'notABook' });
  const { version } = header;
  if (typeof version !== 'number' || version < 1) return err({ kind: 'notABook' });
  if (version > VERSION) return err({ kind: 'newer', found: version, known: VERSION });
  const bookId = parseId<BookId>(header['book']);
  return bookId === null ? err({ kind: 'notABook' }) : ok(bookId);
}

/** One event as a line, with its line end. */
export function writeLine({ id, clientId, entityId, attribute, value, timestamp, previous }: Event): string {
  const seen = previous.map((each) => `"${stampText(each)}"`).join(',');
  return (
    `{"id":"${id}","client_id":"${clientId}","entity_id":"${entityId}","attribute":${JSON.stringify(attribute)},` +
    `"value":${value},"timestamp":"${stampText(timestamp)}","previous":[${seen}]}\n`
  );
}

/** Reads a line as an event, or says in plain words what is wrong with it. Whatever else the object holds is passed over. */
export function readLine(line: string): Result<Event, string> {
  const fields = parseObject(line);
  if (fields === null) return err('This is not a JSON object');
  if (!('value' in fields)) return err('value: missing');
  let value: string;
  try {
    value = JSON.stringify(fields['value']);
  } catch {
    return err('value: nested too deep');
  }
  const previous = fields['previous'] ?? [];
  const checked = checkEvent({
    id: fields['id'],
    clientId: fields['client_id'],
    entityId: fields['entity_id'],
    attribute: fields['attribute'],
    value,
    timestamp: readStamp(fields['timestamp']),
    previous: Array.isArray(previous) ? previous.map(readStamp) : previous,
  });
  if (checked.ok) return checked;
  const { where, reason } = checked.error;
  return err(`${COLUMNS[where] ?? where}: ${reason}`);
}

const COLUMNS: { readonly [where: string]: string } = { clientId: 'client_id', entityId: 'entity_id' };

/** Beyond the year 9999 the readable form does not sort and is not read: there it is the 32 digits themselves. */
const stampText = (timestamp: Timestamp): string =>
  millisOf(timestamp) > MAX_READABLE_MILLIS ? timestamp : formatTimestamp(timestamp);

const readStamp = (text: unknown): unknown =>
  typeof text === 'string' && !isTimestamp(text) ? parseTimestamp(text) : text;

function parseObject(line: string): { readonly [key: string]: unknown } | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as { readonly [key: string]: unknown })
    : null;
}
