import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { badRequest, Refusal } from './refusal.ts';

export interface BodyLimits {
  /** Bytes as they come over the wire. */
  readonly bodyBytes: number;
  /** Bytes after a gzip encoding is undone. */
  readonly decodedBytes: number;
}

const gunzipAsync = promisify(gunzip);

/** What hung up: not an answer, since nobody is there to read it. */
export class Disconnected extends Error {}

/**
 * Reads the whole body of a request, undoing `Content-Encoding: gzip`. Never holds more than the limits allow: a longer
 * body, or one that would unpack to more, is a Refusal 413; a damaged or unknown encoding 400.
 */
export async function readBody(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = (incoming.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') throw badRequest('The body may be encoded with gzip only.');
  const raw = await readRaw(incoming, limits.bodyBytes);
  if (encoding === 'identity' || raw.length === 0) return raw;
  try {
    return await gunzipAsync(raw, { maxOutputLength: limits.decodedBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limits.decodedBytes);
    throw badRequest('The body is not valid gzip.');
  }
}

function readRaw(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers['content-length'] ?? 0) > limit) {
      reject(tooLarge(limit));
      return;
    }
    if (incoming.destroyed) {
      reject(new Disconnected());
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (): void => {
      incoming.off('data', take).off('end', end).off('error', fail).off('close', fail);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) {
        stop();
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    };
    const end = (): void => {
      stop();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
    };
    const fail = (): void => {
      stop();
      reject(new Disconnected());
    };
    incoming.on('data', take).on('end', end).on('error', fail).on('close', fail);
  });
}

// The rest of the body is not read; the connection cannot be used again.
const tooLarge = (limit: number): Refusal =>
  new Refusal(413, 'tooLarge', `The body is larger than the ${limit} bytes that this server takes.`, {
    Connection: 'close',
  });
