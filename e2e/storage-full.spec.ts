/** The device has no room left: the person is told what is not saved, keeps it, and saves it when there is room again. */
import type { Page } from 'playwright';
import { chip, PATIENCE, startWith } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

/** What sets how many bytes the page's origin may store, or (null) leaves that to the browser; in force while the page is open. */
async function quotaOf(page: Page): Promise<(bytes: number | null) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  return async (bytes) => {
    await session.send('Storage.overrideQuotaForOrigin', { origin, ...(bytes !== null && { quotaSize: bytes }) });
  };
}

test('a change that does not fit is kept in its field, named by the chip, and saved when there is room', async ({
  profile,
}) => {
  const { page } = await profile();
  await startWith(page, 'Stock');
  await page.getByRole('row').filter({ hasText: 'Coach bolts' }).getByRole('link').first().click();
  const notes = page.getByRole('textbox', { name: 'Notes' });
  await expect(notes).toBeVisible(PATIENCE);

  const allow = await quotaOf(page);
  await allow(1);
  const full = chip(page).filter({ hasText: 'Not saved: storage is full' });
  const saved = page.getByRole('status').filter({ hasText: /^Saved$/ });
  // The browser may have set some megabytes aside for the file: they are used up first.
  const texts = [await notes.inputValue()];
  do {
    texts.push(`${texts.length} ${'Some words of a long note. '.repeat(3_500)}`.trim());
    await notes.fill(texts.at(-1) ?? '');
    await notes.press('Tab');
    await expect(full.or(saved).first()).toBeVisible(PATIENCE);
  } while (!(await full.isVisible()) && texts.length < 60);
  const [before = '', typed = ''] = texts.slice(-2);
  await expect(full).toBeVisible();
  await expect(notes).toHaveValue(typed);
  const again = page.getByRole('button', { name: 'Try again' });
  await expect(again).toBeVisible(PATIENCE);
  // Still no room: it says so again, and loses nothing.
  await again.click();
  await expect(again).toBeVisible(PATIENCE);
  await expect(notes).toHaveValue(typed);
  const other = await page.context().newPage();
  await other.goto(page.url());
  const there = other.getByRole('textbox', { name: 'Notes' });
  await expect(there).toHaveValue(before, PATIENCE);

  // Left as it was, nothing is unsaved any more, though there is no room still; and the next try fails as the first one did.
  await page.getByRole('button', { name: 'Leave it' }).click();
  await expect(notes).toHaveValue(before);
  await expect(full).toBeHidden(PATIENCE);
  await expect(chip(page)).toHaveText('Saved on this device only');
  await notes.fill(typed);
  await notes.press('Tab');
  await expect(full).toBeVisible(PATIENCE);

  await allow(null);
  await again.click();
  await expect(full).toBeHidden(PATIENCE);
  await expect(there).toHaveValue(typed, PATIENCE);
  await page.reload();
  await expect(notes).toHaveValue(typed, PATIENCE);
});
