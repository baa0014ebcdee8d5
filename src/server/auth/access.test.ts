import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BookId } from '../../core/ids.ts';
import type { ApiError, Membership } from '../../protocol/account.ts';
import { streamPath } from '../../protocol/account.ts';
import { bundleOf, type DaybookServer, newClientId, startDaybook } from '../../testing/daybook-server.ts';
import { makeApp } from '../http/app.ts';
import { makeStream } from '../http/book-routes.ts';

/** Routes that anybody may call. Every other one has to turn strangers away: a new route is in the matrix by itself. */
const PUBLIC = ['GET /v1/health', 'GET /v1/server', 'GET /v1/time', 'POST /v1/claim', 'POST /v1/join'];
const STREAM_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH'];

let server: DaybookServer;
let owner: Membership;
let member: Membership;
let revoked: Membership;
/** The owner of another book on the same server. */
let stranger: Membership;

beforeAll(async () => {
  server = await startDaybook();
  owner = await server.claim();
  member = await server.link(owner, 'person');
  revoked = await server.link(owner, 'device');
  await server.revoke(owner, revoked);
  stranger = await secondBook(await server.link(owner, 'person'));
});
afterAll(() => server.stop());

/** Moves a member to a book of their own, which the API has no way to make yet. */
async function secondBook(membership: Membership): Promise<Membership> {
  const { database, streams } = server.context;
  const bookId = newClientId() as string as BookId;
  database.prepare('INSERT INTO books VALUES (?, 0)').run(bookId);
  database
    .prepare(`UPDATE memberships SET book_id = ?, role = 'owner' WHERE user_id = ?`)
    .run(bookId, membership.userId);
  await makeStream(streams, bookId);
  return { ...membership, bookId, role: 'owner' };
}

/** Every route that the app has, as `METHOD /path`. */
function allRoutes(): string[] {
  const found = makeApp(server.context)
    .routes.filter(({ path }) => path.startsWith('/v1/') && !path.includes('*'))
    .flatMap(({ method, path }) => (method === 'ALL' ? STREAM_METHODS : [method]).map((verb) => `${verb} ${path}`));
  return [...new Set(found)];
}

const bodyOf = (method: string): { body?: unknown } => (['GET', 'HEAD'].includes(method) ? {} : { body: {} });

function pathFor(route: string, target: Membership): [method: string, path: string] {
  const [method, path] = route.split(' ') as [string, string];
  return [method, path.replace(':bookId', target.bookId).replace(':clientId', target.clientId)];
}

test('the matrix holds every route', () => {
  const guarded = allRoutes().filter((route) => !PUBLIC.includes(route));
  expect(guarded.toSorted()).toEqual([
    'DELETE /v1/books/:bookId/stream',
    'DELETE /v1/devices/:clientId',
    'GET /v1/books/:bookId/snapshots',
    'GET /v1/books/:bookId/snapshots/:snapshotId/pieces/:number',
    'GET /v1/books/:bookId/stream',
    'GET /v1/devices',
    'HEAD /v1/books/:bookId/stream',
    'PATCH /v1/books/:bookId/stream',
    'PATCH /v1/devices/:clientId',
    'POST /v1/books/:bookId/stream',
    'POST /v1/links',
    'PUT /v1/books/:bookId/snapshots/:snapshotId',
    'PUT /v1/books/:bookId/snapshots/:snapshotId/pieces/:number',
    'PUT /v1/books/:bookId/stream',
  ]);
  expect(PUBLIC.filter((route) => !allRoutes().includes(route))).toEqual([]);
});

