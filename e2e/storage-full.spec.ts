/** The device has no room left: the person is told what is not saved, keeps it, and saves it when there is room again. */
import type { Page } from 'playwright';
import { chip, PATIENCE, startWith } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

/** Lets the page's origin store so many bytes; null: as many as the browser gives. */
async function allow(page: Page, bytes: number | null): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...(bytes !== null && { quotaSize: bytes }) });
  await session.detach();
}

test.setTimeout(180_000);

test('a change that does not fit is kept in its field, named by the chip, and saved when there is room', async ({
  profile,
}) => {
  const { page } = await profile();
  await startWith(page, 'Stock');
  await page.getByRole('row').filter({ hasText: 'Coach bolts' }).getByRole('link').first().click();
  const notes = page.getByRole('textbox', { name: 'Item number' });
  await expect(notes).toBeVisible(PATIENCE);
  const before = await notes.inputValue();

  await allow(page, 1);
  await notes.fill('typed with no room');
  await notes.press('Tab');
  await expect(chip(page)).toHaveText('Not saved: storage is full', PATIENCE);
  await expect(notes).toHaveValue('typed with no room');
  const again = page.getByRole('button', { name: 'Try again' });
  await expect(again).toBeVisible(PATIENCE);
  // Still no room: it says so again, and loses nothing.
  await again.click();
  await expect(again).toBeVisible();
  await expect(notes).toHaveValue('typed with no room');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.getByRole('textbox', { name: 'Item number' })).toHaveValue(before, PATIENCE);
  await expect(chip(other)).toHaveText('Not saved: storage is full', PATIENCE);

  await allow(page, null);
  await again.click();
  await expect(chip(page)).not.toHaveText(/Not saved/);
  await expect(other.getByRole('textbox', { name: 'Item number' })).toHaveValue('typed with no room', PATIENCE);
  await page.reload();
  await expect(notes).toHaveValue('typed with no room');
});
