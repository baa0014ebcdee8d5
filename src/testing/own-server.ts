/**
 * Our own server in a simulation: its stream handler and its storage, in this process, with simulated time and without
 * accounts. It can die, forget, and be put back to an older copy of its database.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { Hono } from 'hono';
import type { BundleId, EventId } from '../core/ids.ts';
import { openDatabase } from '../server/database.ts';
import { answerTo, commonHeaders } from '../server/http/app.ts';
import type { Env } from '../server/http/env.ts';
import { StreamHandler } from '../server/http/streams.ts';
import { LIMITS } from '../server/limits.ts';
import { migrations } from '../server/schema.ts';
import { parseOffset } from '../server/streams/offset.ts';
import { Committer } from '../server/streams/sqlite/committer.ts';
import { SqliteStreamStore } from '../server/streams/sqlite/store.ts';
import type { SeededRandom } from './seeded-random.ts';
import {
  StoredNotes,
  troubled,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedServer,
} from './simulated-server.ts';

/** Real timers have no part in a simulation: the network ends connections and shows signs of life. */
const NEVER_MILLIS = 2_000_000_000;
const PAGE = { messages: 6, bytes: 1_000_000 };
const PATH = 'book';
/** Copies of the database that are kept to go back to. */
const COPIES = 8;

interface Copy {
  readonly messages: number;
  readonly file: Uint8Array;
}

export class OwnServer implements SimulatedServer {
  up = true;
  trouble = 0;
  readonly #random: SeededRandom;
  readonly #now: () => number;
  readonly #stored: StoredNotes;
  readonly #connections = new Set<() => void>();
  readonly #copies: Copy[] = [];
  /** Bundles of the log as it was last looked at, by position; null where a message is none. */
  #seen: { readonly log: string; readonly bundles: (BundleId | null)[] } = { log: '', bundles: [] };
  #database: DatabaseSync;
  #store: SqliteStreamStore;
  #app: Hono<Env>;

  constructor(random: SeededRandom, now: () => number, onProblem: (problem: string) => void) {
    this.#random = random;
    this.#now = now;
    this.#stored = new StoredNotes(onProblem);
    this.#database = openDatabase(':memory:', migrations);
    [this.#store, this.#app] = this.#serve();
  }

  get everStored(): ReadonlySet<EventId> {
    return this.#stored.events;
  }

  get messages(): readonly string[] | null {
    const stream = this.#stream();
    return stream && this.#messagesFrom(stream.id, 0);
  }

  bundlesBefore(offset: string): readonly BundleId[] | null {
    const parsed = parseOffset(offset);
    if (!parsed || this.#seen.log !== parsed.log) return null;
    return this.#seen.bundles.slice(0, parsed.position).flatMap((bundle) => bundle ?? []);
  }

  #stream(): { readonly id: number; readonly log: string } | null {
    const row = this.#database.prepare('SELECT stream_id, log FROM streams WHERE path = ?').get(PATH);
    return row ? { id: Number(row['stream_id']), log: String(row['log']) } : null;
  }

  #messagesFrom(stream: number, position: number): readonly string[] {
    return this.#database
      .prepare(
        'SELECT CAST(data AS TEXT) AS json FROM messages WHERE stream_id = ? ORDER BY position LIMIT -1 OFFSET ?',
      )
      .all(stream, position)
      .map((row) => String(row['json']));
  }

  handle(request: SimulatedRequest): SimulatedAnswer | Promise<SimulatedAnswer> {
    if (this.#random.chance(this.trouble)) return troubled(this.#random);
    return this.#answer(request);
  }

  async #answer({ method, url, headers, body }: SimulatedRequest): Promise<SimulatedAnswer> {
    const { 'content-encoding': _, ...plain } = headers;
    const incoming = Object.assign(Readable.from(body === '' ? [] : [Buffer.from(body)]), { headers: plain, method });
    const outgoing = Object.assign(new EventEmitter(), { destroy: () => hangUp() });
    const hangUp = (): void => void outgoing.emit('close');
    const response = await this.#app.request(
      url,
      { method, headers: plain },
      { incoming: incoming as unknown as IncomingMessage, outgoing: outgoing as unknown as ServerResponse },
    );
    this.#noteStored();
    const answer = { status: response.status, headers: Object.fromEntries(response.headers), body: '' };
    if (response.body && answer.headers['content-type'] === 'text/event-stream') {
      const { body: events } = response;
      return { ...answer, live: (send, end) => this.#pump(events, send, end, hangUp) };
    }
    const text = await response.text();
    hangUp();
    return { ...answer, body: text };
  }

