/** What the server refuses and what nobody can read stops nothing, is listed, and is dealt with by the person. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { bundleOf } from '../src/testing/daybook-server.ts';
import { StrictProxy } from '../src/testing/strict-proxy.ts';
import {
  chip,
  claimServer,
  makeCode,
  openRecord,
  openType,
  PATIENCE,
  setText,
  startWith,
} from './harness/app-steps.ts';
import { examine, FLOATING } from './harness/examine.ts';
import { expect, test } from './harness/fixtures.ts';
import { StrangeDevice } from './harness/strange-device.ts';

async function exported(page: Page, name: string): Promise<{ things: readonly { [part: string]: unknown }[] }> {
  const download = page.waitForEvent('download');
  await page.getByRole('group', { name }).getByRole('button', { name: 'Export' }).click();
  return JSON.parse(await readFile(await (await download).path(), 'utf8')) as ReturnType<
    typeof exported
  > extends Promise<infer T>
    ? T
    : never;
}

test('a refused bundle and an unreadable one stop nothing, are listed, and are tried again, taken away and discarded', async ({
  profile,
  server,
}) => {
  const proxy = await StrictProxy.start(Number(new URL(server.url).port));
  try {
    const { page } = await profile({ baseURL: proxy.url, reducedMotion: 'reduce' });
    // A file dialog of the system cannot be worked from here: files come as downloads.
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
    await startWith(page, 'Contacts');
    await claimServer(page);
    const code = await makeCode(page);
    await page.keyboard.press('Escape');
    const wild = await StrangeDevice.join(server.url, code);

    const title = 'Amara Nwosu';
    await openType(page, 'People');
    await openRecord(page, title);
    proxy.maxBytes = 4_000;
    await setText(page, title, 'Role', randomBytes(4_000).toString('base64'));
    await expect(chip(page)).toHaveText('1 change needs attention', PATIENCE);
    await setText(page, title, 'Next step', 'goes out all the same');
    await wild.append([bundleOf(wild.membership), { ...bundleOf(wild.membership), version: 99 }]);
    await expect(chip(page)).toHaveText('3 changes need attention', PATIENCE);
    await expect(page.getByText('refused by the server', { exact: false })).toBeVisible();

    // By keyboard from the chip to the list.
    await page.getByRole('button', { name: /Sync details$/ }).focus();
    await page.keyboard.press('Enter');
    const details = page.getByRole('dialog', { name: 'Sync details' });
    await expect(details).toContainText('Nothing');
    await details.getByRole('link', { name: /need attention/ }).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/attention$/);
    const section = (name: string) => page.getByRole('region', { name: new RegExp(`^${name}`) });
    await expect(section('Refused by the server')).toContainText(`${title}: Role`);
    await expect(section('Refused by the server')).toContainText(/made .*refused/i);
    await expect(section('Cannot be read')).toContainText(/from you on another device/i);
    await expect(section('From a newer version')).toContainText('version: 99');
    await examine(page, 'needs attention');

    const file = await exported(page, '1 change');
    expect(file).toMatchObject({
      format: 'daybook-attention',
      things: [{ kind: 'refused', events: [{}], message: { version: 1 } }],
    });

    // Discarding asks first; Escape keeps it.
    const discard = section('Cannot be read').getByRole('button', { name: 'Discard…' });
    await discard.press('Enter');
    const dialog = page.getByRole('alertdialog', { name: 'Discard this?' });
    await expect(dialog).toContainText('This device will not try to read them again');
    await examine(page, 'discard', FLOATING);
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await discard.press('Enter');
    await dialog.getByRole('button', { name: 'Discard' }).press('Enter');
    await expect(section('Discarded')).toContainText('that cannot be read');
    // What had the focus is gone: it is at what stands in its place, and not at the beginning of the page.
    await expect(section('From a newer version')).toBeFocused();
    await expect(section('Cannot be read')).toBeHidden();
    await expect(chip(page)).toHaveText('2 changes need attention', PATIENCE);
    // Tried again in vain it is back; once the cause is gone it goes through. What was discarded stays so over a reload.
    await section('Refused by the server').getByRole('button', { name: 'Try again' }).press('Enter');
    await expect.poll(() => proxy.refused, PATIENCE).toBe(2);
    await expect(section('Refused by the server')).toBeVisible(PATIENCE);
    proxy.maxBytes = Infinity;
    await section('Refused by the server').getByRole('button', { name: 'Try again' }).press('Enter');
    await expect(section('Refused by the server')).toBeHidden(PATIENCE);
    await expect(chip(page)).toHaveText('1 change needs attention', PATIENCE);
    await page.reload();
    await expect(section('Discarded')).toContainText('that cannot be read');
    await section('From a newer version').getByRole('button', { name: 'Discard…' }).press('Enter');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).press('Enter');
    await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
    const discarded = section('Discarded').getByRole('listitem');
    await expect(discarded).toHaveCount(2);
    // The last of its kind is gone and the list of kinds with it.
    await expect(section('Discarded')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(discarded.first().getByRole('button', { name: 'Bring back' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(discarded).toHaveCount(1);
    await expect(chip(page)).toHaveText('1 change needs attention', PATIENCE);
  } finally {
    proxy.stop();
  }
});
