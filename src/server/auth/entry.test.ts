import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiError, DeviceList, Membership, ServerInfo } from '../../protocol/account.ts';
import { streamPath } from '../../protocol/account.ts';
import { claimBody, type DaybookServer, joinBody, newClientId, startDaybook } from '../../testing/daybook-server.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { CLAIM_AGAIN_MILLIS, LINK_MILLIS, RECOVERY_MILLIS } from './accounts.ts';

let clock: ManualClock;
let server: DaybookServer;

beforeEach(async () => {
  clock = new ManualClock();
  server = await startDaybook({ now: clock.now });
});
afterEach(() => server.stop());

const codeOf = async (response: Response): Promise<string> => ((await response.json()) as ApiError).error.code;
const claim = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  server.call('POST', '/v1/claim', { body, headers });
const join = (body: unknown): Promise<Response> => server.call('POST', '/v1/join', { body });
const works = async ({ bookId, token }: Membership): Promise<boolean> =>
  (await server.call('HEAD', streamPath(bookId), { token })).status === 200;

describe('claiming a server', () => {
  test('over loopback needs no code, makes an owner and the stream of the book, and works once', async () => {
    const before = (await (await server.call('GET', '/v1/server')).json()) as ServerInfo;
    expect(before).toEqual({ product: 'daybook', protocol: 1, claimed: false, claimableHere: true });
    const body = claimBody();
    const response = await claim(body);
    const membership = (await response.json()) as Membership;
    expect(membership).toMatchObject({ role: 'owner', bookId: body.bookId, clientId: body.device.clientId });
    expect(membership.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await works(membership)).toBe(true);

    const after = (await (await server.call('GET', '/v1/server')).json()) as ServerInfo;
    expect(after).toMatchObject({ claimed: true, claimableHere: false });
    const second = await claim(claimBody());
    expect(second.status).toBe(409);
    expect(await codeOf(second)).toBe('conflict');
  });

  test.each([
    ['X-Forwarded-For', '203.0.113.7'],
    ['Forwarded', 'for=203.0.113.7'],
    ['X-Real-IP', '203.0.113.7'],
    ['Via', '1.1 proxy'],
    ['X-Forwarded-Port', '443'],
    ['CF-Connecting-IP', '203.0.113.7'],
  ])('what came through a proxy (%s) is not loopback', async (name, value) => {
    const info = (await (await server.call('GET', '/v1/server', { headers: { [name]: value } })).json()) as ServerInfo;
    expect(info.claimableHere).toBe(false);
    const response = await claim(claimBody(), { [name]: value });
    expect(response.status).toBe(403);
    expect(await codeOf(response)).toBe('wrongCode');
    expect(server.context.accounts.isClaimed()).toBe(false);
  });

  test('what speaks HTTP 1.0, as nginx does with those behind it when told nothing else, is not loopback', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const body = JSON.stringify(claimBody());
    socket.end(`POST /v1/claim HTTP/1.0\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    let answer = '';
    for await (const piece of socket) answer += String(piece);
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(server.context.accounts.isClaimed()).toBe(false);
  });

  test('a page elsewhere whose name was pointed here is not loopback', async () => {
    for (const host of ['evil.example', 'evil.example:8787', '203.0.113.7', 'localhost.evil.example']) {
      const status = await new Promise((resolve, reject) => {
        const headers = { Host: host, 'Content-Type': 'application/json' };
        request(`${server.url}/v1/claim`, { method: 'POST', headers }, (answer) => resolve(answer.statusCode))
          .on('error', reject)
          .end(JSON.stringify(claimBody()));
      });
      expect(status).toBe(403);
    }
    expect(server.context.accounts.isClaimed()).toBe(false);
  });

  test('behind a proxy nothing is loopback, however it looks', async () => {
    const proxied = await startDaybook({ config: { behindProxy: true } });
    try {
      const response = await proxied.call('POST', '/v1/claim', { body: claimBody() });
      expect(response.status).toBe(403);
    } finally {
      await proxied.stop();
    }
  });

  test('with the setup code works from anywhere, however it is typed; a wrong one does not', async () => {
    const code = await server.context.accounts.newSetupCode();
    const far = { 'X-Forwarded-For': '203.0.113.7' };
    expect((await claim(claimBody('AAAA-BBBB-CCCC-DDDD'), far)).status).toBe(403);
    expect((await claim(claimBody(` ${code.toLowerCase().replaceAll('-', ' ')}`), far)).status).toBe(200);
  });

  test('a new setup code takes the place of the old one', async () => {
    const old = await server.context.accounts.newSetupCode();
    const fresh = await server.context.accounts.newSetupCode();
    expect((await claim(claimBody(old))).status).toBe(403);
    expect((await claim(claimBody(fresh))).status).toBe(200);
  });

  test('a setup code that was not needed is worth nothing once the server has an owner', async () => {
    const code = await server.context.accounts.newSetupCode();
    await server.claim();
    expect((await claim(claimBody(code))).status).toBe(403);
  });

  test('of 20 devices at the same moment, with the code or by trust, one becomes the owner', async () => {
    const code = await server.context.accounts.newSetupCode();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => claim(claimBody(i % 2 === 0 ? code : null))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { devices } = server.context.database.prepare('SELECT count(*) AS devices FROM devices').get()!;
    expect(devices).toBe(1);
  });

  test.each(['code', 'trust'])('the same device may claim again after a lost answer (%s), for a while', async (way) => {
    const code = way === 'code' ? await server.context.accounts.newSetupCode() : null;
    const body = claimBody(code);
    const lost = (await (await claim(body)).json()) as Membership;
    const again = (await (await claim(body)).json()) as Membership;
    expect(again).toMatchObject({ userId: lost.userId, bookId: lost.bookId });
    expect(await works(again)).toBe(true);
    expect(await works(lost)).toBe(false);
    // Nobody else may.
    const other = await claim({ ...body, device: { clientId: newClientId(), name: 'Other' } });
    expect(other.status).toBe(way === 'code' ? 403 : 409);
    clock.advance(CLAIM_AGAIN_MILLIS);
    expect((await claim(body)).status).toBe(way === 'code' ? 403 : 409);
  });

  test('an owner who lost the only device gets a new one, in the same book', async () => {
    const owner = await server.claim();
    const code = await server.context.accounts.newSetupCode();
    const answer = await claim(claimBody(code), { 'X-Forwarded-For': '203.0.113.7' });
    const recovered = (await answer.json()) as Membership;
    expect(recovered).toMatchObject({ userId: owner.userId, bookId: owner.bookId, role: 'owner' });
    expect(recovered.clientId).not.toBe(owner.clientId);
    await server.revoke(recovered, owner);
    expect(await works(owner)).toBe(false);
    expect((await claim(claimBody(code))).status).toBe(403);
  });

  test('the code of a server that has an owner is good for an hour', async () => {
    await server.claim();
    const code = await server.context.accounts.newSetupCode();
    clock.advance(RECOVERY_MILLIS);
    expect((await claim(claimBody(code))).status).toBe(403);
  });
});

describe('joining by a link', () => {
  let owner: Membership;
  beforeEach(async () => {
    owner = await server.claim();
  });

  test("a device of one's own: same person, same book, same role", async () => {
    const device = await server.link(owner, 'device');
    expect(device).toMatchObject({ userId: owner.userId, bookId: owner.bookId, role: 'owner' });
    expect(await works(device)).toBe(true);
  });

  test('somebody else: a member of the same book, with a name', async () => {
    const { code } = await server.newLink(owner, 'person');
    const nameless = await join({ ...joinBody(code), person: null });
    expect(nameless.status).toBe(400);
    const member = (await (await join(joinBody(code))).json()) as Membership;
    expect(member).toMatchObject({ bookId: owner.bookId, role: 'member' });
    expect(member.userId).not.toBe(owner.userId);
    const { devices } = (await (await server.call('GET', '/v1/devices', { token: member.token })).json()) as DeviceList;
    expect(devices.map(({ personName, name, self }) => [personName, name, self])).toEqual([
      ['Ann', 'Phone', false],
      ['Ben', 'Laptop', true],
    ]);
  });

  test('members link devices of their own, and invite nobody', async () => {
    const member = await server.link(owner, 'person');
    const second = await server.link(member, 'device');
    expect(second).toMatchObject({ userId: member.userId, role: 'member' });
    const invitation = await server.call('POST', '/v1/links', { token: member.token, body: { for: 'person' } });
    expect(invitation.status).toBe(403);
  });

  test('of 50 joins at the same moment one gets in', async () => {
    const generous = await startDaybook({ limits: { guessRate: { burst: 100, perSecond: 1 } } });
    try {
      const { code } = await generous.newLink(await generous.claim(), 'device');
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => generous.call('POST', '/v1/join', { body: joinBody(code) })),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 403)).toHaveLength(49);
    } finally {
      await generous.stop();
    }
  });

  test('a code is good for two minutes', async () => {
    const link = await server.newLink(owner, 'device');
    expect(link.expiresAt).toBe(clock.now() + LINK_MILLIS);
    clock.advance(LINK_MILLIS - 1);
    const late = await server.newLink(owner, 'device');
    expect((await join(joinBody(link.code))).status).toBe(200);
    clock.advance(LINK_MILLIS);
    const response = await join(joinBody(late.code));
    expect(response.status).toBe(403);
    expect(await codeOf(response)).toBe('wrongCode');
  });

  test.each(['device', 'person'] as const)('after a lost answer the same device may join again (%s)', async (kind) => {
    const { code } = await server.newLink(owner, kind);
    const body = joinBody(code);
    const lost = (await (await join(body)).json()) as Membership;
    const again = (await (await join(body)).json()) as Membership;
    expect(again).toMatchObject({ userId: lost.userId, role: lost.role });
    expect(await works(again)).toBe(true);
    expect(await works(lost)).toBe(false);
    expect((await join(joinBody(code))).status).toBe(403);
    await server.revoke(owner, again);
    expect((await join(body)).status).toBe(403);
  });

  test("a code does not turn one person's device into another's, but a revoked device may come back", async () => {
    const member = await server.link(owner, 'person');
    const { code } = await server.newLink(owner, 'device');
    const taken = await join(joinBody(code, member.clientId));
    expect(taken.status).toBe(409);
    expect(await works(member)).toBe(true);
    await server.revoke(owner, member);
    const back = (await (await join(joinBody(code, member.clientId))).json()) as Membership;
    expect(back).toMatchObject({ clientId: member.clientId, userId: owner.userId });
    expect(await works(back)).toBe(true);
  });

  test('links made by a device fall with it', async () => {
    const second = await server.link(owner, 'device');
    const { code } = await server.newLink(second, 'device');
    await server.revoke(owner, second);
    expect((await join(joinBody(code))).status).toBe(403);
  });

  test('wrong codes are rate-limited by address, right ones are not', async () => {
    for (let i = 0; i < 30; i++) await server.link(owner, 'device');
    let last = await join(joinBody('WRON-GCDE'));
    for (let i = 0; i < 10 && last.status === 403; i++) last = await join(joinBody('WRON-GCDE'));
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('Retry-After'))).toBeGreaterThan(0);
    const { code } = await server.newLink(owner, 'device');
    expect((await join(joinBody(code))).status).toBe(429);
    clock.advance(60_000);
    expect((await join(joinBody(code))).status).toBe(200);
  });

  test('wrong codes from everywhere are limited together', async () => {
    const proxied = await startDaybook({
      now: clock.now,
      config: { behindProxy: true },
      limits: { allGuessesRate: { burst: 100, perSecond: 1 } },
    });
    try {
      const answers = await Promise.all(
        Array.from({ length: 150 }, (_, i) =>
          proxied.call('POST', '/v1/join', {
            body: joinBody('WRON-GCDE'),
            headers: { 'X-Forwarded-For': `203.0.113.${i}` },
          }),
        ),
      );
      expect(answers.filter(({ status }) => status === 403)).toHaveLength(100);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(50);
    } finally {
      await proxied.stop();
    }
  });
});

describe('devices', () => {
  test('are listed, renamed and revoked, by their person or by the owner', async () => {
    const owner = await server.claim();
    const member = await server.link(owner, 'person');
    const path = `/v1/devices/${member.clientId}`;
    const renamed = await server.call('PATCH', path, { token: member.token, body: { name: ' Desk ' } });
    expect(await renamed.json()).toMatchObject({ name: 'Desk', self: true });
    expect((await server.call('PATCH', path, { token: owner.token, body: { name: 'X' } })).status).toBe(200);
    const owners = `/v1/devices/${owner.clientId}`;
    expect((await server.call('PATCH', owners, { token: member.token, body: { name: 'X' } })).status).toBe(403);
    expect((await server.call('DELETE', owners, { token: member.token })).status).toBe(403);
    expect((await server.call('DELETE', path, { token: member.token })).status).toBe(204);
    expect(await works(member)).toBe(false);

    const { devices } = (await (await server.call('GET', '/v1/devices', { token: owner.token })).json()) as DeviceList;
    expect(devices.map(({ name, revokedAt }) => [name, revokedAt])).toEqual([
      ['Phone', null],
      ['X', clock.now()],
    ]);
  });

  test('say when they were last here', async () => {
    const owner = await server.claim();
    const seen = async (): Promise<unknown> => {
      const answer = await server.call('GET', '/v1/devices', { token: owner.token });
      return ((await answer.json()) as DeviceList).devices[0]!.seenAt;
    };
    await seen();
    const first = clock.now();
    expect(await seen()).toBe(first);
    clock.advance(120_000);
    await seen();
    expect(await seen()).toBe(first + 120_000);
  });
});

test('tokens and codes are kept as hashes alone', async () => {
  const owner = await server.claim();
  const { code } = await server.newLink(owner, 'device');
  const setup = await server.context.accounts.newSetupCode();
  const dump = JSON.stringify(
    ['devices', 'codes', 'users'].map((table) => server.context.database.prepare(`SELECT * FROM ${table}`).all()),
  );
  expect(dump).toContain('Phone');
  for (const secret of [owner.token, code, setup]) expect(dump).not.toContain(secret);
});
