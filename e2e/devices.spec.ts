/** Devices come to a book by a one-time code and go again; nothing that is on them is lost by either. */
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { claimServer, chip, linkDevice, makeCode, PATIENCE, startWith, visit } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

test('the code travels behind the #: no request carries it, and it works once', async ({ profile }) => {
  const first = (await profile()).page;
  await startWith(first, 'Stock');
  await claimServer(first);
  const code = await makeCode(first);
  await expect(first.getByRole('img', { name: /^QR code/ })).toBeVisible();
  await expect(first.getByRole('timer')).toHaveText(/Works once, for another [12]:\d\d/);

  const second = await profile();
  const asked: string[] = [];
  second.context.on('request', (request) => asked.push(request.url()));
  await second.page.goto(`/join#${code}`);
  await expect(second.page.getByText('There is nothing on it yet')).toBeVisible();
  await second.page.getByLabel('Name of this device').fill('Tablet');
  await second.page.getByRole('button', { name: 'Link this device' }).click();
  await expect(second.page.getByRole('grid', { name: 'Stock' })).toBeVisible(PATIENCE);
  expect(new URL(second.page.url()).hash).toBe('');
  expect(asked.length).toBeGreaterThan(5);
  // Playwright shows addresses with their fragments; what is sent ends before the #.
  expect(asked.map((url) => url.split('#')[0]!).filter((url) => url.includes(code))).toEqual([]);

  const third = (await profile()).page;
  await third.goto(`/join#${code}`);
  await third.getByRole('button', { name: 'Link this device' }).click();
  await expect(third.getByText('This code is not valid, or not any more.', { exact: false })).toBeVisible();
  await expect(third.getByRole('textbox', { name: 'Code' })).toBeVisible();
});

test('somebody else is invited by a typed code, under a name of their own, and what they had is merged', async ({
  profile,
}) => {
  const owner = (await profile()).page;
  await startWith(owner, 'Stock');
  await claimServer(owner, 'Ada');
  const code = await makeCode(owner, true);

  const guest = (await profile()).page;
  await startWith(guest, 'Contacts');
  await guest.goto('/join');
  await expect(guest.getByText('What is here already (9 records) is kept and merged.')).toBeVisible();
  await guest.getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase());
  await guest.getByRole('button', { name: 'Link this device' }).click();
  await expect(guest.getByText('This code invites somebody new', { exact: false })).toBeVisible();
  await guest.getByLabel('Your name').fill('Grace');
  await guest.getByRole('button', { name: 'Link this device' }).click();
  await expect(chip(guest)).toHaveText('All changes synced', PATIENCE);
  const types = (page: typeof guest) => page.getByRole('navigation', { name: 'Main' });
  await expect(types(guest).getByRole('link', { name: /^Stock\W+7$/ })).toBeVisible(PATIENCE);
  await owner.keyboard.press('Escape');
  await expect(types(owner).getByRole('link', { name: /^People\W+6$/ })).toBeVisible(PATIENCE);
  await expect(owner.getByText(/^Grace · Last seen/)).toBeVisible();
});

test('a device is renamed and removed by another, and keeps what it has; one disconnects and keeps it too', async ({
  profile,
}) => {
  test.slow();
  const desk = (await profile()).page;
  await startWith(desk, 'Stock');
  await claimServer(desk);
  const phone = (await profile()).page;
  await linkDevice(desk, phone, 'Phone');
  const name = desk.getByRole('textbox', { name: 'Name of device Phone' });
  await name.fill('Old phone');
  await name.press('Enter');
  await expect(desk.getByRole('button', { name: 'Remove Old phone' })).toBeVisible();

  await desk.getByRole('button', { name: 'Remove Old phone' }).click();
  const question = desk.getByRole('alertdialog', { name: 'Remove Old phone?' });
  await question.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(desk.getByText('Removed: Old phone (Ada)')).toBeVisible();
  await visit(phone, '/settings');
  await expect(phone.getByText('The server does not know this device any more', { exact: false })).toBeVisible();
  await expect(
    phone.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Stock\W+7$/ }),
  ).toBeVisible();

  await desk.getByRole('button', { name: 'Disconnect…' }).click();
  await desk.getByRole('alertdialog').getByRole('button', { name: 'Disconnect', exact: true }).click();
  await expect(chip(desk)).toHaveText('Saved on this device only');
  await expect(desk.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Stock\W+7$/ })).toBeVisible();
});

test('a backup is a database that any program reads, named by the day', async ({ profile }, testInfo) => {
  const { page } = await profile();
  await startWith(page, 'Stock');
  await visit(page, '/settings');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download backup' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^daybook-\d{4}-\d\d-\d\d\.sqlite3$/);
  const path = testInfo.outputPath('backup.sqlite');
  await file.saveAs(path);
  expect((await readFile(path)).subarray(0, 15).toString()).toBe('SQLite format 3');
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const { integrity_check: integrity } = database.prepare('PRAGMA integrity_check').get()!;
    expect(integrity).toBe('ok');
    const found = database
      .prepare('SELECT count(*) AS n FROM attributes WHERE value = \'"Coach bolts M8 × 100"\'')
      .get()!;
    expect(found['n']).toBe(1);
  } finally {
    database.close();
  }
});

test('appearance is chosen on this device, and stays', async ({ profile }) => {
  const { page } = await profile({ colorScheme: 'light' });
  await visit(page, '/settings');
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('radio', { name: 'Compact' }).check();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Compact' })).toBeChecked();
  expect(await ground()).toBe(dark);
  await page.getByRole('radio', { name: 'As the system' }).check();
  await expect.poll(ground).not.toBe(dark);
});