  /** Hands on what a live answer brings; returns what ends it. */
  #pump(
    events: ReadableStream<Uint8Array>,
    send: (chunk: string) => void,
    end: () => void,
    hangUp: () => void,
  ): () => void {
    const reader = events.getReader();
    const decoder = new TextDecoder();
    const stop = (): void => {
      this.#connections.delete(cut);
      hangUp();
    };
    const cut = (): void => {
      stop();
      end();
    };
    this.#connections.add(cut);
    const pull = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await reader.read();
        if (!this.#connections.has(cut)) return;
        if (done) return cut();
        send(decoder.decode(value, { stream: true }));
      }
    };
    pull().catch(() => cut());
    return stop;
  }

  crash(): void {
    this.up = false;
    for (const cut of [...this.#connections]) cut();
    [this.#store, this.#app] = this.#serve();
  }

  async deleteLog(): Promise<void> {
    await this.#store.delete(PATH);
  }

  rewind(messages: number): void {
    const copy = this.#copies.findLast((each) => each.messages <= messages);
    if (!copy) return;
    const { up } = this;
    this.#database.close();
    this.#database = openDatabase(':memory:', migrations);
    this.#database.deserialize(copy.file);
    this.#seen = { log: '', bundles: [] };
    this.crash();
    this.up = up;
    this.#noteStored();
  }

  async inject(json: string): Promise<void> {
    const append = { contentType: 'application/json', messages: [Buffer.from(json)], close: false };
    await this.#store.append(PATH, { ...append, seq: null, producer: null });
    this.#noteStored();
  }

  close(): void {
    this.crash();
    this.#database.close();
  }

  /** Looks at what was stored since, and keeps a copy of the whole now and then. */
  #noteStored(): void {
    const stream = this.#stream();
    if (stream?.log !== this.#seen.log) this.#seen = { log: stream?.log ?? '', bundles: [] };
    if (!stream) return;
    const { bundles } = this.#seen;
    const ids = new Set(bundles.flatMap((bundle) => bundle ?? []));
    const fresh = this.#messagesFrom(stream.id, bundles.length);
    for (const json of fresh) bundles.push(this.#stored.note(json, ids));
    if (fresh.length === 0 || !this.#random.chance(0.2)) return;
    if (this.#copies.length >= COPIES) this.#copies.splice(this.#random.below(COPIES), 1);
    this.#copies.push({ messages: bundles.length, file: this.#database.serialize() });
  }

  #serve(): [SqliteStreamStore, Hono<Env>] {
    const store = new SqliteStreamStore(this.#database, new Committer(this.#database), this.#now);
    const handler = new StreamHandler({
      store,
      limits: {
        ...LIMITS,
        page: PAGE,
        livePage: PAGE,
        lifeMillis: NEVER_MILLIS,
        heartbeatMillis: NEVER_MILLIS,
        stallMillis: NEVER_MILLIS,
      },
      now: this.#now,
      random: () => this.#random.next() / 2 ** 32,
      stopping: new AbortController().signal,
    });
    const app = new Hono<Env>();
    app.onError((error) => answerTo(error).toResponse());
    app.use(commonHeaders);
    app.get('/v1/time', (c) => c.json({ millis: this.#now() }));
    app.all('/v1/books/*', (c) =>
      handler.handle(c, {
        path: PATH,
        cacheControl: 'private, no-store',
        reader: null,
        ended: null,
        check: () => {},
        checkDelete: () => {},
      }),
    );
    return [store, app];
  }
}
