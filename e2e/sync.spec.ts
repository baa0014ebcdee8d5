/** Two devices and a server that comes and goes: what each did apart comes together, value by value. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright';
import papa from 'papaparse';
import {
  box,
  chip,
  claimServer,
  linkDevice,
  openHistory,
  openRecord,
  openType,
  pane,
  PATIENCE,
  setText,
  startWith,
  visit,
} from './harness/app-steps.ts';
import { expect, test } from './harness/fixtures.ts';
import type { Profile } from './harness/profile.ts';
import type { ServerProcess } from './harness/server.ts';

const AIRPORTS = join(import.meta.dirname, '..', 'node_modules', 'vega-datasets', 'data', 'airports.csv');
/** The whole network of a device, as the browser sees it. */
async function setOffline(offline: boolean, ...devices: readonly Profile[]): Promise<void> {
  for (const device of devices) await device.context.setOffline(offline);
}

interface Backup {
  /** `entity attribute value timestamp`, sorted. */
  readonly attributes: readonly string[];
  readonly events: number;
  /** Values of each record of a type by field name. */
  records(type: string): Map<string, Record<string, unknown>>;
}

/** What a device holds, read from the backup that a person would download. */
async function backupOf(page: Page, file: string): Promise<Backup> {
  await visit(page, '/settings');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download backup' }).click();
  await (await download).saveAs(file);
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT entity_id, attribute, value, timestamp FROM attributes_text').all() as {
    entity_id: string;
    attribute: string;
    value: string;
    timestamp: string;
  }[];
  const count = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
  const events = count('SELECT count(*) FROM events');
  db.close();
  const entities = new Map<string, Map<string, unknown>>();
  for (const row of rows) {
    const entity = entities.get(row.entity_id) ?? new Map<string, unknown>();
    entities.set(row.entity_id, entity.set(row.attribute, JSON.parse(row.value)));
  }
  return {
    attributes: rows.map((row) => `${row.entity_id} ${row.attribute} ${row.value} ${row.timestamp}`).toSorted(),
    events,
    records(type) {
      const named = [...entities].find(([, facts]) => facts.get('type') === 'type' && facts.get('name') === type);
      const words = new Map<string, string>();
      for (const [, facts] of entities) {
        for (const [attribute, fact] of facts) {
          if (attribute.startsWith('option:')) words.set(attribute.slice(7), (fact as { name: string }).name);
        }
      }
      const found = new Map<string, Record<string, unknown>>();
      for (const [id, facts] of entities) {
        if (facts.get('type') !== named?.[0]) continue;
        const values = [...facts].filter(([attribute]) => entities.get(attribute)?.get('type') === 'field');
        found.set(
          id,
          Object.fromEntries(
            values.map(([field, fact]) => [
              entities.get(field)!.get('name'),
              typeof fact === 'string' ? (words.get(fact) ?? fact) : fact,
            ]),
          ),
        );
      }
      return found;
    },
  };
}

/** How often each bundle stands in the books of a server that has stopped: [SYNC-2] says once. */
function bundlesOn(server: ServerProcess): readonly number[] {
  const db = new DatabaseSync(join(server.dataFolder, 'daybook.sqlite'), { readOnly: true });
  const times = db
    .prepare("SELECT count(*) AS times FROM messages GROUP BY stream_id, json_extract(CAST(data AS TEXT), '$.id')")
    .all();
  db.close();
  return times.map((row) => Number(row['times']));
}

test('3,376 airports, imported and edited with the server dead, come to a second device attribute by attribute', async ({
  profile,
  server,
}, testInfo) => {
  const desk = await profile();
  let a = desk.page;
  await visit(a, '/import');
  await a.getByLabel('Choose a file').setInputFiles(AIRPORTS);
  await a.getByLabel('Name of the new type').fill('Airports');
  await a.getByRole('button', { name: /^Import 3,376 / }).click();
  await expect(a.getByRole('grid', { name: 'Airports' })).toHaveAttribute('aria-rowcount', '3377', PATIENCE);
  // The app is kept for offline use once its service worker has everything.
  await a.evaluate(async () => void (await navigator.serviceWorker.ready));

  await server.kill();
  await setOffline(true, desk);
  await openRecord(a, '00M');
  await setText(a, '00M', 'city', 'Bay Springs (edited offline)');
  await desk.close();
  a = await desk.reopen();
  await setOffline(true, desk);
  await a.goto('/');
  await openType(a, 'Airports');
  await openRecord(a, '00M');
  await expect(box(a, '00M', 'city')).toHaveValue('Bay Springs (edited offline)');
  await expect(chip(a)).toHaveText('Saved on this device only');

  await setOffline(false, desk);
  await server.restart();
  await claimServer(a);
  const phone = await profile();
  const b = phone.page;
  await linkDevice(a, b, 'Phone');
  await openType(b, 'Airports');
  await expect(b.getByRole('grid', { name: 'Airports' })).toHaveAttribute('aria-rowcount', '3377', PATIENCE);

  const [here, there] = [
    await backupOf(a, testInfo.outputPath('desk.sqlite')),
    await backupOf(b, testInfo.outputPath('phone.sqlite')),
  ];
  expect(there.attributes).toEqual(here.attributes);
  expect(there.events).toBe(here.events);

  const expected = papa.parse<Record<string, string>>(await readFile(AIRPORTS, 'utf8'), {
    header: true,
    skipEmptyLines: true,
  }).data;
  expect(expected.length).toBe(3376);
  // One comparison for all: Playwright makes a step of each `expect`, and these are 30,000 values.
  const byCode = new Map([...there.records('Airports').values()].map((record) => [record['iata'], record]));
  const wanted = expected.map((row) => {
    const edited = row['name'] === 'Thigpen' ? { ...row, city: 'Bay Springs (edited offline)' } : row;
    const filled = Object.entries(edited).filter(([, text]) => text !== '');
    const numeric = (name: string) => name === 'latitude' || name === 'longitude';
    return Object.fromEntries(filled.map(([name, text]) => [name, numeric(name) ? Number(text) : text.trim()]));
  });
  const found = wanted.map((row) => {
    const record = byCode.get(row['iata']);
    return record && Object.fromEntries(Object.keys(row).map((name) => [name, record[name]]));
  });
  expect(found).toEqual(wanted);
});

