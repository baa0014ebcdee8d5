/** The book as files: what goes out comes back, by merging or in place of the book; nothing is changed unasked. */
import { readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Locator, Page, TestInfo } from 'playwright/test';
import { examine, FLOATING } from './harness/examine.ts';
import { expect, test } from './harness/fixtures.ts';
import {
  box,
  chip,
  claimServer,
  linkDevice,
  openRecord,
  openType,
  pane,
  PATIENCE,
  startWith,
  visit,
} from './harness/app-steps.ts';

/** Clicks, and keeps what is downloaded. */
async function save(page: Page, button: string, path: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await download;
  await file.saveAs(path);
  return file.suggestedFilename();
}

async function backUp(page: Page, testInfo: TestInfo, name = 'backup.sqlite3'): Promise<string> {
  await visit(page, '/settings');
  const path = testInfo.outputPath(name);
  expect(await save(page, 'Download backup', path)).toMatch(/^daybook-\d{4}-\d\d-\d\d\.sqlite3$/);
  return path;
}

/** Chooses a backup and waits until it was looked through. */
async function look(page: Page, path: string): Promise<Locator> {
  await visit(page, '/settings');
  await page.getByLabel('Restore a backup').setInputFiles(path);
  return page.getByRole('dialog', { name: 'Restore a backup' });
}

async function rename(page: Page, from: string, to: string): Promise<void> {
  await page.goto('/');
  await openType(page, 'Stock');
  await openRecord(page, from);
  // The title is what the open record is found by, so it says itself that it was saved.
  await box(page, from, 'Item').fill(to);
  await page.keyboard.press('Tab');
  await expect(pane(page, to)).toBeVisible();
}

const found = (page: Page, title: string): Locator => page.getByRole('link', { name: title, exact: true }).first();

async function shows(page: Page, title: string): Promise<void> {
  await page.goto('/');
  await openType(page, 'Stock');
  await page.getByRole('searchbox', { name: 'Search records' }).fill(title);
  await expect(found(page, title)).toBeVisible();
}

/** What SQLite finds in a file. */
function read(path: string, sql: string): Record<string, unknown>[] {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    return file.prepare(sql).all();
  } finally {
    file.close();
  }
}

