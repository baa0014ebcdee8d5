/**
 * A Durable Streams server with one stream, as the protocol has it and no more: written a second time, from the protocol and
 * not from our server, so that simulations do not share its mistakes. It can forget, and go back to what it was.
 */
import type { Event } from '../core/event.ts';
import type { BundleId, EventId } from '../core/ids.ts';
import type { SeededRandom } from './seeded-random.ts';
import {
  StoredNotes,
  troubled,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedServer,
} from './simulated-server.ts';

interface Stored {
  readonly json: string;
  readonly tag: string;
  readonly producer: { readonly id: string; readonly epoch: number; readonly seq: number } | null;
  /** Null: it is no bundle. */
  bundle: BundleId | null;
}

interface Log {
  readonly id: string;
  readonly messages: Stored[];
  /** Of the bundles in it. */
  readonly ids: Set<BundleId>;
}

interface Reader {
  position: number;
  readonly send: (chunk: string) => void;
  readonly end: () => void;
}

const PAGE_MESSAGES = 6;
const START_TAG = '0000';

export class FakeServer implements SimulatedServer {
  /** Null: there is no stream. */
  log: Log | null = null;
  up = true;
  trouble = 0;
  /** Unix milliseconds. */
  readonly #now: () => number;
  readonly #random: SeededRandom;
  readonly #readers = new Set<Reader>();
  readonly #stored: StoredNotes;

  /** @param onProblem called when the server is made to store what it should not */
  constructor(random: SeededRandom, now: () => number, onProblem: (problem: string) => void) {
    this.#stored = new StoredNotes(onProblem);
    this.#random = random;
    this.#now = now;
  }

  get everStored(): ReadonlySet<EventId> {
    return this.#stored.events;
  }

  crash(): void {
    this.up = false;
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }

  deleteLog(): void {
    this.log = null;
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }

  rewind(messages: number): void {
    if (!this.log) return;
    const kept = this.log.messages.slice(0, messages);
    this.log = { id: this.log.id, messages: kept, ids: new Set(bundlesIn(kept)) };
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }

  inject(json: string): void {
    if (!this.log) return;
    this.#store([{ json, tag: this.#tag(), producer: null, bundle: null }]);
  }

  get messages(): readonly string[] | null {
    return this.log && this.log.messages.map(({ json }) => json);
  }

