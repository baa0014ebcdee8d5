import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DaybookServer, startDaybook } from '../../testing/daybook-server.ts';

const listed = 'https://daybook.example.org';
let server: DaybookServer;

beforeAll(async () => {
  server = await startDaybook({ config: { origins: [listed] } });
});
afterAll(() => server.stop());

test('pages of this server and programs without an origin may call', async () => {
  expect((await server.call('GET', '/v1/server')).status).toBe(200);
  const own = await server.call('GET', '/v1/server', { headers: { Origin: server.url } });
  expect(own.status).toBe(200);
  // Behind a TLS proxy the page's origin is https, and we see plain HTTP.
  const proxied = await server.call('GET', '/v1/server', {
    headers: { Origin: server.url.replace('http:', 'https:') },
  });
  expect(proxied.status).toBe(200);
});

test.each(['https://evil.example', 'null', 'http://localhost:1', 'https://daybook.example.org.evil.example'])(
  'pages of %s may not, neither after a preflight nor without',
  async (origin) => {
    const preflight = await server.call('OPTIONS', '/v1/claim', {
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBeNull();
    const simple = await server.call('POST', '/v1/claim', { headers: { Origin: origin }, body: 'x' });
    expect(simple.status).toBe(403);
    expect(simple.headers.get('Access-Control-Allow-Origin')).toBeNull();
  },
);

test('pages of a listed origin may call, send the token and read what the protocol says in headers', async () => {
  const preflight = await server.call('OPTIONS', '/v1/devices', {
    headers: {
      Origin: listed,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization, producer-id',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe(listed);
  for (const name of ['Authorization', 'Producer-Id', 'Content-Encoding', 'If-None-Match']) {
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain(name);
  }
  // Errors can be read as well.
  const answer = await server.call('GET', '/v1/devices', { headers: { Origin: listed } });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(listed);
  expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('Stream-Next-Offset');
  expect(answer.headers.get('Vary')).toContain('Origin');
  expect(answer.headers.get('Access-Control-Allow-Credentials')).toBeNull();
});

test('every header of an answer that a client reads can be read by pages of a listed origin', async () => {
  const folder = join(import.meta.dirname, '../../sync');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.test.'));
  const read = sources.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\.header\('([\w-]+)'\)/g)].map(([, header]) => header!),
  );
  expect(read).toContain('stream-next-offset');
  const answer = await server.call('GET', '/v1/server', { headers: { Origin: listed } });
  const exposed = answer.headers.get('Access-Control-Expose-Headers')!.toLowerCase().split(', ');
  // Browsers show this one to everybody.
  expect(read.filter((name) => name !== 'content-type' && !exposed.includes(name))).toEqual([]);
});
