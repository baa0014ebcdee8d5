/** Records in the table and in their pane: made, edited, found, taken back, by keyboard and on a phone. */
import type { Page } from 'playwright';
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

const cell = (page: Page, row: number, column: string) =>
  page
    .getByRole('grid')
    .locator(`[aria-rowindex="${row + 1}"]`)
    .locator(`[data-spot$=":${COLUMNS.indexOf(column)}"]`);
const COLUMNS = [
  '',
  'Inspection',
  'Site',
  'Status',
  'Date',
  'Severity',
  'Put right by',
  'Inspector',
  'Findings',
  'Signed off',
];
const titles = (page: Page) => page.getByRole('grid').locator('[data-title]');

async function start(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: /^Inspections/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Inspections' })).toBeVisible();
}

async function open(page: Page): Promise<void> {
  await start(page);
  await expect(titles(page)).toHaveCount(6);
}

/** Presses Tab until the focus is in the grid. */
async function tabToGrid(page: Page): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.matches('[role=gridcell]'))) return;
  }
  throw new Error('Tab never reaches the grid');
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

test('a record is made, edited and found again after a reload, by keyboard alone', async ({ profile }) => {
  const { page } = await profile();
  await open(page);
  await press(page, 'n');
  await expect(page.getByRole('textbox', { name: 'Inspection', exact: true })).toBeFocused();
  await page.keyboard.type('Boiler room');
  await press(page, 'Tab');
  await expect(titles(page)).toHaveCount(7);
  await expect(page).toHaveTitle('Boiler room · Inspections · Daybook');
  await expect(page.getByRole('combobox', { name: 'Site' })).toBeFocused();

  await press(page, 'Escape');
  await expect(page.getByRole('tab', { name: 'Fields' })).toBeHidden();
  await expect(cell(page, 7, 'Inspection')).toBeFocused();
  await press(page, 'End', 'ArrowLeft', 'ArrowLeft');
  await page.keyboard.type('Grace');
  await press(page, 'Tab');
  // Tab saves and goes on along the row.
  await expect(page.getByRole('textbox', { name: 'Findings' })).toBeFocused();
  await page.keyboard.type('All dry');
  await press(page, 'Enter', 'ArrowRight', 'Space', 'Home', 'ArrowRight', 'ArrowRight');
  await expect(cell(page, 7, 'Site')).toBeFocused();
  await press(page, 'Enter');
  await page.keyboard.type('elm');
  await expect(page.getByRole('option')).toHaveText(['Elm Street school']);
  await press(page, 'ArrowDown', 'Enter');
  await expect(cell(page, 7, 'Site')).toBeFocused();
  await press(page, 'ArrowRight', 'Enter');
  await expect(page.getByRole('option', { name: 'Planned' })).toBeFocused();
  await press(page, 'ArrowDown', 'Enter');
  await expect(cell(page, 7, 'Status')).toHaveText('In progress');

  await page.reload();
  await expect(cell(page, 7, 'Inspection')).toHaveText('Boiler room');
  await expect(cell(page, 7, 'Site')).toHaveText('Elm Street school');
  await expect(cell(page, 7, 'Status')).toHaveText('In progress');
  await expect(cell(page, 7, 'Inspector')).toHaveText('Grace');
  await expect(cell(page, 7, 'Findings')).toHaveText('All dry');
  await expect(cell(page, 7, 'Signed off').getByLabel('Yes')).toBeVisible();
});

