/** Looks for what keeps people out, with axe. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type Axe from 'axe-core';
import type { Page } from 'playwright';
import { expect } from './fixtures.ts';

/** Rules to leave out where something floats: React Aria puts a hidden button to close it beside it, both outside of every landmark. */
export const FLOATING = ['region'];

/** Rules about colours: all that dark can break where light was found in order. */
export const COLOURS = ['color-contrast', 'link-in-text-block'];

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let source: Promise<string> | undefined;

/**
 * Runs axe on what is shown, once nothing moves.
 * @param only these rules; otherwise all but those in `off`
 */
export async function examine(
  page: Page,
  screen: string,
  off: readonly string[] = [],
  only?: readonly string[],
): Promise<void> {
  await page.waitForTimeout(250);
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    source ??= readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
    await page.evaluate(await source);
  }
  const options: Axe.RunOptions = {
    runOnly: only ? { type: 'rule', values: [...only] } : { type: 'tag', values: TAGS },
    rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])),
    // What is in order is not told in full, which takes most of the time.
    resultTypes: ['violations'],
  };
  const found = await page.evaluate(async (how) => {
    const { axe } = globalThis as unknown as { readonly axe: typeof Axe };
    // React Aria's announcer speaks of a button by its id, also when the button is gone a moment later.
    const { violations, passes } = await axe.run({ exclude: ['[data-live-announcer]'] }, how);
    return {
      looked: passes.length > 0 || violations.length > 0,
      violations: violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 160)}`),
      ),
    };
  }, options);
  expect(found, screen).toEqual({ looked: true, violations: [] });
}
