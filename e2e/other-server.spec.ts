/** An app may talk with the server that it came from, and with others only where its keeper says so: its policy names them. */
import type { Page } from 'playwright';
import { PATIENCE } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';
import { Profile } from './harness/profile.ts';
import { ServerProcess } from './harness/server.ts';

/** Asks the app for another server than its own, in Settings. */
async function lookFor(page: Page, address: string): Promise<void> {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Use another' }).click(PATIENCE);
  await page.getByLabel('Address of the server').fill(address);
  await page.getByRole('button', { name: 'Look for it' }).click();
}

test('another server is out of reach unless it is allowed, and the app says what to do about it', async ({
  profile,
  server,
}) => {
  // It would answer pages of the first one: what keeps them apart is the policy that the app came with.
  const other = await ServerProcess.start({ DAYBOOK_ORIGINS: server.url });
  try {
    const { page } = await profile();
    await lookFor(page, other.url);
    await expect(page.getByText(`or open ${other.url} in the browser`)).toBeVisible(PATIENCE);
    await expect(page.getByRole('button', { name: 'Use this server' })).toBeHidden();
  } finally {
    await other.dispose();
  }
});

test('a server that the keeper of the app lists is found, claimed and synced with', async () => {
  const sync = await ServerProcess.start();
  const home = await ServerProcess.start({ DAYBOOK_CONNECT: sync.url });
  try {
    await sync.restart({ DAYBOOK_ORIGINS: home.url });
    const profile = await Profile.open({ baseURL: home.url });
    try {
      const { page } = profile;
      await lookFor(page, sync.url);
      await page.getByLabel('Your name').fill('Ada', PATIENCE);
      await page.getByRole('button', { name: 'Use this server' }).click();
      await expect(page.getByRole('button', { name: 'Link a device' })).toBeVisible(PATIENCE);
      await expect(page.getByText('All changes synced').first()).toBeVisible(PATIENCE);
      expect(profile.problems).toEqual([]);
    } finally {
      await profile.dispose();
    }
  } finally {
    await home.dispose();
    await sync.dispose();
  }
});
