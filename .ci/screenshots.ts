/**
 * Takes the pictures of the app that the manifest and the README show: `node .ci/screenshots.ts` after `npm run build`.
 * They are real: a server is started, a file imported, a record opened.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { browserFlags, findBrowser } from './browser.ts';

const PORT = 8_793;
const address = `http://localhost:${PORT}`;
const folder = mkdtempSync(join(tmpdir(), 'daybook-screenshots-'));

/** A season of visits, as somebody who does this for a living would have them. */
const visits = `Inspection,Site,Status,Date,Severity,Inspector,Findings
Fire doors; ground floor,Old Mill offices,Failed,2026-11-17,Critical,R. Okafor,Door to stair B does not latch: closer arm is bent.
Emergency lighting; monthly,Old Mill offices,Passed,2026-11-17,None,R. Okafor,All 42 fittings held for the full hour.
Roof and gutters,Harbour warehouse 3,In progress,2026-11-23,Minor,L. Brandt,North gutter is full of leaves.
Sprinkler valves; quarterly,Harbour warehouse 3,Passed,2026-10-20,None,L. Brandt,
Playground surface,Elm Street school,Failed,2026-11-11,Major,M. Sato,Rubber tiles lift at two edges beside the climbing frame.
Lift; yearly,Elm Street school,Planned,2026-12-01,,M. Sato,
Gas boiler,Elm Street school,Passed,2026-09-14,None,M. Sato,Flue clear. Pressure 1.4 bar.
Loading dock leveller,Harbour warehouse 3,Failed,2026-11-04,Major,L. Brandt,Hydraulic hose sweats at the left ram.
Ladders and steps,Old Mill offices,Passed,2026-10-28,Minor,R. Okafor,One step ladder withdrawn: split stile.
Fire extinguishers,Quayside cafe,Passed,2026-11-09,None,A. Lindgren,Nine units. Two refilled on site.
Extraction hood,Quayside cafe,In progress,2026-11-20,Minor,A. Lindgren,Grease behind the second filter; cleaning booked.
Cold store alarm,Quayside cafe,Passed,2026-11-09,None,A. Lindgren,
Asbestos register,Old Mill offices,Planned,2026-12-08,,R. Okafor,
Water temperature,Elm Street school,Passed,2026-11-02,None,M. Sato,Hot 58 °C; cold 11 °C at all outlets.
Racking,Harbour warehouse 3,Failed,2026-10-31,Critical,L. Brandt,Upright 14 is dented at knee height. Bay emptied.
Portable appliances,Quayside cafe,Planned,2026-12-03,,A. Lindgren,
Escape routes,Elm Street school,Passed,2026-11-16,None,M. Sato,
Lightning protection,Harbour warehouse 3,Planned,2026-12-15,,L. Brandt,
`;

const server = spawn(process.execPath, ['src/server/main.ts'], {
  env: { ...process.env, PORT: String(PORT), DAYBOOK_DATA: join(folder, 'data') },
  stdio: ['ignore', 'pipe', 'inherit'],
});
await once(server.stdout, 'data');
const executablePath = await findBrowser();
const open = (options: Parameters<typeof chromium.launchPersistentContext>[1]) =>
  chromium.launchPersistentContext(join(folder, 'profile'), {
    ...(executablePath !== undefined && { executablePath }),
    args: [...browserFlags],
    colorScheme: 'light',
    ...options,
  });
let context = await open({ viewport: { width: 1440, height: 900 } });
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${address}/import`);
  const csv = { name: 'inspections.csv', mimeType: 'text/csv', buffer: Buffer.from(visits.replaceAll('; ', ' · ')) };
  await page.getByLabel('Choose a file').setInputFiles(csv);
  await page.getByRole('button', { name: /^Icon/ }).click();
  await page.getByRole('button', { name: 'Clipboard' }).click();
  await page.getByRole('button', { name: /^Import \d+ records/ }).click();
  await page.getByRole('grid', { name: 'Inspections' }).waitFor();
  const table = page.url();
  await addTemplate(page, 'Stock');
  await addTemplate(page, 'Contacts');
  await page.goto(`${address}/settings`);
  await page.getByLabel('Your name').fill('Ruth Okafor');
  await page.getByRole('button', { name: 'Use this server' }).click();
  await page.getByRole('button', { name: 'Link a device' }).waitFor();
  await page.goto(table);
  await page.getByRole('link', { name: 'Roof and gutters' }).click();
  await page.getByLabel('Findings').waitFor();
  await page.getByText('All changes synced').first().waitFor();
  await page.mouse.move(1_439, 899);
  await page.waitForTimeout(600);
  mkdirSync('public/screenshots', { recursive: true });
  await page.screenshot({ path: 'public/screenshots/wide.png' });
  copyFileSync('public/screenshots/wide.png', 'docs/screenshot.png');

  await context.close();
  context = await open({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  const phone = context.pages()[0] ?? (await context.newPage());
  await phone.goto(table);
  await phone.getByText('Roof and gutters').first().waitFor();
  await phone.getByText('All changes synced').first().waitFor();
  await phone.waitForTimeout(600);
  await phone.screenshot({ path: 'public/screenshots/narrow.png' });
} finally {
  await context.close();
  server.kill();
  await once(server, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

async function addTemplate(page: Page, name: string): Promise<void> {
  await page.goto(`${address}/new-type`);
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await page.waitForURL(/\/t\//);
}
