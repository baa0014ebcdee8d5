/** Draws the icons of the installed app from public/icon.svg: `node .ci/icons.ts`. Run it after a change of the drawing. */
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { browserFlags, findBrowser } from './browser.ts';

const drawing = readFileSync('public/icon.svg', 'utf8');

/** Corners are round where the system shows an icon as it is, and full where it cuts its own shape. */
const icons = [
  { file: 'icon-192.png', size: 192, corner: '22%' },
  { file: 'icon-512.png', size: 512, corner: '22%' },
  { file: 'maskable-512.png', size: 512, corner: '0' },
  { file: 'apple-touch-180.png', size: 180, corner: '0' },
];

mkdirSync('public/icons', { recursive: true });
const executablePath = await findBrowser();
const browser = await chromium.launch({
  ...(executablePath !== undefined && { executablePath }),
  args: [...browserFlags],
});
try {
  for (const { file, size, corner } of icons) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(
      `<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px; border-radius: ${corner} }</style>${drawing}`,
    );
    await page.screenshot({ path: `public/icons/${file}`, omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
