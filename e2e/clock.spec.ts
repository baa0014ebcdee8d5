/** Devices whose clocks are wrong, in page and worker: nothing is lost, the order is right, and the chip says what is the matter. */
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright';
import { millisOf } from '../src/core/timestamp.ts';
import {
  box,
  chip,
  claimServer,
  makeCode,
  openRecord,
  openType,
  pane,
  PATIENCE,
  setText,
  startWith,
  visit,
} from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';
import { StrangeDevice } from './harness/strange-device.ts';
import { clockAhead, letTimePass, moveClock, setClockAhead } from './harness/wrong-clock.ts';

test.use({ keepsApp: false });

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Links a device of the same person, whatever its chip says in the end. */
async function join(first: Page, second: Page, name: string): Promise<void> {
  await first.goto('/settings');
  const code = await makeCode(first);
  await first.keyboard.press('Escape');
  await second.goto(`/join#${encodeURIComponent(code)}`);
  await second.getByLabel('Name of this device').fill(name);
  await second.getByRole('button', { name: 'Link this device' }).click();
}

/** Each value of a text on a device, oldest first, with the millisecond it is stamped with: out of its backup. */
async function stamps(page: Page, file: string, values: readonly string[]): Promise<Map<string, number>> {
  await visit(page, '/settings');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download backup' }).click();
  await (await download).saveAs(file);
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db
    .prepare(
      `SELECT json_extract(value, '$') AS value, hex(timestamp) AS stamp FROM events
       WHERE json_extract(value, '$') IN (SELECT value FROM json_each(?)) ORDER BY timestamp`,
    )
    .all(JSON.stringify(values));
  db.close();
  return new Map(rows.map((row) => [String(row['value']), Number.parseInt(String(row['stamp']).slice(0, 12), 16)]));
}

test('a clock that is 7 minutes fast: edits are saved, stamped with the right time, and ordered as they were made', async ({
  profile,
}, testInfo) => {
  const [right, fast] = [await profile(), await profile()];
  await setClockAhead(fast, 7 * MINUTE);
  const [a, b] = [right.page, fast.page];
  await startWith(a, 'Contacts');
  await claimServer(a);
  const began = Date.now();
  await join(a, b, 'Phone');
  await expect(chip(b)).toHaveText("This device's clock is 7 min fast · changes are safe", PATIENCE);
  // Not only the page is wrong, but the worker that stamps.
  const [worker] = b.workers();
  expect([await clockAhead(b), await clockAhead(worker!), await clockAhead(a)]).toEqual([7 * MINUTE, 7 * MINUTE, 0]);

  const person = 'Amara Nwosu';
  for (const page of [a, b]) {
    await page.goto('/');
    await openType(page, 'People');
    await openRecord(page, person);
  }
  await setText(b, person, 'Role', 'First, by the fast clock');
  await expect(box(a, person, 'Role')).toHaveValue('First, by the fast clock', PATIENCE);
  await setText(a, person, 'Role', 'Second, by the right one');
  await expect(box(b, person, 'Role')).toHaveValue('Second, by the right one', PATIENCE);
  await setText(b, person, 'Role', 'Third, by the fast clock');
  await expect(box(a, person, 'Role')).toHaveValue('Third, by the fast clock', PATIENCE);

  // It is set right, and then a year back, while the app is running.
  await moveClock(b, 0);
  await setText(b, person, 'Role', 'Fourth, by a clock set right');
  await expect(chip(b)).toHaveText('All changes synced', PATIENCE);
  await moveClock(b, -365 * DAY);
  await setText(b, person, 'Role', 'Fifth, by a clock of a year ago');
  await expect(chip(b)).toHaveText("This device's clock is 365 days slow · changes are safe", PATIENCE);
  await expect(box(a, person, 'Role')).toHaveValue('Fifth, by a clock of a year ago', PATIENCE);
  await expect(pane(a, person)).not.toContainText('at the same time');

  const made = await stamps(a, testInfo.outputPath('right.sqlite'), [
    'First, by the fast clock',
    'Second, by the right one',
    'Third, by the fast clock',
    'Fourth, by a clock set right',
    'Fifth, by a clock of a year ago',
  ]);
  expect([...made.keys()].map((value) => value.split(',')[0])).toEqual(['First', 'Second', 'Third', 'Fourth', 'Fifth']);
  const times = [...made.values()];
  expect(times.every((time) => time > began - MINUTE && time < Date.now() + MINUTE)).toBe(true);
});

