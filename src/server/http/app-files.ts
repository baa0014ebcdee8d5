/** The files of the built app, found by name in a list made beforehand: no path of a request ever reaches the file system. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

export type Encoding = 'br' | 'gzip';

export interface AppFile {
  readonly type: string;
  /** Whether the name holds a hash of the content, so that it never changes. */
  readonly immutable: boolean;
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The content packed, once for all requests; null when that saves nothing. */
  packed(encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
/** Packed already. */
const DENSE = new Set(['.jpg', '.png', '.webp', '.woff2']);
const MIN_PACKED_BYTES = 1_024;
/** The build leaves each text packed beside it, under its name and this. */
const PACKED = '.br';

export class AppFiles {
  readonly #folder: string;
  #stamp = '';
  #files = new Map<string, AppFile>();

  /** @param folder of the built app; it may be missing, or be built anew while we run */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file at a path such as `/assets/index-Bx81.js`; null when there is none. */
  find(path: string): AppFile | null {
    this.#refresh();
    return this.#files.get(path) ?? null;
  }

  /** The page that starts the app; null when the app is not built. */
  page(): AppFile | null {
    return this.find('/index.html');
  }

  /** Looks at the folder again after a build, which writes a new index.html. */
  #refresh(): void {
    const index = statSync(join(this.#folder, 'index.html'), { throwIfNoEntry: false });
    const stamp = index ? `${index.mtimeMs}:${index.size}` : '';
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#files = new Map();
    if (!index) return;
    for (const entry of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || extname(entry.name) === PACKED) continue;
      const file = join(entry.parentPath, entry.name);
      const name = relative(this.#folder, file).split(sep).join('/');
      this.#files.set(`/${name}`, appFile(file, name));
    }
  }
}

function appFile(file: string, name: string): AppFile {
  const extension = extname(name);
  let read: Uint8Array<ArrayBuffer> | null = null;
  let etag: string | null = null;
  const packed = new Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>();
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    immutable: name.startsWith('assets/'),
    get bytes() {
      return (read ??= new Uint8Array(readFileSync(file)));
    },
    get etag() {
      return (etag ??= `W/"${createHash('sha256').update(this.bytes).digest('base64url').slice(0, 22)}"`);
    },
    packed(encoding) {
      if (DENSE.has(extension) || this.bytes.length < MIN_PACKED_BYTES) return null;
      let bytes = packed.get(encoding);
      if (!bytes) {
        const byBuild = encoding === 'br' ? packedByBuild(file) : null;
        // A build that begins now takes it away.
        bytes = byBuild?.catch(() => pack(this.bytes, encoding)) ?? pack(this.bytes, encoding);
        packed.set(encoding, bytes);
      }
      return bytes;
    },
  };
}

/** What the build packed of a file; null when it did not, or the file was changed since. */
function packedByBuild(file: string): Promise<Uint8Array<ArrayBuffer>> | null {
  const beside = file + PACKED;
  const made = statSync(beside, { throwIfNoEntry: false });
  if (!made || made.mtimeMs < statSync(file).mtimeMs) return null;
  return readFile(beside).then((bytes) => new Uint8Array(bytes));
}

async function pack(bytes: Uint8Array, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return new Uint8Array(
    encoding === 'br' ? await brotliAsync(bytes, { params }) : await gzipAsync(bytes, { level: 9 }),
  );
}
