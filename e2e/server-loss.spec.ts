/** A server that loses its data: the person reads the truth at every step, and a second device has everything at the end. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright';
import {
  box,
  chip,
  claimServer,
  linkDevice,
  openRecord,
  openType,
  PATIENCE,
  setText,
  startWith,
  visit,
} from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';
import type { ServerProcess } from './harness/server.ts';

const RECORD = 'Coach bolts M8 × 100';

const NUMBER = 'Item number';

/** Both sides are compared, and the device says how many bundles they are: those that lie in the server's database. */
async function expectVerified(page: Page, { dataFolder }: ServerProcess): Promise<void> {
  const database = new DatabaseSync(join(dataFolder, 'daybook.sqlite'), { readOnly: true });
  const { n } = database.prepare('SELECT count(*) AS n FROM messages').get()!;
  database.close();
  await verify(page, `Verified just now: this device and the server hold the same ${Number(n)} bundle`);
}

async function verify(page: Page, says: string): Promise<void> {
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Verify with server' }).click();
  await expect(page.getByText(says, { exact: false })).toBeVisible(PATIENCE);
}

async function writeNumber(page: Page, value: string): Promise<void> {
  await page.goto('/');
  await openType(page, 'Stock');
  await openRecord(page, RECORD);
  await setText(page, RECORD, NUMBER, value);
}

test('put back to an old copy, and then deleted, the server is told everything again', async ({
  server,
  profile,
}, info) => {
  test.slow();
  const { page } = await profile();
  await startWith(page, 'Stock');
  await claimServer(page);
  await expectVerified(page, server);

  const copy = info.outputPath('old-copy');
  await server.stop();
  await cp(server.dataFolder, copy, { recursive: true });
  await verify(page, 'Not verified just now: ');
  await server.restart();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  await writeNumber(page, 'Behind the copy');
  await expect(chip(page)).toHaveText('All changes synced', PATIENCE);

  await server.kill();
  await rm(server.dataFolder, { recursive: true });
  await cp(copy, server.dataFolder, { recursive: true });
  await server.restart();
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  await expectVerified(page, server);

  await server.kill();
  await rm(server.dataFolder, { recursive: true });
  await server.restart();
  await page.getByRole('button', { name: 'Sync now' }).click();
  const stranger = page.getByText('Everything stays on this device. To sync again, disconnect and link it anew', {
    exact: false,
  });
  await expect(stranger).toBeVisible(PATIENCE);
  await expect(chip(page)).not.toHaveText('All changes synced');
  await writeNumber(page, 'While nobody knew it');
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Disconnect…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect', exact: true }).click();
  await claimServer(page);

  const second = (await profile()).page;
  await linkDevice(page, second, 'Tablet');
  await second.goto('/');
  await openType(second, 'Stock');
  await openRecord(second, RECORD);
  await expect(box(second, RECORD, NUMBER)).toHaveValue('While nobody knew it');
  await expectVerified(second, server);
});