describe.each([
  ['no token', (): Record<string, string> => ({})],
  ['a malformed token', () => ({ Authorization: 'Bearer short' })],
  ['a token of no one', () => ({ Authorization: `Bearer ${'x'.repeat(43)}` })],
  ['a revoked token', () => ({ Authorization: `Bearer ${revoked.token}` })],
  ['a token under another scheme', () => ({ Authorization: `Basic ${owner.token}` })],
])('with %s', (_name, headersOf) => {
  test('every route but the public ones answers 401 and changes nothing', async () => {
    const before = snapshot();
    for (const route of allRoutes().filter((one) => !PUBLIC.includes(one))) {
      const [method, path] = pathFor(route, owner);
      const response = await server.call(method, path, { ...bodyOf(method), headers: headersOf() });
      expect([route, response.status]).toEqual([route, 401]);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      const code = method === 'HEAD' ? 'unauthorized' : ((await response.json()) as ApiError).error.code;
      expect(code).toBe('unauthorized');
    }
    expect(snapshot()).toEqual(before);
  });
});

describe('with a token that is good elsewhere', () => {
  test('the routes of a foreign book answer 403, and so do those of one that does not exist', async () => {
    const before = snapshot();
    const nowhere = { ...owner, bookId: newClientId() as string as BookId };
    for (const [by, target] of [
      [owner, stranger],
      [stranger, owner],
      [owner, nowhere],
    ] as const) {
      for (const route of allRoutes().filter((one) => one.includes(':bookId'))) {
        const [method, path] = pathFor(route, target);
        const response = await server.call(method, path, { ...bodyOf(method), token: by.token });
        expect([route, response.status]).toEqual([route, 403]);
        expect(response.headers.get('Stream-Next-Offset')).toBeNull();
      }
    }
    expect(snapshot()).toEqual(before);
  });

  test('devices of a foreign book are not there', async () => {
    const before = snapshot();
    for (const route of allRoutes().filter((one) => one.includes(':clientId'))) {
      const [method, path] = pathFor(route, stranger);
      const response = await server.call(method, path, { body: { name: 'Mine' }, token: owner.token });
      expect([route, response.status]).toEqual([route, 404]);
    }
    expect(snapshot()).toEqual(before);
  });

  test('a book id that is none is turned away', async () => {
    for (const id of ['x', '..', "'", '%00', encodeURIComponent('../devices')]) {
      const response = await server.call('GET', `/v1/books/${id}/stream`, { token: owner.token });
      expect([403, 404]).toContain(response.status);
    }
  });
});

describe('members and owners', () => {
  test('members append and read; closing and deleting are the owner’s', async () => {
    expect((await server.append(member, 0)).status).toBe(200);
    expect((await server.messages(member)).map(({ clientId }) => clientId)).toContain(member.clientId);
    const path = streamPath(owner.bookId);
    expect((await server.call('DELETE', path, { token: member.token })).status).toBe(403);
    const closing = { headers: { 'Stream-Closed': 'true' } };
    expect((await server.call('POST', path, { token: member.token, ...closing })).status).toBe(403);
    expect((await server.append(member, 1, [bundleOf(member)], closing)).status).toBe(403);
    expect((await server.append(member, 1)).status).toBe(200);
  });

  test('the owner closes and deletes; making it anew is open to members', async () => {
    const path = streamPath(stranger.bookId);
    const { token } = stranger;
    expect((await server.call('POST', path, { token, headers: { 'Stream-Closed': 'true' } })).status).toBe(204);
    expect((await server.append(stranger, 0)).status).toBe(409);
    expect((await server.call('DELETE', path, { token })).status).toBe(204);
    expect((await server.call('GET', path, { token })).status).toBe(404);
    expect((await server.call('PUT', path, { token, headers: { 'Content-Type': 'application/json' } })).status).toBe(
      201,
    );
    expect((await server.append(stranger, 0)).status).toBe(200);
  });
});

/** What strangers must not have changed. */
function snapshot(): unknown {
  const { database } = server.context;
  const rows = (sql: string): unknown => database.prepare(sql).all();
  return [
    rows('SELECT client_id, name, revoked_at FROM devices'),
    rows('SELECT * FROM memberships'),
    rows('SELECT path, tail, closed FROM streams'),
    rows('SELECT count(*) FROM codes'),
  ];
}
