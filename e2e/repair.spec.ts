/** A damaged database is replaced: nothing that could be read is lost, the person is told, and the damaged file is kept. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import {
  box,
  chip,
  claimServer,
  linkDevice,
  openRecord,
  openType,
  pane,
  PATIENCE,
  setText,
  startWith,
  visit,
} from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

const RECORD = 'Roof and gutters';
const PAGE_BYTES = 8_192;
/** Where a file of the pool begins, behind its name. */
const CONTENTS_AT = 4_096;

/**
 * Lets the app go to sleep as for the back/forward cache, so that its worker lets go of the files, and overwrites a page of
 * the database.
 */
async function damage(page: Page, number: number): Promise<void> {
  await page.evaluate(
    async ([at, length]) => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      const root = await navigator.storage.getDirectory();
      const files = await (await root.getDirectoryHandle('daybook')).getDirectoryHandle('.opaque');
      // As long as the worker has a file, writing to it fails, and reading it as well if it changes meanwhile.
      const change = async (): Promise<boolean> => {
        for await (const entry of files.values()) {
          if (!(entry instanceof FileSystemFileHandle)) continue;
          const head = await (await entry.getFile()).slice(0, 512).text();
          if (head.slice(0, head.indexOf('\0')) !== '/book.db') continue;
          const out = await entry.createWritable({ keepExistingData: true });
          await out.write({ type: 'write', position: at!, data: new Uint8Array(length!).fill(0xa5) });
          await out.close();
          return true;
        }
        return false;
      };
      let reason: unknown = 'there is no database';
      for (let tries = 0; tries < 200; tries++) {
        try {
          if (await change()) return;
        } catch (error) {
          reason = error;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(String(reason));
    },
    [CONTENTS_AT + (number - 1) * PAGE_BYTES, PAGE_BYTES],
  );
}

const banner = (page: Page) => page.getByRole('alert').filter({ hasText: 'The database on this device was damaged.' });

// Two browsers, a server that stops and starts, and a repair: 40 s on two quiet cores.
test('[SYNC-2] what was typed offline survives a damaged database and arrives; the rest is there; the damaged file can be kept', async ({
  profile,
  server,
}) => {
  const one = await profile();
  await startWith(one.page, 'Inspections');
  await claimServer(one.page);
  const two = await profile();
  await two.page.goto('/');
  await linkDevice(one.page, two.page, 'Phone');
  await server.stop();
  await openType(one.page, 'Inspections');
  await openRecord(one.page, RECORD);
  await setText(one.page, RECORD, 'Inspector', 'Ada, offline');
  await expect(chip(one.page)).toHaveText(/1 change/, PATIENCE);

  // Nothing notices until the values are read.
  await damage(one.page, 5);
  await server.restart();
  await one.page.goto('/');
  await expect(banner(one.page)).toContainText(
    'was damaged. 1 of your changes that had not been sent was rescued; everything else comes back from the server.',
    PATIENCE,
  );
  await expect(chip(one.page)).toHaveText('All changes synced', PATIENCE);
  await openType(one.page, 'Inspections');
  await openRecord(one.page, RECORD);
  await expect(box(one.page, RECORD, 'Inspector')).toHaveValue('Ada, offline');

  await two.page.goto('/');
  await openType(two.page, 'Inspections');
  await openRecord(two.page, RECORD);
  await expect(box(two.page, RECORD, 'Inspector')).toHaveValue('Ada, offline', PATIENCE);

  await banner(one.page).getByRole('button', { name: 'Dismiss' }).click();
  await one.page.goto('/settings');
  await expect(banner(one.page)).toBeHidden();
  const download = one.page.waitForEvent('download');
  await one.page.getByRole('button', { name: /^Download the damaged database/ }).click();
  const bytes = await readFile(await (await download).path());
  expect(bytes.subarray(0, 15).toString()).toBe('SQLite format 3');
  expect(bytes.subarray(4 * PAGE_BYTES, 5 * PAGE_BYTES).every((byte) => byte === 0xa5)).toBe(true);
  await one.page.getByRole('button', { name: /^Delete the damaged database/ }).click();
  await one.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(one.page.getByRole('button', { name: /^Delete the damaged database/ })).toBeHidden();
});

test('a damaged database of a book that is nowhere else is read page by page, and the new one is healthy', async ({
  profile,
}) => {
  const { page } = await profile();
  await startWith(page, 'Inspections');
  await openRecord(page, RECORD);
  await setText(page, RECORD, 'Inspector', 'Only here');
  await damage(page, 1);
  await page.goto('/');
  await expect(banner(page)).toContainText('changes were rescued', PATIENCE);
  await openType(page, 'Inspections');
  await openRecord(page, RECORD);
  await expect(box(page, RECORD, 'Inspector')).toHaveValue('Only here');
  await setText(page, RECORD, 'Inspector', 'And it goes on');
  await expect(pane(page, RECORD)).toBeVisible();

  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText('Everything is in order.')).toBeVisible(PATIENCE);
});
