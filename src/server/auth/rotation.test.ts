/** Tokens wear out by being renewed: the fresh one takes over when it is first used, so that no lost answer locks anybody out. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Membership, streamPath } from '../../protocol/account.ts';
import { bundleOf, type DaybookServer, startDaybook } from '../../testing/daybook-server.ts';

let server: DaybookServer;
let owner: Membership;
let device: Membership;

beforeEach(async () => {
  // One test asks fifty times at the same moment.
  server = await startDaybook({ limits: { atOnce: { all: 100, writes: 100 } } });
  owner = await server.claim();
  device = await server.link(owner, 'device');
});
afterEach(() => server.stop());

const status = async (token: string): Promise<number> => (await server.call('GET', '/v1/devices', { token })).status;
const hashes = () =>
  server.context.database
    .prepare('SELECT token_hash, next_token_hash FROM devices WHERE client_id = ?')
    .get(device.clientId)!;

describe('a renewed token', () => {
  test('leaves the old one good until it is used itself; then it is the only one', async () => {
    const fresh = await server.renew(device.token);
    expect(fresh).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await status(device.token)).toBe(200);
    expect(await status(device.token)).toBe(200);
    expect(await status(fresh)).toBe(200);
    expect(await status(device.token)).toBe(401);
    expect(await status(fresh)).toBe(200);
    expect(hashes()['next_token_hash']).toBeNull();
  });

  test('whose answer was lost is asked for again with the old one, as often as it takes', async () => {
    const lost = [await server.renew(device.token), await server.renew(device.token)];
    const fresh = await server.renew(device.token);
    // Whoever overheard the answers before has nothing.
    for (const token of lost) expect(await status(token)).toBe(401);
    expect(await status(device.token)).toBe(200);
    expect(await status(fresh)).toBe(200);
    expect(await status(device.token)).toBe(401);
  });

  test('whose first use was answered to nobody is good all the same', async () => {
    const fresh = await server.renew(device.token);
    const lost = new AbortController();
    const asked = server.call('GET', '/v1/devices', { token: fresh, signal: lost.signal });
    lost.abort();
    await asked.catch(() => {});
    expect(await status(fresh)).toBe(200);
  });

  test('of 50 that are asked for at the same moment the last one drawn is good, and the old one until then', async () => {
    const drawn = await Promise.all(Array.from({ length: 50 }, () => server.renew(device.token)));
    expect(new Set(drawn).size).toBe(50);
    expect(await status(device.token)).toBe(200);
    const answers = await Promise.all(drawn.map(status));
    expect(answers.filter((one) => one === 200)).toHaveLength(1);
    expect(await status(drawn[answers.indexOf(200)]!)).toBe(200);
    expect(await status(device.token)).toBe(401);
  });

  test('used 40 times at the same moment, between uses of the old one, is never refused', async () => {
    const fresh = await server.renew(device.token);
    const [ofFresh, ofOld] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, () => status(fresh))),
      Promise.all(Array.from({ length: 40 }, () => status(device.token))),
    ]);
    expect(new Set(ofFresh)).toEqual(new Set([200]));
    // Before the fresh one's first use good, after it not.
    for (const one of ofOld) expect([200, 401]).toContain(one);
    expect(await status(device.token)).toBe(401);
  });

  test('cannot be had with a token that it took the place of', async () => {
    const fresh = await server.renew(device.token);
    await status(fresh);
    expect((await server.call('POST', '/v1/token', { token: device.token })).status).toBe(401);
    expect(await status(await server.renew(fresh))).toBe(200);
  });

  test('falls with its device, used or not', async () => {
    const unused = await server.renew(device.token);
    await server.revoke(owner, device);
    for (const token of [device.token, unused]) {
      expect(await status(token)).toBe(401);
      expect((await server.call('POST', '/v1/token', { token })).status).toBe(401);
    }
  });

  test('falls when its device is linked anew', async () => {
    const unused = await server.renew(device.token);
    const again = await server.link(owner, 'device', device.clientId);
    expect(await status(unused)).toBe(401);
    expect(await status(again.token)).toBe(200);
  });

  test('is kept as a hash alone', async () => {
    const fresh = await server.renew(device.token);
    const dump = JSON.stringify(server.context.database.prepare('SELECT * FROM devices').all());
    expect(dump).not.toContain(fresh);
    expect((hashes()['next_token_hash'] as Uint8Array).length).toBe(32);
  });
});

describe('the first use of a renewed token ends what the old one has open', () => {
  const live = (token: string, mode: 'sse' | 'long-poll'): Promise<Response> =>
    server.call('GET', `${streamPath(device.bookId)}?offset=now&live=${mode}`, { token });

  test('events', async () => {
    const open = await live(device.token, 'sse');
    const other = await live(owner.token, 'sse');
    const fresh = await server.renew(device.token);
    expect(await status(fresh)).toBe(200);
    // It ends by itself, which is all that this waits for.
    expect(await open.text()).toContain('event: control');
    // Those of others go on.
    const bundle = bundleOf(owner);
    await server.append(owner, 0, [bundle]);
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of other.body!) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes(bundle.id)) break;
    }
    expect(text).toContain(bundle.id);
  });

  test('a long-poll', async () => {
    const waiting = live(device.token, 'long-poll');
    while (server.context.streamHandler.liveReaders === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const fresh = await server.renew(device.token);
    expect(await status(fresh)).toBe(200);
    expect((await waiting).status).toBe(204);
    expect((await live(device.token, 'long-poll')).status).toBe(401);
  });

  test('and not what it opens itself', async () => {
    const fresh = await server.renew(device.token);
    const waiting = live(fresh, 'long-poll');
    while (server.context.streamHandler.liveReaders === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.append(owner, 0);
    expect((await waiting).status).toBe(200);
  });
});
