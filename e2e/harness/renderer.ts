/** The process behind a tab, so that a spec can stop it in its tracks, as a phone does with a tab it puts to sleep. */
import type { Page } from 'playwright';

const PROBE_MILLIS = 500;

export interface Renderer {
  /** Nothing in the tab runs from now on, its workers included; what it holds, it keeps. */
  stop(): void;
  resume(): void;
}

/** Finds the process of `page`: the one without which it does not answer. */
export async function rendererOf(page: Page): Promise<Renderer> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('This browser does not tell its processes.');
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  for (const { id, type } of processInfo) {
    if (type !== 'renderer') continue;
    process.kill(id, 'SIGSTOP');
    const answered = await answers(page);
    process.kill(id, 'SIGCONT');
    if (answered) continue;
    // It answers again before anybody relies on it.
    await page.evaluate(() => undefined);
    return { stop: () => void process.kill(id, 'SIGSTOP'), resume: () => void process.kill(id, 'SIGCONT') };
  }
  throw new Error('No process of this browser belongs to the tab.');
}

async function answers(page: Page): Promise<boolean> {
  const answer = page.evaluate(() => true);
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PROBE_MILLIS));
  return Promise.race([answer, late]);
}
