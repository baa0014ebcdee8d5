/**
 * A Durable Streams server with one stream, as the protocol has it and no more: written a second time, from the protocol and
 * not from our server, so that simulations do not share its mistakes. It can forget, and go back to what it was.
 */
import { openBundle } from '../core/bundle-codec.ts';
import type { BundleId, EventId } from '../core/ids.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface FakeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For SSE: called with the reader's sink when the answer has begun; returns what ends the connection. */
  readonly live?: (send: (chunk: string) => void, end: () => void) => () => void;
}

interface Stored {
  readonly json: string;
  readonly tag: string;
  readonly producer: { readonly id: string; readonly epoch: number; readonly seq: number } | null;
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

export class FakeServer {
  /** Null: there is no stream. */
  log: Log | null = null;
  up = true;
  /** Ids of all events that were ever stored durably. */
  readonly everStored = new Set<EventId>();
  /** Unix milliseconds. */
  readonly #now: () => number;
  readonly #random: SeededRandom;
  readonly #readers = new Set<Reader>();
  /** Share of requests answered with 429, 500, 503 or 507. */
  trouble = 0;

  readonly #onProblem: (problem: string) => void;

  /** @param onProblem called when the server is made to store what it should not */
  constructor(random: SeededRandom, now: () => number, onProblem: (problem: string) => void) {
    this.#onProblem = onProblem;
    this.#random = random;
    this.#now = now;
  }

  /** Ends every connection, as a process that dies. What was stored stays. */
  crash(): void {
    this.up = false;
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }

  /** The stream is gone, and with it what the server knew of producers. */
  deleteLog(): void {
    this.log = null;
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }

  /** Back to an older copy of itself. */
  rewind(messages: number): void {
    if (!this.log) return;
    const kept = this.log.messages.slice(0, messages);
    const ids = kept.flatMap(({ json }) => (JSON.parse(json) as { id?: BundleId } | null)?.id ?? []);
    this.log = { id: this.log.id, messages: kept, ids: new Set(ids) };
    for (const reader of [...this.#readers]) reader.end();
    this.#readers.clear();
  }

  /** Something that no app of ours wrote, by whatever means it got there. */
  inject(json: string): void {
    if (!this.log) return;
    this.#store([{ json, tag: this.#tag(), producer: null }]);
  }

  get tail(): { readonly log: string; readonly position: number } | null {
    return this.log && { log: this.log.id, position: this.log.messages.length };
  }

  handle(request: FakeRequest): FakeAnswer {
    const url = new URL(request.url);
    if (this.#random.chance(this.trouble)) return this.#refuse();
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

  #create(): FakeAnswer {
    const made = this.log === null;
    this.log ??= { id: this.#tag() + this.#tag(), messages: [], ids: new Set() };
    return answer(made ? 201 : 200, { 'stream-next-offset': this.#offset(this.log.messages.length) });
  }

  #append(request: FakeRequest): FakeAnswer {
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
    const sent: unknown = JSON.parse(request.body);
    const tag = this.#tag();
    const messages = Array.isArray(sent) ? sent : [sent];
    this.#store(messages.map((message) => ({ json: JSON.stringify(message), tag, producer: { id, epoch, seq } })));
    return answer(200, { ...numbers, 'stream-next-offset': this.#offset(this.log.messages.length) });
  }

  #read(offset: string, live: boolean): FakeAnswer {
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
    for (const { json } of messages) {
      const bundle = bundleMessages.read(JSON.parse(json));
      if (bundle.ok) {
        const { id } = bundle.value;
        if (log.ids.has(id)) this.#onProblem(`bundle ${id} is stored twice`);
        log.ids.add(id);
      }
      const events = bundle.ok ? openBundle(bundle.value) : null;
      if (events?.ok) for (const event of events.value) this.everStored.add(event.id);
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

  #refuse(): FakeAnswer {
    const status = this.#random.pick([429, 500, 503, 507]);
    return answer(status, this.#random.chance(0.5) ? { 'retry-after': String(this.#random.below(20)) } : {});
  }

  #offset(position: number): string {
    const tag = position === 0 ? START_TAG : this.log!.messages[position - 1]!.tag;
    return `${this.log!.id}_${String(position).padStart(8, '0')}_${tag}`;
  }

  #tag(): string {
    return this.#random.next().toString(16).padStart(8, '0');
  }
}

function answer(status: number, headers: Readonly<Record<string, string>>, body = ''): FakeAnswer {
  return { status, headers, body };
}
