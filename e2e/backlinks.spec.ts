/** What links to a record is found from its other end. */
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

test('a record tells which records link to it, by keyboard too, and forgets those that no longer do', async ({
  profile,
}) => {
  const { page } = await profile();
  await page.goto('/');
  await page.getByRole('button', { name: /^Inspections/ }).click();
  await expect(page.getByRole('grid').locator('[data-title]')).toHaveCount(6);

  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: /^Sites/ })
    .click();
  await page.getByRole('link', { name: 'Elm Street school' }).click();
  const linked = page.getByRole('region', { name: 'Linked from' });
  const links = linked.getByRole('list', { name: 'Inspections · Site' }).getByRole('link');
  await expect(links.first()).toBeVisible();
  const title = (await links.first().textContent()) ?? '';
  const count = await links.count();

  await links.first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: title })).toBeFocused();
  await page.getByRole('button', { name: 'Move to Trash' }).click();
  await expect(page.getByText('Record moved to the Trash')).toBeVisible();
  await expect(page.getByRole('heading', { level: 2, name: title })).toBeHidden();
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 2, name: 'Elm Street school' })).toBeVisible();
  await expect(links).toHaveCount(count - 1);
});
