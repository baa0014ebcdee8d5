/** Mutated requests to every route of a real server: it never stumbles, never tells a secret, and forgets them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Link, Membership } from '../protocol/account.ts';
import { bundleOf, claimBody, joinBody, newClientId } from '../testing/daybook-server.ts';
import { describedRoutes, type DescribedRoute } from '../testing/routes.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { type ServerProcess, startProcess } from '../testing/server-process.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 3_000);
/** A failure names its seed: FUZZ_SEED repeats it, FUZZ_REQUESTS goes on for longer. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

const random = new SeededRandom(SEED);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
let folder: string;
let server: ServerProcess;
let owner: Membership;
/** A member: what deletes and closes is not theirs, so that there is a book until the end. */
let member: Membership;
/** Another device of the same person, which may well be revoked. */
let spare: Membership;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'daybook-fuzz-'));
  // As behind a proxy, so that each request can come from an address of its own and no rate limit hides the code behind it.
  server = await startProcess({
    DAYBOOK_DATA: folder,
    DAYBOOK_TRUST_PROXY: '1',
    DAYBOOK_LOG: 'debug',
    // Left alone, the engine lets its nursery grow by 100 MB under such load, where a real leak would go unseen.
    NODE_OPTIONS: '--max-semi-space-size=4',
  });
  while (!server.output().includes('Setup code')) await new Promise((resolve) => setTimeout(resolve, 10));
  const code = /Setup code: (\S+)/.exec(server.output())![1];
  owner = await post('/v1/claim', claimBody(code));
  member = await post('/v1/join', joinBody((await post<Link>('/v1/links', { for: 'person' }, owner.token)).code));
  spare = await post('/v1/join', joinBody((await post<Link>('/v1/links', { for: 'device' }, member.token)).code));
});

afterAll(async () => {
  server.kill('SIGKILL');
  await server.ended;
  agent.destroy();
  rmSync(folder, { recursive: true });
});

async function post<T = Membership>(path: string, body: unknown, token?: string): Promise<T> {
  const headers = {
    'Content-Type': 'application/json',
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  return JSON.parse((await send('POST', path, headers, JSON.stringify(body))).body) as T;
}

type Headers = Record<string, string>;

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send(method: string, path: string, headers: Headers, body: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const forwarded = `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`;
    const sent = request(server.url, { agent, method, path, headers: { 'X-Forwarded-For': forwarded, ...headers } });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        // A live read has answered: that is enough.
        if (response.headers['content-type'] === 'text/event-stream') sent.destroy();
      });
      response.on('close', () => resolve({ status: response.statusCode!, body: text }));
    });
    // A long-poll that found nothing would sit here.
    sent.setTimeout(300, () => sent.destroy(new Error('waiting')));
    sent.on('error', reject).end(body);
  });
}

const SPICE = [
  '',
  '0',
  '-1',
  'now',
  'null',
  '[]',
  '{}',
  '"',
  '\u00e9',
  '%00',
  '../..',
  '%2e%2e%2f',
  "' OR 1=1 --",
  '1e309',
];
const SPICY_NUMBERS = [0, -1, 1.5, 2 ** 53, 1e308];

/** Changes a text in one of several unkind ways. */
function mutate(text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + random.pick(SPICE) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.below(8));
    case 2:
      return text.slice(0, at) + String.fromCodePoint(33 + random.below(94)) + text.slice(at + 1);
    case 3:
      return text + text;
    case 4:
      return random.pick(SPICE);
    default:
      return 'A'.repeat(random.below(5_000));
  }
}