  bundlesBefore(offset: string): readonly BundleId[] | null {
    const [, position] = offset.split('_');
    // Of a log that was put back and has grown again, what stands there now is not what the offset was given for.
    if (!this.log || Number(position) > this.log.messages.length || offset !== this.#offset(Number(position)))
      return null;
    return bundlesIn(this.log.messages.slice(0, Number(position)));
  }

  eventsOf(bundle: BundleId): readonly Event[] {
    return this.#stored.byBundle.get(bundle) ?? [];
  }

  close(): void {
    this.crash();
  }

  handle(request: SimulatedRequest): SimulatedAnswer {
    const url = new URL(request.url);
    if (this.#random.chance(this.trouble)) return troubled(this.#random);
    if (url.pathname === '/v1/time')
      return answer(200, { 'content-type': 'application/json' }, JSON.stringify({ millis: this.#now() }));
    switch (request.method) {
      case 'PUT':
        return this.#create();
      case 'POST':
        return this.#append(request);
      default:
        return this.#read(url.searchParams.get('offset') ?? '-1', url.searchParams.get('live') === 'sse');
    }
  }

  #create(): SimulatedAnswer {
    const made = this.log === null;
    this.log ??= { id: this.#tag() + this.#tag(), messages: [], ids: new Set() };
    return answer(made ? 201 : 200, { 'stream-next-offset': this.#offset(this.log.messages.length) });
  }

  #append(request: SimulatedRequest): SimulatedAnswer {
    if (!this.log) return answer(404, { 'content-type': 'text/plain' }, 'There is no such stream.');
    const id = request.headers['producer-id']!;
    const [epoch, seq] = [Number(request.headers['producer-epoch']), Number(request.headers['producer-seq'])];
    const last = this.log.messages.findLast((message) => message.producer?.id === id)?.producer;
    if (last && epoch < last.epoch) return answer(403, { 'producer-epoch': String(last.epoch) });
    if (last && epoch > last.epoch && seq !== 0) return answer(400, {}, 'A new epoch begins with 0.');
    const numbers = { 'producer-epoch': String(epoch), 'producer-seq': String(seq) };
    if (last && epoch === last.epoch && seq <= last.seq)
      return answer(204, { ...numbers, 'producer-seq': String(last.seq) });
    const expected = last && epoch === last.epoch ? last.seq + 1 : 0;
    if (seq !== expected) {
      return answer(409, { 'producer-expected-seq': String(expected), 'producer-received-seq': String(seq) });
    }
    const sent: unknown = JSON.parse(String(request.body));
    const tag = this.#tag();
    const messages = Array.isArray(sent) ? sent : [sent];
    this.#store(
      messages.map((message) => ({ json: JSON.stringify(message), tag, producer: { id, epoch, seq }, bundle: null })),
    );
    return answer(200, { ...numbers, 'stream-next-offset': this.#offset(this.log.messages.length) });
  }

  #read(offset: string, live: boolean): SimulatedAnswer {
    const { log } = this;
    if (!this.log) return answer(404, { 'content-type': 'text/plain' }, 'There is no such stream.');
    let from = 0;
    if (offset !== '-1') {
      const [id, position, tag] = offset.split('_');
      if (!position || !tag) return answer(400, {}, 'Malformed offset.');
      from = Number(position);
      const there = from === 0 ? START_TAG : this.log.messages[from - 1]?.tag;
      if (id !== this.log.id || tag !== there) return answer(410, {}, 'Another log.');
    }
    if (!live) {
      const page = this.log.messages.slice(from, from + PAGE_MESSAGES);
      const next = from + page.length;
      return answer(
        200,
        {
          'content-type': 'application/json',
          'stream-next-offset': this.#offset(next),
          'daybook-position': `${next}/${this.log.messages.length}`,
          ...(next === this.log.messages.length ? { 'stream-up-to-date': 'true' } : {}),
        },
        `[${page.map((message) => message.json).join(',')}]`,
      );
    }
    return {
      ...answer(200, { 'content-type': 'text/event-stream' }),
      live: (send, end) => {
        // Gone, or put back, between the request and now.
        if (this.log !== log) {
          end();
          return () => {};
        }
        const reader: Reader = { position: from, send, end };
        this.#readers.add(reader);
        this.#feed(reader, true);
        return () => this.#readers.delete(reader);
      },
    };
  }

  #store(messages: readonly Stored[]): void {
    const log = this.log!;
    log.messages.push(...messages);
    for (const message of messages) {
      message.bundle = this.#stored.note(message.json, log.ids);
      if (message.bundle) log.ids.add(message.bundle);
    }
    for (const reader of [...this.#readers]) this.#feed(reader, false);
  }

  /** @param first whether to say where the reader is although there is nothing new */
  #feed(reader: Reader, first: boolean): void {
    const { messages } = this.log!;
    if (first) this.#sendPage(reader);
    while (reader.position < messages.length) this.#sendPage(reader);
  }

  #sendPage(reader: Reader): void {
    const { messages } = this.log!;
    const page = messages.slice(reader.position, reader.position + PAGE_MESSAGES);
    reader.position += page.length;
    const control = {
      streamNextOffset: this.#offset(reader.position),
      streamCursor: '1',
      ...(reader.position === messages.length ? { upToDate: true } : {}),
    };
    const data = page.length > 0 ? `event: data\ndata: [${page.map((message) => message.json).join(',')}]\n\n` : '';
    reader.send(`${data}event: control\ndata: ${JSON.stringify(control)}\n\n`);
  }

  #offset(position: number): string {
    const tag = position === 0 ? START_TAG : this.log!.messages[position - 1]!.tag;
    return `${this.log!.id}_${String(position).padStart(8, '0')}_${tag}`;
  }

  #tag(): string {
    return this.#random.next().toString(16).padStart(8, '0');
  }
}

const bundlesIn = (messages: readonly Stored[]): readonly BundleId[] => messages.flatMap(({ bundle }) => bundle ?? []);

function answer(status: number, headers: Readonly<Record<string, string>>, body = ''): SimulatedAnswer {
  return { status, headers, body };
}