test('the table is one tab stop, and arrows move through the whole set', async ({ profile }) => {
  const { page } = await profile();
  await open(page);
  const grid = page.getByRole('grid', { name: 'Inspections' });
  await expect(grid).toHaveAttribute('aria-rowcount', '7');
  await expect(grid).toHaveAttribute('aria-colcount', '10');
  await expect(grid.locator('[tabindex="0"]')).toHaveCount(1);
  await tabToGrid(page);
  await expect(cell(page, 1, 'Inspection')).toBeFocused();
  await press(page, 'Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('[role=grid]') === null)).toBe(true);
  await press(page, 'Shift+Tab', 'Control+End');
  await expect(cell(page, 6, 'Signed off')).toBeFocused();
  await expect(grid.locator('[tabindex="0"]')).toHaveCount(1);
  await press(page, 'Control+Home', 'ArrowUp', 'ArrowRight');
  await expect(page.getByRole('columnheader', { name: 'Inspection' })).toBeFocused();
  await press(page, 'Enter');
  await expect(page.getByRole('columnheader', { name: 'Inspection' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(titles(page).first()).toContainText('Emergency lighting');
  await press(page, 'Enter');
  await expect(titles(page).first()).toContainText('Sprinkler valves');
  await press(page, 'ArrowDown', 'Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Sprinkler valves, quarterly' })).toBeFocused();
  await press(page, 'j');
  await expect(page.getByRole('heading', { level: 2, name: 'Roof and gutters' })).toBeFocused();
  await press(page, 'k', 'Escape');
  await expect(cell(page, 1, 'Inspection')).toBeFocused();
});

test('history tells each change in a sentence, and writes an earlier value as a new one', async ({ profile }) => {
  const { page } = await profile();
  await open(page);
  await page.getByRole('link', { name: 'Lift, yearly' }).click();
  const inspector = page.getByRole('textbox', { name: 'Inspector' });
  for (const name of ['Ada', 'Grace']) {
    await inspector.fill(name);
    await inspector.press('Enter');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    await expect(page.getByText('Saved', { exact: true })).toBeHidden();
  }
  await page.getByRole('tab', { name: 'History' }).click();
  const history = page.getByRole('tabpanel', { name: 'History' });
  await expect(history.getByText(/^You changed Inspector from Ada to Grace/)).toBeVisible();
  await expect(history.getByText(/^You changed Inspector from M. Sato to Ada/)).toBeVisible();
  await expect(history.getByText(/^You made this record/)).toBeVisible();
  await expect(history.locator('del', { hasText: 'M. Sato' })).toBeVisible();

  await history.getByRole('button', { name: 'Restore this value: Inspector M. Sato' }).click();
  await expect(history.getByText(/^You changed Inspector from Grace to M. Sato/)).toBeVisible();
  await page.getByRole('tab', { name: 'Fields' }).click();
  await expect(inspector).toHaveValue('M. Sato');
});

test('what does not fit is not saved, stays where it was typed, and says why', async ({ profile }) => {
  const { page } = await profile();
  await page.goto('/');
  await page.getByRole('button', { name: /^Stock/ }).click();
  const row = page.getByRole('grid').locator('[aria-rowindex="2"]');
  const number = row.locator('[data-number]').first();
  await expect(number).not.toBeEmpty();
  const before = (await number.textContent()) ?? '';
  await number.click();
  await page.keyboard.type('a dozen');
  await press(page, 'Enter');
  await expect(page.getByText('“a dozen” is not a number')).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(number).toContainText('a dozen');
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await number.click();
  await press(page, 'Escape');
  await expect(number).toHaveText(before);
  await expect(number).not.toHaveAttribute('aria-invalid');
});

test('records are moved to the Trash and come back: by Undo at once, by Undo later, from the Trash', async ({
  profile,
}) => {
  const { page } = await profile();
  await open(page);
  await tabToGrid(page);
  await press(page, 'Space', 'Shift+ArrowDown', 'Shift+ArrowDown');
  await expect(page.getByText('3 records selected')).toBeVisible();
  await press(page, 'Delete');
  await expect(titles(page)).toHaveCount(3);
  await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click();
  await expect(titles(page)).toHaveCount(6);

  await page.getByRole('link', { name: 'Playground surface' }).click();
  await page.getByRole('button', { name: 'Move to Trash' }).click();
  await expect(titles(page)).toHaveCount(5);
  await page.getByRole('heading', { level: 1 }).click();
  await press(page, 'Control+z');
  await expect(titles(page)).toHaveCount(6);
  await press(page, 'Control+Shift+z');
  await expect(titles(page)).toHaveCount(5);

  await page.getByRole('link', { name: 'Trash', exact: true }).click();
  await expect(page.getByText('Playground surface')).toBeVisible();
  await page.getByRole('button', { name: 'Restore Playground surface' }).click();
  await expect(page.getByRole('heading', { name: 'The Trash is empty' })).toBeVisible();
  await page.getByRole('link', { name: /^Inspections/ }).click();
  await expect(titles(page)).toHaveCount(6);
});

test('search, sort and filter are in the address, so that a reload and a link show the same', async ({ profile }) => {
  const { page } = await profile();
  await open(page);
  await press(page, '/');
  await expect(page.getByRole('searchbox', { name: 'Search records' })).toBeFocused();
  await page.keyboard.type('o');
  await page.getByRole('columnheader', { name: 'Date' }).click();
  await page.getByRole('button', { name: 'Filter' }).click();
  const form = page.getByRole('dialog', { name: 'Add a filter' });
  await form.getByRole('button', { name: /Field$/ }).click();
  await page.getByRole('option', { name: 'Status' }).click();
  await form.getByRole('button', { name: /Value$/ }).click();
  await page.getByRole('option', { name: 'Failed' }).click();
  await form.getByRole('button', { name: 'Add filter' }).click();
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Status is Failed');
  const found = ['Playground surface', 'Fire doors, ground floor'];
  await expect(titles(page)).toContainText(found);

  await page.reload();
  await expect(titles(page)).toContainText(found);
  await expect(page.getByRole('searchbox', { name: 'Search records' })).toHaveValue('o');
  await expect(page.getByRole('columnheader', { name: 'Date' })).toHaveAttribute('aria-sort', 'ascending');
  await page.getByRole('button', { name: 'Remove filter Status is Failed' }).click();
  await page.getByRole('button', { name: 'Clear search' }).click();
  await expect(titles(page)).toHaveCount(6);
});

test('every type is searched at once, and a found record opens', async ({ profile }) => {
  const { page } = await profile();
  await open(page);
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('searchbox', { name: 'Search records' })).toBeFocused();
  await page.keyboard.type('harbour');
  const found = page.getByRole('list', { name: 'Records found' });
  await expect(found.getByRole('link', { name: /Harbour warehouse 3/ })).toBeVisible();
  await press(page, 'ArrowDown', 'Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Harbour warehouse 3' })).toBeVisible();
});

