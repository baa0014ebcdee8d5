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
  fullyParallel: true,
  retries: 0,
  // What hangs is stopped; how fast a busy machine is says nothing about the app. What must be quick says so in its own spec.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  use: { actionTimeout: 60_000 },
});
