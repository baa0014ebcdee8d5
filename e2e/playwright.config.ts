import { join, resolve } from 'node:path';
import { defineConfig } from 'playwright/test';

const root = resolve(import.meta.dirname, '..');
const reports = join(root, '.reports');

export default defineConfig({
  globalSetup: join(import.meta.dirname, 'harness', 'needs-build.ts'),
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
