import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync('public/manifest.webmanifest', 'utf8')) as {
  readonly theme_color: string;
  readonly icons: readonly { readonly src: string; readonly sizes: string }[];
  readonly screenshots: readonly { readonly src: string; readonly sizes: string }[];
};

it('gives the installed app the colour that the page has', () => {
  const [, light] = /name="theme-color" content="(#[0-9a-f]{6})" media="\(prefers-color-scheme: light\)"/.exec(
    readFileSync('index.html', 'utf8'),
  )!;
  expect(manifest.theme_color).toBe(light);
});

it.each([...manifest.icons, ...manifest.screenshots])('says the size of $src as it is', ({ src, sizes }) => {
  const png = readFileSync(`public${src}`);
  expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes);
});
