/** The devices of a book: how they are called, how one comes in, how one is shown out, and how an owner who lost all comes back. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright';
import { encode } from 'uqr';
import {
  box,
  chip,
  claimServer,
  linkDevice,
  makeCode,
  openHistory,
  openRecord,
  openType,
  pane,
  PATIENCE,
  setText,
  startWith,
  visit,
} from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';
import type { ServerProcess } from './harness/server.ts';

test.use({ keepsApp: false });

const TITLE = 'Amara Nwosu';
const WRONG_CODE = 'This code is not valid, or not any more. Ask for a new one and try again.';
const run = promisify(execFile);

const devices = (page: Page) => page.getByRole('list', { name: 'Devices' }).getByRole('listitem');

const refusal = (page: Page) => page.getByRole('alert').filter({ hasText: WRONG_CODE });

const typed = (page: Page) => page.getByLabel('Code', { exact: true });

/** A book with people in it, synced with the server; the page ends in Settings. */
async function firstDevice(page: Page): Promise<void> {
  await startWith(page, 'Contacts');
  await claimServer(page);
}

async function openPerson(page: Page): Promise<void> {
  await openType(page, 'People');
  await openRecord(page, TITLE);
}

/** What the keeper of the server types to bring its owner back. */
async function printSetupCode(server: ServerProcess): Promise<string> {
  const { stdout } = await run(process.execPath, ['src/server/main.ts', 'setup-code'], {
    cwd: resolve(import.meta.dirname, '..'),
    env: { ...process.env, DAYBOOK_DATA: server.dataFolder },
  });
  const code = /Setup code: (\S+)/.exec(stdout)?.[1];
  if (code === undefined) throw new Error(`no code in: ${stdout}`);
  return code;
}

test('a device that is renamed has its new name in the list, and in the history that the other device tells', async ({
  profile,
}) => {
  const [a, b] = [(await profile()).page, (await profile()).page];
  await firstDevice(a);
  await linkDevice(a, b, 'Phone');
  await expect(devices(a)).toHaveCount(2);

  const mine = devices(a).filter({ hasText: 'This device' }).getByRole('textbox');
  await mine.fill('Desk by the window');
  await mine.press('Enter');
  await expect(a.getByRole('textbox', { name: 'Name of device Desk by the window' })).toBeVisible();
  // The field of this device alone says the same.
  await expect(a.getByRole('textbox', { name: 'Name of this device' })).toHaveValue('Desk by the window');

  await openPerson(a);
  await setText(a, TITLE, 'Role', 'Treasurer');
  await openPerson(b);
  await expect(box(b, TITLE, 'Role')).toHaveValue('Treasurer', PATIENCE);
  const history = await openHistory(b, TITLE);
  await expect(history.getByRole('paragraph').filter({ hasText: 'Treasurer' })).toContainText('Desk by the window');

  await visit(b, '/settings');
  await expect(b.getByRole('textbox', { name: 'Name of device Desk by the window' })).toBeVisible();
});

test('somebody else who is let in has a name of their own in the history, and may change it but invite nobody', async ({
  profile,
}) => {
  const [a, b] = [(await profile()).page, (await profile()).page];
  await firstDevice(a);
  await linkDevice(a, b, 'Tablet', 'Grace');
  await expect(devices(a).filter({ hasText: 'Grace' })).toHaveCount(1);

  await openPerson(b);
  await setText(b, TITLE, 'Role', 'Auditor');
  await openPerson(a);
  await expect(box(a, TITLE, 'Role')).toHaveValue('Auditor', PATIENCE);
  const told = (await openHistory(a, TITLE)).getByRole('paragraph').filter({ hasText: 'Auditor' });
  await expect(told).toContainText(/^Grace changed Role /);
  await expect(told).toContainText('Tablet');

  await visit(b, '/settings');
  const name = b.getByRole('textbox', { name: 'Your name' });
  await expect(name).toHaveValue('Grace');
  await name.fill('Grace Okoro');
  await name.press('Enter');
  await expect(told).toContainText(/^Grace Okoro changed Role /, PATIENCE);

  await b.getByRole('button', { name: 'Link a device' }).click();
  await expect(b.getByLabel(/^Code: /)).toBeVisible();
  await expect(b.getByText('For somebody else')).toBeHidden();
});

