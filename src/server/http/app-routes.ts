/** Hosts the built app: its files, and its page for every address that a person may have open. */
import { type Context, Hono } from 'hono';
import type { Config } from '../config.ts';
import { accepts } from './accept.ts';
import { type AppFile, AppFiles } from './app-files.ts';
import type { Env } from './env.ts';
import { notFound, Refusal } from './refusal.ts';

/**
 * What the app may load and reach. Scripts are its own files and WebAssembly; data comes from this server, and from others
 * that its keeper lists. Inline styles are allowed because react-aria writes style elements. No text
 * becomes HTML or code: the app's one policy lets it start workers from its own origin (src/app/trusted-types.ts).
 */
const policyOf = (connect: Config['connect']): readonly string[] => [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  `connect-src ${["'self'", ...(connect === 'any' ? ANYWHERE : connect)].join(' ')}`,
  "img-src 'self' data: blob:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** Any server over TLS, or on the person's own machine. */
const ANYWHERE = ['https:', 'http://localhost:*', 'http://127.0.0.1:*'];

/** What files of a type say about what they may do. */
type PolicyHeaders = (type: string) => Readonly<Record<string, string>>;

function policyHeaders(connect: Config['connect']): PolicyHeaders {
  const policy = policyOf(connect);
  const page = {
    'Content-Security-Policy': [...policy, "require-trusted-types-for 'script'", 'trusted-types default'].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
  // A worker goes by the policy that its own script came with, not by its page's: it is what talks with the sync server.
  const script = { 'Content-Security-Policy': policy.join('; ') };
  return (type) => (type.startsWith('text/html') ? page : type.startsWith('text/javascript') ? script : {});
}

export function appRoutes({ appFolder, connect }: Pick<Config, 'appFolder' | 'connect'>): Hono<Env> {
  const files = new AppFiles(appFolder);
  const policy = policyHeaders(connect);
  const routes = new Hono<Env>();
  routes.get('*', async (c) => {
    const { path } = c.req;
    if (path.startsWith('/v1/')) throw notFound('There is nothing at this address.');
    const page = files.page();
    if (!page)
      throw new Refusal(404, 'notFound', 'The app is not built yet: run npm run build. The sync server works.');
    const file = path === '/' ? page : files.find(path);
    if (file) return send(c, file, policy);
    // A page of the app, such as /records/…, rather than a file that is missing.
    if (isNavigation(c)) return send(c, page, policy);
    throw notFound('There is nothing at this address.');
  });
  return routes;
}

function isNavigation(c: Context<Env>): boolean {
  const { path } = c.req;
  return !path.slice(path.lastIndexOf('/')).includes('.') && (c.req.header('Accept') ?? '').includes('text/html');
}

async function send(c: Context<Env>, file: AppFile, policy: PolicyHeaders): Promise<Response> {
  const headers = {
    ETag: file.etag,
    // Asked about each time, unless the name says which version it is: index.html and the service worker above all.
    'Cache-Control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Accept-Encoding',
    ...policy(file.type),
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
