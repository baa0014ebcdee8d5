import { afterEach, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import type { DatabaseHost, Outcome } from '../testing/database-host.ts';
import * as Comlink from 'comlink';

const workers: Worker[] = [];

function host(): Comlink.Remote<DatabaseHost> {
  const worker = new Worker(new URL('./opfs-database.test.worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  return Comlink.wrap<DatabaseHost>(worker);
}

let directories = 0;
const freshDirectory = () => `/database-test-${Date.now()}-${++directories}`;

function valueOf<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value;
  throw new Error(outcome.message);
}

afterEach(async () => {
  for (const worker of workers.splice(0)) worker.terminate();
  const root = await navigator.storage.getDirectory();
  for await (const name of root.keys()) {
    // The handles of a worker that was just stopped are let go a moment later.
    if (name.startsWith('database-test-')) await root.removeEntry(name, { recursive: true }).catch(() => undefined);
  }
});

describe('the database on OPFS', () => {
  it('opens with the settings that were measured to be safe and fast', async () => {
    const db = host();
    await db.open(freshDirectory());
    const setting = async (name: string) => Object.values(valueOf(await db.get(`PRAGMA ${name}`, [])) ?? {})[0];
    expect(await setting('locking_mode')).toBe('exclusive');
    expect(await setting('journal_mode')).toBe('wal');
    expect(await setting('page_size')).toBe(8192);
    expect(await setting('synchronous')).toBe(2);
    valueOf(await db.transaction('normal', []));
    expect(await setting('synchronous')).toBe(1);
    valueOf(await db.transaction('full', []));
    expect(await setting('synchronous')).toBe(2);
  });

  it('gives back every value as it was put in', async () => {
    const db = host();
    await db.open(freshDirectory());
    const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
    const values = [
      null, 0, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, 0.1, -1.5e300, 2n ** 62n,
      '', 'plain', 'with \u0000 inside', '\uFEFFmark first', 'Grüße', '日本語のかなり長いテキスト、三十文字を超えるもの', '😀', 'x'.repeat(300_000), 'ü'.repeat(300_000),
      bytes(0), bytes(16), bytes(500_000),
    ]; // prettier-ignore
    valueOf(await db.exec('CREATE TABLE t (n INTEGER PRIMARY KEY, v)'));
    expect(
      valueOf(
        await db.bulk(
          'INSERT INTO t (n, v) VALUES (?, ?)',
          values.map((value, n) => [n, value]),
        ),
      ),
    ).toBe(values.length);
    const rows = valueOf(await db.all('SELECT v FROM t ORDER BY n', []));
    for (const [n, value] of values.entries()) expect(rows[n]!['v']).toEqual(value);
    for (const [n, value] of values.entries()) {
      expect(valueOf(await db.get('SELECT ? AS v', [value]))).toEqual({ v: value });
      expect(valueOf(await db.run('UPDATE t SET v = ? WHERE n = ?', [value, n]))).toBe(1);
    }
    expect(valueOf(await db.all('SELECT v FROM t ORDER BY n', []))).toEqual(rows);
  });

  it('survives a handover from worker to worker, and the sudden end of one', async () => {
    const directory = freshDirectory();
    const [first, second] = [host(), host()];
    await first.open(directory);
    valueOf(await first.exec('CREATE TABLE t (v)'));
    valueOf(await first.run('INSERT INTO t VALUES (?)', ['from the first']));
    // The second waits for the files until the first lets go.
    const opened = second.open(directory);
    await first.close();
    await opened;
    valueOf(await second.run('INSERT INTO t VALUES (?)', ['from the second']));
    workers[1]!.terminate();
    await first.open(directory);
    expect(valueOf(await first.all('SELECT v FROM t', []))).toEqual([
      { v: 'from the first' },
      { v: 'from the second' },
    ]);
    expect(valueOf(await first.all('PRAGMA integrity_check', []))).toEqual([{ integrity_check: 'ok' }]);
  });

  it('rolls back a transaction that fails, and goes on', async () => {
    const db = host();
    await db.open(freshDirectory());
    valueOf(await db.exec('CREATE TABLE t (v UNIQUE)'));
    const twice = [['INSERT INTO t VALUES (?)', [1]], ['INSERT INTO t VALUES (?)', [1]]] as const; // prettier-ignore
    expect(await db.transaction('full', [...twice])).toMatchObject({ reason: 'constraint' });
    expect(await db.bulk('INSERT INTO t VALUES (?)', [[2], [2]])).toMatchObject({ reason: 'constraint' });
    expect(valueOf(await db.all('SELECT v FROM t', []))).toEqual([]);
    valueOf(await db.transaction('full', [twice[0]]));
    expect(valueOf(await db.all('SELECT v FROM t', []))).toEqual([{ v: 1 }]);
    expect(await db.run('INSERT INTO nowhere VALUES (1)', [])).toMatchObject({ reason: 'other' });
  });

  it('says that the storage is full when the quota is, keeps what was committed, and goes on when there is room', async () => {
    const db = host();
    await db.open(freshDirectory());
    valueOf(await db.exec('CREATE TABLE t (v)'));
    valueOf(await db.run('INSERT INTO t VALUES (?)', ['before']));
    const session = cdp() as unknown as { send(method: string, params: object): Promise<void> };
    const { usage = 0 } = await navigator.storage.estimate();
    await session.send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize: usage + 200_000 });
    try {
      const rows = Array.from({ length: 200 }, () => ['INSERT INTO t VALUES (zeroblob(50000))'] as const);
      expect(await db.transaction('full', rows)).toMatchObject({ reason: 'full' });
      expect(valueOf(await db.all('SELECT v FROM t', []))).toEqual([{ v: 'before' }]);
    } finally {
      await session.send('Storage.overrideQuotaForOrigin', { origin: location.origin });
    }
    valueOf(await db.run('INSERT INTO t VALUES (?)', ['after']));
    expect(valueOf(await db.all('SELECT v FROM t', []))).toEqual([{ v: 'before' }, { v: 'after' }]);
    expect(valueOf(await db.all('PRAGMA integrity_check', []))).toEqual([{ integrity_check: 'ok' }]);
  });

  it('exports what was committed as one plain file, the write-ahead log included', async () => {
    const db = host();
    await db.open(freshDirectory());
    valueOf(await db.exec('CREATE TABLE t (v)'));
    valueOf(await db.run('INSERT INTO t VALUES (?)', ['a needle in the log']));
    const file = await db.export();
    expect(new TextDecoder().decode(file.subarray(0, 15))).toBe('SQLite format 3');
    expect([...file.subarray(18, 20)]).toEqual([1, 1]);
    expect(new TextDecoder('latin1').decode(file)).toContain('a needle in the log');
  });

  it('works in memory alike', async () => {
    const db = host();
    await db.open(null);
    valueOf(await db.exec('CREATE TABLE t (v)'));
    valueOf(await db.transaction('full', [['INSERT INTO t VALUES (?)', [1]]]));
    expect(valueOf(await db.get('SELECT v FROM t', []))).toEqual({ v: 1 });
  });
});