test('on a phone: cards, a bar below, a record on the whole screen, nothing wider than the screen', async ({
  profile,
}) => {
  const { page } = await profile({ viewport: { width: 360, height: 740 }, hasTouch: true });
  await start(page);
  await page
    .getByRole('listitem')
    .getByRole('link', { name: /Roof and gutters/ })
    .click();
  await expect(page.getByRole('heading', { level: 2, name: 'Roof and gutters' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Inspections' })).toBeHidden();
  await page.getByRole('button', { name: 'Inspections', exact: true }).click();
  await expect(page.getByRole('list', { name: 'Inspections' })).toBeVisible();
  await page.getByRole('button', { name: 'New record' }).click();
  await page.getByRole('textbox', { name: 'Inspection', exact: true }).fill('Cellar');
  await page.getByRole('textbox', { name: 'Inspection', exact: true }).press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Cellar' })).toBeVisible();

  const bar = page.getByRole('navigation', { name: 'Main' });
  for (const name of ['Records', 'Search', 'Activity', 'More']) {
    await bar.getByRole('link', { name }).click();
    await expect(bar.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  }
  const small = await page
    .getByRole('navigation')
    .getByRole('link')
    .evaluateAll((links) =>
      links.filter((link) => link.getBoundingClientRect().height < 44).map((link) => link.textContent),
    );
  expect(small).toEqual([]);
});
