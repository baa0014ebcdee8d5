/** A large book goes up from one device and comes to another, piece by piece: it can be worked with at once, and no kill sets it back. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright';
import { type Ask, GatedProxy } from '../src/testing/gated-proxy.ts';
import { wordyHistory, writeBook } from '../src/testing/large-book.ts';
import { chip, makeCode, openHistory, openType, PATIENCE } from './harness/app-steps.ts';
import { examine } from './harness/examine.ts';
import { expect, test } from './harness/fixtures.ts';
import type { ServerProcess } from './harness/server.ts';

/** So much that a snapshot is left ([SNAP-7]), of three pieces or more, and that the log takes two pages or more. */
const [RECORDS, EVENTS] = [1_300, 22_000];

const bar = (page: Page, name: string) => page.getByRole('progressbar', { name });

/** How far a bar is, in hundredths; null while it does not say. */
async function share(page: Page, name: string): Promise<number | null> {
  const value = await bar(page, name).getAttribute('aria-valuenow');
  return value === null ? null : Number(value);
}

const isAppend = ({ method, path }: Ask): boolean => method === 'POST' && path.includes('/stream');
/** The number of the piece that is asked for; null: it is not about one. */
const pieceOf = ({ method, path }: Ask): number | null => {
  const number = method === 'GET' ? /\/pieces\/(\d+)$/.exec(path)?.[1] : undefined;
  return number === undefined ? null : Number(number);
};
/** The offset from which the log is read, page by page; null: it is not about that. */
const offsetOf = ({ method, path }: Ask): string | null => {
  const url = new URL(path, 'http://localhost');
  if (method !== 'GET' || !url.pathname.endsWith('/stream') || url.searchParams.has('live')) return null;
  return url.searchParams.get('offset');
};

/** What a device holds, read from the backup that a person would download. */
async function contents(page: Page, file: string): Promise<{ events: number; attributes: string[] }> {
  await page.goto('/settings');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download backup' }).click();
  await (await download).saveAs(file);
  const db = new DatabaseSync(file, { readOnly: true });
  const events = Number(db.prepare('SELECT count(*) AS n FROM events').get()?.['n']);
  const attributes = db
    .prepare("SELECT entity_id || ' ' || attribute || ' ' || value || ' ' || timestamp AS line FROM attributes_text")
    .all()
    .map((row) => String(row['line']))
    .toSorted();
  db.close();
  return { events, attributes };
}

/** How many bundles the server holds, each counted once. */
function bundlesOf({ dataFolder }: ServerProcess): number {
  const db = new DatabaseSync(join(dataFolder, 'daybook.sqlite'), { readOnly: true });
  const row = db.prepare("SELECT count(DISTINCT json_extract(CAST(data AS TEXT), '$.id')) AS n FROM messages").get();
  db.close();
  return Number(row?.['n']);
}

/** Opens the first record of the list, and writes into its field. */
async function edit(page: Page, field: string, value: string): Promise<string> {
  await page.getByRole('grid').getByRole('link').first().click();
  const title = (await page.getByRole('region').getByRole('heading', { level: 2 }).textContent()) ?? '';
  const input = page.getByRole('textbox', { name: field, exact: true });
  await input.fill(value);
  await input.press('Tab');
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  return title;
}

