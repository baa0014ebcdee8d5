/**
 * Our own server in a simulation: its stream handler, its snapshots, its housekeeping and its storage, in this process, with
 * simulated time and without accounts: a device's token is its id. It can die, forget, and be put back to an older copy of its
 * database.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { Hono, type MiddlewareHandler } from 'hono';
import type { Event } from '../core/event.ts';
import { openSnapshot } from '../core/snapshot-codec.ts';
import type { BookId, BundleId, ClientId, EventId, UserId } from '../core/ids.ts';
import { openDatabase } from '../server/database.ts';
import { keepHouse } from '../server/housekeeping.ts';
import { answerTo, commonHeaders } from '../server/http/app.ts';
import { pathOf } from '../server/http/book-routes.ts';
import type { Env } from '../server/http/env.ts';
import { sendIfLive } from '../server/http/live-answer.ts';
import { snapshotRoutesFor } from '../server/http/snapshot-routes.ts';
import { StreamHandler } from '../server/http/streams.ts';
import { LIMITS } from '../server/limits.ts';
import { migrations } from '../server/schema.ts';
import { SqliteSnapshotStore } from '../server/snapshots/sqlite/store.ts';
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
/** The book's name here; devices call it by its id. */
const BOOK = 'book' as BookId;
const PATH = pathOf(BOOK);
/** Copies of the database that are kept to go back to. */
const COPIES = 8;

/** The log as it was last looked at, by position, with what it let go of since. */
interface Seen {
  readonly log: string;
  readonly messages: readonly string[];
  /** Null where a message is no bundle. */
  readonly bundles: readonly (BundleId | null)[];
}

const NOTHING: Seen = { log: '', messages: [], bundles: [] };

interface Copy {
  readonly seen: Seen;
  readonly file: Uint8Array;
}

/** What came to pass, to show that a simulation has it in it. */
export interface Tally {
  snapshots: number;
  /** First pieces that were fetched. */
  starts: number;
  pieces: number;
  /** Messages that the server let go of, and how often somebody was told so. */
  trimmed: number;
  tooLate: number;
}

export class OwnServer implements SimulatedServer {
  up = true;
  trouble = 0;
  readonly #random: SeededRandom;
  readonly #now: () => number;
  readonly #stored: StoredNotes;
  readonly #onProblem: (problem: string) => void;
  readonly #connections = new Set<() => void>();
  /** Live answers that are on their way. */
  readonly #unheard = new Set<Outgoing>();
  readonly #copies: Copy[] = [];
  /** How long messages are kept for which a snapshot stands in; null: for good. */
  retainMillis: number | null = null;
  readonly tally: Tally = { snapshots: 0, starts: 0, pieces: 0, trimmed: 0, tooLate: 0 };
  #seen = NOTHING;
  #database: DatabaseSync;
  #store: SqliteStreamStore;
  #snapshots: SqliteSnapshotStore;
  #app: Hono<Env>;

  constructor(random: SeededRandom, now: () => number, onProblem: (problem: string) => void) {
    this.#random = random;
    this.#now = now;
    this.#stored = new StoredNotes(onProblem);
    this.#onProblem = onProblem;
    this.#database = openDatabase(':memory:', migrations);
    this.#database.prepare('INSERT INTO books (book_id, created_at) VALUES (?, 0)').run(BOOK);
    [this.#store, this.#snapshots, this.#app] = this.#serve();
  }

  get everStored(): ReadonlySet<EventId> {
    return this.#stored.events;
  }

  get messages(): readonly string[] | null {
    return this.#stream() && this.#seen.messages;
  }

  bundlesBefore(offset: string): readonly BundleId[] | null {
    const parsed = parseOffset(offset);
    if (!parsed || this.#seen.log !== parsed.log || parsed.position > this.#seen.bundles.length) return null;
    // Of a log that was put back and has grown again, what stands there now is not what the offset was given for.
    const last = this.#database
      .prepare('SELECT tag FROM messages JOIN streams USING (stream_id) WHERE path = ? AND position = ?')
      .get(PATH, parsed.position - 1);
    if (last && last['tag'] !== parsed.tag) return null;
    return this.#seen.bundles.slice(0, parsed.position).flatMap((bundle) => bundle ?? []);
  }

  eventsOf(bundle: BundleId): readonly Event[] {
    return this.#stored.byBundle.get(bundle) ?? [];
  }

  #stream(): { readonly id: number; readonly log: string } | null {
    const row = this.#database.prepare('SELECT stream_id, log FROM streams WHERE path = ?').get(PATH);
    return row ? { id: Number(row['stream_id']), log: String(row['log']) } : null;
  }

  #messagesFrom(stream: number, position: number): readonly string[] {
    return this.#database
      .prepare(
        'SELECT CAST(data AS TEXT) AS json FROM messages WHERE stream_id = ? AND position >= ? ORDER BY position',
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
    const sent = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
    const socket = Object.assign(new EventEmitter(), { destroyed: false });
    const incoming = Object.assign(Readable.from(sent.length === 0 ? [] : [sent]), { headers: plain, method, socket });
    const outgoing = new Outgoing();
    const response = await this.#app.request(
      url,
      { method, headers: plain },
      { incoming: incoming as unknown as IncomingMessage, outgoing: outgoing as unknown as ServerResponse },
    );
    this.#noteStored();
    const answer = { status: response.status, headers: Object.fromEntries(response.headers), body: '' };
    if (answer.headers['content-type'] === 'text/event-stream') {
      this.#unheard.add(outgoing);
      return {
        ...answer,
        live: (send, end) => {
          // The server died before the answer arrived.
          if (!this.#unheard.delete(outgoing)) {
            end();
            return () => {};
          }
          return this.#follow(response, outgoing, send, end);
        },
      };
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    outgoing.destroy();
    await this.#note(method, new URL(url).pathname, answer);
    return { ...answer, body: bytes };
  }

  async #note(method: string, path: string, { status, headers }: SimulatedAnswer): Promise<void> {
    const piece = method === 'GET' && status === 200 && /\/pieces\/(\d+)$/.exec(path);
    if (piece) this.tally.pieces += 1;
    if (piece && piece[1] === '0') this.tally.starts += 1;
    const snapshot = method === 'PUT' && status === 204 && /\/snapshots\/([^/]+)$/.exec(path);
    if (snapshot) {
      this.tally.snapshots += 1;
      await this.#check(snapshot[1]!);
    }
    if (status === 410 && 'daybook-trimmed-by' in headers) this.tally.tooLate += 1;
  }