test('a backup comes back: into another browser, by merging, and in place of the book', async ({
  profile,
}, testInfo) => {
  test.slow();
  const { page } = await profile();
  await startWith(page, 'Stock');
  const path = await backUp(page, testInfo);
  const events = read(path, 'SELECT count(*) AS n FROM events_text')[0]!['n'] as number;
  await rename(page, 'Coach bolts M8 × 100', 'Renamed since');

  await test.step('what is in it is shown, and nothing is changed', async () => {
    const dialog = await look(page, path);
    const facts = dialog.getByLabel('What is in the backup');
    await expect(facts).toContainText('Stock 7');
    await expect(facts).toContainText(
      `${events.toLocaleString('en')} in it, 0 of them not here. 1 change here is not in it.`,
    );
    await expect(dialog.getByText('there is nothing to add')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Merge 0 changes' })).toBeDisabled();
    await examine(page, 'preview', FLOATING);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await shows(page, 'Renamed since');
  });

  await test.step('in place of the book, which is kept', async () => {
    const dialog = await look(page, path);
    await dialog.getByRole('radio', { name: /^Replace/ }).check();
    await expect(dialog.getByText(/only here leaves the book/)).toBeVisible();
    const replace = dialog.getByRole('button', { name: 'Replace the book' });
    await expect(replace).toBeDisabled();
    await dialog.getByText('Replace the book that is here').click();
    await examine(page, 'replace', FLOATING);
    await replace.click();
    const done = page.getByRole('dialog', { name: 'Replaced' });
    await expect(done).toBeVisible(PATIENCE);
    await done.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByText(/as it was before it was replaced/)).toBeVisible();
    await shows(page, 'Coach bolts M8 × 100');
  });

  await test.step('and from what was kept the newer change is merged again', async () => {
    await visit(page, '/settings');
    const kept = testInfo.outputPath('kept.sqlite3');
    expect(await save(page, 'Download the earlier book', kept)).toMatch(/^daybook-before-.*\.sqlite3$/);
    expect(read(kept, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const dialog = await look(page, kept);
    await dialog.getByRole('button', { name: 'Merge 1 change' }).click();
    const done = page.getByRole('dialog', { name: 'Merged' });
    await expect(done).toContainText('1 change was added.');
    await done.getByRole('button', { name: 'Done' }).click();
    await shows(page, 'Renamed since');
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(page.getByText(/as it was before it was replaced/)).toBeHidden();
  });

  await test.step('the book is sound, under a new name', async () => {
    const last = await backUp(page, testInfo, 'last.sqlite3');
    expect(read(last, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const client = (file: string) => read(file, `SELECT hex(value) AS id FROM config WHERE key = 'client'`)[0]!['id'];
    expect(client(last)).not.toBe(client(path));
    expect(read(last, 'SELECT count(*) AS n FROM events')[0]!['n']).toBe(events + 1);
  });

  await test.step('an empty browser takes all of it', async () => {
    const other = await profile();
    const dialog = await look(other.page, path);
    await dialog.getByRole('button', { name: /^Merge/ }).click();
    await other.page.getByRole('button', { name: 'Done' }).click(PATIENCE);
    await shows(other.page, 'Coach bolts M8 × 100');
    // Closed and opened again, it is there.
    await other.reopen();
    await shows(other.page, 'Coach bolts M8 × 100');
  });
});

test('in a book that syncs: what is merged reaches the server, and a replacement takes nothing from it', async ({
  profile,
}, testInfo) => {
  test.slow();
  const [desk, phone] = await Promise.all([profile(), profile()]);
  await startWith(desk.page, 'Stock');
  await claimServer(desk.page);
  await linkDevice(desk.page, phone.page, 'Phone');
  const before = await backUp(desk.page, testInfo, 'before.sqlite3');

  // Written while apart, backed up, and lost with the browser: it never reached the server.
  await phone.context.setOffline(true);
  await rename(phone.page, 'Coach bolts M8 × 100', 'Written on the train');
  const lost = await backUp(phone.page, testInfo, 'lost.sqlite3');
  await phone.close();

  await test.step('merge', async () => {
    const dialog = await look(desk.page, lost);
    await dialog.getByRole('button', { name: /^Merge \d+ changes?$/ }).click();
    await desk.page.getByRole('button', { name: 'Done' }).click(PATIENCE);
    await expect(chip(desk.page)).toHaveText('All changes synced', PATIENCE);
  });

  await test.step('replace', async () => {
    const dialog = await look(desk.page, before);
    await dialog.getByRole('radio', { name: /^Replace/ }).check();
    await expect(dialog.getByText('What the server has comes back with the next sync', { exact: false })).toBeVisible();
    await dialog.getByText('Replace the book that is here').click();
    await dialog.getByRole('button', { name: 'Replace the book' }).click();
    await desk.page.getByRole('dialog', { name: 'Replaced' }).getByRole('button', { name: 'Done' }).click(PATIENCE);
    await expect(chip(desk.page)).toHaveText('All changes synced', PATIENCE);
    // It was merged, left with the replacement, and comes back: so the server has it.
    await shows(desk.page, 'Written on the train');
  });
});

test('files that are none, or newer, or hold more than they should, are refused in plain words', async ({
  profile,
}, testInfo) => {
  test.slow();
  const { page } = await profile();
  await startWith(page, 'Stock');
  const path = await backUp(page, testInfo);
  const changed = async (name: string, sql: string): Promise<string> => {
    const copy = testInfo.outputPath(name);
    await writeFile(copy, await readFile(path));
    const file = new DatabaseSync(copy);
    file.exec(sql);
    file.close();
    return copy;
  };
  const cut = testInfo.outputPath('cut.sqlite3');
  await writeFile(cut, (await readFile(path)).subarray(0, 8192 * 5 + 100));
  const text = testInfo.outputPath('text.sqlite3');
  await writeFile(text, 'hello');
  for (const [file, words] of [
    [text, 'This is not a backup of Daybook’s.'],
    [await changed('newer.sqlite3', 'PRAGMA user_version=99'), /newer version of Daybook/],
    [
      await changed('trigger.sqlite3', 'CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END'),
      /changed by another program/,
    ],
    [cut, /This file is damaged/],
  ] as const) {
    const dialog = await look(page, file);
    await expect(dialog.getByRole('alert')).toHaveText(words);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  }
  await shows(page, 'Coach bolts M8 × 100');
});

test('every change as text, out and in again; lines that are not in order are named', async ({ profile }, testInfo) => {
  test.slow();
  const { page } = await profile();
  await startWith(page, 'Stock');
  await visit(page, '/settings');
  const path = testInfo.outputPath('changes.jsonl');
  expect(await save(page, 'Export changes', path)).toMatch(/^daybook-\d{4}-\d\d-\d\d\.jsonl$/);
  const content = await readFile(path, 'utf8');

  const other = await profile();
  await visit(other.page, '/settings');
  const spoilt = testInfo.outputPath('spoilt.jsonl');
  const lines = content.trimEnd().split('\n');
  await writeFile(spoilt, [...lines.slice(0, 3), 'what is this?', ...lines.slice(3)].join('\n'));
  await other.page.getByLabel('Import changes').setInputFiles(spoilt);
  const dialog = other.page.getByRole('dialog', { name: 'Import changes' });
  await expect(dialog.getByLabel('Lines that are left out')).toHaveText('Line 4: This is not a JSON object.');
  await examine(other.page, 'import of changes', FLOATING);
  const count = (lines.length - 1).toLocaleString('en');
  await dialog.getByRole('button', { name: `Add ${count} changes` }).click();
  await expect(other.page.getByText(`${count} changes were added`)).toBeVisible();
  await shows(other.page, 'Coach bolts M8 × 100');
  await visit(other.page, '/settings');
  const again = testInfo.outputPath('again.jsonl');
  await save(other.page, 'Export changes', again);
  expect(await readFile(again, 'utf8')).toBe(content);
});

test('the table as it is shown goes out as CSV, and comes back as it was', async ({ profile }, testInfo) => {
  test.slow();
  const { page } = await profile();
  await startWith(page, 'Stock');
  await rename(page, 'Coach bolts M8 × 100', '=1+1, "quoted"');
  const exportCsv = async (name: string): Promise<string> => {
    await page.getByRole('button', { name: 'More for this type' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /as CSV$/ }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('Stock.csv');
    const path = testInfo.outputPath(name);
    await file.saveAs(path);
    return path;
  };
  await page.goto('/');
  await openType(page, 'Stock');
  await page.getByRole('searchbox', { name: 'Search records' }).fill('quoted');
  await expect(page.getByText('1 record found')).toBeVisible();
  const one = await readFile(await exportCsv('one.csv'), 'utf8');
  expect(one).toMatch(/^\ufeffItem,/);
  expect(one.trimEnd().split('\r\n')).toHaveLength(2);
  expect(one).toContain(`"'=1+1, ""quoted"""`);

  await page.getByRole('searchbox', { name: 'Search records' }).fill('');
  await expect(page.getByText('7 records')).toBeVisible();
  const path = await exportCsv('all.csv');
  const content = await readFile(path, 'utf8');
  const type = new URL(page.url()).pathname.split('/')[2]!;
  await visit(page, `/import?type=${type}`);
  await page.getByLabel('Choose a file').setInputFiles(path);
  await page.getByRole('button', { name: 'Import 7 records' }).click();
  await expect(page.getByText('Imported 7 records')).toBeVisible();
  await expect(page.getByText('14 records')).toBeVisible();
  const twice = await readFile(await exportCsv('twice.csv'), 'utf8');
  const [header, ...rows] = content.trimEnd().split('\r\n');
  expect(twice).toBe([header, ...rows, ...rows, ''].join('\r\n'));
});

test('where the browser has a dialog for saving, files are written where it says', async ({ profile }) => {
  test.slow();
  const { page } = await profile();
  await startWith(page, 'Stock');
  await visit(page, '/settings');
  await page.evaluate(() => {
    const asked: string[] = [];
    const showSaveFilePicker = async ({ suggestedName }: { suggestedName: string }) => {
      asked.push(suggestedName);
      if (asked.length === 2) throw new DOMException('changed their mind', 'AbortError');
      const folder = await navigator.storage.getDirectory();
      return folder.getFileHandle('chosen.jsonl', { create: true });
    };
    Object.assign(globalThis, { asked, showSaveFilePicker });
  });
  await page.getByRole('button', { name: 'Export changes' }).click();
  await expect(page.getByText(/^Saved daybook-.*\.jsonl$/)).toBeVisible();
  const written = await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    return (await (await folder.getFileHandle('chosen.jsonl')).getFile()).text();
  });
  expect(written).toMatch(/^\{"format":"daybook-events","version":1,/);
  await page.getByRole('button', { name: 'Export changes' }).click();
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked.length)).toBe(2);
  await expect(page.getByRole('button', { name: 'Export changes' })).toBeVisible();
});
