/** The load client of a Durable Streams server: Daybook's, another one, or the bare one. */
import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createGunzip, gzipSync } from 'node:zlib';
import { BundleMaker, historyMessages } from './bundles.ts';
import { SseCounter } from './sse-counter.ts';
import type { BundleSize, Fetched, LoadClient, StreamDevice, Target, Traffic } from './target.ts';

/** As the app: smaller bundles fit into one packet anyway (sync/http-transport.ts). */
const GZIP_FROM_CHARACTERS = 1_000;

interface Body {
  readonly bytes: Buffer;
  readonly zipped: boolean;
}

export class StreamClient implements LoadClient {
  readonly #target: Extract<Target, { kind: 'streams' }>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, scheduling: 'fifo' });
  readonly #sockets = new Set<Socket>();
  readonly #makers = new Map<BundleSize, BundleMaker>();
  /** Large bundles, zipped once for each device: the server has to unzip each all the same. */
  readonly #large = new Map<number, Body>();
  /** The number of the next append of each device. */
  readonly #seqs = new Map<number, number>();
  #gone: Traffic = { sent: 0, received: 0 };
  #closing = false;

  constructor(target: Extract<Target, { kind: 'streams' }>) {
    this.#target = target;
  }

  async prepare(device: number, size: BundleSize): Promise<void> {
    if (size === 1_000) this.#largeBody(device);
    else this.#makerOf(size);
  }

  write(device: number, size: BundleSize): Promise<void> {
    const body =
      size === 1_000 ? this.#largeBody(device) : this.#bodyOf(this.#makerOf(size).next(this.#target.devices[device]!));
    return this.#append(device, body);
  }

  async upload(device: number, events: number): Promise<number> {
    let messages = 0;
    for (const message of historyMessages(events, this.#target.devices[device]!)) {
      await this.#append(device, this.#bodyOf(message));
      messages += 1;
    }
    return messages;
  }

  async follow(device: number, arrived: () => void): Promise<void> {
    let live: (() => void) | null = null;
    const isLive = new Promise<void>((resolve) => (live = resolve));
    const connect = async (offset: string): Promise<void> => {
      const answer = await this.#get(device, `?offset=${encodeURIComponent(offset)}&live=sse`, {});
      const counter = new SseCounter();
      answer.setEncoding('latin1');
      answer.on('data', (piece: string) => {
        for (let found = counter.take(piece); found > 0; found--) arrived();
        if (counter.offset !== null) live?.();
      });
      // A server ends a live connection now and then; a reader comes back from where it was.
      const again = (): void => {
        if (!this.#closing) void connect(counter.offset ?? offset);
      };
      answer.once('end', again);
      answer.once('error', again);
    };
    await connect('now');
    await isLive;
  }

  async fetchAll(device: number, encoded: boolean): Promise<Fetched> {
    const before = this.traffic().received;
    const start = performance.now();
    let messages = 0;
    for (let offset = '-1'; ;) {
      const answer = await this.#get(device, `?offset=${encodeURIComponent(offset)}`, {
        ...(encoded && { 'Accept-Encoding': 'gzip' }),
      });
      const zipped = answer.headers['content-encoding'] === 'gzip';
      const page = JSON.parse(await textOf(zipped ? answer.pipe(createGunzip()) : answer)) as unknown[];
      messages += page.length;
      if (answer.headers['stream-up-to-date'] === 'true') break;
      offset = String(answer.headers['stream-next-offset']);
    }
    return { millis: performance.now() - start, messages, received: this.traffic().received - before };
  }

  traffic(): Traffic {
    let { sent, received } = this.#gone;
    for (const socket of this.#sockets) {
      sent += socket.bytesWritten;
      received += socket.bytesRead;
    }
    return { sent, received };
  }

  close(): void {
    this.#closing = true;
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #makerOf(size: BundleSize): BundleMaker {
    const maker = this.#makers.get(size) ?? new BundleMaker(size);
    this.#makers.set(size, maker);
    return maker;
  }

  #largeBody(device: number): Body {
    const body = this.#large.get(device) ?? this.#bodyOf(this.#makerOf(1_000).next(this.#target.devices[device]!));
    this.#large.set(device, body);
    return body;
  }

  #bodyOf(message: string): Body {
    const bytes = Buffer.from(message);
    const zipped = this.#target.gzip && message.length >= GZIP_FROM_CHARACTERS;
    return { bytes: zipped ? gzipSync(bytes) : bytes, zipped };
  }

  async #append(device: number, { bytes, zipped }: Body): Promise<void> {
    const by = this.#target.devices[device]!;
    const seq = this.#seqs.get(device) ?? 0;
    const asked = request(this.#target.origin + by.path, {
      agent: this.#agent,
      method: 'POST',
      headers: {
        ...authorization(by),
        'Content-Type': 'application/json',
        'Content-Length': bytes.length,
        'Producer-Id': by.clientId,
        'Producer-Epoch': '0',
        'Producer-Seq': String(seq),
        ...(zipped && { 'Content-Encoding': 'gzip' }),
      },
    });
    asked.end(bytes);
    const answer = await this.#answerTo(asked);
    if (answer.statusCode !== 200 && answer.statusCode !== 204)
      throw new Error(`append answered ${answer.statusCode}: ${await textOf(answer)}`);
    // A duplicate is 204 as well on some servers: the number it repeats is that of this append.
    if (answer.headers['producer-seq'] !== String(seq)) throw new Error('another append was acknowledged');
    await drained(answer);
    this.#seqs.set(device, seq + 1);
  }

  async #get(device: number, query: string, headers: Record<string, string>): Promise<IncomingMessage> {
    const by = this.#target.devices[device]!;
    const asked = request(this.#target.origin + by.path + query, {
      agent: this.#agent,
      headers: { ...authorization(by), ...headers },
    });
    asked.end();
    const answer = await this.#answerTo(asked);
    if (answer.statusCode !== 200) throw new Error(`read answered ${answer.statusCode}: ${await textOf(answer)}`);
    return answer;
  }

  async #answerTo(asked: ClientRequest): Promise<IncomingMessage> {
    asked.once('socket', (socket) => this.#watch(socket));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }

  #watch(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      const { sent, received } = this.#gone;
      this.#gone = { sent: sent + socket.bytesWritten, received: received + socket.bytesRead };
    });
  }
}

const authorization = ({ token }: StreamDevice): Record<string, string> =>
  token === null ? {} : { Authorization: `Bearer ${token}` };

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Resolves once the body is over, so that the connection can be used again. */
async function drained(answer: IncomingMessage): Promise<void> {
  answer.resume();
  if (!answer.readableEnded) await once(answer, 'end');
}
