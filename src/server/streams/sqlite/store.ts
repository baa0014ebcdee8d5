import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type {
  Append,
  AppendOutcome,
  CreateOutcome,
  NewStream,
  ReadFrom,
  ReadLimit,
  ReadOutcome,
  StreamHead,
  StreamStore,
  Trim,
} from '../port.ts';
import type { Offset } from '../offset.ts';
import { mediaType } from '../media-type.ts';
import { appendTo } from './append.ts';
import type { Committer } from './committer.ts';
import {
  earliestOf,
  headOf,
  isExpired,
  prepareStatements,
  startOf,
  type Statements,
  type StreamRow,
  tailOf,
} from './rows.ts';

/** Streams in the server's SQLite database. The connection belongs to the caller, who closes it. */
export class SqliteStreamStore implements StreamStore {
  readonly #sql: Statements;
  readonly #committer: Committer;
  readonly #now: () => number;
  readonly #watchers = new Map<string, Set<() => void>>();

  /** @param now the server's clock, Unix milliseconds */
  constructor(db: DatabaseSync, committer: Committer, now: () => number) {
    this.#sql = prepareStatements(db);
    this.#committer = committer;
    this.#now = now;
  }

  create(path: string, stream: NewStream): Promise<CreateOutcome> {
    return this.#committer.run((): CreateOutcome => {
      const existing = this.#live(path);
      if (existing) return { kind: isSame(existing, stream) ? 'exists' : 'differs', head: headOf(existing) };
      this.#dropExpired(path);
      const now = this.#now();
      const log = randomBytes(6).toString('hex');
      const { contentType, ttlSeconds, expiresAt } = stream;
      let row = this.#sql.insertStream(path, log, contentType, ttlSeconds, expiresAt, now, now, 0)!;
      if (stream.messages.length > 0 || stream.closed) {
        const { messages, closed: close } = stream;
        appendTo(this.#sql, row, { contentType, messages, close, seq: null, producer: null }, now);
        row = this.#sql.stream(path)!;
      }
      return { kind: 'created', head: headOf(row) };
    });
  }

  async append(path: string, append: Append): Promise<AppendOutcome> {
    const outcome = await this.#committer.run((): AppendOutcome => {
      const row = this.#live(path);
      return row ? appendTo(this.#sql, row, append, this.#now()) : { kind: 'missing' };
    });
    if (outcome.kind === 'appended') this.#wake(path);
    return outcome;
  }

  async read(path: string, from: ReadFrom, limit: ReadLimit): Promise<ReadOutcome> {
    const row = this.#live(path);
    if (!row) return { kind: 'missing' };
    const start = from === 'start' ? startOf(row) : from === 'now' ? tailOf(row) : from;
    const gone = whyGone(this.#sql, row, start);
    if (gone === 'trimmed') return { kind: 'trimmed', earliest: earliestOf(row), before: row.trimmed_by ?? 0 };
    if (gone) return { kind: 'gone', reason: gone };

    const messages: Uint8Array[] = [];
    let bytes = 0;
    let next: Offset = start;
    if (start.position < row.tail) {
      for (const { tag, data } of this.#sql.page(row.stream_id, start.position, limit.messages)) {
        if (messages.length > 0 && bytes + data.length > limit.bytes) break;
        messages.push(data);
        bytes += data.length;
        next = { log: row.log, position: start.position + messages.length, tag };
        // The stream may have grown since its row was read: the page ends where the row says.
        if (next.position === row.tail) break;
      }
    }
    if (row.ttl_seconds !== null) await this.#committer.run(() => this.#sql.touch(this.#now(), row.stream_id));
    return { kind: 'page', head: headOf(row), start, messages, next, upToDate: next.position === row.tail };
  }

  async head(path: string): Promise<StreamHead | null> {
    const row = this.#live(path);
    return row && headOf(row);
  }

  async delete(path: string): Promise<boolean> {
    const deleted = await this.#committer.run(() => {
      const row = this.#live(path);
      this.#dropExpired(path);
      return row !== null && this.#sql.deleteStream(row.stream_id) > 0;
    });
    if (deleted) this.#wake(path);
    return deleted;
  }

  watch(path: string, wake: () => void): () => void {
    const watchers = this.#watchers.get(path) ?? new Set();
    this.#watchers.set(path, watchers);
    watchers.add(wake);
    return () => {
      watchers.delete(wake);
      if (watchers.size === 0 && this.#watchers.get(path) === watchers) this.#watchers.delete(path);
    };
  }

  trim(path: string, { upTo, storedBy, limit }: Trim): Promise<number> {
    return this.#committer.run(() => {
      const row = this.#live(path);
      if (!row || upTo.log !== row.log) return 0;
      this.#sql.markTail(row.stream_id, row.tail, this.#now());
      const mark = this.#sql.markBy(row.stream_id, storedBy);
      const end = Math.min(upTo.position, mark?.position ?? 0, row.tail, row.earliest + limit);
      if (mark === null || end <= row.earliest) return 0;
      const tag = end === row.tail ? row.tail_tag : this.#sql.tagBefore(row.stream_id, end)!.tag;
      this.#sql.deleteMessages(row.stream_id, end);
      this.#sql.updateEarliest(end, tag, mark.noted_at, row.stream_id);
      this.#sql.dropMarks(row.stream_id, end);
      return end - row.earliest;
    });
  }

  sweep(): Promise<number> {
    return this.#committer.run(() => this.#sql.sweep(this.#now()));
  }

  /** The stream's row, unless there is none or its time is over. */
  #live(path: string): StreamRow | null {
    const row = this.#sql.stream(path);
    return row && !isExpired(row, this.#now()) ? row : null;
  }

  /** Inside a transaction: makes room for a new stream where one has expired. */
  #dropExpired(path: string): void {
    const row = this.#sql.stream(path);
    if (row && isExpired(row, this.#now())) this.#sql.deleteStream(row.stream_id);
  }

  #wake(path: string): void {
    for (const wake of [...(this.#watchers.get(path) ?? [])]) wake();
  }
}

/** Why what lies behind an offset cannot be read; null when it can. */
export function whyGone(sql: Statements, row: StreamRow, offset: Offset): 'otherLog' | 'rewound' | 'trimmed' | null {
  if (offset.log !== row.log) return 'otherLog';
  // Whether its tag was right is not known any more.
  if (offset.position < row.earliest) return 'trimmed';
  const tag =
    offset.position === row.earliest
      ? row.earliest_tag
      : offset.position === row.tail
        ? row.tail_tag
        : sql.tagBefore(row.stream_id, offset.position)?.tag;
  return tag === offset.tag ? null : 'rewound';
}

function isSame(row: StreamRow, stream: NewStream): boolean {
  return (
    mediaType(row.content_type) === mediaType(stream.contentType) &&
    row.ttl_seconds === stream.ttlSeconds &&
    row.expires_at === stream.expiresAt &&
    (row.closed === 1) === stream.closed
  );
}
