/**
 * The Durable Streams protocol over HTTP, for a stream that the caller has found and may use. What is left out, and why:
 * docs/server.md.
 */
import { formatOffset } from '../streams/offset.ts';
import { Refusal } from './refusal.ts';
import { StreamReader } from './stream-reads.ts';
import {
  EARLIEST,
  noStream,
  type StreamContext,
  type StreamServices,
  type StreamTarget,
  tailHeaders,
} from './stream-target.ts';
import { appendToStream, createStream } from './stream-writes.ts';

export class StreamHandler {
  readonly #services: StreamServices;
  readonly #reader: StreamReader;

  constructor(services: StreamServices) {
    this.#services = services;
    this.#reader = new StreamReader(services);
  }

  /** Live reads under way. */
  get liveReaders(): number {
    return this.#reader.liveReaders;
  }

  async handle(c: StreamContext, target: StreamTarget): Promise<Response> {
    switch (c.req.method) {
      case 'GET':
        return this.#reader.read(c, target);
      case 'HEAD':
        return this.#head(c, target);
      case 'PUT':
        return createStream(c, target, this.#services);
      case 'POST':
        return appendToStream(c, target, this.#services);
      case 'DELETE':
        return this.#delete(c, target);
      default:
        throw new Refusal(405, 'notSupported', 'A stream knows GET, HEAD, PUT, POST and DELETE.', {
          Allow: 'GET, HEAD, PUT, POST, DELETE',
        });
    }
  }

  async #delete(c: StreamContext, target: StreamTarget): Promise<Response> {
    target.checkDelete();
    if (!(await this.#services.store.delete(target.path))) throw noStream();
    return c.body(null, 204);
  }

  async #head(c: StreamContext, target: StreamTarget): Promise<Response> {
    const head = await this.#services.store.head(target.path);
    if (!head) throw noStream();
    return c.body(null, 200, {
      ...tailHeaders(head),
      'Content-Type': head.contentType,
      'Cache-Control': 'no-store',
      [EARLIEST]: formatOffset(head.earliest),
      ...(head.ttlSeconds !== null && { 'Stream-TTL': String(head.ttlSeconds) }),
      ...(head.expiresAt !== null && { 'Stream-Expires-At': new Date(head.expiresAt).toISOString() }),
    });
  }
}
