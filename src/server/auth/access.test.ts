/** Who may do what: a matrix of every route that there is and every caller who may not, and what members may not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BookId } from '../../core/ids.ts';
import type { Membership } from '../../protocol/account.ts';
import { streamPath } from '../../protocol/account.ts';
import { bundleOf, type DaybookServer, newClientId, startDaybook } from '../../testing/daybook-server.ts';
import { DESCRIBE_IT, type DescribedRoute, describedRoutes, routesOf } from '../../testing/routes.ts';
import { makeStream } from '../http/book-routes.ts';

let server: DaybookServer;
let owner: Membership;
let member: Membership;
let revoked: Membership;
/** The owner of another book on the same server. */
let stranger: Membership;
/** Tokens of the owner's second device that renewals took the place of: after use of the next one, and before any use. */
let replaced: string;
let dropped: string;

beforeAll(async () => {
  server = await startDaybook();
  owner = await server.claim();
  member = await server.link(owner, 'person');
  revoked = await server.link(owner, 'device');
  await server.revoke(owner, revoked);
  stranger = await secondBook(await server.link(owner, 'person'));
  const second = await server.link(owner, 'device');
  replaced = second.token;
  dropped = await server.renew(replaced);
  const current = await server.renew(replaced);
  await server.call('GET', '/v1/devices', { token: current });
});
afterAll(() => server.stop());

const nowhere = (): Membership => ({ ...owner, clientId: newClientId(), bookId: newClientId() as string as BookId });

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

/** Callers by what is wrong with what they show. */
const STRANGERS: readonly (readonly [string, () => Record<string, string>])[] = [
  ['no token', () => ({})],
  ['a malformed token', () => ({ Authorization: 'Bearer short' })],
  ['a token of no one', () => bearer('x'.repeat(43))],
  ['a token under another scheme', () => ({ Authorization: `Basic ${owner.token}` })],
  ['a revoked token', () => bearer(revoked.token)],
  ['a token that was renewed and replaced', () => bearer(replaced)],
  ['a renewed token that a later renewal took the place of', () => bearer(dropped)],
];
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

const routes = describedRoutes();
const guarded = routes.filter(({ operation }) => operation['x-access'] !== 'anyone');
const ofBooks = guarded.filter(({ path }) => path.includes('{bookId}'));
const ofDevices = guarded.filter(({ path }) => path.includes('{clientId}'));
const titled = (some: readonly DescribedRoute[]) =>
  some.map((route) => [`${route.method} ${route.path}`, route] as const);

/** Calls a route with what it works on taken from `target`. */
function call({ method, path, operation }: DescribedRoute, target: Membership, headers: Record<string, string>) {
  const parts: Record<string, string> = { bookId: target.bookId, clientId: target.clientId, number: '0' };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? newClientId());
  return server.call(method, filled, { headers, ...(operation.requestBody && { body: { name: 'Mine' } }) });
}

test('the matrix holds every route of the running server', () => {
  const described = routes.map(({ method, path }) => `${method.toLowerCase()} ${path}`);
  expect(described.toSorted(), DESCRIBE_IT).toEqual(routesOf(server.context));
});

describe.each(titled(guarded))('%s turns away', (_title, route) => {
  test.each(STRANGERS)('%s: 401, and nothing changes', async (_name, headersOf) => {
    const before = snapshot();
    const response = await call(route, owner, headersOf());
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(await response.text()).toMatch(route.method === 'HEAD' ? '' : '"code":"unauthorized"');
    expect(snapshot()).toEqual(before);
  });
});

describe.each(titled(ofBooks))('%s turns away', (_title, route) => {
  test.each([
    ['the owner of another book', () => [owner, stranger] as const],
    ['a stranger to this book', () => [stranger, owner] as const],
    ['whoever asks for a book that does not exist', () => [owner, nowhere()] as const],
  ])('%s: 403, and tells nothing', async (_name, parties) => {
    const [by, target] = parties();
    const before = snapshot();
    const response = await call(route, target, bearer(by.token));
    expect(response.status).toBe(403);
    expect(response.headers.get('Stream-Next-Offset')).toBeNull();
    expect(snapshot()).toEqual(before);
  });
});

test.each(titled(ofDevices))('%s does not know devices of another book: 404', async (_title, route) => {
  const before = snapshot();
  expect((await call(route, stranger, bearer(owner.token))).status).toBe(404);
  expect((await call(route, nowhere(), bearer(owner.token))).status).toBe(404);
  expect(snapshot()).toEqual(before);
});

test.each([...titled(routes.filter(({ operation }) => operation['x-access'] === 'owner')), ...titled(ofDevices)])(
  "%s turns members away from what is the owner's: 403",
  async (_title, route) => {
    const before = snapshot();
    const response = await call(route, owner, bearer(member.token));
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Only the owner may');
    expect(snapshot()).toEqual(before);
  },
);

test.each(titled(guarded))(
  '%s lets in whoever may, so that no row above is true of everybody',
  async (_title, route) => {
    const by = await secondBook(await server.link(owner, 'person'));
    expect([401, 403]).not.toContain((await call(route, by, bearer(by.token))).status);
  },
);

test.each(titled(routes.filter((route) => !guarded.includes(route))))(
  '%s asks nobody for a token, and minds none',
  async (_title, route) => {
    for (const [, headersOf] of STRANGERS) {
      expect([200, 400]).toContain((await call(route, owner, headersOf())).status);
    }
  },
);

test('a token in the address opens nothing', async () => {
  for (const name of ['token', 'access_token', 'authorization']) {
    const query = `?${name}=${owner.token}`;
    expect((await server.call('GET', `/v1/devices${query}`)).status).toBe(401);
    expect((await server.call('GET', `${streamPath(owner.bookId)}${query}&offset=-1&live=sse`)).status).toBe(401);
  }
});

test('a book id that is none is turned away', async () => {
  for (const id of ['x', '..', "'", '%00', encodeURIComponent('../devices')]) {
    const response = await server.call('GET', `/v1/books/${id}/stream`, { token: owner.token });
    expect([403, 404]).toContain(response.status);
  }
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
    rows('SELECT client_id, name, revoked_at, token_hash, next_token_hash FROM devices'),
    rows('SELECT * FROM memberships'),
    rows('SELECT path, tail, closed FROM streams'),
    rows('SELECT count(*) FROM codes'),
  ];
}
