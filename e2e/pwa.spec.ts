/** Daybook as an installed app: it can be installed, starts with no network and no server, and updates when asked to. */
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright';
import { expect, test } from './harness/fixtures.ts';
import { Profile } from './harness/profile.ts';
import { ServerProcess } from './harness/server.ts';

/** Waits until every file of the build is kept. */
const isKept = (page: Page) => page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);

async function startWithStock(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: /^Stock/ }).click();
  await expect(page.getByRole('grid', { name: 'Stock' })).toBeVisible();
}

const rowOf = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title });

test('the browser finds nothing in the way of installing it', async ({ profile }) => {
  const { page, context } = await profile({ whole: true });
  await page.goto('/');
  await expect.poll(() => isKept(page)).toBe('activated');
  const session = await context.newCDPSession(page);
  const manifest = await session.send('Page.getAppManifest');
  expect(manifest.errors).toEqual([]);
  const { icons, screenshots, shortcuts, ...words } = JSON.parse(manifest.data!) as {
    readonly icons: readonly { src: string; sizes: string }[];
    readonly screenshots: readonly { src: string; sizes: string }[];
    readonly shortcuts: readonly { name: string; url: string }[];
  };
  expect(words).toMatchObject({ id: '/', name: 'Daybook', start_url: '/', scope: '/', display: 'standalone' });
  expect(shortcuts.map(({ name }) => name)).toEqual(['New record', 'Search']);
  for (const { src, sizes } of [...icons, ...screenshots]) {
    const size = await page.evaluate(async (address) => {
      const image = await createImageBitmap(await (await fetch(address)).blob());
      return `${image.width}x${image.height}`;
    }, src);
    expect(size, src).toBe(sizes);
  }
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
});

test('starts with the network off and the server killed, on every screen, and saves', async ({ profile, server }) => {
  const one = await profile({ whole: true });
  await startWithStock(one.page);
  await expect.poll(() => isKept(one.page)).toBe('activated');
  await one.close();
  await server.kill();

  const page = await one.reopen();
  await one.context.setOffline(true);
  await page.goto('/');
  await expect(page.getByRole('grid', { name: 'Stock' })).toBeVisible();
  await rowOf(page, 'Coach bolts').getByRole('link').first().click();
  await page.getByRole('textbox', { name: 'Item number' }).fill('OFFLINE-1');
  await page.getByRole('textbox', { name: 'Item number' }).press('Tab');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  for (const [path, seen] of [
    ['/settings', 'This device'],
    ['/import', 'Drop a CSV file here'],
    ['/new-type', 'Or start from a template'],
    ['/activity', 'Activity'],
    ['/trash', 'Trash'],
    ['/search', 'Search'],
  ] as const) {
    await page.goto(path);
    await expect(
      page
        .getByRole('heading', { name: seen })
        .or(page.getByText(seen, { exact: true }))
        .first(),
    ).toBeVisible();
  }
  await one.close();
  const again = await one.reopen();
  await one.context.setOffline(true);
  await again.goto('/');
  await rowOf(again, 'Coach bolts').getByRole('link').first().click();
  await expect(again.getByRole('textbox', { name: 'Item number' })).toHaveValue('OFFLINE-1');
});

test('never touches the paths of the sync server', async ({ profile, server }) => {
  const { page } = await profile({ whole: true });
  await startWithStock(page);
  await expect.poll(() => isKept(page)).toBe('activated');
  await page.reload();
  const answered = page.waitForResponse((response) => response.url().endsWith('/v1/time'));
  await page.evaluate(() => fetch('/v1/time'));
  expect((await answered).fromServiceWorker()).toBe(false);
  await server.kill();
  expect(
    await page.evaluate(() =>
      fetch('/v1/time').then(
        () => 'answered',
        () => 'failed',
      ),
    ),
  ).toBe('failed');
});

