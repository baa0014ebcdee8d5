/** The servers that are measured side by side, each a process of its own with data of its own. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BookId, UserId } from '../../core/ids.ts';
import { newClientId } from '../daybook-server.ts';
import { startProcess, startProgram, type ServerProcess } from '../server-process.ts';
import { makeBooks } from './daybook-data.ts';
import { EVOLU_PINS } from './evolu-packages.ts';
import type { StreamDevice, Target } from './target.ts';

export interface Running {
  readonly process: ServerProcess;
  readonly target: Target;
  stop(): Promise<void>;
}

export interface Contender {
  readonly name: 'Daybook' | 'Durable Streams' | 'Durable Streams, in memory' | 'Evolu' | 'bare Node';
  /** What it is and when it acknowledges, in words. */
  readonly promise: string;
  /** Starts it with so many books, and devices in all. @param work folder for its data */
  start(work: string, books: number, devices: number): Promise<Running>;
}

export const daybook: Contender = {
  name: 'Daybook',
  promise:
    'acknowledges after a commit with `synchronous=FULL` (write-ahead log, one `fsync`), which appends that wait at the same moment share; producer state in the same transaction',
  start: (work, books, devices) =>
    withFolder(work, async (folder) => {
      const made = await makeBooks(folder, books, devices);
      const process = await startProcess({ DAYBOOK_DATA: folder, ...profiling() });
      return { process, target: { kind: 'streams', origin: process.url, books, devices: made, gzip: true } };
    }),
};

export const durableStreams: Contender = {
  name: 'Durable Streams',
  promise:
    '`@durable-streams/server` with files acknowledges after `fdatasync` of the stream’s file, which appends to the same stream share; its producer state is put into LMDB, whose flush may follow the answer. Without accounts',
  start: (work, books, devices) => withFolder(work, (folder) => startDurableStreams([folder], books, devices)),
};

/**
 * The same in memory, for live changes: with files, each live reader's look at the stream writes its time to LMDB and waits
 * for the disk.
 */
export const durableStreamsInMemory: Contender = {
  name: 'Durable Streams, in memory',
  promise: 'the same server without files, which acknowledges at once',
  start: (work, books, devices) => withFolder(work, () => startDurableStreams([], books, devices)),
};

async function startDurableStreams(
  args: readonly string[],
  books: number,
  devices: number,
): Promise<Pick<Running, 'process' | 'target'>> {
  const process = await startProgram([join(import.meta.dirname, 'durable-streams-server.ts'), ...args]);
  const made = openDevices(books, devices);
  for (const { path } of made.slice(0, books)) {
    const answer = await fetch(process.url + path, { method: 'PUT', headers: { 'Content-Type': 'application/json' } });
    if (answer.status !== 201) throw new Error(`no stream: ${answer.status}`);
  }
  return { process, target: { kind: 'streams', origin: process.url, books, devices: made, gzip: false } };
}

export const bareNode: Contender = {
  name: 'bare Node',
  promise:
    'a server of thirty lines that acknowledges at once, stores nothing and checks nothing: what the client and the loopback cost',
  start: (work, books, devices) =>
    withFolder(work, async () => {
      const process = await startProgram([join(import.meta.dirname, 'bare-server.ts')]);
      const target = { origin: process.url, books, devices: openDevices(books, devices), gzip: true };
      return { process, target: { kind: 'streams', ...target } };
    }),
};

/** @param packages folder in which `installEvolu` put them */
export const evoluRelay = (packages: string): Contender => ({
  name: 'Evolu',
  promise: `relay of \`@evolu/nodejs\` ${EVOLU_PINS['@evolu/nodejs']}, on SQLite from Node, acknowledges after a commit with \`synchronous=FULL\` and a rollback journal (its settings), one a request. An owner is a book; everybody may connect`,
  start: (work, books) =>
    withFolder(work, async (folder) => {
      const process = await startProgram([join(import.meta.dirname, 'evolu-relay.ts'), packages, folder]);
      const secrets = Array.from({ length: books }, () => randomBytes(32).toString('hex'));
      return { process, target: { kind: 'evolu', url: process.url, packages, books, secrets } };
    }),
});

/** `DAYBOOK_PROFILE=folder` writes a CPU profile of Daybook's server for each start. */
const profiling = (): Record<string, string> => {
  const folder = process.env['DAYBOOK_PROFILE'];
  return folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
};

function openDevices(books: number, devices: number): StreamDevice[] {
  const ids = Array.from({ length: books }, () => randomUUID() as BookId);
  return Array.from({ length: devices }, (_, d) => {
    const bookId = ids[d % books]!;
    return {
      path: `/v1/stream/${bookId}`,
      bookId,
      userId: randomUUID() as UserId,
      clientId: newClientId(),
      token: null,
    };
  });
}

/** What runs: it ends with this process, however that ends. */
const running = new Set<ServerProcess>();
process.on('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

async function withFolder(
  work: string,
  start: (folder: string) => Promise<Pick<Running, 'process' | 'target'>>,
): Promise<Running> {
  const folder = mkdtempSync(join(work, 'data-'));
  const started = await start(folder);
  running.add(started.process);
  return {
    ...started,
    async stop() {
      started.process.kill('SIGTERM');
      await started.process.ended;
      running.delete(started.process);
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}
