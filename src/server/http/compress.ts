import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { accepts } from './accept.ts';

const gzipAsync = promisify(gzip);

/** Under this many bytes compressing costs more than it saves. */
const MIN_BYTES = 1_024;

/** The bytes, gzipped when the reader takes that and it is worth it. */
export async function compressed(
  bytes: Uint8Array,
  acceptEncoding: string | undefined,
): Promise<{ readonly body: Uint8Array; readonly encoding: 'gzip' | null }> {
  if (bytes.length < MIN_BYTES || !accepts(acceptEncoding, 'gzip')) return { body: bytes, encoding: null };
  return { body: await gzipAsync(bytes), encoding: 'gzip' };
}
