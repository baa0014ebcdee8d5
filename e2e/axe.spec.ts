/** axe finds nothing to complain about on any screen: wide and narrow, light and dark. */
import { COLOURS, examine, FLOATING } from './harness/examine.ts';
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

const SIZES = [
  { name: 'wide', viewport: { width: 1440, height: 900 } },
  { name: 'in two panes', viewport: { width: 800, height: 1000 } },
  { name: 'narrow', viewport: { width: 390, height: 844 } },
] as const;

for (const { name, viewport } of SIZES) {
  test(`every screen, ${name}, light and dark`, async ({ profile }) => {
    test.setTimeout(600_000);
    const { page } = await profile({ viewport, colorScheme: 'light' });
    const ink = () => page.evaluate(() => getComputedStyle(document.body).color);
    const look = async (screen: string, off?: readonly string[]) => {
      await examine(page, screen, off);
      // In two panes nothing has other colours than in wide.
      if (name === 'in two panes') return;
      const light = await ink();
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await ink()).not.toBe(light);
      await examine(page, `${screen}, dark`, off, COLOURS);
      await page.emulateMedia({ colorScheme: 'light' });
    };
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
