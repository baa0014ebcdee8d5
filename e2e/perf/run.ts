/**
 * `npm run bench`: measures in a real Chromium with a persistent profile and writes docs/benchmarks.md. Each size of book is
 * kept in .reports/bench when it is done, so that a run that was broken off, or a size that takes long, is no loss:
 *
 *     npm run bench                        10,000 and 100,000 events
 *     npm run bench -- --events 1000000    one size
 *     npm run bench -- --all               all three
 *     npm run bench -- --nobuild           the app as it was built last
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext } from 'playwright';
import { build, preview } from 'vite';
import { browserFlags, findBrowser } from '../../.ci/browser.ts';
import type { Measured } from './page.ts';
import { writeReport, type Measurement } from './report.ts';
import { scrollingRow } from './scrolling.ts';
import { downloadRows, wireRows } from './wire.ts';

const EVENTS_A_RECORD = 10;

const { values: options } = parseArgs({
  options: { events: { type: 'string', multiple: true }, all: { type: 'boolean' }, nobuild: { type: 'boolean' } },
});
const sizes = options.events?.map(sizeOf) ?? (options.all ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]);

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const kept = join(root, '.reports', 'bench');
const work = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
mkdirSync(kept, { recursive: true });
try {
  if (!options.nobuild || !existsSync(dist)) await build({ root, logLevel: 'warn' });
  const site = await buildSite();
  const server = await preview({
    configFile: false,
    root,
    logLevel: 'warn',
    build: { outDir: site },
    preview: {
      port: 0,
      host: 'localhost',
      // Isolated pages have clocks of 5 microseconds; others, of a tenth of a millisecond.
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  try {
    for (const events of sizes) await measureSize(server.resolvedUrls!.local[0]!, events);
  } finally {
    await server.close();
  }
  const measurements = readdirSync(kept).map(
    (name) => JSON.parse(readFileSync(join(kept, name), 'utf8')) as Measurement,
  );
  writeFileSync(join(root, 'docs', 'benchmarks.md'), writeReport(measurements, [...wireRows(), ...downloadRows(dist)]));
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function sizeOf(text: string): number {
  const events = Number(text.replaceAll(/[_,]/g, ''));
  if (!Number.isInteger(events) || events < 1_000)
    throw new Error(`--events takes a number from 1,000 up, not ${text}`);
  return events;
}

/** The built app with the benchmark's page beside it, of one origin: both open the same book. */
async function buildSite(): Promise<string> {
  const site = join(work, 'site');
  cpSync(dist, site, { recursive: true });
  await build({
    configFile: false,
    root: import.meta.dirname,
    base: '/bench/',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: {
      outDir: join(site, 'bench'),
      emptyOutDir: true,
      target: 'es2024',
      rolldownOptions: { input: join(import.meta.dirname, 'index.html') },
    },
  });
  return site;
}

async function measureSize(url: string, events: number): Promise<void> {
  const started = performance.now();
  const profile = join(work, `profile-${events}`);
  const executablePath = await findBrowser();
  const browser = await chromium.launchPersistentContext(profile, {
    headless: true,
    serviceWorkers: 'block',
    viewport: { width: 1280, height: 800 },
    args: [...browserFlags],
    ...(executablePath !== undefined && { executablePath }),
  });
  try {
    const { type, ...report } = await measureInPage(browser, `${url}bench/index.html`, events);
    const rows = [...report.rows, await scrollingRow(browser, `${url}t/${type}`)];
    const day = new Date().toISOString().slice(0, 10);
    const where = `${day}, Chromium ${browser.browser()?.version() ?? ''}, headless, persistent profile, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}).`;
    const measurement: Measurement = { ...report, rows, where };
    writeFileSync(join(kept, `${events}.json`), JSON.stringify(measurement, null, 2));
    console.log(`${events} events took ${Math.round((performance.now() - started) / 1000)} s`);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function measureInPage(browser: BrowserContext, url: string, events: number): Promise<Measured> {
  const tab = await browser.newPage();
  try {
    tab.on('pageerror', (error) => console.error(error));
    await tab.exposeFunction('say', (words: string) => console.log(words));
    await tab.goto(url);
    await tab.waitForFunction('typeof runBenchmark === "function"');
    const size = JSON.stringify({ records: Math.floor(events / EVENTS_A_RECORD), events });
    return await tab.evaluate<Measured>(`runBenchmark(${size}, say)`);
  } finally {
    await tab.close();
  }
}
