/**
 * `npm run bench`: measures in a real Chromium with a persistent profile, prints a table, and writes it to
 * docs/benchmarks.md. Ratios are to raw sqlite-wasm on OPFS in the same run: absolute times say more about the machine.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { browserFlags, findBrowser } from '../../.ci/browser.ts';
import type { Row } from './measure.ts';
import { downloadRows, wireRows } from './wire.ts';

/** 12,500 records of eight fields: 100,000 attributes and a few, edited until there are 150,000 events. */
const RECORDS = 12_500;
const EVENTS = 150_000;

const root = join(import.meta.dirname, '..', '..');
const rows: Row[] = [];
const work = mkdtempSync(join(tmpdir(), 'daybook-bench-'));
let browserVersion = '';
try {
  if (!process.argv.includes('--nobuild')) await build({ root, logLevel: 'warn' });
  await measureInBrowser();
  rows.push(...wireRows());
  if (!process.argv.includes('--nobuild')) rows.push(...downloadRows(join(root, 'dist')));
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

const table = [
  '| work | Daybook | yardstick | ratio | target |',
  '|---|---|---|---|---|',
  ...rows.map((row) => `| ${row.work} | ${row.ours} | ${row.yardstick} | ${row.ratio.toFixed(2)} | ${targetOf(row)} |`),
].join('\n');
console.log(table);
writeFileSync(
  join(root, 'docs', 'benchmarks.md'),
  `# Measurements

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${browserVersion}, headless, persistent profile, ${cpus().length} cores
(${cpus()[0]?.model.trim() ?? 'unknown'}). A book of ${RECORDS.toLocaleString('en')} records with eight fields each (100,000 attributes), edited until it
has ${EVENTS.toLocaleString('en')} events. The yardstick is raw sqlite-wasm (\`oo1\`, prepared statements, the same pragmas) on OPFS, measured in the same
run and in turn; only the ratios say something about Daybook.

${table}
`,
);

function targetOf({ target, ratio }: Row): string {
  if (!target) return '';
  const met = target.kind === 'atMost' ? ratio <= target.ratio : ratio >= target.ratio;
  return `${target.kind === 'atMost' ? '≤' : '≥'} ${target.ratio} ${met ? 'met' : '**missed**'}`;
}

async function measureInBrowser(): Promise<void> {
  const outDir = join(work, 'site');
  const page = join(import.meta.dirname, 'index.html');
  const shared = { configFile: false, root: import.meta.dirname, logLevel: 'warn', worker: { format: 'es' } } as const;
  await build({ ...shared, build: { outDir, emptyOutDir: true, target: 'es2024', rolldownOptions: { input: page } } });
  const server = await preview({ ...shared, build: { outDir }, preview: { port: 0, host: 'localhost' } });
  const executablePath = await findBrowser();
  const browser = await chromium.launchPersistentContext(join(work, 'profile'), {
    headless: true,
    args: [...browserFlags],
    ...(executablePath !== undefined && { executablePath }),
  });
  try {
    browserVersion = `Chromium ${browser.browser()?.version() ?? ''}`;
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => console.error(error));
    await tab.exposeFunction('tellRow', (row: Row) => {
      rows.push(row);
      console.log(`${row.work}: ${row.ours}, ratio ${row.ratio.toFixed(2)}`);
    });
    await tab.goto(server.resolvedUrls!.local[0]!);
    await tab.waitForFunction('typeof runBenchmark === "function"');
    await tab.evaluate(`runBenchmark(${RECORDS}, ${EVENTS}, tellRow)`);
  } finally {
    await browser.close();
    await server.close();
  }
}
