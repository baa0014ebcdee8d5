/** What a person does in the app, step by step, as specs need it again and again: each waits until the app says it is done. */
import type { Locator, Page } from 'playwright';
import { expect } from './fixtures.ts';

/** What is under test may take its time on a busy machine; what is promised in seconds is asserted elsewhere. */
export const PATIENCE = { timeout: 45_000 };

/** Where one's changes are, in words. */
export const chip = (page: Page): Locator => page.getByRole('banner').getByRole('status');

/** The open record. */
export const pane = (page: Page, title: string): Locator => page.getByRole('region', { name: title, exact: true });

/** The text field of the open record. */
export const box = (page: Page, title: string, field: string): Locator =>
  pane(page, title).getByRole('textbox', { name: field, exact: true });

/** Goes to an address of the app, once it is open as a link would: loading the page anew takes most of the time of a short test. */
export async function visit(page: Page, address: string): Promise<void> {
  if (page.url().startsWith('http')) await page.evaluate((to) => history.pushState(null, '', to), address);
  else await page.goto(address);
}

/** Starts the book with the template of this name. */
export async function startWith(page: Page, template: string): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: new RegExp(`^${template}`) }).click();
  await expect(page.getByRole('grid')).toBeVisible();
}

/** Becomes the first device of the server's owner, and waits until all is there; ends in Settings. */
export async function claimServer(page: Page, person = 'Ada'): Promise<void> {
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Use this server' }).waitFor();
  await page.getByLabel('Your name').fill(person);
  await page.getByRole('button', { name: 'Use this server' }).click();
  await expect(page.getByRole('button', { name: 'Link a device' })).toBeVisible();
  await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
}

/** Makes a one-time code in Settings and leaves its window open; for somebody else than oneself if `person`. */
export async function makeCode(page: Page, person = false): Promise<string> {
  await page.getByRole('button', { name: 'Link a device' }).click();
  if (person) await page.getByText('For somebody else').click();
  const shown = page.getByLabel(/^Code: /);
  await expect(shown).toBeVisible();
  return ((await shown.textContent()) ?? '').trim();
}

/**
 * Takes the code that the first device shows in Settings and opens its address on the second. Both end up synced.
 * @param person name of the person who is new in the book; none for one more device of the same person
 */
export async function linkDevice(first: Page, second: Page, name: string, person?: string): Promise<void> {
  const code = await makeCode(first, person !== undefined);
  await second.goto(`/join#${person === undefined ? '' : 'person:'}${encodeURIComponent(code)}`);
  if (person !== undefined) await second.getByLabel('Your name').fill(person);
  await second.getByLabel('Name of this device').fill(name);
  await second.getByRole('button', { name: 'Link this device' }).click();
  await expect(chip(second)).toHaveText('All changes synced', PATIENCE);
  await first.keyboard.press('Escape');
}

export async function openType(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: new RegExp(`^${name} ?, `) })
    .click();
  await expect(page.getByRole('grid', { name })).toBeVisible();
}

/** Finds a record of the open type by its title and opens it beside the table. */
export async function openRecord(page: Page, title: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search records' }).fill(title);
  // What is clicked must not move away under the pointer: the answer to the search is there.
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe(title);
  await expect(page.locator('[role=grid]:not([aria-busy])')).toBeVisible();
  await page.getByRole('grid').getByRole('link', { name: title }).first().click();
  await expect(pane(page, title)).toBeVisible();
}

/** Writes into a text field of the open record, and waits until the pane says that it is saved. */
export async function setText(page: Page, title: string, field: string, value: string): Promise<void> {
  const input = box(page, title, field);
  await input.fill(value);
  await input.press('Tab');
  // The innermost part that holds both the field and what became of its last save.
  const editor = pane(page, title)
    .locator('div')
    .filter({ has: page.getByRole('textbox', { name: field, exact: true }) })
    .filter({ has: page.getByRole('status') })
    .last();
  await expect(editor.getByRole('status')).toHaveText('Saved');
  await expect(input).toHaveValue(value);
}

/** Opens the record's history; the answer is what it tells. */
export async function openHistory(page: Page, title: string): Promise<Locator> {
  await pane(page, title).getByRole('tab', { name: 'History' }).click();
  return pane(page, title).getByRole('tabpanel');
}
