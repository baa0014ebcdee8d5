/** How evenly the app's table moves while somebody scrolls through all of it. */
import type { BrowserContext } from 'playwright';
import type { Row } from './measure.ts';
import { percentile } from '../../src/testing/statistics.ts';

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
    const { gaps, atRest, records } = await page.evaluate(async (frames) => {
      const grid = document.querySelector('[role=grid]')!;
      let scroller = grid as HTMLElement;
      while (scroller.scrollHeight <= scroller.clientHeight + 1 && scroller.parentElement)
        scroller = scroller.parentElement;
      const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
      const measure = async (each: (frame: number) => void): Promise<number[]> => {
        const gaps: number[] = [];
        let last = await nextFrame();
        for (let frame = 1; frame <= frames; frame++) {
          each(frame);
          const now = await nextFrame();
          gaps.push(now - last);
          last = now;
        }
        return gaps;
      };
      // What the machine gives a page on which nothing happens.
      const atRest = await measure(() => {});
      // Slowly for the most part, and now and then in a leap, as with the wheel and with the bar.
      const gaps = await measure((frame) => {
        scroller.scrollTop += frame % 100 === 0 ? scroller.scrollHeight / 5 : 60;
      });
      return { gaps, atRest, records: Number(grid.getAttribute('aria-rowcount')) - 1 };
    }, FRAMES);
    const p95 = percentile(gaps, 0.95);
    return {
      work: `scrolling through ${records.toLocaleString('en')} records, p95 of ${FRAMES} frames`,
      ours: `${p95.toFixed(1)} ms`,
      yardstick: `${LIMIT_MILLIS} ms allowed; the same page at rest ${percentile(atRest, 0.95).toFixed(1)} ms`,
      ratio: p95 / LIMIT_MILLIS,
      floor: null,
      target: { kind: 'atMost', ratio: 1 },
    };
  } finally {
    await page.close();
  }
}
