import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig } from 'playwright/test';

const root = resolve(import.meta.dirname, '..');
const reports = join(root, '.reports');

if (!existsSync(join(root, 'dist', 'index.html'))) {
  throw new Error('The specs run against the built app: npm run build first, or npm run test:e2e.');
}

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: '**/*.spec.ts',
  // Benchmarks are measured alone: npm run bench.
  testIgnore: 'perf/**',
  outputDir: join(reports, 'e2e-artifacts'),
  reporter: [[process.env['CI'] === undefined ? 'line' : 'list'], ['json', { outputFile: join(reports, 'e2e.json') }]],
  forbidOnly: process.env['CI'] !== undefined,
  workers: 2,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
});
