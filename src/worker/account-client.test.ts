import { describe, expect, it } from 'vitest';
import { AccountClient, serverOrigin } from './account-client.ts';

const answering = (status: number, body: string) => {
  const asked: { url: string; init: RequestInit }[] = [];
  const client = new AccountClient('https://book.example', 'https://book.example', (url, init) => {
    asked.push({ url, init });
    return Promise.resolve(new Response(status === 204 ? null : body, { status }));
  });
  return { client, asked };
};
const refusing = (code: string) => answering(400, JSON.stringify({ error: { code, message: 'Because.' } })).client;

describe('the address of a server', () => {
  it('may be typed as people type addresses', () => {
    expect(serverOrigin(' book.example ')).toBe('https://book.example');
    expect(serverOrigin('book.example:8443/some/page')).toBe('https://book.example:8443');
    expect(serverOrigin('localhost:8787')).toBe('http://localhost:8787');
    expect(serverOrigin('127.0.0.1:8787/')).toBe('http://127.0.0.1:8787');
    expect(serverOrigin('http://box.local')).toBe('http://box.local');
  });

  it('is refused when it is none', () => {
    for (const typed of ['', '   ', 'ftp://book.example', 'javascript:alert(1)', 'two words', 'https://']) {
      expect(serverOrigin(typed)).toBeNull();
    }
  });
});

describe('the account API', () => {
  it('sends the token in a header and never in the address', async () => {
    const { client, asked } = answering(200, JSON.stringify({ devices: [] }));
    expect(await client.devices('secret')).toEqual({ ok: true, value: [] });
    expect(asked[0]!.url).toBe('https://book.example/v1/devices');
    expect(asked[0]!.init.headers).toMatchObject({ authorization: 'Bearer secret' });
  });

  it('takes an answer without a body for a revoked device', async () => {
    expect(await answering(204, '').client.revokeDevice('secret', 'x' as never)).toEqual({ ok: true, value: null });
  });

  it('says so when nobody answers', async () => {
    const from = (home: string) =>
      new AccountClient('https://book.example', home, () => Promise.reject(new TypeError('Failed to fetch'))).info();
    expect(await from('https://book.example')).toEqual({
      ok: false,
      error: { kind: 'unreachable', message: 'book.example cannot be reached. Check the address and the network.' },
    });
    // Another server than the app's own may be there, and be out of its reach all the same.
    const message = expect.stringMatching(/^book\.example .* open https:\/\/book\.example .* came from app\.example,/);
    expect(await from('https://app.example')).toEqual({ ok: false, error: { kind: 'unreachable', message } });
  });

  it('takes no other server for Daybook: not a captive portal, nor one that answers in some other JSON', async () => {
    for (const [status, body] of [
      [200, '<html>Welcome to the hotel</html>'],
      [200, '{"product":"else"}'],
      [200, ''],
      [302, ''],
      [404, 'Not found'],
      [500, '{"error":"oops"}'],
    ] as const) {
      expect(await answering(status, body).client.info()).toMatchObject({ ok: false, error: { kind: 'notDaybook' } });
    }
  });

  it('passes on in the words of the server why it refused', async () => {
    expect(await refusing('wrongCode').info()).toEqual({
      ok: false,
      error: { kind: 'wrongCode', message: 'Because.' },
    });
    expect(await refusing('gone').info()).toMatchObject({ error: { kind: 'wrongCode' } });
    expect(await refusing('unauthorized').info()).toMatchObject({ error: { kind: 'notLinked' } });
    expect(await refusing('conflict').info()).toMatchObject({ error: { kind: 'refused' } });
  });
});
