/** A copied or restored profile: two installations with one name. Nothing of either is lost, and they come to differ. */
import { cp, rm } from 'node:fs/promises';
import type { Page } from 'playwright';
import {
  connection,
  expect,
  makeType,
  namesIn,
  openTab,
  startWriting,
  stopWriting,
  test,
} from './harness/client-fixtures.ts';
import { Profile } from './harness/profile.ts';
import { ServerProcess } from './harness/server.ts';

async function write(page: Page, prefix: string): Promise<readonly string[]> {
  await startWriting(page, prefix);
  await expect.poll(() => page.evaluate(() => writer.acknowledged.length)).toBeGreaterThan(5);
  return (await stopWriting(page)).acknowledged;
}

const status = (page: Page) => page.evaluate(() => book.status.getSnapshot()?.status.kind);

test('[HLC-6] a copy that nobody announced becomes a device of its own, and both keep all that they wrote', async ({
  device,
  site,
}) => {
  const server = await ServerProcess.start({ DAYBOOK_ORIGINS: new URL(site.url).origin });
  const copy = await Profile.open({ baseURL: site.url });
  try {
    const first = await openTab(device, 'Original');
    await makeType(first);
    const claimed = await first.evaluate(
      (serverUrl) => book.claim({ serverUrl, setupCode: null, personName: 'Ada', deviceName: 'Desk' }),
      server.url,
    );
    expect(claimed).toMatchObject({ ok: true });
    const together = await write(first, 'together');
    await expect.poll(() => status(first)).toBe('synced');

    await Promise.all([device.close(), copy.close()]);
    await rm(copy.folder, { recursive: true });
    await cp(device.folder, copy.folder, { recursive: true });
    await Promise.all([device.reopen(), copy.reopen()]);

    const [a, b] = await Promise.all([openTab(device, 'Original'), openTab(copy, 'Copy')]);
    // At the latest in the second round one of them finds that the other goes by its name.
    const written: string[] = [...together];
    for (const round of ['once', 'again']) {
      const [byA, byB] = await Promise.all([write(a, `original-${round}`), write(b, `copy-${round}`)]);
      written.push(...byA, ...byB);
      for (const page of [a, b]) await expect.poll(() => status(page), { timeout: 30_000 }).toBe('synced');
    }
    const all = written.toSorted();
    for (const page of [a, b]) {
      await expect.poll(async () => (await namesIn(page)).toSorted(), { timeout: 30_000 }).toEqual(all);
      await expect.poll(() => status(page), { timeout: 30_000 }).toBe('synced');
      expect(await connection(page)).toMatchObject({ kind: 'ready' });
    }
    const ids = await Promise.all([a, b].map((page) => page.evaluate(async () => (await book.account())?.clientId)));
    expect(new Set(ids).size).toBe(2);
    const devices = await a.evaluate(() => book.devices());
    expect(devices.ok && devices.value.map(({ name }) => name)).toEqual(['Desk', 'Desk']);
  } finally {
    await copy.dispose();
    await server.dispose();
  }
});
