/** Server-Sent Events as Durable Streams sends them: `data` events, each batch followed by a `control` event. */
import { decodeText } from '../core/utf8.ts';
import { NoAnswer } from './http-call.ts';

export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

const LF = 10;
const CR = 13;

/**
 * Cuts a stream of bytes into events. An event that is not finished when the bytes end is dropped: it broke off.
 * Throws NoAnswer when an event grows beyond `limit` bytes or is not UTF-8.
 */
export async function* readEvents(pieces: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<SseEvent, void> {
  let event = '';
  let data: string[] = [];
  let size = 0;
  for await (const line of readLines(pieces, limit)) {
    size += line.length;
    if (size > limit) throw new NoAnswer('The server sent more than fits.');
    if (line === '') {
      if (data.length > 0) yield { event, data: data.join('\n') };
      event = '';
      data = [];
      size = 0;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
}

/** Lines that end with LF, CR or both; what follows the last end is dropped. */
async function* readLines(pieces: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let afterCr = false;
  for await (const piece of pieces) {
    let from = 0;
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i];
      if (byte === LF && afterCr) {
        // The second half of CR LF.
        from = i + 1;
        afterCr = false;
        continue;
      }
      afterCr = byte === CR;
      if (byte !== LF && byte !== CR) continue;
      parts.push(piece.subarray(from, i));
      yield textOf(parts);
      parts = [];
      length = 0;
      from = i + 1;
    }
    if (from < piece.length) {
      parts.push(piece.slice(from));
      length += piece.length - from;
      if (length > limit) throw new NoAnswer('The server sent more than fits.');
    }
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  let whole = parts[0]!;
  if (parts.length > 1) {
    whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
  }
  try {
    return decodeText(whole, 'event');
  } catch (error) {
    throw new NoAnswer('The server sent something that is not text.', { cause: error });
  }
}