test('asks to be kept once the first record of one’s own is saved, and not before', async ({ profile }) => {
  const { page } = await profile({ whole: true });
  await page.addInitScript(() => {
    const asked = { count: 0 };
    Object.assign(globalThis, { asked });
    navigator.storage.persist = () => {
      asked.count += 1;
      return Promise.resolve(true);
    };
  });
  const asked = () => page.evaluate(() => (globalThis as unknown as { asked: { count: number } }).asked.count);
  await startWithStock(page);
  expect(await asked()).toBe(0);
  await page.getByRole('button', { name: 'New record' }).first().click();
  await page.getByRole('textbox', { name: 'Item', exact: true }).fill('Spirit level');
  await page.getByRole('textbox', { name: 'Item', exact: true }).press('Tab');
  await expect.poll(asked).toBe(1);
  await page.reload();
  await expect(rowOf(page, 'Spirit level').first()).toBeVisible();
  expect(await asked()).toBe(0);
});

test.describe('a new version', () => {
  let app: string;
  let server: ServerProcess;
  let one: Profile;

  test.beforeEach(async () => {
    app = await mkdtemp(join(tmpdir(), 'daybook-app-'));
    await cp(resolve(import.meta.dirname, '../dist'), app, { recursive: true });
    server = await ServerProcess.start({ DAYBOOK_APP: app });
    one = await Profile.open({ baseURL: server.url, whole: true });
  });

  test.afterEach(async () => {
    const { problems } = one;
    await one.dispose();
    await server.dispose();
    await rm(app, { recursive: true, force: true });
    expect(problems).toEqual([]);
  });

  /**
   * Puts out what a change in the app's own code makes of the build: a page that says its version, other names for the code
   * and all that loads it, and a service worker that lists them. The old files are gone.
   */
  async function release(): Promise<void> {
    const assets = await readdir(join(app, 'assets'));
    const same = /^(?:rolldown-runtime|broker|worker)-/;
    const renamed = assets.filter((name) => name.endsWith('.js') && !same.test(name));
    expect(renamed.some((name) => name.startsWith('app-'))).toBe(true);
    const text = async (path: string) => {
      let content = await readFile(join(app, path), 'utf8');
      for (const name of renamed) content = content.replaceAll(name, nextName(name));
      return content;
    };
    for (const name of renamed) {
      await writeFile(join(app, 'assets', nextName(name)), await text(`assets/${name}`));
      await rm(join(app, 'assets', name));
    }
    const worker = await text('service-worker.js');
    // The list of files names each with its revision, in either order and with or without quotes around the keys.
    const listing = worker.replace(/\{[^{}]*["'`]index\.html["'`][^{}]*\}/, (entry) =>
      entry.replace(/(["'`])[0-9a-f]{32}\1/, '"00000000000000000000000000000002"'),
    );
    expect(listing).not.toBe(worker);
    await writeFile(join(app, 'service-worker.js'), listing);
    await writeFile(join(app, 'index.html'), (await text('index.html')).replace('<body>', '<body data-version="2">'));
  }
  const nextName = (name: string) => name.replace(/.\.js$/, (end) => `${end.startsWith('2') ? '3' : '2'}.js`);

  /** Opens the kept app in the first tab and in another, which is returned. */
  async function startInTwoTabs(): Promise<Page> {
    await startWithStock(one.page);
    await expect.poll(() => isKept(one.page)).toBe('activated');
    await one.page.reload();
    const other = await one.tab();
    await other.goto('/');
    return other;
  }

  const lookForUpdate = (page: Page) =>
    page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
  const version = (page: Page) => page.evaluate(() => document.body.dataset['version'] ?? '1');
  const offer = (page: Page) => page.getByText('A new version is ready');

  test('is offered, waits for the click, and an edit that is being typed is saved first', async () => {
    const { page } = one;
    await startWithStock(page);
    await expect.poll(() => isKept(page)).toBe('activated');
    await page.reload();
    await expect(page.getByRole('grid', { name: 'Stock' })).toBeVisible();
    await release();
    await lookForUpdate(page);
    await expect(offer(page)).toBeVisible();
    await rowOf(page, 'Coach bolts').getByRole('link').first().click();
    await page.getByRole('textbox', { name: 'Item number' }).fill('typed just now');
    await page.waitForTimeout(1_500);
    expect(await version(page)).toBe('1');
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => version(page).catch(() => 'reloading')).toBe('2');
    await expect(page.getByRole('textbox', { name: 'Item number' })).toHaveValue('typed just now');
    await expect(offer(page)).toBeHidden();
  });

  test('never takes what cannot be saved, and another tab waits for its own click while somebody types there', async () => {
    const { page } = one;
    const other = await startInTwoTabs();
    await rowOf(other, 'Coach bolts').getByRole('link').first().click();
    await other.getByRole('textbox', { name: 'In stock' }).fill('many');
    await other.getByRole('textbox', { name: 'In stock' }).press('Tab');
    await expect(other.getByText(/Not saved/)).toBeVisible();
    await release();
    await lookForUpdate(page);
    await expect(offer(page)).toBeVisible();

    await other.getByRole('button', { name: 'Reload' }).click();
    await expect(other.getByText('Something you typed is not saved yet.', { exact: false })).toBeVisible();
    expect(await version(other)).toBe('1');

    await page.bringToFront();
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => version(page).catch(() => 'reloading')).toBe('2');
    await other.bringToFront();
    await expect(other.getByRole('textbox', { name: 'In stock' })).toHaveValue('many');
    expect(await version(other)).toBe('1');
    const told = other.getByRole('main').filter({ hasText: 'Daybook was updated in another tab' });
    await expect(told).toContainText('Not kept, since it does not fit its field: “many”.');
    await told.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => version(other).catch(() => 'reloading')).toBe('2');
    await expect(other.getByRole('textbox', { name: 'In stock' })).toHaveValue('6');
  });

  test('comes in the middle of other requests too, which let the browser forget the change', async () => {
    const { page } = one;
    const other = await startInTwoTabs();
    await expect(other.getByRole('grid', { name: 'Stock' })).toBeVisible();
    await release();
    await lookForUpdate(page);
    await expect(offer(page)).toBeVisible();
    await other.evaluate(() => {
      const end = Date.now() + 2_000;
      const ask = () => void (Date.now() < end && fetch('/favicon.svg').then(() => setTimeout(ask, 20)));
      ask();
    });
    await page.bringToFront();
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => version(page).catch(() => 'reloading')).toBe('2');
    await expect.poll(() => version(other).catch(() => 'reloading')).toBe('2');
  });

  test('is offered by a page that misses a part of its own, which does not load itself again and again for it', async () => {
    const { page } = one;
    await startWithStock(page);
    await expect.poll(() => isKept(page)).toBe('activated');
    const forgotten = await page.evaluate(async () => {
      let count = 0;
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys())
          if (/\/trash-page-.*\.js/.test(request.url) && (await cache.delete(request))) count += 1;
      }
      return count;
    });
    expect(forgotten).toBe(1);
    await (await one.context.newCDPSession(page)).send('Network.clearBrowserCache');
    await release();
    let loads = 0;
    page.on('load', () => (loads += 1));
    await page.reload();
    await expect(offer(page)).toBeVisible();
    await page.getByRole('link', { name: 'Trash' }).click();
    await expect(page.getByText('This part of Daybook is not on this device yet.', { exact: false })).toBeVisible();
    // Longer than a page that follows would take.
    await page.waitForTimeout(2_500);
    expect([loads, await version(page)]).toEqual([1, '1']);
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => version(page).catch(() => 'reloading')).toBe('2');
    await expect(page.getByRole('heading', { name: 'Trash', exact: true })).toBeVisible();
  });
});