test('what was written a day ahead before the first contact is stamped anew, and arrives', async ({
  profile,
}, testInfo) => {
  const [right, ahead] = [await profile(), await profile()];
  await setClockAhead(ahead, DAY);
  const [a, b] = [right.page, ahead.page];
  await startWith(a, 'Stock');
  await claimServer(a);

  const began = Date.now();
  await startWith(b, 'Contacts');
  const person = 'Amara Nwosu';
  await openType(b, 'People');
  await openRecord(b, person);
  await setText(b, person, 'Role', 'Older, offline');
  await setText(b, person, 'Role', 'Newer, offline');
  await expect(chip(b)).toHaveText('Saved on this device only');
  await join(a, b, 'Phone');
  await expect(chip(b)).toHaveText("This device's clock is 24 h fast · changes are safe", PATIENCE);

  await a.goto('/');
  await openType(a, 'People');
  await openRecord(a, person);
  await expect(box(a, person, 'Role')).toHaveValue('Newer, offline', PATIENCE);
  await setText(a, person, 'Role', 'Newest, by the right clock');
  await expect(chip(a)).toHaveText('All changes synced', PATIENCE);
  const made = await stamps(a, testInfo.outputPath('right.sqlite'), [
    'Older, offline',
    'Newer, offline',
    'Newest, by the right clock',
  ]);
  expect([...made.keys()]).toEqual(['Older, offline', 'Newer, offline', 'Newest, by the right clock']);
  expect([...made.values()].every((time) => time > began - MINUTE && time < Date.now() + MINUTE)).toBe(true);
});

test('what another device dates hours and a year ahead waits for its time, and holds back nothing else', async ({
  profile,
  server,
}) => {
  const device = await profile();
  await setClockAhead(device, 0);
  const { page } = device;
  await startWith(page, 'Contacts');
  await claimServer(page);
  const code = await makeCode(page);
  await page.keyboard.press('Escape');
  const ahead = await StrangeDevice.join(server.url, code);

  const person = 'Amara Nwosu';
  const events = await ahead.read();
  const owning = (value: string) => events.find((event) => event.value === JSON.stringify(value))!;
  const { entityId } = owning(person);
  const field = (name: string) => owning(name).entityId as string as (typeof events)[number]['attribute'];
  const [role, next] = [field('Role'), field('Next step')];
  await openType(page, 'People');
  await openRecord(page, person);
  const [roleBox, nextBox] = [box(page, person, 'Role'), box(page, person, 'Next step')];
  const roleNow = await roleBox.inputValue();

  // One bundle holds a value of now and one of in two hours; the next one of a year, and the one after that again one of now.
  const sent = Date.now();
  await ahead.write([
    { entityId, attribute: role, value: 'In two hours', at: sent + 120 * MINUTE },
    { entityId, attribute: next, value: 'Of now', at: sent },
  ]);
  await ahead.write([{ entityId, attribute: role, value: 'In a year', at: sent + 365 * DAY }]);
  await ahead.write([{ entityId, attribute: next, value: 'Of now too', at: sent + 1 }]);
  await expect(nextBox).toHaveValue('Of now too', PATIENCE);
  await expect(chip(page)).toHaveText('2 changes need attention', PATIENCE);
  await expect(roleBox).toHaveValue(roleNow);
  // What is written here is dated by the right time, and sent.
  await setText(page, person, 'Next step', 'Written here');
  const own = async () => (await ahead.read()).find((event) => event.value === '"Written here"');
  await expect.poll(own, PATIENCE).toBeDefined();
  const stamp = millisOf((await own())!.timestamp);
  expect(stamp > sent - MINUTE && stamp < Date.now() + MINUTE).toBe(true);
  await expect(chip(page)).toHaveText('2 changes need attention');

  await page.getByRole('button', { name: /Sync details$/ }).click();
  await page
    .getByRole('dialog', { name: 'Sync details' })
    .getByRole('link', { name: /need attention/ })
    .click();
  const waiting = page.getByRole('region', { name: /^Dated in the future/ });
  await expect(waiting).toContainText('The clock of the device that sent them is ahead.');
  await expect(waiting.getByText(`${person}: Role`)).toHaveCount(2);
  const year = new Date(sent + 365 * DAY).getFullYear();
  await expect(waiting).toContainText(new RegExp(`applied .*${year}`));
  // Asked to, it tries, and says that its time has not come.
  await waiting.getByRole('button', { name: 'Try all again' }).click();
  await expect(page.getByText('None of them can be applied yet.')).toBeVisible();

  await letTimePass(device, 121 * MINUTE);
  await expect(chip(page)).toHaveText('1 change needs attention', { timeout: 90_000 });
  await openType(page, 'People');
  await openRecord(page, person);
  await expect(roleBox).toHaveValue('In two hours');
  await expect(nextBox).toHaveValue('Written here');

  await letTimePass(device, 366 * DAY);
  await expect(chip(page)).toHaveText('All changes synced', { timeout: 90_000 });
  await expect(roleBox).toHaveValue('In a year');
});