test('a device that is removed says that its change is not sent, and keeps its records', async ({ profile }) => {
  const [a, b] = [(await profile()).page, (await profile()).page];
  await firstDevice(a);
  await linkDevice(a, b, 'Phone');
  await openPerson(b);
  await a.reload();
  await a.getByRole('button', { name: 'Remove Phone' }).click();
  await a.getByRole('alertdialog', { name: 'Remove Phone?' }).getByRole('button', { name: 'Remove' }).click();
  await expect(a.getByText('Removed: Phone (Ada)')).toBeVisible();
  await expect(devices(a)).toHaveCount(1);

  await setText(b, TITLE, 'Role', 'Written after the removal');
  // Never "All changes synced" from here on: the words are those of a change that waits.
  await expect(chip(b)).toHaveText(/^(Sending 1 change…|1 change not sent yet)/);
  await b.getByRole('button', { name: /Sync details$/ }).click();
  await expect(b.getByRole('dialog', { name: 'Sync details' })).toContainText(
    'This device is not linked to this server, or its access was revoked.',
  );
  await b.keyboard.press('Escape');

  await b.reload();
  await expect(box(b, TITLE, 'Role')).toHaveValue('Written after the removal');
  await expect(chip(b)).not.toHaveText('All changes synced');
  await openPerson(a);
  await expect(box(a, TITLE, 'Role')).not.toHaveValue('Written after the removal');
});

test('the square holds the very address that opens the join page with the code', async ({ profile, server }) => {
  const { page } = await profile();
  await firstDevice(page);
  const code = await makeCode(page);
  const square = page.getByRole('img', { name: /^QR code with the address and the code/ });
  for (const who of ['', 'person:']) {
    if (who !== '') await page.getByText('For somebody else').click();
    const typed = who === '' ? code : ((await page.getByLabel(/^Code: /).textContent()) ?? '');
    // A text makes one square and no other, so the squares are compared: nothing here reads them.
    const wanted = encode(`${server.url}/join#${who}${typed.trim()}`, { ecc: 'M', border: 3 }).data;
    const dark = wanted.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
    await expect(square.locator('path')).toHaveAttribute('d', dark.join(''));
  }
});

test('a code that was used, and one that never was, are turned down in a plain sentence', async ({ profile }) => {
  const [a, b, c] = [(await profile()).page, (await profile()).page, (await profile()).page];
  await firstDevice(a);
  const code = await makeCode(a);
  await b.goto(`/join#${encodeURIComponent(code)}`);
  await b.getByRole('button', { name: 'Link this device' }).click();
  await expect(chip(b)).toHaveText('All changes synced', PATIENCE);

  // One that is typed, and nobody ever made.
  await c.goto('/join');
  await typed(c).fill('AAAA-BBBB');
  await c.getByRole('button', { name: 'Link this device' }).click();
  await expect(refusal(c)).toBeVisible();
  await expect(typed(c)).toHaveValue('AAAA-BBBB');

  // The one that was used, with its link: after it another may be typed.
  await c.goto('/settings');
  await c.goto(`/join#${encodeURIComponent(code)}`);
  await expect(typed(c)).toBeHidden();
  await c.getByRole('button', { name: 'Link this device' }).click();
  await expect(refusal(c)).toBeVisible();
  await a.getByRole('button', { name: 'New code' }).click();
  await expect(a.getByLabel(/^Code: /)).not.toHaveText(code);
  await typed(c).fill((await a.getByLabel(/^Code: /).textContent()) ?? '');
  await c.getByRole('button', { name: 'Link this device' }).click();
  await expect(chip(c)).toHaveText('All changes synced', PATIENCE);
});

test('an owner who lost every device comes back with a setup code, to all records', async ({ profile, server }) => {
  const lost = await profile();
  const a = lost.page;
  await firstDevice(a);
  await openPerson(a);
  await setText(a, TITLE, 'Role', 'Kept by the server');
  await expect(chip(a)).toHaveText('All changes synced', PATIENCE);
  await lost.dispose();

  const code = await printSetupCode(server);
  const b = (await profile()).page;
  await visit(b, '/settings');
  await b.getByText('Setup code', { exact: true }).click();
  await b.getByLabel('Setup code').last().fill(code);
  await b.getByLabel('Your name').fill('Ada');
  await b.getByLabel('Name of this device').last().fill('New desk');
  await b.getByRole('button', { name: 'Come back as the owner' }).click();
  await expect(b.getByRole('button', { name: 'Link a device' })).toBeVisible();
  await expect(chip(b)).toHaveText('All changes synced', PATIENCE);
  await openPerson(b);
  await expect(box(b, TITLE, 'Role')).toHaveValue('Kept by the server');
  // Still the owner, and the same person: what the lost device wrote is "You".
  const history = await openHistory(b, TITLE);
  await expect(history.getByRole('paragraph').filter({ hasText: 'Kept by the server' })).toContainText(/^You /);
  await expect(pane(b, TITLE)).toBeVisible();
});
