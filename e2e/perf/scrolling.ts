/** How evenly the app's table moves while somebody scrolls through all of it. */
import type { BrowserContext } from 'playwright';
import type { Row } from './measure.ts';
import { percentile } from './statistics.ts';

const FRAMES = 400;
const LIMIT_MILLIS = 24;

/**
 * Scrolls the table of a type from top to bottom and measures the time from frame to frame.
 * @param url address of the table
 */
export async function scrollingRow(context: BrowserContext, url: string): Promise<Row> {
  const page = await context.newPage();
  try {
    await page.goto(url);
    await page.getByRole('grid').getByRole('row').nth(5).waitFor();
    const { gaps, records } = await page.evaluate(async (frames) => {
      const grid = document.querySelector('[role=grid]')!;
      let scroller = grid as HTMLElement;
      while (scroller.scrollHeight <= scroller.clientHeight + 1 && scroller.parentElement)
        scroller = scroller.parentElement;
      const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
      const gaps: number[] = [];
      let last = await nextFrame();
      for (let frame = 1; frame <= frames; frame++) {
        // Slowly at first, then in leaps, as with the wheel and with the bar.
        scroller.scrollTop += frame % 100 === 0 ? scroller.scrollHeight / 5 : 60;
        const now = await nextFrame();
        gaps.push(now - last);
        last = now;
      }
      return { gaps, records: Number(grid.getAttribute('aria-rowcount')) - 1 };
    }, FRAMES);
    const p95 = percentile(gaps, 0.95);
    return {
      work: `scrolling through ${records.toLocaleString('en')} records, p95 of ${FRAMES} frames`,
      ours: `${p95.toFixed(1)} ms`,
      yardstick: `${LIMIT_MILLIS} ms allowed`,
      ratio: p95 / LIMIT_MILLIS,
      floor: null,
      target: { kind: 'atMost', ratio: 1 },
    };
  } finally {
    await page.close();
  }
}
