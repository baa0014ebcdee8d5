import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const app = join(import.meta.dirname, '..');

/** With such a selector in any sheet, a row that comes or goes has the styles of all its siblings looked up again. */
test('no selector is about whatever stands behind something', () => {
  const sheets = globSync('**/*.css', { cwd: app });
  expect(sheets.length).toBeGreaterThan(50);
  const costly = sheets.filter((name) => {
    const rules = readFileSync(join(app, name), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
    return /[+~]\s*(?:\*|:|\[)[^;}]*\{/.test(rules);
  });
  expect(costly).toEqual([]);
});
