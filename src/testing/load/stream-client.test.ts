import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { startProcess, startProgram, type ServerProcess } from '../server-process.ts';
import { until } from '../sync-client.ts';
import { makeBooks } from './daybook-data.ts';
import { StreamClient } from './stream-client.ts';
import type { StreamDevice } from './target.ts';

// Processes start on machines that do other things as well.
vi.setConfig({ testTimeout: 120_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Two books and five devices on Daybook's server, a process of its own. */
async function startServer(): Promise<{ server: ServerProcess; devices: StreamDevice[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-load-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const devices = await makeBooks(folder, 2, 5);
  const server = await startProcess({ DAYBOOK_DATA: folder });
  cleanups.push(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  return { server, devices };
}

function clientOf(origin: string, devices: readonly StreamDevice[]): StreamClient {
  const client = new StreamClient({ kind: 'streams', origin, books: 2, devices, gzip: true });
  cleanups.push(() => client.close());
  return client;
}

test('what one device writes is acknowledged, and reaches those who follow its book and nobody else', async () => {
  const { server, devices } = await startServer();
  const client = clientOf(server.url, devices);
  const arrived = [0, 0, 0];
  for (const reader of [2, 3, 4]) await client.follow(reader, () => (arrived[reader - 2]! += 1));
  await client.write(0, 1);
  await client.write(0, 1_000);
  await client.write(1, 1);
  await until('everybody to have theirs', () => arrived.reduce((sum, count) => sum + count) === 5);
  expect(arrived).toEqual([2, 1, 2]);
});

test('a client that has nothing fetches the whole book, with gzip in fewer bytes', async () => {
  const { server, devices } = await startServer();
  const client = clientOf(server.url, devices);
  expect(await client.upload(1, 2_500)).toBe(3);
  const plain = await client.fetchAll(3, false);
  const gzipped = await client.fetchAll(3, true);
  expect([plain.messages, gzipped.messages]).toEqual([3, 3]);
  expect(gzipped.received).toBeLessThan(plain.received);
  expect(client.traffic().received).toBeGreaterThanOrEqual(plain.received + gzipped.received);
});

test('a server that refuses is no server to measure', async () => {
  const { server, devices } = await startServer();
  const stranger = clientOf(server.url, [{ ...devices[0]!, token: devices[1]!.token }]);
  await expect(stranger.write(0, 1)).rejects.toThrow('403');
  await expect(stranger.fetchAll(0, true)).rejects.toThrow('403');
});

test('the bare server answers as a stream does', async () => {
  const server = await startProgram([join(import.meta.dirname, 'bare-server.ts')]);
  cleanups.push(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  const { devices } = await startServer();
  const client = clientOf(server.url, devices);
  let arrived = 0;
  await client.follow(2, () => (arrived += 1));
  await client.write(0, 1);
  await until('the reader to have it', () => arrived > 0);
  expect(arrived).toBe(1);
});
