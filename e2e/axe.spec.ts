/** axe finds nothing to complain about on any screen: wide and narrow, light and dark. */
import { COLOURS, examine, FLOATING } from './harness/examine.ts';
import { expect, test } from './harness/fixtures.ts';

const SIZES = [
  { name: 'wide', viewport: { width: 1440, height: 900 } },
  { name: 'in two panes', viewport: { width: 800, height: 1000 } },
  { name: 'narrow', viewport: { width: 390, height: 844 } },
] as const;

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, viewport } of colorScheme === 'light'
    ? SIZES
    : SIZES.filter((size) => size.name !== 'in two panes')) {
    test(`every screen, ${name} and ${colorScheme}`, async ({ profile }) => {
      test.setTimeout(600_000);
      const { page } = await profile({ viewport, colorScheme });
      const look = (screen: string, off?: readonly string[]) =>
        examine(page, screen, off, colorScheme === 'dark' ? COLOURS : undefined);
      await page.goto('/');
      await expect(page.getByRole('heading', { name: 'What do you want to keep track of?' })).toBeVisible();
      await look('first run');
      await page.getByRole('button', { name: /^Inspections/ }).click();
      await expect(page.getByText('Roof and gutters')).toBeVisible();
      await look('records');
      await page.getByRole('button', { name: 'Filter' }).click();
      await expect(
        page.getByRole('dialog', { name: 'Add a filter' }).getByRole('button', { name: 'Add filter' }),
      ).toBeVisible();
      await look('filter', FLOATING);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /Sync details$/ }).click();
      await expect(page.getByRole('dialog', { name: 'Sync details' })).toBeVisible();
      await look('sync details', FLOATING);
      await page.keyboard.press('Escape');

      const type = new URL(page.url()).pathname;
      await page.getByRole('link', { name: /Roof and gutters/ }).click();
      await expect(page.getByRole('tab', { name: 'History' })).toBeVisible();
      await look('record');
      await page.getByRole('tab', { name: 'History' }).click();
      await expect(page.getByText(/^You made this record/)).toBeVisible();
      await look('history');
      await page.getByRole('button', { name: 'Move to Trash' }).click();
      await expect(page.getByText('Record moved to the Trash')).toBeVisible();
      await look('toast');

      // The rest has one pane at most, and is in two panes what it is in wide.
      if (name === 'in two panes') return;
      for (const [path, shown] of [
        [`${type}/fields`, 'Fields of Inspections'],
        [`${type}/r/new`, 'New record'],
        ['/new-type', 'New type'],
        ['/import', 'Import'],
        ['/settings', 'Settings'],
        ['/activity', 'Activity'],
        ['/review', 'Needs review'],
        ['/attention', 'Needs attention'],
        ['/trash', 'Trash'],
        ['/search?q=elm', 'Search'],
        ['/join', 'Join'],
        ['/more', 'More'],
        ['/nowhere', 'Not found'],
      ] as const) {
        // Within the app, as a link would: a page load for each takes most of the time.
        await page.evaluate((to) => history.pushState(null, '', to), path);
        await expect(page.getByRole('heading', { name: shown, exact: true })).toBeVisible();
        await look(path);
      }
    });
  }
}
