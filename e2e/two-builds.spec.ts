/** Two builds of the app side by side: the older tab lets go, asks to be reloaded, and what was typed there is saved. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright';
import { PATIENCE, startWith } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';
import { Profile } from './harness/profile.ts';
import { ServerProcess } from './harness/server.ts';

const root = resolve(import.meta.dirname, '..');

let folder: string;
let app: string;
let server: ServerProcess;
let device: Profile;

// A second build is made first, which takes its time on a busy machine.
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybook-builds-'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--outDir', join(folder, 'next'), '--logLevel', 'error'],
    {
      cwd: root,
      env: { ...process.env, DAYBOOK_VERSION: '99.0.0' },
    },
  );
});

test.afterAll(() => rm(folder, { recursive: true, force: true }));

test.beforeEach(async () => {
  app = join(folder, 'app');
  await rm(app, { recursive: true, force: true });
  await cp(join(root, 'dist'), app, { recursive: true });
  server = await ServerProcess.start({ DAYBOOK_APP: app });
  // What the server has is what a tab gets: a service worker would hand out the older build for a while.
  device = await Profile.open({ baseURL: server.url, keepsApp: false });
});

test.afterEach(async () => {
  const { problems } = device;
  await device.dispose();
  await server.dispose();
  expect(problems).toEqual([]);
});

const itemNumber = (page: Page): Locator => page.getByRole('textbox', { name: 'Item number' });

async function openBolts(page: Page): Promise<void> {
  await page.getByRole('row').filter({ hasText: 'Coach bolts' }).getByRole('link').first().click();
  await expect(itemNumber(page)).toBeVisible();
}

/** Puts the next version in the place of this one. */
async function release(): Promise<void> {
  await rm(app, { recursive: true });
  await cp(join(folder, 'next'), app, { recursive: true });
}

test('the tab of the older build is told to reload, writes nothing, and loses nothing that was typed', async () => {
  const old = device.page;
  await startWith(old, 'Stock');
  await openBolts(old);
  await itemNumber(old).fill('typed before the update');

  await release();
  const fresh = await device.tab();
  await fresh.goto('/');
  // The newer build gets the data at once, whoever held it.
  await expect(fresh.getByRole('grid', { name: 'Stock' })).toBeVisible(PATIENCE);
  const told = old.getByRole('heading', { name: 'Daybook was updated in another tab' });
  await expect(told).toBeVisible(PATIENCE);
  await openBolts(fresh);
  await expect(itemNumber(fresh)).not.toHaveValue('typed before the update');

  await old.getByRole('button', { name: 'Reload' }).click();
  await expect(told).toBeHidden(PATIENCE);
  await expect(old.getByText('1 change from before the update is saved.')).toBeVisible(PATIENCE);
  await expect(itemNumber(old)).toHaveValue('typed before the update', PATIENCE);
  await expect(itemNumber(fresh)).toHaveValue('typed before the update', PATIENCE);
  await old.goto('/settings');
  await expect(old.getByText('Daybook 99.0.0', { exact: false })).toBeVisible();
});
