import { afterEach, describe, expect, it, vi } from 'vitest';
import { bytesToHex } from '../core/hex.ts';
import type { FromWorker, ToWorker } from '../protocol/tabs.ts';
import type { DatabaseHost } from '../testing/database-host.ts';
import * as Comlink from 'comlink';

/** Where the worker keeps the book. */
const DIRECTORY = 'daybook';

const BUILD = 'build 1';

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
const soon = { timeout: 60_000 };

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

/** Overwrites the beginning of every database. */
async function damageAll(): Promise<void> {
  for (const file of await files()) {
    const { size } = await file.getFile();
    if (size < 10_000) continue;
    const out = await file.createWritable({ keepExistingData: true });
    await out.write({ type: 'write', position: 4096, data: new Uint8Array(4096).fill(0xdb) });
    await out.close();
  }
}

/** What lies in each file that has a name. */
async function contents(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const handle of await files()) {
    const file = await handle.getFile();
    const [name = ''] = (await file.slice(0, 512).text()).split('\0');
    if (name !== '') found.set(name, bytesToHex(new Uint8Array(await file.slice(4_096).arrayBuffer())));
  }
  return found;
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
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('leading');
    b.post({ kind: 'contend', build: BUILD });
    await expect.poll(b.last, soon).toBe('queued');
    a.post({ kind: 'release' });
    await expect.poll(b.last, soon).toBe('leading');
    expect(a.last()).toBe('released');
    c.post({ kind: 'contend', build: BUILD });
    await expect.poll(c.last, soon).toBe('queued');
    workers[1]!.terminate();
    await expect.poll(c.last, soon).toBe('leading');
    a.post({ kind: 'contend', build: BUILD });
    c.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('leading');
    const epochs = [a, b, c].flatMap(({ said }) => said.flatMap((one) => (one.kind === 'leading' ? [one.epoch] : [])));
    expect(epochs).toHaveLength(4);
    expect(new Set(epochs).size).toBe(4);
    expect(a.said.findLast((one) => one.kind === 'leading')?.epoch).toBe(Math.max(...epochs));
  });

  it('serves tabs of its own build, and turns those of another one away before they can ask anything', async () => {
    const a = tabWorker();
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('leading');
    const heard = async (build: string): Promise<unknown> => {
      const { port1, port2 } = new MessageChannel();
      const first = new Promise((resolve) => (port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data)));
      workers[0]!.postMessage({ kind: 'connect', tab: `a tab of ${build}`, build } satisfies ToWorker, [port2]);
      return first;
    };
    expect(await heard(BUILD)).toMatchObject({ kind: 'welcome' });
    expect(await heard('build 2')).toEqual({ kind: 'farewell' });
    // As from an app that knew nothing of builds.
    expect(await heard(undefined as never)).toEqual({ kind: 'farewell' });
  });

  it('leaves the book of a newer version as it is, and says so', async () => {
    await withDatabase(async (db) => {
      await db.exec('CREATE TABLE from_the_future (v); PRAGMA user_version=999');
    });
    const a = tabWorker();
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('newer');
    workers[0]!.terminate();
    await withDatabase(async (db) => {
      expect(await db.get('PRAGMA user_version', [])).toEqual({ value: { user_version: 999 } });
      expect(await db.all('SELECT name FROM sqlite_schema', [])).toEqual({ value: [{ name: 'from_the_future' }] });
    });
  });

  it('[REPAIR-1] makes a new book of a damaged file, and keeps that as it is', async () => {
    const a = tabWorker();
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('leading');
    a.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('released');
    await damageAll();
    const before = await contents();
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('leading');
    expect(a.said.map(({ kind }) => kind)).toContain('repairing');
    a.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('released');
    const after = await contents();
    for (const [name, bytes] of before) expect([name, after.get(name) === bytes]).toEqual([name, true]);
    expect([...after.keys()]).toContain('/book-2.db');
  });

  it('[REPAIR-4] begins a repair anew that was cut short', async () => {
    const a = tabWorker();
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('leading');
    a.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('released');
    await damageAll();
    const b = tabWorker();
    b.post({ kind: 'contend', build: BUILD });
    await expect.poll(b.last, { ...soon, interval: 1 }).toBe('repairing');
    workers.at(-1)!.terminate();
    a.post({ kind: 'contend', build: BUILD });
    await expect.poll(a.last, soon).toBe('leading');
    expect(a.said.filter(({ kind }) => kind === 'repairing').length).toBe(1);
    a.post({ kind: 'release' });
    await expect.poll(a.last, soon).toBe('released');
    expect([...(await contents()).keys()].filter((name) => name.endsWith('.db')).toSorted()).toEqual([
      '/book-2.db',
      '/book.db',
    ]);
  });
});
