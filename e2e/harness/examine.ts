/** Looks for what keeps people out, with axe. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright';
import { expect } from './fixtures.ts';

/** Rules to leave out where something floats: React Aria puts a hidden button to close it beside it, both outside of every landmark. */
export const FLOATING = ['region'];

/** Rules about colours: all that dark can break where light was found in order. */
export const COLOURS = ['color-contrast', 'link-in-text-block'];

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
  // React Aria's announcer speaks of a button by its id, also when the button is gone a moment later.
  // There are no frames, so all is done in the page: otherwise a tab is opened and closed for each look.
  const axe = new AxeBuilder({ page }).exclude('[data-live-announcer]').setLegacyMode();
  if (only) axe.withRules([...only]);
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).disableRules([...off]);
  const { violations } = await axe.analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 160)}`),
  );
  expect(found, screen).toEqual([]);
}
