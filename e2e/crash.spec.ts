/** Whatever was acknowledged is there after the browser was killed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect, makeType, namesIn, openTab, startWriting, test } from './harness/client-fixtures.ts';

const KILLS = 20;

/** What SQLite says about a backup of the book. */
async function integrity(page: Page): Promise<unknown> {
  const base64 = await page.evaluate(async () => {
    const blob = new Blob([await book.backup()]);
    return new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve((reader.result as string).split(',')[1]!);
      reader.readAsDataURL(blob);
    });
  });
  const folder = await mkdtemp(join(tmpdir(), 'daybook-backup-'));
  try {
    const file = join(folder, 'book.db');
    await writeFile(file, Buffer.from(base64, 'base64'));
    const database = new DatabaseSync(file, { readOnly: true });
    const found = database.prepare('PRAGMA integrity_check').all();
    database.close();
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Twenty browsers are started one after another: 45 s on two quiet cores.
test(`killed ${KILLS} times while writing, the browser keeps every acknowledged edit`, async ({ device }) => {
  const acknowledged = new Set<string>();
  for (let kill = 0; kill <= KILLS; kill++) {
    if (kill > 0) await device.reopen();
    await device.context.exposeFunction('onAcknowledged', (name: string) => acknowledged.add(name));
    const leader = await openTab(device, 'A');
    if (kill === 0) await makeType(leader);
    const names = new Set(await namesIn(leader));
    expect([...acknowledged].filter((name) => !names.has(name)).length).toBe(0);
    if (kill % 5 === 0) expect(await integrity(leader)).toEqual([{ integrity_check: 'ok' }]);
    if (kill === KILLS) break;
    const follower = kill % 2 === 0 ? null : await openTab(device, 'B');
    const before = acknowledged.size;
    await startWriting(leader, `kill${kill}-a`);
    if (follower) await startWriting(follower, `kill${kill}-b`);
    // At another point of the writes each time, but always after the first.
    await expect.poll(() => acknowledged.size, { intervals: [5] }).toBeGreaterThan(before + kill);
    await device.crash();
  }
  expect(acknowledged.size).toBeGreaterThan(KILLS * 2);
});
