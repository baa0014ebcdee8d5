/** Hosts the built app: its files, and its page for every address that a person may have open. */
import { type Context, Hono } from 'hono';
import { accepts } from './accept.ts';
import { type AppFile, AppFiles } from './app-files.ts';
import type { Env } from './env.ts';
import { notFound, Refusal } from './refusal.ts';

/**
 * What the app may load and reach. Scripts are its own files and WebAssembly; data may come from any sync server that the
 * person chose, over TLS or on this machine. Inline styles are allowed because react-aria writes style elements. No text
 * becomes HTML or code: the app's one policy lets it start workers from its own origin (src/app/trusted-types.ts).
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "img-src 'self' data: blob:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

const PAGE_HEADERS = {
  'Content-Security-Policy': [...POLICY, "require-trusted-types-for 'script'", 'trusted-types default'].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
};
/** A worker goes by the policy that its own script came with, not by its page's: it is what talks with the sync server. */
const SCRIPT_HEADERS = { 'Content-Security-Policy': POLICY.join('; ') };

function policyHeaders(type: string): Record<string, string> {
  if (type.startsWith('text/html')) return PAGE_HEADERS;
  return type.startsWith('text/javascript') ? SCRIPT_HEADERS : {};
}

export function appRoutes(folder: string): Hono<Env> {
  const files = new AppFiles(folder);
  const routes = new Hono<Env>();
  routes.get('*', async (c) => {
    const { path } = c.req;
    if (path.startsWith('/v1/')) throw notFound('There is nothing at this address.');
    const page = files.page();
    if (!page)
      throw new Refusal(404, 'notFound', 'The app is not built yet: run npm run build. The sync server works.');
    const file = path === '/' ? page : files.find(path);
    if (file) return send(c, file);
    // A page of the app, such as /records/…, rather than a file that is missing.
    if (isNavigation(c)) return send(c, page);
    throw notFound('There is nothing at this address.');
  });
  return routes;
}

function isNavigation(c: Context<Env>): boolean {
  const { path } = c.req;
  return !path.slice(path.lastIndexOf('/')).includes('.') && (c.req.header('Accept') ?? '').includes('text/html');
}

async function send(c: Context<Env>, file: AppFile): Promise<Response> {
  const headers = {
    ETag: file.etag,
    // Asked about each time, unless the name says which version it is: index.html and the service worker above all.
    'Cache-Control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Accept-Encoding',
    ...policyHeaders(file.type),
  };
  if (c.req.header('If-None-Match')?.includes(file.etag)) return c.body(null, 304, headers);
  const accepted = c.req.header('Accept-Encoding');
  const encoding = accepts(accepted, 'br') ? 'br' : accepts(accepted, 'gzip') ? 'gzip' : null;
  const packed = encoding && (await file.packed(encoding));
  return c.body(packed ?? file.bytes, 200, {
    ...headers,
    'Content-Type': file.type,
    ...(packed && encoding ? { 'Content-Encoding': encoding } : {}),
  });
}
