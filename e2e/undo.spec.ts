/** Undo is the device's own: where somebody wrote after it, it asks, by name, before it overwrites anything. */
import type { Page } from 'playwright';
import {
  box,
  claimServer,
  linkDevice,
  openHistory,
  openRecord,
  openType,
  pane,
  PATIENCE,
  setText,
  startWith,
} from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

const TITLE = 'Amara Nwosu';

const question = (page: Page) => page.getByRole('alertdialog', { name: 'It was changed since' });
const undo = (page: Page) => page.getByRole('button', { name: 'Undo: Edit Role' });

test('undo of a value that another device changed since names it, and asks', async ({ profile }) => {
  const [a, b] = [(await profile()).page, (await profile()).page];
  await startWith(a, 'Contacts');
  await claimServer(a);
  await linkDevice(a, b, 'Phone');
  for (const page of [a, b]) {
    await openType(page, 'People');
    await openRecord(page, TITLE);
  }
  const before = await box(a, TITLE, 'Role').inputValue();
  await setText(a, TITLE, 'Role', 'Written by the desk');
  await expect(box(b, TITLE, 'Role')).toHaveValue('Written by the desk', PATIENCE);
  await setText(b, TITLE, 'Role', 'Written by the phone');
  await expect(box(a, TITLE, 'Role')).toHaveValue('Written by the phone', PATIENCE);

  await undo(a).click();
  await expect(question(a).getByRole('listitem')).toHaveText([`Role of ${TITLE} was changed since`]);
  await question(a).getByRole('button', { name: 'Leave it' }).click();
  await expect(question(a)).toBeHidden();
  await a.reload();
  for (const page of [a, b]) await expect(box(page, TITLE, 'Role')).toHaveValue('Written by the phone');

  // Left is not lost: it may be undone all the same, later.
  await undo(a).click();
  await question(a).getByRole('button', { name: 'Undo anyway' }).click();
  await expect(a.getByText('Undone: Edit Role')).toBeVisible();
  for (const page of [a, b]) await expect(box(page, TITLE, 'Role')).toHaveValue(before, PATIENCE);
  await expect(await openHistory(b, TITLE)).toContainText('Written by the phone');
  await pane(b, TITLE).getByRole('tab', { name: 'Fields' }).click();
  await expect(box(b, TITLE, 'Role')).toHaveValue(before);
});

test('an undo right behind an edit is seen at once, in the pane and in the table', async ({ profile }) => {
  const { page } = await profile();
  await startWith(page, 'Contacts');
  await openType(page, 'People');
  await openRecord(page, TITLE);
  const before = await box(page, TITLE, 'Role').inputValue();
  const role = page.getByRole('row').filter({ hasText: TITLE }).getByRole('gridcell', { name: before, exact: true });
  await expect(role).toBeVisible();
  const spot = page.locator(`[data-spot="${await role.getAttribute('data-spot')}"]`);
  // Time stands still: nothing gives way because it has been shown for long enough.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1_000);

  await setText(page, TITLE, 'Role', 'Wrong');
  await expect(spot).toHaveText('Wrong');
  await undo(page).click();
  await expect(box(page, TITLE, 'Role')).toHaveValue(before);
  await expect(spot).toHaveText(before);

  await spot.dblclick();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('Wrong again');
  await page.keyboard.press('Enter');
  await expect(box(page, TITLE, 'Role')).toHaveValue('Wrong again');
  await expect(spot).toHaveText('Wrong again');
  await undo(page).click();
  await expect(box(page, TITLE, 'Role')).toHaveValue(before);
  await expect(spot).toHaveText(before);
});
