/** Live reading over Server-Sent Events (protocol, 5.8): after each page of data a control event says where the reader is. */
import type { ServerResponse } from 'node:http';
import { formatOffset } from '../streams/offset.ts';
import type { ReadOutcome, StreamPage } from '../streams/port.ts';
import { mediaType } from '../streams/media-type.ts';
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
  /** The cursor of the next control event. */
  readonly cursor: () => string;
  /** Aborted when the reader has gone, may no longer read, or the server stops. */
  readonly ended: AbortSignal;
  /** Its headers are out. */
  readonly outgoing: ServerResponse;
}

const HEARTBEAT = Buffer.from(':\n\n');

export const isTextual = (contentType: string): boolean =>
  mediaType(contentType) === 'application/json' || mediaType(contentType).startsWith('text/');

/**
 * Writes the events of a stream from `first` on, a chunk for each page, until the reader's time is over or the stream is.
 *
 *     idle ──rung──▶ reading ──page──▶ idle, or full when the connection takes no more ──drained──▶ reading
 *
 * While it is full nothing is read for it: what waits in memory for a reader is one page, which is shared with whoever else it
 * waits for. A reader that takes nothing is cut off.
 */
export function sendEvents({ path, hub, limits, cursor, ended, outgoing }: SseReader, first: StreamPage): void {
  let state: 'idle' | 'reading' | 'full' | 'over' = 'idle';
  // Not the page itself: a reader keeps no more than where it is.
  let { next } = first;
  /** Whether the stream has changed since it was last looked at. */
  let rung = false;
  let stall: NodeJS.Timeout | undefined;

  const unfollow = hub.follow(path, look);
  const life = setTimeout(finish, limits.lifeMillis);
  const heartbeat = setTimeout(beat, limits.heartbeatMillis);
  ended.addEventListener('abort', finish);
  outgoing.on('drain', drained);
  outgoing.on('close', () => {
    stop();
    clearTimeout(stall);
  });
  // A connection may break between two writes; its `close` says all there is to say.
  outgoing.on('error', () => {});

  if (ended.aborted || outgoing.destroyed) finish();
  // Looked at at once: the stream may have grown before it was followed.
  else if (send(first)) look();

  function look(): void {
    rung = true;
    if (state !== 'idle') return;
    state = 'reading';
    rung = false;
    hub.read(path, next).then(take, fail);
  }

  function take(outcome: ReadOutcome): void {
    if (state !== 'reading') return;
    state = 'idle';
    if (outcome.kind !== 'page') finish();
    else if (outcome.messages.length === 0 && !isLast(outcome)) {
      if (rung) look();
    } else {
      ({ next } = outcome);
      if (send(outcome) && (rung || !outcome.upToDate)) look();
    }
  }

  /** Whether there may be more, and room for it. */
  function send(page: StreamPage): boolean {
    write(frameOf(page, cursor()));
    if (isLast(page)) finish();
    return state === 'idle';
  }

  function write(bytes: Uint8Array): void {
    if (outgoing.destroyed) return;
    heartbeat.refresh();
    if (outgoing.write(bytes) || state === 'over') return;
    state = 'full';
    stall = setTimeout(() => outgoing.destroy(), limits.stallMillis);
  }

  function drained(): void {
    clearTimeout(stall);
    if (state !== 'full') return;
    state = 'idle';
    look();
  }

  function beat(): void {
    // What has not been taken yet is sign enough, and no comment would arrive before it.
    if (state === 'full') heartbeat.refresh();
    else write(HEARTBEAT);
  }

  function fail(error: unknown): void {
    // The headers are out: all that is left to say is that this is no proper end.
    console.error(error);
    outgoing.destroy();
  }

  /** Ends the answer in good order. What is on its way still goes out, within the time that a stalled reader has. */
  function finish(): void {
    if (state === 'over') return;
    stop();
    if (!outgoing.destroyed) outgoing.end();
  }

  function stop(): void {
    state = 'over';
    clearTimeout(life);
    clearTimeout(heartbeat);
    ended.removeEventListener('abort', finish);
    unfollow();
  }
}

/** Whether nothing can come after this page. */
const isLast = (page: StreamPage): boolean => page.head.closed && page.upToDate;

/** Frames as they were written, as long as somebody has the page: readers who are level share it (live-hub.ts), and its frame. */
const frames = new WeakMap<StreamPage, Map<string, Buffer>>();

function frameOf(page: StreamPage, cursor: string): Buffer {
  let written = frames.get(page);
  if (!written) frames.set(page, (written = new Map()));
  let frame = written.get(cursor);
  if (!frame) written.set(cursor, (frame = writeFrame(page, cursor)));
  return frame;
}

function writeFrame(page: StreamPage, cursor: string): Buffer {
  const closed = isLast(page);
  const control = {
    streamNextOffset: formatOffset(page.next),
    ...(closed ? {} : { streamCursor: cursor }),
    ...(page.upToDate ? { upToDate: true } : {}),
    ...(closed ? { streamClosed: true } : {}),
  };
  const data = page.messages.length > 0 ? `event: data\n${dataLines(page)}\n` : '';
  return Buffer.from(`${data}event: control\ndata:${JSON.stringify(control)}\n\n`);
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