/** A JSON value with one thing in it changed. */
function mutateValue(value: unknown): unknown {
  if (value !== null && typeof value === 'object' && random.chance(0.8)) {
    const keys = Object.keys(value);
    if (keys.length > 0) {
      const key = random.pick(keys);
      const changed = mutateValue((value as Record<string, unknown>)[key]);
      return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
  if (typeof value === 'string' && random.chance(0.7)) return mutate(value);
  return random.pick<unknown>([null, true, [], {}, [[]], { toString: 1 }, ...SPICE, ...SPICY_NUMBERS]);
}

interface Template {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Headers;
}

/** A body of each kind that a route may want, as it would be taken. One more kind needs one more here. */
const BODIES: Readonly<Record<string, () => unknown>> = {
  ClaimRequest: () => claimBody('AAAA-BBBB-CCCC-DDDD'),
  JoinRequest: () => joinBody('AAAA-BBBB'),
  LinkRequest: () => ({ for: 'device' }),
  DeviceName: () => ({ name: 'Desk' }),
  Bundles: () => Array.from({ length: 1 + random.below(2) }, () => bundleOf(member)),
  SnapshotFinish: () => ({ cursor: OFFSET, pieces: 1, events: 1 }),
  bytes: () => 'bytes',
};

const OFFSET = '0123456789ab_0000000000000_00000000';

/** A call of a described route that the server would understand, with some of what may be left out. */
function templateOf({ method, path, operation }: DescribedRoute): Template {
  const inPath: Headers = { bookId: member.bookId, clientId: spare.clientId, number: '0' };
  const given = operation.parameters.filter(({ in: place }) => place === 'path' || random.chance(0.5));
  const query = given
    .filter(({ in: place }) => place === 'query')
    .map(({ name, example }) => `${name}=${name === 'offset' && random.chance(0.3) ? OFFSET : example}`);
  const headers = given
    .filter(({ in: place }) => place === 'header')
    .map(({ name, example }) => [name, name === 'Producer-Id' ? member.clientId : example!] as const);
  const content = operation.requestBody?.content;
  const kind = content?.['application/json']
    ? content['application/json'].schema.$ref!.split('/').at(-1)!
    : content && 'bytes';
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath[name] ?? newClientId());
  return {
    method,
    path: query.length > 0 ? `${filled}?${query.join('&')}` : filled,
    headers: Object.fromEntries(headers),
    ...(kind !== undefined && { body: BODIES[kind]!() }),
  };
}

const PAGE: Template = { method: 'GET', path: '/settings', headers: { Accept: 'text/html' } };
const routes = describedRoutes();

function mutateRequest({ method, path, body, headers = {} }: Template): Parameters<typeof send> {
  const sent: Headers = { ...headers };
  if (random.chance(0.9)) sent['Authorization'] = `Bearer ${member.token}`;
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  const text = body === undefined ? '' : JSON.stringify(random.chance(0.6) ? mutateValue(body) : body);
  let payload: string | Buffer = random.chance(0.15) ? mutate(text) : text;
  if (random.chance(0.1)) {
    sent['Content-Encoding'] = random.pick(['gzip', 'br', 'GZIP ', 'gzip, gzip']);
    if (random.chance(0.7)) payload = gzipSync(payload);
  }
  const names = Object.keys(sent);
  if (names.length > 0 && random.chance(0.4)) {
    const name = random.pick(names);
    sent[name] = mutate(sent[name]!).replaceAll(/[^\x20-\x7e]/g, '');
  }
  const target = random.chance(0.4) ? `/${mutate(path.slice(1)).replaceAll(/[^\x21-\x7e]/g, '')}` : path;
  const verb = random.chance(0.1) ? random.pick(['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) : method;
  return [verb, target, sent, payload];
}

/** Bytes that are no HTTP at all. */
function sendGarbage(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.end(
        random.chance(0.5)
          ? Buffer.from(random.bytes(400))
          : `GET ${mutate('/v1/time')} HTTP/1.1\r\n${mutate('Host: x')}\r\n\r\n`,
      );
    });
    socket
      .resume()
      .on('error', () => resolve())
      .on('close', () => resolve());
  });
}

/** Memory of the server's process in MB; 0 where the system does not say. */
function residentMegabytes(): number {
  const file = `/proc/${server.pid}/status`;
  return existsSync(file) ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))![1]) / 1_024 : 0;
}

/** Every token and code that the server gave out. */
const secrets = new Set<string>();

function noteSecrets(body: string): void {
  for (const [, secret] of body.matchAll(/"(?:token|code)":"([A-Za-z0-9_-]{8,})"/g)) {
    // Codes of errors are words.
    if (/[A-Z0-9]/.test(secret!.slice(0, 1)) || secret!.length > 40) secrets.add(secret!);
  }
}

async function bombard(count: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let done = 0; done < count; done += 16) {
    const batch = Array.from({ length: 16 }, async () => {
      if (random.chance(0.03)) return sendGarbage();
      const sent = mutateRequest(random.chance(0.05) ? PAGE : templateOf(random.pick(routes)));
      const answer = await send(...sent).catch((error: unknown) => error as Error);
      if (answer instanceof Error) return undefined;
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      noteSecrets(answer.body);
      // 501: forks, the one thing that is refused that way.
      if (answer.status >= 500 && answer.status !== 501) {
        throw new Error(`seed ${SEED}: ${answer.status} for ${JSON.stringify(sent).slice(0, 2_000)}`);
      }
      return undefined;
    });
    await Promise.all(batch);
  }
  return statuses;
}

test('there is a body for every kind that a route wants, and an example for every parameter', () => {
  for (const route of routes) expect(() => templateOf(route), route.path).not.toThrow();
  for (const { operation } of routes) {
    for (const { name, in: place, example } of operation.parameters) {
      if (place !== 'path') expect([operation.operationId, name, example]).not.toContain(undefined);
    }
  }
});

test(`${REQUESTS} mutated requests: no 5xx, no secret in the log, no memory kept`, async () => {
  await bombard(1_000);
  const before = residentMegabytes();
  const statuses = await bombard(REQUESTS);
  const after = residentMegabytes();

  expect((await send('GET', '/v1/health', {}, '')).status).toBe(200);
  // It came through to the code behind the checks, too.
  for (const status of [200, 201, 400, 401, 403, 404, 410])
    expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0]);
  expect(after - before).toBeLessThan(50);
  // The setup code is printed when it is made, for the keeper to read.
  const log = server.output().replace(/^Setup code: .*$/m, '');
  expect(log).toContain('"path":"/v1/token"');
  for (const secret of [owner, member, spare].map(({ token }) => token)) secrets.add(secret);
  expect(secrets.size).toBeGreaterThan(50);
  expect([...secrets].filter((secret) => log.includes(secret))).toEqual([]);
  expect(log).not.toContain('Bearer');
  expect(log).not.toMatch(/Error/);
}, 240_000);
