/** A new device in a real browser: the built app on OPFS, in a profile on disk. It is worked with while its book arrives. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import type { Membership } from '../../src/protocol/account.ts';
import { type Figures, megabytes, post, seconds } from '../../src/testing/first-sync-roles.ts';
import { median } from '../../src/testing/statistics.ts';
import { Profile } from '../harness/profile.ts';

const LOOK_MILLIS = 50;
const HOUR = 3_600_000;
const EDITS = 5;

/** @param mark from here on counts what goes over the wire */
export async function joinInBrowser(url: string, owner: Membership, mark: () => void): Promise<Figures> {
  const profile = await Profile.open({ baseURL: url, whole: true });
  try {
    const { page } = profile;
    // The app itself is here, and kept for offline use, before anything is measured; then there is a code, for two minutes.
    await page.goto('/');
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    const { code } = await post<{ code: string }>(url, '/v1/links', { for: 'device' }, owner.token);
    await page.goto(`/join#${encodeURIComponent(code)}`);
    await page.getByLabel('Name of this device').fill('Browser');
    const memory = await Memory.watch(profile);
    const atRest = memory.now();
    mark();
    const start = performance.now();
    const since = (): number => seconds(performance.now() - start);
    await page.getByRole('button', { name: 'Link this device' }).click();
    await until(page, () => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? 0) > 50);
    const shown = since();
    const first = await edit(page, 'while records arrive');
    const early = await edits(page, 'while records arrive');
    await until(page, () => /^(Receiving history|All changes)/.test(document.querySelector('header [role=status]')?.textContent ?? '')); // prettier-ignore
    const state = since();
    const late = await edits(page, 'while history arrives');
    await until(page, () => document.querySelector('header [role=status]')?.textContent === 'All changes synced');
    const whole = since();
    memory.stop();
    const calm = await edits(page, 'once all is here');
    const stored = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    return {
      'first 50 records, s': shown,
      'all records, s': state,
      'all history, s': whole,
      'the first edit, ms': first,
      'an edit while records arrive, ms': early,
      'an edit while history arrives, ms': late,
      'an edit once all is here, ms': calm,
      'page and workers before, MB': megabytes(atRest),
      'page and workers at most, MB': megabytes(memory.most),
      'stored by the browser, MB': megabytes(stored),
    };
  } finally {
    await profile.dispose();
  }
}

/** Playwright's own waiting evaluates text in the page, which the app's policy forbids. */
async function until(page: Page, holds: () => boolean): Promise<void> {
  const end = performance.now() + HOUR;
  while (!(await page.evaluate(holds))) {
    if (performance.now() > end) throw new Error(`waited in vain: ${String(holds)}`);
    await page.waitForTimeout(LOOK_MILLIS);
  }
}

/** Opens the first record, changes its city and waits until the app says that it is saved; milliseconds from the key to that. */
async function edit(page: Page, value: string): Promise<number> {
  await page.getByRole('grid').getByRole('link').first().click();
  const input = page.getByRole('textbox', { name: 'City', exact: true });
  await input.fill(value);
  const start = performance.now();
  await input.press('Tab');
  await page.getByRole('status').filter({ hasText: 'Saved' }).first().waitFor();
  const took = Math.round(performance.now() - start);
  await page.keyboard.press('Escape');
  return took;
}

/** The median of some edits in a row. */
async function edits(page: Page, value: string): Promise<number> {
  const took: number[] = [];
  while (took.length < EDITS) took.push(await edit(page, `${value}, ${took.length}`));
  return median(took);
}

/** What the processes that run the page and its workers hold in memory, together: proportional set size, as Linux tells it. */
class Memory {
  most = 0;
  readonly #pids: readonly number[];
  readonly #timer: NodeJS.Timeout;

  private constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#timer = setInterval(() => (this.most = Math.max(this.most, this.now())), 100);
  }

  static async watch({ context }: Profile): Promise<Memory> {
    const session = await context.browser()!.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return new Memory(processInfo.flatMap(({ type, id }) => (type === 'renderer' ? [id] : [])));
  }

  /** Bytes. */
  now(): number {
    return this.#pids.reduce((sum, pid) => sum + proportionalSize(pid), 0);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function proportionalSize(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
