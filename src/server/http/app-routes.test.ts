import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DaybookServer, startDaybook } from '../../testing/daybook-server.ts';

const page = `<!doctype html><title>Daybook</title>${'<p>words</p>'.repeat(200)}`;
const script = `console.log(${'1 + '.repeat(1_000)}1)`;
let folder: string;
let server: DaybookServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'daybook-app-'));
  const app = join(folder, 'app');
  mkdirSync(join(app, 'assets'), { recursive: true });
  writeFileSync(join(app, 'index.html'), page);
  writeFileSync(join(app, 'sw.js'), '// worker');
  writeFileSync(join(app, 'manifest.webmanifest'), '{}');
  writeFileSync(join(app, 'assets/index-B1x2y3z4.js'), script);
  writeFileSync(join(app, 'assets/sqlite3-B1x2y3z4.wasm'), Buffer.alloc(5_000));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  server = await startDaybook({ config: { appFolder: app } });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request whose path and encoding nobody tidies up on the way. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const sent = request(server.url, { path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
  });
}

const html = { Accept: 'text/html,*/*;q=0.8' };

test.each([
  ['/', 'text/html; charset=utf-8', 'no-cache'],
  ['/index.html', 'text/html; charset=utf-8', 'no-cache'],
  ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
  ['/manifest.webmanifest', 'application/manifest+json', 'no-cache'],
  ['/assets/index-B1x2y3z4.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['/assets/sqlite3-B1x2y3z4.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
])('%s is %s, kept as %s', async (path, type, cacheControl) => {
  const { status, headers } = await raw(path);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe(type);
  expect(headers['cache-control']).toBe(cacheControl);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('no-referrer');
  const same = await raw(path, { 'If-None-Match': headers['etag'] as string });
  expect(same.status).toBe(304);
  expect(same.body).toHaveLength(0);
});

const directives = ({ headers }: Raw): Record<string, string> =>
  Object.fromEntries(
    String(headers['content-security-policy'])
      .split('; ')
      .map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]),
  );

const MAY_LOAD = {
  'default-src': "'self'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self' 'unsafe-inline'",
  'connect-src': "'self'",
  'img-src': "'self' data: blob:",
  'worker-src': "'self'",
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

test('every page says what it may load and reach, that nobody may frame it, and that no text becomes code', async () => {
  for (const path of ['/', '/index.html', '/settings']) {
    const answer = await raw(path, html);
    expect(directives(answer)).toEqual({
      ...MAY_LOAD,
      'require-trusted-types-for': "'script'",
      'trusted-types': 'default',
    });
    expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  }
});

test('every script says the same for when it runs as a worker, which goes by its own policy', async () => {
  for (const path of ['/sw.js', '/assets/index-B1x2y3z4.js']) expect(directives(await raw(path))).toEqual(MAY_LOAD);
});

test.each([
  [['https://a.example', 'http://localhost:8788'], "'self' https://a.example http://localhost:8788"],
  ['any' as const, "'self' https: http://localhost:* http://127.0.0.1:*"],
])('pages and workers reach the servers that the keeper lists besides: %s', async (connect, sources) => {
  const { appFolder } = server.context.config;
  const listing = await startDaybook({ config: { appFolder, connect } });
  try {
    for (const path of ['/', '/assets/index-B1x2y3z4.js']) {
      const answer = await fetch(`${listing.url}${path}`);
      expect(answer.headers.get('Content-Security-Policy')).toContain(`; connect-src ${sources}; `);
    }
  } finally {
    await listing.stop();
  }
});

describe('addresses of the app', () => {
  test.each(['/records/01890000-0000-7000-8000-000000000001', '/settings', '/a/b/c/'])(
    '%s gives the page',
    async (path) => {
      const { status, body, headers } = await raw(path, html);
      expect(status).toBe(200);
      expect(body.toString()).toBe(page);
      expect(headers['content-security-policy']).toBeDefined();
    },
  );

  test.each([
    ['a missing file', '/assets/gone-B1x2y3z4.js', html],
    ['a missing picture', '/nothing.png', html],
    ['what is no navigation', '/settings', { Accept: '*/*' }],
    ['the API', '/v1/nothing', html],
  ])('%s gives 404', async (_name, path, headers) => {
    const { status, body } = await raw(path, headers);
    expect(status).toBe(404);
    expect(JSON.parse(body.toString())).toMatchObject({ error: { code: 'notFound' } });
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/assets/..\\..\\secret.txt',
    '/%00',
    '/index.html%00.js',
  ])('%s does not lead out of the folder', async (path) => {
    const { status, body } = await raw(path);
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toBe('secret');
  });
});

test('files travel packed the way the browser takes them', async () => {
  const path = '/assets/index-B1x2y3z4.js';
  const brotli = await raw(path, { 'Accept-Encoding': 'gzip, deflate, br, zstd' });
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
  const gzip = await raw(path, { 'Accept-Encoding': 'gzip' });
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.body).toString()).toBe(script);
  expect(gzip.body.length).toBeLessThan(script.length / 4);
  const plain = await raw(path, { 'Accept-Encoding': 'br;q=0' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.body.toString()).toBe(script);
  expect(plain.headers['vary']).toContain('Accept-Encoding');
});

describe('what the build has packed', () => {
  const beside = (): string => join(folder, 'app/assets/big-A1b2c3d4.js');
  const ask = (): Promise<Raw> => raw('/assets/big-A1b2c3d4.js', { 'Accept-Encoding': 'br' });
  // Another text, so that it shows which of the two was sent.
  const byBuild = brotliCompressSync('// packed by the build');

  test('is what travels, and no file of its own', async () => {
    writeFileSync(beside(), script);
    writeFileSync(`${beside()}.br`, byBuild);
    writeFileSync(join(folder, 'app/index.html'), `${page} `);
    const { headers, body } = await ask();
    expect(headers['content-encoding']).toBe('br');
    expect(body).toEqual(byBuild);
    expect((await raw('/assets/big-A1b2c3d4.js.br')).status).toBe(404);
  });

  test('is left alone once the file itself is younger', async () => {
    const later = new Date(Date.now() + 5_000);
    utimesSync(beside(), later, later);
    writeFileSync(join(folder, 'app/index.html'), page);
    const { headers, body } = await ask();
    expect(headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(body).toString()).toBe(script);
  });
});

test('HEAD says the same as GET, without the body', async () => {
  const { status, headers, body } = await raw('/', {}, 'HEAD');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(body).toHaveLength(0);
});

test('a new build is served without a restart', async () => {
  const app = server.context.config.appFolder;
  expect((await raw('/assets/index-Nnnnnnn1.js')).status).toBe(404);
  writeFileSync(join(app, 'assets/index-Nnnnnnn1.js'), 'new');
  writeFileSync(join(app, 'index.html'), `${page}<!-- built again -->`);
  expect((await raw('/assets/index-Nnnnnnn1.js')).status).toBe(200);
  expect((await raw('/')).body.toString()).toContain('built again');
});

test('without a build the server says what to do', async () => {
  const bare = await startDaybook();
  try {
    const response = await bare.call('GET', '/');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('npm run build');
    expect((await bare.call('GET', '/v1/health')).status).toBe(200);
  } finally {
    await bare.stop();
  }
});