test('22,000 changes go up and come down in pieces, through three kills, and can be worked with all the while', async ({
  profile,
  server,
}, testInfo) => {
  const file = testInfo.outputPath('large.sqlite3');
  writeBook(file, wordyHistory(RECORDS, EVENTS));
  const proxy = await GatedProxy.start(Number(new URL(server.url).port));
  try {
    const desk = await profile({ baseURL: proxy.url });
    let a = desk.page;

    await test.step('a large import goes up; killed in the middle, it goes on where it was', async () => {
      await a.goto('/settings');
      await a.getByLabel('Restore a backup').setInputFiles(file);
      await a.getByRole('button', { name: /^Merge [\d,]+ changes$/ }).click(PATIENCE);
      await a.getByRole('button', { name: 'Done' }).click(PATIENCE);
      let appends = 0;
      const through = new Set<Ask>();
      proxy.hold((ask) => {
        if (!isAppend(ask) || through.has(ask)) return false;
        appends += 1;
        if (appends <= 8) through.add(ask);
        return appends > 8;
      });
      await a.getByLabel('Your name').fill('Ada');
      await a.getByRole('button', { name: 'Use this server' }).click();
      await expect(chip(a)).toHaveText(/^Sending [\d,]+ changes…$/, PATIENCE);
      await expect.poll(() => proxy.held.length, PATIENCE).toBe(1);
      await expect(bar(a, 'Sending changes')).toBeVisible();
      await expect.poll(() => share(a, 'Sending changes')).toBeGreaterThan(20);
      const before = (await share(a, 'Sending changes'))!;
      expect(before).toBeLessThan(50);
      await examine(a, 'sending');

      await desk.crash();
      proxy.hold(isAppend);
      a = await desk.reopen();
      await a.goto('/');
      await expect(bar(a, 'Sending changes')).toBeVisible(PATIENCE);
      expect(await share(a, 'Sending changes')).toBeGreaterThanOrEqual(before);
      proxy.hold(() => false);
      await expect(chip(a)).toHaveText('All changes synced', PATIENCE);
      await expect(bar(a, 'Sending changes')).toBeHidden();
      // What had arrived was not sent again: the one that was held, and perhaps gave up waiting, was asked for more than once.
      const sent = proxy.asked.filter(isAppend).length;
      const bundles = bundlesOf(server);
      expect(bundles).toBeGreaterThan(EVENTS / 1_000);
      expect(sent).toBeGreaterThan(bundles);
      expect(sent).toBeLessThan(bundles + 5);
    });

    await test.step('a snapshot is left for others', async () => {
      await expect
        .poll(
          () => proxy.asked.some(({ method, path }) => method === 'PUT' && /\/snapshots\/[\w-]+$/.test(path)),
          PATIENCE,
        )
        .toBe(true);
    });

    const phone = await profile({ baseURL: proxy.url });
    let b = phone.page;
    const from = proxy.asked.length;
    const since = () => proxy.asked.slice(from);
    const pieces = () => since().flatMap((ask) => pieceOf(ask) ?? []);

    await test.step('a device that joins does not take what is not here yet for nothing', async () => {
      await a.goto('/settings');
      const code = await makeCode(a);
      proxy.hold((ask) => pieceOf(ask) !== null);
      await b.goto(`/join#${encodeURIComponent(code)}`);
      await b.getByLabel('Name of this device').fill('Phone');
      await b.getByRole('button', { name: 'Link this device' }).click();
      await expect(b.getByRole('heading', { name: 'Your records are on their way' })).toBeVisible(PATIENCE);
      await expect(bar(b, 'Receiving records')).toBeVisible();
      await examine(b, 'nothing here yet');
    });

    let titled = '';
    await test.step('its first records can be changed before the rest is here', async () => {
      proxy.hold((ask) => (pieceOf(ask) ?? 0) > 0);
      await expect(b.getByRole('grid', { name: 'Contacts' })).toBeVisible(PATIENCE);
      await expect.poll(() => share(b, 'Receiving records'), PATIENCE).toBeGreaterThan(0);
      expect(await share(b, 'Receiving records')).toBeLessThan(100);
      await expect(b.getByText('You can already work with those that are here.')).toBeVisible();
      titled = await edit(b, 'City', 'Written before all was here');
      await expect(chip(b)).toHaveText('Receiving changes…', PATIENCE);
      await examine(b, 'receiving records');
    });

    await test.step('killed with a part of the snapshot, it goes on with the next part', async () => {
      expect(proxy.held.map(pieceOf)).toEqual([1]);
      const before = (await share(b, 'Receiving records'))!;
      await phone.crash();
      b = await phone.reopen();
      await b.goto('/');
      await expect(bar(b, 'Receiving records')).toBeVisible(PATIENCE);
      proxy.hold((ask) => (pieceOf(ask) ?? 0) > 1);
      await expect.poll(() => proxy.held.map(pieceOf), PATIENCE).toEqual([2]);
      await expect.poll(() => share(b, 'Receiving records'), PATIENCE).toBeGreaterThan(before);
      expect(pieces()).toEqual([0, 1, 1, 2]);
      await expect(b.getByRole('grid').getByText('Written before all was here')).toBeVisible();
    });

    let heldAt = '';
    await test.step('once all records are here, history comes behind them', async () => {
      let begun = false;
      proxy.hold((ask) => {
        const offset = offsetOf(ask);
        begun ||= offset === '-1';
        return begun && offset !== null && offset !== '-1';
      });
      await expect(chip(b)).toHaveText('Receiving history…', PATIENCE);
      await expect(bar(b, 'Receiving history')).toBeVisible(PATIENCE);
      await expect.poll(() => proxy.held.length, PATIENCE).toBe(1);
      heldAt = offsetOf(proxy.held[0]!)!;
      await expect.poll(() => share(b, 'Receiving history')).toBeGreaterThan(0);
      await expect(b.getByRole('grid', { name: 'Contacts' })).toHaveAttribute('aria-rowcount', String(RECORDS + 1));
      await edit(b, 'Company', 'Written before its history was here');
      await expect(await openHistory(b, titled)).toContainText('Older history is still arriving from the server.');
      await examine(b, 'receiving history');
    });

    await test.step('killed with a part of it, it asks for no page again', async () => {
      await phone.crash();
      proxy.hold((ask) => offsetOf(ask) === heldAt);
      b = await phone.reopen();
      await b.goto('/');
      await expect.poll(() => proxy.held.length, PATIENCE).toBe(1);
      await expect(bar(b, 'Receiving history')).toBeVisible(PATIENCE);
      expect(since().filter((ask) => offsetOf(ask) === '-1')).toHaveLength(1);
      proxy.hold(() => false);
      await expect(chip(b)).toHaveText('All changes synced', PATIENCE);
      await expect(bar(b, 'Receiving history')).toBeHidden();
    });

    await test.step('both hold the same in the end', async () => {
      await expect(chip(a)).toHaveText('All changes synced', PATIENCE);
      const there = await contents(b, testInfo.outputPath('phone.sqlite3'));
      const here = await contents(a, testInfo.outputPath('desk.sqlite3'));
      expect(there.events).toBe(here.events);
      expect(here.events).toBeGreaterThan(EVENTS);
      expect(there.attributes).toEqual(here.attributes);
      await a.goto('/');
      await openType(a, 'Contacts');
      for (const words of ['Written before all was here', 'Written before its history was here']) {
        await expect(a.getByRole('grid').getByText(words)).toBeVisible();
      }
    });
  } finally {
    const asked = proxy.asked.map(({ method, path }) => `${method} ${path}`).join('\n');
    await testInfo.attach('what was asked for', { body: asked, contentType: 'text/plain' });
    proxy.stop();
  }
});
