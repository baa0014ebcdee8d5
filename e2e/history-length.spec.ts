/** A person may keep less history on a device: it says what goes, takes that and no more, and the book goes on as before. */
import { streamPath, type Link, type Membership } from '../src/protocol/account.ts';
import { createHttpTransport } from '../src/sync/http-transport.ts';
import { claimBody } from '../src/testing/daybook-server.ts';
import { ManualClock } from '../src/testing/manual-clock.ts';
import { nodePlatform } from '../src/testing/node-platform.ts';
import { openTasks } from '../src/testing/open-book.ts';
import type { TestBook } from '../src/testing/test-book.ts';
import type { Locator, Page } from 'playwright';
import { chip, openHistory, openRecord, openType, PATIENCE, setText, startWith, visit } from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';

test.use({ keepsApp: false });

const DAY = 86_400_000;
const TASKS = 30;
const TURNS = 6;

const history = (page: Page): Locator => page.getByRole('region', { name: 'History', exact: true });

async function keep(page: Page, choice: string): Promise<void> {
  await history(page)
    .getByRole('button', { name: /Keep on this device/ })
    .click();
  await page.getByRole('option', { name: choice }).click();
  await history(page).getByRole('button', { name: 'Shorten history now' }).click();
}

async function post<T>(url: string, body: object, token?: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Sends all that a book holds, as its device would have done when it was made. */
async function send(book: TestBook, url: string, { bookId, userId, token }: Membership): Promise<void> {
  const { clientId } = book.store.identity();
  const { signal } = new AbortController();
  const transport = createHttpTransport({
    platform: nodePlatform(),
    streamUrl: url + streamPath(bookId),
    timeUrl: null,
    producerId: clientId,
    token,
    gzip: true,
    snapshotsUrl: null,
  });
  expect(await transport.create(signal)).toEqual({ kind: 'created' });
  const { sync } = book.store;
  while (sync.nextInOutbox() !== null || sync.seal({ bookId, userId, clientId }, 1) > 0) {
    const bundle = sync.nextInOutbox();
    if (!bundle) continue;
    const { epoch, seq } = sync.producer();
    sync.markTried(bundle.id);
    expect(await transport.append(bundle, { epoch, seq }, signal)).toMatchObject({ kind: 'stored' });
    sync.acknowledge(bundle.id, { epoch, seq: seq + 1 });
  }
}

test('a device that keeps the last three months gives up what was superseded before, says so, and loses nothing else', async ({
  profile,
  server,
}) => {
  // A book that another device wrote half a year ago, and went on with last week.
  const clock = new ManualClock(Date.now() - 180 * DAY);
  const old = openTasks({ clock });
  const { bookId, clientId } = old.store.identity();
  const membership = await post<Membership>(`${server.url}/v1/claim`, { ...claimBody(null, clientId), bookId });
  old.store.adoptBook(membership.bookId, membership.userId);
  const tasks = Array.from({ length: TASKS }, (_, i) => old.addTask({ title: `Task ${i}`, notes: 'draft 0' }));
  for (let turn = 1; turn < TURNS; turn++) {
    for (const id of tasks) old.setTask(id, { notes: `draft ${turn} ${'of some length '.repeat(40)}` });
  }
  clock.set(Date.now() - 7 * DAY);
  for (const id of tasks) old.setTask(id, { notes: 'written last week' });
  await send(old, server.url, membership);
  const { code } = await post<Link>(`${server.url}/v1/links`, { for: 'device' }, membership.token);

  const { page } = await profile();
  await page.goto(`/join#${encodeURIComponent(code)}`);
  await page.getByLabel('Name of this device').fill('Laptop');
  await page.getByRole('button', { name: 'Link this device' }).click();
  await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  await visit(page, '/settings');
  await expect(history(page)).toContainText('every one that was ever made, since');

  await keep(page, 'The last 3 months');
  const dialog = page.getByRole('alertdialog', { name: 'Shorten history' });
  // Of each task all drafts but the one that stood at the horizon.
  const gone = TASKS * (TURNS - 1);
  await expect(dialog).toContainText(`${gone} superseded changes from before`);
  await expect(dialog).toContainText('This cannot be undone.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(history(page)).toContainText('every one that was ever made');

  await history(page).getByRole('button', { name: 'Shorten history now' }).click();
  await dialog.getByRole('button', { name: 'Shorten history' }).click();
  await expect(history(page).getByRole('status')).toHaveText(
    new RegExp(`^${gone} superseded changes went\\. The book takes .* now, where it took .*\\.$`),
    PATIENCE,
  );
  await expect(history(page)).toContainText('History is complete since');

  // It stays so, there is nothing more to go, and the book goes on.
  await page.reload();
  await expect(history(page)).toContainText('History is complete since');
  await history(page).getByRole('button', { name: 'Shorten history now' }).click();
  await expect(dialog).toContainText('Nothing can go.');
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await openType(page, 'Tasks');
  await openRecord(page, 'Task 7');
  await setText(page, 'Task 7', 'Mail', 'ada@example.org');
  await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  const told = await openHistory(page, 'Task 7');
  await expect(told).toContainText('written last week');
  await expect(told).toContainText(`draft ${TURNS - 1}`);
  await expect(told).not.toContainText('draft 1 ');
});

test('a book that was never synced is kept whole, and says why', async ({ profile }) => {
  const { page } = await profile();
  await startWith(page, 'Contacts');
  await visit(page, '/settings');
  await expect(history(page)).toContainText('its history is kept whole');
  await keep(page, 'The last year');
  const dialog = page.getByRole('alertdialog', { name: 'Shorten history' });
  await expect(dialog).toContainText('This book has never been synced, so its history is nowhere else.');
  await expect(dialog.getByRole('button', { name: 'Shorten history' })).toHaveCount(0);
});