  /** [SNAP-4] A snapshot holds nothing that was never stored. */
  async #check(snapshot: string): Promise<void> {
    for (let number = 0; ; number++) {
      const piece = await this.#snapshots.read(PATH, snapshot, number);
      if (!piece) return;
      const opened = openSnapshot(new Uint8Array(piece));
      for (const part of opened.ok ? opened.value.parts() : []) {
        if (!part.ok || part.value.kind !== 'events') continue;
        const strangers = part.value.events.filter(({ id }) => !this.everStored.has(id));
        if (strangers.length > 0) this.#onProblem(`a snapshot holds ${strangers.length} events that were never stored`);
      }
    }
  }

  /** Hands on what a live answer brings; returns what ends it. */
  #follow(response: Response, outgoing: Outgoing, send: (chunk: string) => void, end: () => void): () => void {
    const stop = (): void => {
      this.#connections.delete(cut);
      outgoing.destroy();
    };
    const cut = (): void => {
      if (!this.#connections.has(cut)) return;
      stop();
      end();
    };
    this.#connections.add(cut);
    outgoing.onText = send;
    outgoing.once('close', cut);
    sendIfLive(response, outgoing as unknown as ServerResponse);
    return stop;
  }

  crash(): void {
    this.up = false;
    for (const cut of [...this.#connections]) cut();
    for (const outgoing of this.#unheard) outgoing.destroy();
    this.#unheard.clear();
    [this.#store, this.#snapshots, this.#app] = this.#serve();
  }

  async deleteLog(): Promise<void> {
    await this.#store.delete(PATH);
  }

  rewind(messages: number): void {
    const copy = this.#copies.findLast((each) => each.seen.messages.length <= messages);
    if (!copy) return;
    const { up } = this;
    this.#database.close();
    this.#database = openDatabase(':memory:', migrations);
    this.#database.deserialize(copy.file);
    this.#seen = copy.seen;
    this.crash();
    this.up = up;
    this.#noteStored();
  }

  async inject(json: string): Promise<void> {
    const append = { contentType: 'application/json', messages: [Buffer.from(json)], close: false };
    await this.#store.append(PATH, { ...append, seq: null, producer: null });
    this.#noteStored();
  }

  /** What the server does by itself from time to time. */
  async keepHouse(): Promise<void> {
    if (!this.up) return;
    const before = this.#kept();
    await keepHouse({
      streams: this.#store,
      snapshots: this.#snapshots,
      database: this.#database,
      now: this.#now,
      config: { retainMillis: this.retainMillis },
      stopping: new AbortController(),
    });
    this.tally.trimmed += before - this.#kept();
  }

  #kept(): number {
    return Number(this.#database.prepare('SELECT count(*) AS n FROM messages').get()!['n']);
  }

  close(): void {
    this.crash();
    this.#database.close();
  }

  /** Looks at what was stored since, and keeps a copy of the whole now and then. */
  #noteStored(): void {
    const stream = this.#stream();
    if (stream?.log !== this.#seen.log) this.#seen = { ...NOTHING, log: stream?.log ?? '' };
    const { log, messages, bundles } = this.#seen;
    const fresh = stream ? this.#messagesFrom(stream.id, bundles.length) : [];
    if (fresh.length === 0) return;
    const ids = new Set(bundles.flatMap((bundle) => bundle ?? []));
    this.#seen = {
      log,
      messages: [...messages, ...fresh],
      bundles: [...bundles, ...fresh.map((json) => this.#stored.note(json, ids))],
    };
    if (!this.#random.chance(0.2)) return;
    if (this.#copies.length >= COPIES) this.#copies.splice(this.#random.below(COPIES), 1);
    this.#copies.push({ seen: this.#seen, file: this.#database.serialize() });
  }

  #serve(): [SqliteStreamStore, SqliteSnapshotStore, Hono<Env>] {
    const committer = new Committer(this.#database);
    const store = new SqliteStreamStore(this.#database, committer, this.#now);
    const snapshots = new SqliteSnapshotStore(this.#database, committer, this.#now);
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
    app.route('/', snapshotRoutesFor({ snapshots, limits: LIMITS }, byToken));
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
    return [store, snapshots, app];
  }
}

/** As much of a ServerResponse as a live answer writes to. */
class Outgoing extends EventEmitter {
  destroyed = false;
  onText: (text: string) => void = () => {};

  writeHead(): void {}

  flushHeaders(): void {}

  /** There is always room: a slow reader is the network's to simulate. */
  write(bytes: Uint8Array): boolean {
    if (!this.destroyed) this.onText(Buffer.from(bytes).toString());
    return true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

/** Stands in for accounts. */
const byToken: MiddlewareHandler<Env> = async (c, next) => {
  const clientId = (c.req.header('Authorization') ?? '').replace('Bearer ', '') as ClientId;
  c.set('caller', { clientId, userId: '' as UserId, bookId: BOOK, role: 'member' });
  c.set('ended', new AbortController().signal);
  await next();
};
