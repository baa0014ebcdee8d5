/** The server as a process of its own: starting, and the commands for its keeper. How it stops and dies: faults.test.ts. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Membership } from '../protocol/account.ts';
import { streamPath } from '../protocol/account.ts';
import { bundleOf, claimBody, joinBody, type SentBundle } from '../testing/daybook-server.ts';
import { runProgram, type ServerProcess, startProcess } from '../testing/server-process.ts';

// Processes take their time to start where many things run at once.
vi.setConfig({ testTimeout: 240_000 });

let folder: string;
let settings: Record<string, string>;
let running: ServerProcess | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'daybook-process-'));
  settings = { DAYBOOK_DATA: join(folder, 'data') };
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await running?.ended;
  running = null;
  rmSync(folder, { recursive: true });
});

async function start(more: Record<string, string> = {}): Promise<ServerProcess> {
  running = await startProcess({ ...settings, ...more });
  return running;
}

async function call(url: string, method: string, path: string, body?: unknown, token?: string): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const claim = async (url: string, code: string | null = null): Promise<Membership> =>
  (await (await call(url, 'POST', '/v1/claim', claimBody(code))).json()) as Membership;

async function linkDevice(url: string, owner: Membership): Promise<Membership> {
  const { code } = (await (await call(url, 'POST', '/v1/links', { for: 'device' }, owner.token)).json()) as {
    code: string;
  };
  return (await (await call(url, 'POST', '/v1/join', joinBody(code))).json()) as Membership;
}

function append(url: string, by: Membership, seq: number, bundle: SentBundle): Promise<Response> {
  return fetch(url + streamPath(by.bookId), {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${by.token}`,
      'Producer-Id': by.clientId,
      'Producer-Epoch': '0',
      'Producer-Seq': String(seq),
    },
    body: JSON.stringify([bundle]),
  });
}

async function messages(url: string, by: Membership): Promise<SentBundle[]> {
  const response = await call(url, 'GET', streamPath(by.bookId), undefined, by.token);
  expect(response.headers.get('Stream-Up-To-Date')).toBe('true');
  return (await response.json()) as SentBundle[];
}

async function tail(url: string, by: Membership): Promise<string> {
  const head = await call(url, 'HEAD', streamPath(by.bookId), undefined, by.token);
  return head.headers.get('Stream-Next-Offset')!;
}

describe('starting', () => {
  test('says where it is, and the setup code while nobody owns it', async () => {
    const first = await start();
    expect(first.url).toBe(`http://localhost:${first.port}`);
    const code = await waitFor(() => /^Setup code: (.+)$/m.exec(first.output())?.[1]);
    expect(first.output().trim().split('\n')).toHaveLength(2);
    const owner = await claim(first.url, code);
    expect(owner.role).toBe('owner');
    first.kill('SIGTERM');
    await first.ended;

    const second = await start();
    expect((await call(second.url, 'GET', '/v1/health')).status).toBe(200);
    expect(second.output().trim().split('\n')).toHaveLength(1);
  });

  test('a port that is taken, a folder that is in use and settings that cannot work are told in words', async () => {
    const { port } = await start();
    const taken = runProgram([], { DAYBOOK_DATA: join(folder, 'other'), PORT: String(port) });
    expect(taken).toMatchObject({ code: 1, output: expect.stringContaining(`Port ${port} is in use.`) });
    const used = runProgram([], settings);
    expect(used).toMatchObject({ code: 1, output: expect.stringContaining('Another Daybook server is using') });
    const open = runProgram([], { ...settings, HOST: '0.0.0.0' });
    expect(open).toMatchObject({ code: 1, output: expect.stringContaining('plain HTTP beyond this machine') });
    const usage = runProgram(['dance'], settings);
    expect(usage).toMatchObject({ code: 1, output: expect.stringContaining('Usage:') });
  });

  test.each([
    ['made by it', false],
    ['made by its keeper for all to read', true],
  ])('what is in a data folder %s is for its keeper alone, a copy as well', async (_name, isMade) => {
    const data = settings['DAYBOOK_DATA']!;
    if (isMade) mkdirSync(data, { mode: 0o755 });
    const { url } = await start();
    await claim(url);
    expect(runProgram(['backup', join(folder, 'copy.sqlite')], settings)).toMatchObject({ code: 0 });
    const files = [...readdirSync(data).map((name) => join(data, name)), join(folder, 'copy.sqlite')];
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
    if (!isMade) expect(statSync(data).mode & 0o777).toBe(0o700);
  });
});

describe("the keeper's commands", () => {
  test('setup-code prints a code with which a lost owner comes back, while the server runs', async () => {
    const { url } = await start();
    const owner = await claim(url);
    const { code, output } = runProgram(['setup-code'], settings);
    expect(code).toBe(0);
    const recovered = await claim(url, /Setup code: (\S+)/.exec(output)![1]);
    expect(recovered).toMatchObject({ userId: owner.userId, bookId: owner.bookId, role: 'owner' });
  });

  test('[SYNC-4] backup copies a running server; one that starts from the copy is known to have forgotten', async () => {
    const server = await start();
    const owner = await claim(server.url);
    const bundles = Array.from({ length: 3 }, () => bundleOf(owner));
    for (const [seq, bundle] of bundles.entries()) await append(server.url, owner, seq, bundle);
    const file = join(folder, 'copy.sqlite');
    expect(runProgram(['backup', file], settings)).toMatchObject({ code: 0 });
    expect(runProgram(['backup', file], settings)).toMatchObject({
      code: 1,
      output: expect.stringContaining('overwrites nothing'),
    });
    const cursors = [await tail(server.url, owner)];
    await append(server.url, owner, 3, bundleOf(owner));
    cursors.push(await tail(server.url, owner));
    server.kill('SIGTERM');
    await server.ended;

    rmSync(settings['DAYBOOK_DATA']!, { recursive: true });
    mkdirSync(settings['DAYBOOK_DATA']!);
    renameSync(file, join(settings['DAYBOOK_DATA']!, 'daybook.sqlite'));
    const { url } = await start();
    expect(await messages(url, owner)).toEqual(bundles);
    for (const cursor of cursors) {
      const gone = await call(url, 'GET', `${streamPath(owner.bookId)}?offset=${cursor}`, undefined, owner.token);
      expect(gone.status).toBe(410);
    }
  });

  test('commands without data to work on say so and make none', () => {
    const answer = runProgram(['setup-code'], settings);
    expect(answer).toMatchObject({ code: 1, output: expect.stringContaining('no server') });
    expect(existsSync(settings['DAYBOOK_DATA']!)).toBe(false);
  });
});

test('the log of requests holds no token, code or name', async () => {
  const server = await start({ DAYBOOK_LOG: 'debug' });
  const code = await waitFor(() => /^Setup code: (.+)$/m.exec(server.output())?.[1]);
  const owner = await claim(server.url, code);
  const device = await linkDevice(server.url, owner);
  await append(server.url, owner, 0, bundleOf(owner));
  await call(server.url, 'GET', `${streamPath(owner.bookId)}?offset=-1&token=${owner.token}`, undefined, owner.token);
  await call(server.url, 'GET', `/v1/${randomUUID()}`);
  const lines = await waitFor(() => {
    const found = server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    return found.length >= 6 ? found : undefined;
  });
  expect(JSON.parse(lines[0]!)).toMatchObject({ method: 'POST', path: '/v1/claim', status: 200 });
  for (const secret of [owner.token, device.token, 'Phone', 'Ann']) expect(lines.join('\n')).not.toContain(secret);
});

async function waitFor<T>(find: () => T | undefined): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came');
}
