import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { COLOURS, examine } from './examine.ts';
import { expect, test } from './fixtures.ts';
import { Profile } from './profile.ts';

/** Serves an empty page, so that there is an origin to store things for. */
async function emptySite(): Promise<{ url: string; close: () => void }> {
  const site = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>empty</title>'),
  );
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://localhost:${address.port}/`,
    close: () => {
      site.closeAllConnections();
      site.close();
    },
  };
}

/** Writes a small file to OPFS, or reads it. */
const write = async (text: string): Promise<void> => {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle('note', { create: true });
  const out = await file.createWritable();
  await out.write(text);
  await out.close();
};
const read = async (): Promise<string> => {
  const root = await navigator.storage.getDirectory();
  return (await (await root.getFileHandle('note')).getFile()).text();
};

test('a browser that was closed, and one that was crashed, opens again with what it had stored', async () => {
  const site = await emptySite();
  const profile = await Profile.open();
  try {
    await profile.page.goto(site.url);
    await profile.page.evaluate(write, 'before closing');
    await profile.reopen();
    await profile.page.goto(site.url);
    expect(await profile.page.evaluate(read)).toBe('before closing');

    await profile.page.evaluate(write, 'before the crash');
    await profile.crash();
    expect(() => profile.page).toThrow();
    await profile.reopen();
    await profile.page.goto(site.url);
    expect(await profile.page.evaluate(read)).toBe('before the crash');
  } finally {
    await profile.dispose();
    site.close();
  }
  expect(existsSync(profile.folder)).toBe(false);
});

test('a server that was killed, and one that was stopped, starts again at the same address', async ({ server }) => {
  const works = async (): Promise<boolean> => {
    try {
      return (await fetch(`${server.url}/v1/time`)).ok;
    } catch {
      return false;
    }
  };
  expect(await works()).toBe(true);
  await server.kill();
  expect(await works()).toBe(false);
  await server.restart();
  expect(await works()).toBe(true);
  await server.stop();
  expect(await works()).toBe(false);
  await server.restart();
  expect(await works()).toBe(true);
});

test('an error that no code of the page catches is kept for the end of the test', async ({ profile }) => {
  const one = await profile();
  await one.page.goto('/');
  await one.page.evaluate(() => void setTimeout(() => undefinedName.go(), 0));
  await expect.poll(() => one.problems.join()).toContain('undefinedName');
  one.problems.length = 0;
});

declare const undefinedName: { go(): void };

test('a look with axe finds what keeps people out, and names it', async ({ profile }) => {
  const { page } = await profile();
  await page.setContent(
    '<html lang="en"><title>Looked at</title><main><h1>Looked at</h1><p>In order</p><input></main></html>',
  );
  await expect(examine(page, 'a field without a name')).rejects.toThrow(/label: input <input>/);
  await page.evaluate(() => document.querySelector('input')!.setAttribute('aria-label', 'Name'));
  await examine(page, 'a field with one');
  await page.evaluate(() => (document.querySelector('p')!.style.color = '#ddd'));
  await expect(examine(page, 'pale', [], COLOURS)).rejects.toThrow(/color-contrast: p/);
  await examine(page, 'pale, not looked for', ['color-contrast']);
});
