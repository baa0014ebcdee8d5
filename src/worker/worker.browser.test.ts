import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FromWorker, ToWorker } from '../protocol/tabs.ts';
import type { DatabaseHost } from '../testing/database-host.ts';
import * as Comlink from 'comlink';

/** Where the worker keeps the book. */
const DIRECTORY = 'daybook';

const workers: Worker[] = [];

/** The worker of a tab, without its page. */
function tabWorker() {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  const said: FromWorker[] = [];
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => said.push(data);
  const post = (message: ToWorker) => worker.postMessage(message);
  return { said, post, last: () => said.at(-1)?.kind };
}

/** The first start of all compiles the wasm, on a machine that may be busy. */
const soon = { timeout: 10_000 };

/** Does something with the database file while no worker of a tab has it. */
async function withDatabase(work: (db: Comlink.Remote<DatabaseHost>) => Promise<void>): Promise<void> {
  const worker = new Worker(new URL('./opfs-database.test.worker.ts', import.meta.url), { type: 'module' });
  const db = Comlink.wrap<DatabaseHost>(worker);
  await db.open(`/${DIRECTORY}`);
  await work(db);
  await db.close();
  worker.terminate();
}

/** The bytes of every file of the pool. */
async function files(): Promise<FileSystemFileHandle[]> {
  const root = await navigator.storage.getDirectory();
  const opaque = await (await root.getDirectoryHandle(DIRECTORY)).getDirectoryHandle('.opaque');
  const found: FileSystemFileHandle[] = [];
  for await (const entry of opaque.values()) if (entry instanceof FileSystemFileHandle) found.push(entry);
  return found;
}

async function sizes(): Promise<number[]> {
  return Promise.all((await files()).map(async (file) => (await file.getFile()).size));
}

afterEach(async () => {
  for (const worker of workers.splice(0)) worker.terminate();
  const root = await navigator.storage.getDirectory();
  // The handles of a worker that was just stopped are let go a moment later.
  await vi.waitFor(() => root.removeEntry(DIRECTORY, { recursive: true }), soon);
});

describe('the worker of a tab', () => {
  it('leads alone, and lets the next one lead when it is told to let go or is stopped', async () => {
    const [a, b, c] = [tabWorker(), tabWorker(), tabWorker()];
    a.post({ kind: 'contend' });
    await expect.poll(a.last, soon).toBe('leading');
    b.post({ kind: 'contend' });
    await expect.poll(b.last, soon).toBe('queued');
    a.post({ kind: 'release' });
    await expect.poll(b.last, soon).toBe('leading');
    expect(a.last()).toBe('released');
    c.post({ kind: 'contend' });
    await expect.poll(c.last, soon).toBe('queued');
    workers[1]!.terminate();
    await expect.poll(c.last, soon).toBe('leading');
    a.post({ kind: 'contend' });
    c.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('leading');
    const epochs = [a, b, c].flatMap(({ said }) => said.flatMap((one) => (one.kind === 'leading' ? [one.epoch] : [])));
    expect(epochs).toHaveLength(4);
    expect(new Set(epochs).size).toBe(4);
    expect(a.said.findLast((one) => one.kind === 'leading')?.epoch).toBe(Math.max(...epochs));
  });

  it('leaves the book of a newer version as it is, and says so', async () => {
    await withDatabase(async (db) => {
      await db.exec('CREATE TABLE from_the_future (v); PRAGMA user_version=999');
    });
    const a = tabWorker();
    a.post({ kind: 'contend' });
    await expect.poll(a.last, soon).toBe('newer');
    workers[0]!.terminate();
    await withDatabase(async (db) => {
      expect(await db.get('PRAGMA user_version', [])).toEqual({ value: { user_version: 999 } });
      expect(await db.all('SELECT name FROM sqlite_schema', [])).toEqual({ value: [{ name: 'from_the_future' }] });
    });
  });

  it('keeps a damaged file, and says what is wrong', async () => {
    const a = tabWorker();
    a.post({ kind: 'contend' });
    await expect.poll(a.last, soon).toBe('leading');
    a.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('released');
    for (const file of await files()) {
      const { size } = await file.getFile();
      if (size < 10_000) continue;
      const out = await file.createWritable({ keepExistingData: true });
      await out.write({ type: 'write', position: 4096, data: new Uint8Array(4096).fill(0xdb) });
      await out.close();
    }
    const before = await sizes();
    a.post({ kind: 'contend' });
    await expect.poll(a.last, soon).toBe('failed');
    expect(JSON.stringify(a.said.at(-1))).toContain('left untouched');
    expect(await sizes()).toEqual(before);
  });
});
