/** What specs of tabs and storage start from: the client without the interface, on a real profile, and a writer in each tab. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect, test as base } from 'playwright/test';
import type { Connection } from '../../src/protocol/worker.ts';
import { startClientSite, type ClientSite } from './client-site.ts';
import { Profile } from './profile.ts';

export const test = base.extend<{ readonly device: Profile }, { readonly site: ClientSite }>({
  site: [
    // Playwright reads from the pattern which other fixtures are needed: none here.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, run) => {
      const folder = await mkdtemp(join(tmpdir(), 'daybook-client-site-'));
      const site = await startClientSite(folder);
      await run(site);
      await site.stop();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  device: async ({ site }, run) => {
    const device = await Profile.open({ baseURL: site.url });
    await run(device);
    await device.dispose();
  },
});

export { expect };

const TYPE = '01890000-0000-7000-8000-00000000000a';
const FIELD = '01890000-0000-7000-8000-00000000000b';

/** How the tab says it is connected. */
export const connection = (page: Page): Promise<Connection> => page.evaluate(() => book.connection.getSnapshot());

/** Opens a tab with a title of its own and waits until it is connected. */
export async function openTab(device: Profile, title: string): Promise<Page> {
  const [first] = device.pages;
  const page = first && first.url() === 'about:blank' ? first : await device.tab();
  await page.goto('/');
  await page.evaluate((text) => (document.title = text), title);
  await expect.poll(() => connection(page).then(({ kind }) => kind)).toBe('ready');
  return page;
}

/** The tab that leads, and the others. */
export async function byRole(tabs: readonly Page[]): Promise<{ leader: Page; others: Page[] }> {
  const leading = await Promise.all(
    tabs.map(async (tab) => {
      const state = await connection(tab);
      return state.kind === 'ready' && state.leading;
    }),
  );
  const leader = tabs.find((_, i) => leading[i]);
  if (!leader) throw new Error('No tab leads.');
  return { leader, others: tabs.filter((tab) => tab !== leader) };
}

export async function makeType(page: Page): Promise<void> {
  const outcome = await page.evaluate(
    ([id, field]) =>
      book.execute({
        kind: 'createType',
        id: id as never,
        name: 'Things',
        fields: [{ id: field as never, name: 'Name', kind: 'text' }],
      }),
    [TYPE, FIELD],
  );
  expect(outcome.ok).toBe(true);
}

/** What a tab wrote, and how long it ever waited for an acknowledgement. */
export interface Written {
  readonly acknowledged: string[];
  readonly failed: unknown[];
  readonly longestMillis: number;
}

declare global {
  /** The writer of this tab. */
  var writer: { stop: boolean; done: Promise<Written>; acknowledged: string[] };
  /** Called with the name of each record that was acknowledged, where a spec listens. */
  var onAcknowledged: ((name: string) => void) | undefined;
}

/** Lets a tab write records, one after another, until it is told to stop; each is named after `prefix`. */
export async function startWriting(page: Page, prefix: string): Promise<void> {
  await page.evaluate(
    ([type, field, name]) => {
      const acknowledged: string[] = [];
      const write = async (): Promise<Written> => {
        const failed: unknown[] = [];
        let longestMillis = 0;
        for (let i = 0; !writer.stop; i++) {
          const start = performance.now();
          const text = `${name}-${i}`;
          const records = [{ id: book.mintId(), values: { [field!]: text } }];
          const outcome = await book.execute({ kind: 'createRecords', type: type as never, records });
          longestMillis = Math.max(longestMillis, performance.now() - start);
          if (outcome.ok) {
            acknowledged.push(text);
            globalThis.onAcknowledged?.(text);
          } else {
            failed.push(outcome.error);
          }
        }
        return { acknowledged, failed, longestMillis };
      };
      globalThis.writer = { stop: false, acknowledged, done: Promise.resolve(null as never) };
      writer.done = write();
    },
    [TYPE, FIELD, prefix],
  );
}

export const stopWriting = (page: Page): Promise<Written> =>
  page.evaluate(() => {
    writer.stop = true;
    return writer.done;
  });

/** Names of all records, as this tab is answered: page by page, since one answer holds at most a thousand. */
export const namesIn = (page: Page): Promise<string[]> =>
  page.evaluate(
    async ([type, field]) => {
      const names: string[] = [];
      for (;;) {
        const query = { kind: 'records', type: type as never, offset: names.length, limit: 1_000 } as const;
        const { rows, total } = await book.query(query);
        for (const row of rows) names.push(row.values[field!] as string);
        if (rows.length === 0 || names.length >= total) return names;
      }
    },
    [TYPE, FIELD],
  );

/** Names of all records, as a live query shows them: subscribes at the first call. */
export const shownIn = (page: Page): Promise<string[]> =>
  page.evaluate(
    ([type, field]) => {
      const live = book.watch({ kind: 'records', type: type as never, offset: 0, limit: 100_000 });
      live.subscribe(() => undefined);
      return (live.getSnapshot()?.rows ?? []).map((row) => row.values[field!] as string);
    },
    [TYPE, FIELD],
  );
