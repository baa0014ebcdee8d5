/**
 * A device whose clock is wrong: in every page and in every worker of its profile, `Date` is off. Playwright's own clock stops
 * at the page, so the scripts of workers get the same lines put before them on their way.
 */
import type { Page, Worker } from 'playwright';
import type { Profile } from './profile.ts';

declare global {
  /** How far the clock of this page or worker is ahead, in milliseconds. */
  var clockAheadMillis: number | undefined;
}

/** Run before anything else in its realm. */
const shift = (aheadMillis: number): string => `{
  globalThis.clockAheadMillis ??= ${aheadMillis};
  const now = Date.now;
  globalThis.Date = class Date extends globalThis.Date {
    constructor(...given) {
      if (given.length > 0) super(...given);
      else super(Date.now());
    }
    static now() {
      return now() + globalThis.clockAheadMillis;
    }
  };
}
`;

/** Sets the clock of a profile, before its first page is opened. It keeps no app for offline use: that would be another script. */
export async function setClockAhead({ context }: Profile, aheadMillis: number): Promise<void> {
  await context.addInitScript(shift(aheadMillis));
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
  await context.route('**/assets/*worker*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: shift(aheadMillis) + (await response.text()) });
  });
}

/** Sets the clock anew while the app is running, in its page and all workers. */
export async function moveClock(page: Page, aheadMillis: number): Promise<void> {
  const set = (millis: number): void => void (globalThis.clockAheadMillis = millis);
  await page.evaluate(set, aheadMillis);
  for (const worker of page.workers()) await worker.evaluate(set, aheadMillis);
}

/** Sets the clocks of a device and of the server, as that device reads it, so far ahead: time itself has passed. */
export async function letTimePass({ context, page }: Profile, millis: number): Promise<void> {
  await context.route('**/v1/time', (route) => route.fulfill({ json: { millis: Date.now() + millis } }));
  await moveClock(page, millis);
}

/** How far ahead of this machine's clock a page or worker believes to be, to the second. */
export async function clockAhead(realm: Pick<Page, 'evaluate'> | Pick<Worker, 'evaluate'>): Promise<number> {
  const there = await (realm as Pick<Page, 'evaluate'>).evaluate(() => Date.now());
  return Math.round((there - Date.now()) / 1_000) * 1_000 + 0;
}
