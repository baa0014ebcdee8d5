/** The book as it was: seen, compared with now, and taken back from there, without anything being lost. */
import type { Page } from 'playwright';
import { openHistory, openRecord, pane, PATIENCE, setText, startWith, visit } from './harness/app-steps.ts';
import { examine, FLOATING } from './harness/examine.ts';
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

const TITLE = 'Roof and gutters';
const OTHER = 'Lift, yearly';

// A person's morning is many steps, on a busy machine.
test.setTimeout(300_000);

const past = (page: Page) => page.getByRole('region', { name: 'The past' });
const cells = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title });
/** A field of the open record where it can only be read. */
const then = (page: Page, field: string) =>
  pane(page, TITLE)
    .locator('dl > div')
    .filter({ has: page.getByRole('term').filter({ hasText: new RegExp(`^${field}$`) }) })
    .getByRole('definition');

/** Two records are edited, one is deleted and one is made; ends at the address of the first one's history. */
async function liveOn(page: Page): Promise<void> {
  await startWith(page, 'Inspections');
  await openRecord(page, TITLE);
  await setText(page, TITLE, 'Inspector', 'Grace, at first');
  await setText(page, TITLE, 'Inspector', 'Grace, later');
  await openRecord(page, OTHER);
  await setText(page, OTHER, 'Inspector', 'Somebody else');
  await page.getByRole('searchbox', { name: 'Search records' }).fill('');
  await page.getByRole('link', { name: 'Playground surface' }).click();
  await page.getByRole('button', { name: 'Move to Trash' }).click();
  await page.getByLabel('New record').click();
  await page.getByRole('textbox', { name: 'Inspection', exact: true }).fill('Cellar');
  await page.getByRole('textbox', { name: 'Inspection', exact: true }).press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Cellar' })).toBeVisible();
  await page.getByRole('link', { name: TITLE }).click();
}

/** Goes to just after the first edit, from the history of the record that is open. */
async function goBack(page: Page): Promise<void> {
  const history = await openHistory(page, TITLE);
  await history
    .getByRole('link', { name: /^See the book at this moment/ })
    .nth(1)
    .click();
  await expect(past(page)).toContainText('The book as of');
  await expect(page).toHaveURL(/asOf=/);
}

test('the book as of a moment shows what was so, lets nothing be edited, and stays so over screens and a reload', async ({
  profile,
}) => {
  const { page } = await profile({ viewport: { width: 1440, height: 900 } });
  await liveOn(page);
  await goBack(page);
  await expect(then(page, 'Inspector')).toHaveText('Grace, at first');
  await expect(cells(page, TITLE)).toContainText('Grace, at first');
  await expect(cells(page, OTHER)).toContainText('M. Sato');
  await expect(cells(page, 'Playground surface')).toBeVisible();
  await expect(cells(page, 'Cellar')).toBeHidden();
  await expect(page).toHaveTitle(/as of/);

  // Nothing to edit with: no editor, no new record, no key.
  await expect(pane(page, TITLE).getByRole('textbox')).toHaveCount(0);
  for (const name of ['New record', 'Move to Trash', /^Undo/, 'More for this type']) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
  await page.getByRole('grid').locator('[data-spot="0:7"]').dblclick();
  for (const key of ['x', 'F2', 'Delete', 'Shift+Enter', 'n', 'Control+z']) await page.keyboard.press(key);
  await expect(page.getByRole('grid').getByRole('textbox')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { level: 1 }).click();
  for (const key of ['n', 'Control+z']) await page.keyboard.press(key);
  await expect(page).not.toHaveURL(/new/);

  // The same moment on every screen, also after a reload.
  await page.reload();
  await expect(cells(page, TITLE)).toContainText('Grace, at first', PATIENCE);
  await page.getByRole('link', { name: 'Trash' }).click();
  await expect(page.getByRole('heading', { name: 'The Trash was empty' })).toBeVisible();
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Search records' }).fill('grace');
  await expect(page.getByRole('list', { name: 'Records found' }).getByRole('link')).toContainText('Grace, at first');
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: /^Inspections/ })
    .click();
  await past(page).getByText('As this device knew it then').click();
  await expect(page).toHaveURL(/reading=known/);
  await expect(cells(page, TITLE)).toContainText('Grace, at first');

  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(past(page)).toBeHidden();
  await expect(cells(page, TITLE)).toContainText('Grace, later');
  await expect(cells(page, 'Cellar')).toBeVisible();
});