test('edits made apart meet: the newest value of each field wins, and both stand in the history', async ({
  profile,
  server,
}, testInfo) => {
  const [desk, phone] = [await profile(), await profile()];
  const [a, b] = [desk.page, phone.page];
  await startWith(a, 'Contacts');
  await claimServer(a);
  await linkDevice(a, b, 'Phone');
  const title = 'Amara Nwosu';
  for (const page of [a, b]) {
    await openType(page, 'People');
    await openRecord(page, title);
  }

  await setOffline(true, desk, phone);
  await server.kill();
  await setText(a, title, 'Role', 'Director, says the desk');
  await setText(a, title, 'Next step', 'Only the desk wrote this');
  await setText(b, title, 'Role', 'Chair, says the phone');
  await setText(b, title, 'Phone', '+1 555 0199');
  await expect(chip(a)).toHaveText('Offline · 2 changes waiting', PATIENCE);
  await expect(chip(b)).toHaveText('Offline · 2 changes waiting', PATIENCE);

  await server.restart();
  await setOffline(false, desk, phone);
  for (const page of [a, b]) await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  for (const page of [a, b]) {
    await expect(box(page, title, 'Role')).toHaveValue('Chair, says the phone', PATIENCE);
    await expect(box(page, title, 'Next step')).toHaveValue('Only the desk wrote this');
    await expect(box(page, title, 'Phone')).toHaveValue('+1 555 0199');
    await expect(pane(page, title).getByRole('group', { name: 'Two values for Role' })).toContainText(
      'Director, says the desk',
    );
    const history = await openHistory(page, title);
    await expect(history).toContainText('Chair, says the phone');
    await expect(history).toContainText('Director, says the desk');
    await expect(history).toContainText(page === a ? 'Phone' : /Desk|Chrom/);
  }

  // One click settles it, here and there, and what was not chosen stays in the history.
  await pane(a, title).getByRole('tab', { name: 'Fields' }).click();
  await pane(a, title)
    .getByRole('group', { name: 'Two values for Role' })
    .getByRole('button', { name: /Director/ })
    .click();
  await pane(b, title).getByRole('tab', { name: 'Fields' }).click();
  for (const page of [a, b]) {
    await expect(pane(page, title).getByRole('group', { name: 'Two values for Role' })).toBeHidden(PATIENCE);
    await expect(box(page, title, 'Role')).toHaveValue('Director, says the desk', PATIENCE);
    await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  }
  const [here, there] = [
    await backupOf(a, testInfo.outputPath('desk.sqlite')),
    await backupOf(b, testInfo.outputPath('phone.sqlite')),
  ];
  expect(there.attributes).toEqual(here.attributes);
});

test('a server that is killed again and again while changes go out stores each of them once', async ({
  profile,
  server,
}, testInfo) => {
  const [desk, phone] = [await profile(), await profile()];
  const [a, b] = [desk.page, phone.page];
  await startWith(a, 'Contacts');
  await claimServer(a);
  await linkDevice(a, b, 'Phone');
  await openType(a, 'People');
  const title = 'Amara Nwosu';
  await openRecord(a, title);
  for (let round = 0; round < 5; round++) {
    await setText(a, title, 'Next step', `step ${round}`);
    // An edit goes out within a second: somewhere in this moment lies the append, and at times the lost reply.
    await a.waitForTimeout(round * 50);
    await server.kill();
    await setText(a, title, 'Role', `role ${round}`);
    await server.restart();
    await expect(chip(a)).toHaveText('All changes synced', PATIENCE);
  }
  await a.reload();
  for (const page of [a, b]) await expect(chip(page)).toHaveText('All changes synced', PATIENCE);
  const [here, there] = [
    await backupOf(a, testInfo.outputPath('desk.sqlite')),
    await backupOf(b, testInfo.outputPath('phone.sqlite')),
  ];
  expect(there.attributes).toEqual(here.attributes);
  expect(there.events).toBe(here.events);
  const person = [...there.records('People').values()].find((record) => record['Name'] === title);
  expect(person).toMatchObject({ Role: 'role 4', 'Next step': 'step 4' });
  await server.stop();
  const times = bundlesOn(server);
  expect(times.length).toBeGreaterThan(5);
  expect(Math.max(...times)).toBe(1);
});
