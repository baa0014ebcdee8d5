import { beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../core/command.ts';
import { parseId, type BookId, type ClientId, type UserId } from '../core/ids.ts';
import type { Membership } from '../protocol/account.ts';
import { AccountClient } from './account-client.ts';
import { Accounts } from './accounts.ts';
import type { Credentials } from './credentials.ts';

const clientId = parseId<ClientId>('01890000-0000-7000-8000-000000000001')!;
const userId = parseId<UserId>('01890000-0000-7000-8000-000000000002')!;
const bookId = parseId<BookId>('01890000-0000-7000-8000-000000000003')!;
const token = 'a-token-of-256-random-bits-in-base64url-form';
const membership: Membership = { userId, clientId, bookId, role: 'owner', token };

const NOW = 1_700_000_000_000;

/** What happened, in order: what was asked of the server, kept, linked and written. */
let log: string[];
let kept: Credentials | null;
let answer: () => Promise<Response>;
/** What IndexedDB says when it is full. */
let noRoom: Error | null;

const claim = { serverUrl: 'book.example', setupCode: 'ABCD', personName: 'Ada', deviceName: 'Phone' };

function device(credentials: Credentials | null = null, lasting = true): Accounts {
  return new Accounts(
    {
      lasting,
      clientFor: (origin) =>
        new AccountClient(origin, origin, (url, { method }) => {
          log.push(`${method} ${url}`);
          return answer();
        }),
      keep: (next) => {
        if (noRoom) return Promise.reject(noRoom);
        log.push(next ? 'keep' : 'forget');
        kept = next;
        return Promise.resolve();
      },
      identity: () => ({ bookId, clientId }),
      link: (to) => log.push(to ? 'link' : 'unlink'),
      execute: (command: Command) => log.push(command.kind),
      now: () => NOW,
    },
    credentials,
  );
}

beforeEach(() => {
  log = [];
  kept = null;
  noRoom = null;
  answer = () => Promise.resolve(Response.json(membership));
});

describe('the account of a device', () => {
  it('is on disk before the book is linked, and the names are written after that', async () => {
    const accounts = device();
    expect(await accounts.claim(claim)).toEqual({
      ok: true,
      value: { serverUrl: 'https://book.example', userId, clientId, bookId, role: 'owner' },
    });
    expect(log).toEqual(['POST https://book.example/v1/claim', 'keep', 'link', 'nameDevice', 'namePerson']);
    expect(kept).toEqual({ serverUrl: 'https://book.example', membership, tokenSince: NOW });
  });

  it('never shows the token', async () => {
    const accounts = device();
    await accounts.claim(claim);
    expect(JSON.stringify(accounts.account())).not.toContain(token);
  });

  it('leaves everything as it was when the server refuses or cannot be reached', async () => {
    const accounts = device();
    answer = () => Promise.resolve(Response.json({ error: { code: 'wrongCode', message: 'No.' } }, { status: 403 }));
    expect(await accounts.claim(claim)).toMatchObject({ error: { kind: 'wrongCode' } });
    answer = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await accounts.claim(claim)).toMatchObject({ error: { kind: 'unreachable' } });
    expect(await accounts.claim({ ...claim, serverUrl: 'two words' })).toMatchObject({
      error: { kind: 'unreachable' },
    });
    expect(accounts.account()).toBeNull();
    expect(log.filter((entry) => !entry.startsWith('POST'))).toEqual([]);
  });

  it('asks the server no second time when it is asked twice, as the next leader does after a crash', async () => {
    const accounts = device({ serverUrl: 'https://book.example', membership, tokenSince: NOW });
    expect(await accounts.claim(claim)).toMatchObject({ ok: true });
    expect(log).toEqual(['link', 'nameDevice', 'namePerson']);
  });

  it('is told as a failure for people where it cannot be kept, and comes about when there is room again', async () => {
    noRoom = new DOMException('Encountered full disk while opening backing store.', 'QuotaExceededError');
    const accounts = device();
    const failure = { ok: false, error: { kind: 'storage', message: expect.stringContaining('Make room') as string } };
    expect(await accounts.claim(claim)).toEqual(failure);
    expect(accounts.account()).toBeNull();
    expect(log).toEqual(['POST https://book.example/v1/claim']);
    noRoom = null;
    expect(await accounts.claim(claim)).toMatchObject({ ok: true });

    // Disconnecting that is not kept would be undone by the next start.
    noRoom = new DOMException('full', 'QuotaExceededError');
    expect(await accounts.disconnect()).toEqual(failure);
    expect(accounts.account()).not.toBeNull();
    expect(log).not.toContain('unlink');

    // A new name of this installation: neither lane of sync may see a throw.
    const renamed = parseId<ClientId>('01890000-0000-7000-8000-000000000009')!;
    answer = () =>
      Promise.resolve(
        Response.json(
          log.at(-1)?.endsWith('/devices')
            ? { devices: [] }
            : log.at(-1)?.endsWith('/links')
              ? { code: 'ABCDEFGH', expiresAt: NOW }
              : { ...membership, clientId: renamed },
        ),
      );
    expect(await accounts.enrol(renamed)).toEqual(failure);
    noRoom = null;
    expect(await accounts.enrol(renamed)).toMatchObject({ ok: true, value: { membership: { clientId: renamed } } });
  });

  it('belongs to one server at a time', async () => {
    const accounts = device({ serverUrl: 'https://other.example', membership });
    expect(await accounts.claim(claim)).toMatchObject({ error: { kind: 'refused' } });
    expect(log).toEqual([]);
  });

  it('is not to be had in a window that keeps nothing', async () => {
    expect(await device(null, false).claim(claim)).toMatchObject({ error: { kind: 'storage' } });
    expect(log).toEqual([]);
  });

  it('[HLC-6] is made good once for a new client id, however many ask at the same time', async () => {
    const anew = parseId<ClientId>('01890000-0000-7000-8000-000000000009')!;
    const accounts = device({ serverUrl: 'https://book.example', membership, tokenSince: NOW });
    const answers: { readonly [path: string]: unknown } = {
      '/v1/devices': { devices: [] },
      '/v1/links': { code: 'ABCD', expiresAt: 0 },
      '/v1/join': { ...membership, clientId: anew },
    };
    answer = () => Promise.resolve(Response.json(answers[new URL(log.at(-1)!.split(' ')[1]!).pathname]));
    const enrolled = await Promise.all([accounts.enrol(anew), accounts.enrol(anew), accounts.enrol(anew)]);
    for (const one of enrolled) expect(one).toMatchObject({ ok: true, value: { membership: { clientId: anew } } });
    expect(log).toEqual([
      'GET https://book.example/v1/devices',
      'POST https://book.example/v1/links',
      'POST https://book.example/v1/join',
      'keep',
      'nameDevice',
    ]);
    expect(kept?.membership.clientId).toBe(anew);
    await accounts.enrol(anew);
    expect(log).toHaveLength(5);
  });

  it('is forgotten on disk before the book is unlinked', async () => {
    const accounts = device({ serverUrl: 'https://book.example', membership, tokenSince: NOW });
    expect(await accounts.disconnect()).toEqual({ ok: true, value: null });
    expect(log).toEqual(['forget', 'unlink']);
    expect(accounts.account()).toBeNull();
    expect(await accounts.devices()).toMatchObject({ error: { kind: 'notLinked' } });
  });
});
