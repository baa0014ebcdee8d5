/** The server as a process of its own under load: killed, out of disk, and stopped. What it acknowledged is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ApiError, type Membership, type RenewedToken, streamPath } from '../protocol/account.ts';
import { AppendLoad, startWithBooks } from '../testing/append-load.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { killAgainAndAgain } from '../testing/server-kills.ts';
import { runProgram, type ServerProcess, startProcess } from '../testing/server-process.ts';
import { canMakeSmallDisks, onSmallDisk, SmallDisk } from '../testing/small-disk.ts';

/** Processes take their time to start where many things run at once. */
const HOOK_MILLIS = 120_000;

let folder: string;
let settings: { DAYBOOK_DATA: string };
let server: ServerProcess;
let devices: readonly Membership[];
let load: AppendLoad;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'daybook-faults-'));
  settings = { DAYBOOK_DATA: join(folder, 'data') };
  ({ server, devices } = await startWithBooks(settings, 3, 2));
  load = new AppendLoad(devices, new SeededRandom(1));
}, HOOK_MILLIS);
afterEach(async () => {
  server.kill('SIGKILL');
  await server.ended;
  rmSync(folder, { recursive: true });
});

const call = (method: string, { token }: Membership, path: string): Promise<Response> =>
  fetch(server.url + path, { method, headers: { Authorization: `Bearer ${token}` } });
const live = (by: Membership, mode: 'sse' | 'long-poll'): Promise<Response> =>
  call('GET', by, `${streamPath(by.bookId)}?offset=now&live=${mode}`);

/** `npm run soak:server -- --kills 100` does the same a hundred times. */
const KILLS = 15;

test(`SIGKILL ${KILLS} times under load: every acknowledged bundle is there, in order, once`, async () => {
  server = await killAgainAndAgain(server, settings, load, KILLS, new SeededRandom(2));
  expect(load.acknowledged).toBeGreaterThan(KILLS);
});

describe('graceful shutdown', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s under load keeps what was acknowledged, ends live connections in good order, and exits with 0',
    async (signal) => {
      let quickest = Infinity;
      for (let round = 0; round < 3; round++) {
        const events = await live(devices[0]!, 'sse');
        const poll = live(devices[0]!, 'long-poll');
        // Waits for good, since nothing comes: a book of its own.
        const idle = await live(devices.at(-1)!, 'sse');
        const stop = load.start(server.url);
        await load.after(20 + 10 * round);
        const from = performance.now();
        server.kill(signal);
        const [code] = await Promise.all([server.ended, stop()]);
        quickest = Math.min(quickest, performance.now() - from);
        expect(code).toBe(0);
        // Neither broke off in the middle of a message.
        expect(await events.text()).toMatch(/\n\n$/);
        expect(await idle.text()).toMatch(/\n\n$/);
        expect([200, 204]).toContain((await poll).status);
        server = await startProcess(settings);
        await load.verify(server.url);
      }
      expect(quickest).toBeLessThan(2_000);
    },
  );
});

/** What a server without room has to do, and to do again once there is some. `fill` takes the room, `free` gives it back. */
async function withoutRoom(fill: () => void, free: () => void): Promise<void> {
  const reader = devices[0]!;
  const renewed = {
    ...reader,
    token: ((await (await call('POST', reader, '/v1/token')).json()) as RenewedToken).token,
  };
  let stop = load.start(server.url);
  await load.after(20);
  await stop();
  fill();
  stop = load.start(server.url);
  while ((load.refusals.get(507) ?? 0) < 30) await new Promise((resolve) => setTimeout(resolve, 5));
  const acknowledged = load.acknowledged;

  const refused = await call('POST', reader, '/v1/token');
  expect(refused.status).toBe(507);
  expect(refused.headers.get('Retry-After')).toBe('60');
  expect(((await refused.json()) as ApiError).error).toEqual({
    code: 'storageFull',
    message: "The server's storage is full; nothing was stored.",
  });
  expect((await call('GET', reader, '/v1/health')).status).toBe(200);
  expect((await call('GET', reader, '/v1/devices')).status).toBe(200);
  const events = await live(reader, 'sse');
  expect(events.status).toBe(200);
  // Its first use cannot be noted; it and the one before it stay good.
  expect((await call('GET', renewed, '/v1/devices')).status).toBe(200);
  expect((await call('GET', reader, '/v1/devices')).status).toBe(200);
  await load.verify(server.url);

  free();
  await load.after(100);
  await stop();
  expect(load.acknowledged).toBeGreaterThanOrEqual(acknowledged + 100);
  await load.verify(server.url);
  await events.body!.cancel();
  expect([...load.refusals.keys()]).toEqual([507]);
}

const canLimit = process.platform === 'linux' && existsSync('/usr/bin/prlimit');

test.skipIf(!canLimit)('files that may not grow are 507 for what needs room; with room again all goes on', async () => {
  /** Lets no file of the server grow beyond so many bytes from now on; null: beyond any. */
  const limitFiles = (bytes: number | null): unknown =>
    execFileSync('/usr/bin/prlimit', ['--pid', String(server.pid), `--fsize=${bytes ?? 'unlimited'}:`]);
  await withoutRoom(
    () => limitFiles(statSync(join(settings.DAYBOOK_DATA, 'daybook.sqlite-wal')).size),
    () => limitFiles(null),
  );
  server.kill('SIGKILL');
  await server.ended;
  server = await startProcess(settings);
  expect(await load.verify(server.url)).toBeGreaterThan(120);
});

describe.skipIf(!canMakeSmallDisks())('a disk that is full to the last block', () => {
  test('is 507 for what needs room; reading, following and tokens go on; with room again so does all', async () => {
    server.kill('SIGTERM');
    await server.ended;
    server = await startProcess(settings, onSmallDisk(settings.DAYBOOK_DATA, 400));
    const disk = new SmallDisk(server.pid, settings.DAYBOOK_DATA);
    await withoutRoom(
      () => {
        disk.fill();
        expect(disk.room()).toBe(0);
      },
      () => disk.empty(),
    );
    // What a power cut would leave behind.
    server.kill('SIGSTOP');
    const left = { DAYBOOK_DATA: join(folder, 'left') };
    disk.copyTo(left.DAYBOOK_DATA);
    server.kill('SIGKILL');
    await server.ended;
    server = await startProcess(left);
    await load.verify(server.url);
  });

  test('keeps a server from starting, and says so in words', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const fillFirst = ['sh', '-c', 'dd if=/dev/zero of="$0/filler" bs=4k 2>/dev/null; exec "$@"', empty];
    const answer = runProgram([], { DAYBOOK_DATA: empty }, [...onSmallDisk(empty, 1), ...fillFirst]);
    expect(answer).toEqual({
      code: 1,
      output: expect.stringMatching(/^There is no room on the disk .*empty is, .*\n$/),
    });
  });
});
