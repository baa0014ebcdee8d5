/** A person opens Daybook for the first time, starts with a template, and finds what they wrote again. */
import type { Page } from 'playwright';
import { expect, test } from './harness/fixtures.ts';
import { visit } from './harness/app-steps.ts';

test.use({ keepsApp: false });

const question = (page: Page) => page.getByRole('heading', { name: 'What do you want to keep track of?' });

async function startWith(page: Page, template: string): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: new RegExp(`^${template}`) }).click();
  await expect(page).toHaveURL(/\/t\//);
}

/** A row of the table, by the title of its record. */
const row = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title });

test('a template, a record edited, a reload: it is still there', async ({ profile }) => {
  const { page } = await profile();
  await page.goto('/');
  await expect(question(page)).toBeVisible();
  await page.getByRole('button', { name: /^Inspections/ }).click();
  await expect(row(page, 'Roof and gutters')).toBeVisible();

  await row(page, 'Roof and gutters').getByRole('link', { name: 'Roof and gutters' }).click();
  const inspector = page.getByRole('textbox', { name: 'Inspector' });
  await inspector.fill('N. Castellanos');
  await inspector.press('Tab');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Inspector' })).toHaveValue('N. Castellanos');
  await page.getByRole('button', { name: 'Close record' }).click();
  await expect(row(page, 'Roof and gutters')).toContainText('N. Castellanos');
});

test('every template makes its types, with samples that one click removes and Undo brings back', async ({
  profile,
}) => {
  const { page } = await profile();
  for (const [index, template] of ['Inspections', 'Stock', 'Contacts', 'Field notes'].entries()) {
    if (index === 0) await page.goto('/');
    else await visit(page, '/new-type');
    await page.getByRole('button', { name: new RegExp(`^${template}`) }).click();
    await expect(page).toHaveURL(/\/t\//);
    await expect(page.getByRole('button', { name: 'Remove samples', exact: true })).toBeVisible();
  }
  await page.getByRole('button', { name: 'Remove samples', exact: true }).click();
  await expect(page.getByText('37 samples moved to the Trash')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Remove samples', exact: true })).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Stock\W+0$/ })).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect(page.getByRole('button', { name: 'Remove samples', exact: true })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Stock\W+7$/ })).toBeVisible();
});

test('one Undo takes a whole template back, to the first question', async ({ profile }) => {
  const { page } = await profile();
  await startWith(page, 'Stock');
  await expect(page.getByRole('grid', { name: 'Stock' })).toBeVisible();
  await page.getByRole('button', { name: /^Undo/ }).first().click();
  await page.goto('/');
  await expect(question(page)).toBeVisible();
});

test('a blank start: a type, a field of one’s own with options, a record', async ({ profile }) => {
  const { page } = await profile();
  await page.goto('/');
  await page.getByRole('link', { name: 'Start blank' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Bicycles');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('button', { name: 'Add a field' }).click();
  const window = page.getByRole('dialog', { name: 'Add a field' });
  await window.getByRole('button', { name: 'Add field' }).click();
  await expect(window.getByText('A name is needed')).toBeVisible();
  await window.getByRole('textbox', { name: 'Name' }).fill('Condition');
  await window.getByRole('radio', { name: 'Select', exact: true }).check();
  await window.getByRole('textbox', { name: 'Options' }).fill('Good\nWorn\n\nGood\n');
  await window.getByRole('button', { name: 'Add field' }).click();
  await expect(window).toBeHidden();
  const options = page.getByRole('button', { name: 'Edit the options of Condition' });
  await expect(options).toHaveText(/GoodWorn$/);
  await options.click();
  await page.getByLabel('New option of Condition').fill('Lost');
  await page.getByLabel('New option of Condition').press('Enter');
  await expect(page.getByLabel('Name of option Lost')).toHaveValue('Lost');

  await page.getByRole('button', { name: 'Move Condition up' }).click();
  await expect(page.getByRole('list', { name: 'Fields' }).getByRole('textbox', { name: /^Name of field/ })).toHaveCount(
    3,
  );
  await expect
    .poll(() =>
      page
        .getByRole('textbox', { name: /^Name of field/ })
        .evaluateAll((all) => all.map((each) => (each as HTMLInputElement).value)),
    )
    .toEqual(['Name', 'Condition', 'Notes']);

  await page.getByRole('link', { name: 'See the records' }).click();
  await page.getByRole('button', { name: 'New record' }).first().click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Red Tourer');
  await page.getByRole('textbox', { name: 'Name', exact: true }).press('Tab');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  // Said of a record that the book has answered with, and of no other.
  await expect(page.getByText(/^Made .* by you$/)).toBeVisible();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Red Tourer');
});

test('a type and a field are hidden and come back; what is typed stays while it cannot be saved', async ({
  profile,
}) => {
  const { page } = await profile();
  await startWith(page, 'Contacts');
  await visit(page, `${new URL(page.url()).pathname}/fields`);
  await page.getByRole('button', { name: 'Hide Role' }).click();
  await expect(page.getByRole('button', { name: 'Show Role' })).toBeVisible();
  const name = page.getByLabel('Name of field Phone');
  await name.fill('');
  await name.press('Enter');
  await expect(page.getByText('A name is needed')).toBeVisible();
  await expect(name).toHaveValue('');
  await name.fill('Telephone');
  await name.press('Enter');
  await expect(page.getByLabel('Name of field Telephone')).toHaveValue('Telephone');

  await page.getByRole('switch', { name: 'Show it in the sidebar' }).click();
  const sidebar = page.getByRole('navigation', { name: 'Main' });
  await expect(sidebar.getByRole('link', { name: /^People/ })).toBeHidden();
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Show People' }).click();
  await expect(sidebar.getByRole('link', { name: /^People/ })).toBeVisible();
});