test('what changed since is listed, and a record or a selection is restored as it was, and back', async ({
  profile,
}) => {
  const { page } = await profile({ viewport: { width: 1440, height: 900 } });
  await liveOn(page);
  await goBack(page);

  await page.getByRole('link', { name: 'Compare with now' }).click();
  const changed = page.getByRole('list', { name: 'What changed since' }).getByRole('listitem');
  await expect(changed).toHaveCount(4);
  await expect(changed.filter({ hasText: TITLE })).toContainText('before: Grace, at firstafter: Grace, later');
  await expect(changed.filter({ hasText: 'Playground surface' })).toContainText('moved to the Trash since');
  await expect(changed.filter({ hasText: 'Cellar' })).toContainText('made since');
  await changed.getByRole('link', { name: TITLE }).click();

  await page.getByRole('button', { name: 'Restore this record' }).click();
  const dialog = page.getByRole('dialog', { name: 'Restore this record' });
  await expect(dialog.getByRole('listitem')).toHaveText([/before: Grace, laterafter: Grace, at first/]);
  await dialog.getByRole('button', { name: 'Restore this record' }).click();
  // The toast stands beside an earlier one that offers the same.
  await page.getByText('The record is now as it was then').locator('..').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText(/^Undone/)).toBeVisible();

  // A selection: one that was edited since, and one that was deleted since.
  await page.keyboard.press('Escape');
  for (const title of [OTHER, 'Playground surface'])
    await page.getByRole('checkbox', { name: `Select ${title}` }).click();
  await page.getByRole('button', { name: 'Restore 2 records' }).click();
  const several = page.getByRole('dialog', { name: 'Restore 2 records' });
  await expect(several.getByRole('listitem').filter({ hasText: OTHER })).toContainText('M. Sato');
  await expect(several.getByRole('listitem').filter({ hasText: 'Playground' })).toContainText(
    'comes back from the Trash',
  );
  await several.getByRole('button', { name: 'Restore 2 records' }).click();
  await expect(page.getByText('2 records are now as they were then')).toBeVisible();

  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(cells(page, TITLE)).toContainText('Grace, later');
  await expect(cells(page, OTHER)).toContainText('M. Sato');
  await expect(cells(page, 'Playground surface')).toBeVisible();
  await page.getByRole('button', { name: /^Undo: Restore earlier state/ }).click();
  await expect(cells(page, OTHER)).toContainText('Somebody else');
  await expect(cells(page, 'Playground surface')).toBeHidden();
});

test('a moment is chosen by date and time, from the table, by a key and on a phone', async ({ profile }) => {
  const { page } = await profile({ viewport: { width: 1440, height: 900 } });
  await startWith(page, 'Contacts');
  await page.getByRole('button', { name: 'More for this type' }).click();
  await page.getByRole('menuitem', { name: 'See the book as of…' }).click();
  await page.getByRole('button', { name: /^A week ago/ }).click();
  await expect(page.getByRole('heading', { name: 'This type was not there yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(page.getByRole('grid')).toBeVisible();

  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'See the book as of…' });
  await dialog.getByLabel('Another date and time').fill('2999-01-01T09:00');
  await dialog.getByRole('button', { name: 'See the book' }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Another date and time').fill('2020-02-03T09:00');
  await dialog.getByRole('button', { name: 'See the book' }).click();
  await expect(past(page)).toContainText('Monday, February 3, 2020');
  await page.goBack();

  await page.setViewportSize({ width: 390, height: 844 });
  await visit(page, '/more');
  await page.getByRole('button', { name: 'See the book as of…' }).click();
  await page.getByRole('button', { name: /^Yesterday/ }).click();
  await expect(page.getByRole('heading', { name: 'The book was empty' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

/** Goes where a link in the app would lead, without loading it anew. */
const follow = (page: Page, address: string) => page.evaluate((to) => history.pushState(null, '', to), address);

test('axe finds nothing on any screen of the past, wide and light, narrow and dark', async ({ profile }) => {
  const { page } = await profile({ viewport: { width: 1440, height: 900 } });
  await liveOn(page);
  await goBack(page);
  const { search, pathname } = new URL(page.url());
  const type = pathname.replace(/\/r\/.*/, '');
  const restore = page.getByRole('button', { name: 'Restore this record' });
  const screens: readonly (readonly [address: string, show: () => Promise<void>])[] = [
    [pathname, () => expect(restore).toBeVisible()],
    [
      pathname,
      async () => {
        await pane(page, TITLE).getByRole('tab', { name: 'History' }).click();
        await expect(page.getByText('The moment you are looking at')).toBeVisible();
      },
    ],
    [
      pathname,
      async () => {
        await restore.click();
        await expect(page.getByRole('dialog').getByText('Grace, later')).toBeVisible();
      },
    ],
    [type, () => expect(page.getByRole('link', { name: new RegExp(`^${TITLE}`) })).toBeVisible()],
    ['/compare', () => expect(page.getByText('made since')).toBeVisible()],
    ['/trash', () => expect(page.getByRole('heading', { name: 'The Trash was empty' })).toBeVisible()],
    [
      '/activity',
      async () => {
        await page.getByRole('button', { name: 'See the book as of…' }).click();
        await expect(page.getByLabel('Another date and time')).toBeVisible();
      },
    ],
  ];
  // What axe finds depends on the width or on the colours: two looks cover both.
  for (const [width, height, colorScheme] of [
    [1440, 900, 'light'],
    [390, 844, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    for (const [address, show] of screens) {
      await follow(page, `${address}${search}`);
      await show();
      await examine(page, `${address}, ${width} px and ${colorScheme}`, FLOATING);
      await page.keyboard.press('Escape');
    }
  }
});
