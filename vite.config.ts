import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { browserFlags, findBrowser } from './.ci/browser.ts';

const browserTests = 'src/**/*.browser.test.{ts,tsx}';

/** Tests of pure code and of the server, in Node. */
const unit: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'unit',
    environment: 'node',
    // What hangs is stopped; how fast a busy machine is says nothing about the code.
    testTimeout: 240_000,
    // By default one core of two would be kept free; no test here is about how long something takes beside another.
    maxWorkers: '100%',
    // Files share a process and what they import: to load it anew for each takes a fifth of the time. Tests put back what they change.
    isolate: false,
    restoreMocks: true,
    include: ['src/**/*.test.{ts,tsx}', '.ci/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: [browserTests],
    benchmark: { include: ['src/**/*.bench.ts'] },
  },
};

/**
 * Tests that need a real browser. They run one file after another in one profile, fresh for each run: only a persistent
 * profile has OPFS at the speed people get, and Vitest ignores it when files run side by side.
 */
async function browser(): Promise<TestProjectInlineConfiguration> {
  const executablePath = await findBrowser();
  const profile = join(tmpdir(), `daybook-test-${randomUUID()}`);
  process.on('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return {
    extends: true,
    // Found by the first test to import them, these would be prepared in the middle of the run and reload its page.
    optimizeDeps: { include: ['comlink', 'fflate', 'fractional-indexing', 'idb-keyval', 'valibot', 'fast-check'] },
    test: {
      name: 'browser',
      include: [browserTests],
      testTimeout: 120_000,
      fileParallelism: false,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          persistentContext: profile,
          launchOptions: { ...(executablePath !== undefined && { executablePath }), args: [...browserFlags] },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}

/** The service worker, with the list of files of the build that it keeps. The manifest is a file in public/. */
const pwa = VitePWA({
  strategies: 'injectManifest',
  srcDir: 'src/service-worker',
  filename: 'service-worker.ts',
  injectRegister: false,
  manifest: false,
  injectManifest: {
    globPatterns: ['**/*.{html,js,css,wasm,woff2,svg,png,webmanifest}'],
    // The last two come with sqlite-wasm and are never asked for: they serve other ways to run it.
    globIgnores: ['screenshots/**', '**/sqlite3-worker1-*', '**/sqlite3-opfs-async-proxy-*'],
    maximumFileSizeToCacheInBytes: 8_000_000,
    rollupFormat: 'iife',
  },
});

const TEXTS = new Set(['.css', '.html', '.js', '.json', '.svg', '.wasm', '.webmanifest']);

/**
 * Packs what a browser asks for, as small as Brotli can, in a file `….br` beside each: the server would need seconds for it while
 * the first visitor waits, and packs less well for that reason.
 */
function packed(): Plugin {
  const pack = promisify(brotliCompress);
  let folder = '';
  return {
    name: 'daybook-packed',
    apply: 'build',
    configResolved: ({ root, build }) => void (folder = resolve(root, build.outDir)),
    closeBundle: {
      sequential: true,
      // After the service worker is written.
      order: 'post',
      async handler() {
        const files = await readdir(folder, { recursive: true });
        await Promise.all(
          files.map(async (name) => {
            if (!TEXTS.has(extname(name))) return;
            const path = join(folder, name);
            const bytes = await readFile(path);
            const params = {
              [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
              [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
            };
            // A server that runs meanwhile must not come upon half of it.
            await writeFile(`${path}.part.br`, await pack(bytes, { params }));
            await rename(`${path}.part.br`, `${path}.br`);
          }),
        );
      },
    },
  };
}

const { version: packaged } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string;
};
/** Specs build a second version beside the first. */
const version = process.env['DAYBOOK_VERSION'] ?? packaged;

export default defineConfig(async () => ({
  plugins: [react(), pwa, packed()],
  define: { 'import.meta.env.VITE_VERSION': JSON.stringify(version) },
  server: {
    // `npm run dev` starts the sync server beside Vite. It checks that pages come from the host that they name.
    proxy: { '/v1': { target: `http://localhost:${process.env['PORT'] ?? '8787'}`, changeOrigin: false } },
  },
  // Its worker finds the wasm beside itself, which it no longer is once prepared.
  optimizeDeps: { exclude: ['@sqlite.org/sqlite-wasm'] },
  worker: { format: 'es' as const },
  build: {
    target: ['es2024', 'chrome123', 'edge123', 'firefox128', 'safari18'],
    sourcemap: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One file each for what the first screen needs and for what the parts that come later share: by default there
            // would be some hundred small ones.
            { name: 'app', tags: ['$initial' as const] },
            { name: 'shared', minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: {
    projects: process.env['VITEST'] === undefined ? [] : [unit, await browser()],
  },
}));
