/** Live reading over Server-Sent Events (protocol, 5.8): after each page of data a control event says where the reader is. */
import { formatOffset } from '../streams/offset.ts';
import type { StreamPage } from '../streams/port.ts';
import { mediaType } from '../streams/media-type.ts';
import { Bell } from './bell.ts';
import { joinMessages } from './json-mode.ts';
import type { LiveHub } from './live-hub.ts';

export interface SseLimits {
  /** How long one connection lasts; readers come back by themselves. */
  readonly lifeMillis: number;
  /** How often a comment shows that an idle connection is alive. */
  readonly heartbeatMillis: number;
  /** How long a reader may leave what it was sent untouched before it is cut off. */
  readonly stallMillis: number;
}

export interface SseReader {
  readonly path: string;
  readonly hub: LiveHub;
  readonly limits: SseLimits;
  readonly now: () => number;
  /** The cursor of the next control event. */
  readonly cursor: () => string;
  /** Aborted when the reader has gone, may no longer read, or the server stops. */
  readonly ended: AbortSignal;
  /** Breaks the connection without ceremony. */
  readonly cutOff: () => void;
}

const HEARTBEAT = Buffer.from(':\n\n');

export const isTextual = (contentType: string): boolean =>
  mediaType(contentType) === 'application/json' || mediaType(contentType).startsWith('text/');

/**
 * The events of a stream from `first` on, a chunk for each page. Pulled by the connection as fast as the reader takes
 * them, so that no more than a page waits in memory; a reader that takes nothing is cut off.
 */
export async function* liveEvents(reader: SseReader, first: StreamPage): AsyncGenerator<Uint8Array, void> {
  const { path, hub, limits, ended } = reader;
  const deadline = reader.now() + limits.lifeMillis;
  const bell = new Bell();
  const ring = (): void => bell.ring();
  const unfollow = hub.follow(path, ring);
  ended.addEventListener('abort', ring);
  let stall: NodeJS.Timeout | undefined;
  const watched = (chunk: Uint8Array): Uint8Array => {
    stall = setTimeout(reader.cutOff, limits.stallMillis);
    return chunk;
  };
  try {
    // Not the page itself: while it waits, a reader keeps no more than where it is.
    let { next } = first;
    let last = isLast(first);
    yield watched(frameOf(first, reader.cursor));
    clearTimeout(stall);
    while (!last && !ended.aborted && reader.now() < deadline) {
      // Looked at before any wait: the stream may have grown before it was followed.
      const outcome = await hub.read(path, next);
      if (outcome.kind !== 'page' || ended.aborted) return;
      if (outcome.messages.length > 0 || isLast(outcome)) {
        ({ next } = outcome);
        last = isLast(outcome);
        yield watched(frameOf(outcome, reader.cursor));
      } else if (!(await bell.wait(Math.min(limits.heartbeatMillis, Math.max(0, deadline - reader.now()))))) {
        yield watched(HEARTBEAT);
      }
      clearTimeout(stall);
    }
  } catch (error) {
    // The headers are out: all that is left to say is that this is no proper end.
    console.error(error);
    reader.cutOff();
  } finally {
    clearTimeout(stall);
    ended.removeEventListener('abort', ring);
    unfollow();
  }
}

/** Whether nothing can come after this page. */
const isLast = (page: StreamPage): boolean => page.head.closed && page.upToDate;

function frameOf(page: StreamPage, cursor: () => string): Buffer {
  const closed = isLast(page);
  const control = {
    streamNextOffset: formatOffset(page.next),
    ...(closed ? {} : { streamCursor: cursor() }),
    ...(page.upToDate ? { upToDate: true } : {}),
    ...(closed ? { streamClosed: true } : {}),
  };
  const tail = Buffer.from(`event: control\ndata:${JSON.stringify(control)}\n\n`);
  return page.messages.length > 0 ? Buffer.concat([dataEventOf(page), tail]) : tail;
}

/** Data events as they were written, as long as somebody has the page: readers who are level share it (live-hub.ts). */
const dataEvents = new WeakMap<StreamPage, Buffer>();

function dataEventOf(page: StreamPage): Buffer {
  const written = dataEvents.get(page) ?? Buffer.from(`event: data\n${dataLines(page)}\n`);
  dataEvents.set(page, written);
  return written;
}

/** The page's bytes as data lines. Whatever a payload holds, each of its lines stays a data line: it can end no event. */
function dataLines(page: StreamPage): string {
  const { contentType } = page.head;
  const text = !isTextual(contentType)
    ? Buffer.concat(page.messages).toString('base64')
    : (mediaType(contentType) === 'application/json'
        ? joinMessages(page.messages)
        : Buffer.concat(page.messages)
      ).toString();
  let lines = '';
  // A reader drops one space behind the colon: a line that begins with one gets another.
  for (const line of text.split(/\r\n|\n|\r/)) lines += `data:${line.startsWith(' ') ? ' ' : ''}${line}\n`;
  return lines;
}
