/** Renewal of tokens against a real server: by the rules, and under lost messages, crashes and calls at the same time. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Membership } from '../protocol/account.ts';
import { type DaybookServer, startDaybook } from '../testing/daybook-server.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { AccountClient } from './account-client.ts';
import { Accounts } from './accounts.ts';
import type { Credentials } from './credentials.ts';
import { isDue, RENEW_AFTER_MILLIS } from './token-renewal.ts';

const START = 1_700_000_000_000;
const HOUR = 60 * 60_000;

let server: DaybookServer;
let owner: Membership;

beforeAll(async () => {
  // Many devices at once, all from here.
  const many = { burst: 1_000_000, perSecond: 1_000_000 };
  server = await startDaybook({ limits: { addressRate: many, deviceRate: many } });
  owner = await server.claim();
});
afterAll(() => server.stop());

type Fate = 'arrives' | 'request lost' | 'answer lost';

/** A device whose tabs may die, whose disk may fail, and whose messages may get lost. */
class Device {
  accounts!: Accounts;
  disk: Credentials;
  now = START;
  fate: () => Fate = () => 'arrives';
  diskFails = () => false;
  /** Every token that was ever shown to the server, in order, and each renewal. */
  readonly shown: string[] = [];
  renewals = 0;
  #life = 0;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(membership: Membership) {
    this.disk = { serverUrl: server.url, membership, tokenSince: START };
    this.open();
  }

  /** A new tab, which knows what is on disk and no more; whatever the last one was doing has no effect here any more. */
  open(): void {
    const life = ++this.#life;
    const whileAlive = async <T>(promise: Promise<T>): Promise<T> => {
      const [settled] = await Promise.allSettled([promise]);
      if (life !== this.#life) return new Promise<never>(() => undefined);
      if (settled.status === 'rejected') throw settled.reason;
      return settled.value;
    };
    this.accounts = new Accounts(
      {
        lasting: true,
        clientFor: (origin) => new AccountClient(origin, origin, (url, init) => whileAlive(this.#send(url, init))),
        keep: (credentials) => {
          if (life !== this.#life) return new Promise(() => undefined);
          if (this.diskFails()) return Promise.reject(new Error('the disk failed'));
          this.disk = credentials!;
          return Promise.resolve();
        },
        identity: () => this.disk.membership,
        link: () => undefined,
        execute: () => undefined,
        now: () => this.now,
      },
      this.disk,
    );
  }

  async ask(): Promise<boolean> {
    return (await this.accounts.devices()).ok;
  }

  /** Resolves when nothing is under way any more, a renewal in the background included. */
  async quiet(): Promise<void> {
    do {
      await Promise.allSettled(this.#underWay);
      await new Promise((resolve) => setTimeout(resolve));
    } while (this.#underWay.size > 0);
  }

  #send(url: string, init: RequestInit): Promise<Response> {
    const call = this.#deliver(url, init).finally(() => this.#underWay.delete(call));
    this.#underWay.add(call);
    return call;
  }

  async #deliver(url: string, init: RequestInit): Promise<Response> {
    const fate = this.fate();
    this.shown.push(new Headers(init.headers).get('Authorization')!.slice('Bearer '.length));
    if (url.endsWith('/v1/token')) this.renewals += 1;
    if (fate === 'request lost') throw new TypeError('Failed to fetch');
    const response = await fetch(url, init);
    if (fate === 'answer lost') {
      await response.arrayBuffer();
      throw new TypeError('Failed to fetch');
    }
    return response;
  }
}

const device = async (): Promise<Device> => new Device(await server.link(owner, 'device'));
const opens = async (token: string): Promise<boolean> =>
  (await server.call('GET', '/v1/devices', { token })).status === 200;

describe('a device', () => {
  it('renews its token by itself after 30 days, once, and the old one is worth nothing then', async () => {
    const one = await device();
    const first = one.disk.membership.token;
    one.now += RENEW_AFTER_MILLIS - 1;
    await one.ask();
    await one.quiet();
    expect(one.renewals).toBe(0);
    one.now += 1;
    await Promise.all([one.ask(), one.ask(), one.ask()]);
    await one.quiet();
    expect(one.renewals).toBe(1);
    expect(one.disk).toMatchObject({ membership: { token: first }, nextToken: expect.any(String) });
    const { nextToken } = one.disk;
    expect(await one.ask()).toBe(true);
    expect(one.disk).toEqual({
      serverUrl: server.url,
      membership: { ...one.disk.membership, token: nextToken },
      tokenSince: one.now,
    });
    expect(await opens(first)).toBe(false);
    expect(await one.ask()).toBe(true);
    expect(one.renewals).toBe(1);
  });

  it('makes a call again that was under way with the old token when the fresh one took its place', async () => {
    const one = await device();
    one.now += RENEW_AFTER_MILLIS;
    await one.ask();
    await one.quiet();
    // The old token goes out of use between the device's decision to show it and its arrival.
    const { nextToken, membership } = one.disk;
    await one.accounts.withToken(
      async (token) => {
        if (token === nextToken) {
          expect(await opens(membership.token)).toBe(true);
          expect(await opens(nextToken)).toBe(true);
        }
        return (await opens(token)) ? ('accepted' as const) : ('refused' as const);
      },
      (outcome) => outcome,
      'refused' as const,
    );
    expect(one.disk.membership.token).toBe(nextToken);
    const late = await one.accounts.withToken(
      (token) => Promise.resolve(token === nextToken ? 'accepted' : 'refused'),
      (outcome) => outcome as 'accepted' | 'refused',
      'refused',
    );
    expect(late).toBe('accepted');
  });

  it('goes on with its old token when the server never heard of the fresh one, and asks again an hour later', async () => {
    const one = await device();
    one.now += RENEW_AFTER_MILLIS;
    await one.ask();
    await one.quiet();
    const { token } = one.disk.membership;
    // As a server that was restored from a copy.
    server.context.database.prepare('UPDATE devices SET next_token_hash = NULL').run();
    expect(await one.ask()).toBe(true);
    expect(one.disk.nextToken).toBeUndefined();
    expect(one.disk.membership.token).toBe(token);
    await one.ask();
    await one.quiet();
    expect(one.renewals).toBe(1);
    one.now += HOUR;
    await one.ask();
    await one.quiet();
    expect(await one.ask()).toBe(true);
    expect(one.disk.membership.token).not.toBe(token);
  });

  it('keeps both tokens while nobody, or somebody else, answers', async () => {
    const one = await device();
    one.now += RENEW_AFTER_MILLIS;
    await one.ask();
    await one.quiet();
    const before = one.disk;
    one.fate = () => 'answer lost';
    expect(await one.ask()).toBe(false);
    expect(one.disk).toEqual(before);
    // The server has taken the fresh one meanwhile; the next tab finds out.
    expect(await opens(before.membership.token)).toBe(false);
    one.open();
    one.fate = () => 'arrives';
    expect(await one.ask()).toBe(true);
    expect(one.disk.membership.token).toBe(before.nextToken);
  });

  it('that was revoked is told so with both', async () => {
    const one = await device();
    one.now += RENEW_AFTER_MILLIS;
    await one.ask();
    await one.quiet();
    await server.revoke(owner, one.disk.membership);
    expect(await one.accounts.devices()).toMatchObject({ ok: false, error: { kind: 'notLinked' } });
    expect(one.disk.nextToken).toBeDefined();
  });

  it('that is disconnected while a renewal is under way stays so', async () => {
    const one = await device();
    one.now += RENEW_AFTER_MILLIS;
    await one.ask();
    const disconnected = one.accounts.disconnect();
    await one.quiet();
    await disconnected;
    expect(one.disk).toBeNull();
    expect(one.accounts.account()).toBeNull();
  });

  it('with credentials from before there was renewal, or a clock that went back by years, renews', () => {
    const { disk } = { disk: { serverUrl: server.url, membership: owner } };
    expect(isDue(disk, START)).toBe(true);
    expect(isDue({ ...disk, tokenSince: START }, START - 2 * RENEW_AFTER_MILLIS)).toBe(true);
    expect(isDue({ ...disk, tokenSince: START }, START - HOUR)).toBe(false);
  });
});

describe('nobody is locked out', () => {
  const SEEDS = 40;
  const STEPS = 30;

  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'by lost messages, dead tabs, a failing disk and calls at the same time (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      const one = await device();
      one.fate = () => random.pick<Fate>(['arrives', 'arrives', 'request lost', 'answer lost']);
      one.diskFails = () => random.chance(0.15);
      vi.spyOn(console, 'warn').mockReturnValue();
      for (let step = 0; step < STEPS; step++) {
        one.now += random.pick([0, HOUR, RENEW_AFTER_MILLIS]);
        const calls = Promise.allSettled(Array.from({ length: 1 + random.below(4) }, () => one.ask()));
        if (random.chance(0.25)) {
          if (random.chance(0.5)) await new Promise((resolve) => setTimeout(resolve, random.below(4)));
          one.open();
        } else {
          await calls;
          if (random.chance(0.5)) await one.quiet();
        }
      }
      await one.quiet();
      one.fate = () => 'arrives';
      one.diskFails = () => false;
      one.open();
      expect(await one.ask()).toBe(true);
      // Once more from the start, and every token but the last is worth nothing.
      one.now += RENEW_AFTER_MILLIS;
      await one.ask();
      await one.quiet();
      expect(await one.ask()).toBe(true);
      const { token } = one.disk.membership;
      expect(one.renewals).toBeGreaterThan(1);
      for (const old of new Set(one.shown)) expect([old, await opens(old)]).toEqual([old, old === token]);
    },
  );
});
