/**
 * Shows that the gates bite: a forbidden import, an ambient global and what the lint bans are refused. Everything happens
 * in a small house in the temporary folder, furnished with the real configuration, so that a killed run leaves nothing here.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** What each folder may import: the table of the architecture, which the project references must agree with. */
const MAY_IMPORT = {
  core: [],
  protocol: ['core'],
  store: ['core'],
  sync: ['core', 'protocol'],
  worker: ['core', 'protocol', 'store', 'sync'],
  app: ['core', 'protocol'],
  server: ['core', 'protocol'],
  'service-worker': [],
} satisfies Record<string, string[]>;

const folders = Object.keys(MAY_IMPORT) as (keyof typeof MAY_IMPORT)[];

let house = '';

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'daybook-gates-'));
  for (const path of ['package.json', '.oxlintrc.json', '.ci/ambient-clock.js', 'src/tsconfig.base.json']) {
    cpSync(join(root, path), join(house, path));
  }
  for (const folder of folders)
    cpSync(join(root, `src/${folder}/tsconfig.json`), join(house, `src/${folder}/tsconfig.json`));
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'junction');
  for (const folder of [...folders, 'testing'])
    put(`src/${folder}/thing.ts`, 'export interface Thing { a: number }\nexport const thing: Thing = { a: 1 };\n');
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

/** Runs a tool of the project inside the house. */
function tool(name: string, ...parameters: string[]): { exitCode: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', name), parameters, {
    cwd: house,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 60_000,
  });
  return { exitCode: status, output: `${stdout}${stderr}` };
}

/** Type checks these files in place of those put there before, and lists the errors as `path code`, each once. */
function typeErrors(files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) put(path, text);
  const { exitCode, output } = tool('tsc', '-b', ...folders.map((folder) => `src/${folder}`), '--pretty', 'false');
  for (const path of Object.keys(files)) rmSync(join(house, path));
  const errors = [...output.matchAll(/^(\S+)\(\d+,\d+\): error (TS\d+)/gm)].map(([, path, code]) => `${path} ${code}`);
  // The exit code is what stops a build; it must agree with what is printed.
  expect(exitCode === 0).toBe(errors.length === 0);
  return [...new Set(errors)].toSorted();
}

describe('the type check', () => {
  test('accepts every import of the table', { timeout: 60_000 }, () => {
    const files = folders.flatMap((folder) =>
      MAY_IMPORT[folder].map((other) => [
        `src/${folder}/uses-${other}.ts`,
        `export { thing as it } from '../${other}/thing.ts';\n`,
      ]),
    );
    expect(typeErrors(Object.fromEntries(files))).toEqual([]);
  });

  test.each([
    ['import', (other: string) => `export { thing as it } from '../${other}/thing.ts';\n`],
    ['import of a type alone', (other: string) => `export type { Thing as It } from '../${other}/thing.ts';\n`],
    ['import at run time', (other: string) => `export const it = import('../${other}/thing.ts');\n`],
  ])('refuses every other %s', { timeout: 60_000 }, (_, source) => {
    const forbidden = folders.flatMap((folder) =>
      [...folders, 'testing']
        .filter((other) => other !== folder && !(MAY_IMPORT[folder] as string[]).includes(other))
        .map((other) => ({ path: `src/${folder}/uses-${other}.ts`, text: source(other) })),
    );
    expect(forbidden).toHaveLength(8 * 8 - 12);

    const errors = typeErrors(Object.fromEntries(forbidden.map(({ path, text }) => [path, text])));
    expect(errors.filter((error) => error.endsWith('TS6307'))).toEqual(
      forbidden.map(({ path }) => `${path} TS6307`).toSorted(),
    );
  });

  test.each([
    ['core', "export { readFileSync } from 'node:fs';", 'TS2591'],
    ['core', 'export const title = document.title;', 'TS2584'],
    ['core', 'export const path = process.cwd();', 'TS2591'],
    ['core', 'export const bytes = new TextEncoder();', 'TS2304'],
    ['store', 'export const time = performance.now();', 'TS2304'],
    ['sync', 'export const timer = setTimeout(() => {}, 1);', 'TS2304'],
    ['sync', "export const answer = fetch('/');", 'TS2304'],
    ['worker', 'export const title = document.title;', 'TS2584'],
    ['app', 'export const path = process.cwd();', 'TS2591'],
    ['server', 'export const title = document.title;', 'TS2584'],
  ])('knows nothing in %s of what its surroundings lack: %s', { timeout: 60_000 }, (folder, text, code) => {
    expect(typeErrors({ [`src/${folder}/ambient.ts`]: `${text}\n` })).toEqual([`src/${folder}/ambient.ts ${code}`]);
  });
});

describe('the lint', () => {
  const banned: readonly (readonly [path: string, rule: string, text: string])[] = [
    ['core/date-now', 'no-restricted-properties', 'export const at = Date.now();'],
    ['core/new-date', 'no-ambient-clock', 'export const at = new Date();'],
    ['store/date-call', 'no-ambient-clock', 'export const at = Date();'],
    ['store/destructured', 'no-restricted-properties', 'const { now } = Date;\nexport const at = now();'],
    ['sync/random', 'no-restricted-properties', 'export const dice = Math.random();'],
    ['core/crypto', 'no-restricted-globals', 'export const id = crypto.randomUUID();'],
    ['store/performance', 'no-restricted-globals', 'export const at = performance.now();'],
    ['sync/detour', 'no-restricted-globals', 'export const at = globalThis.Date.now();'],
    ['server/floating', 'no-floating-promises', 'export async function go(): Promise<void> {}\ngo();'],
    ['server/misused', 'no-misused-promises', 'export const go = (it: Promise<boolean>): number => (it ? 1 : 2);'],
    [
      'app/switch',
      'switch-exhaustiveness-check',
      "export function go(it: 'a' | 'b'): void {\n  switch (it) {\n    case 'a':\n      return;\n  }\n}",
    ],
    ['app/any', 'no-explicit-any', 'export const it: any = 1;'],
    ['app/extension', 'extensions', "export { thing as it } from './thing';"],
    ['core/cycle-a', 'no-cycle', "import { b } from './cycle-b.ts';\nexport const a = (): number => b();"],
    ['core/cycle-b', 'no-cycle', "import { a } from './cycle-a.ts';\nexport const b = (): number => a();"],
    ['app/types', 'consistent-type-imports', "import { Thing } from './thing.ts';\nexport const it: Thing = { a: 1 };"],
  ];
  const allowed: readonly (readonly [path: string, text: string])[] = [
    ['src/core/given-date.ts', 'export const day = (millis: number): string => new Date(millis).toISOString();'],
    ['src/core/given-date.test.ts', 'export const at = [Date.now(), new Date(), Math.random()];'],
    ['src/server/clock.ts', 'export const now = (): number => Date.now();'],
  ];

  test('refuses what it bans, with the rule meant for it, and nothing else', { timeout: 60_000 }, () => {
    for (const [path, , text] of banned) put(`src/${path}.ts`, `${text}\n`);
    for (const [path, text] of allowed) put(path, `${text}\n`);
    const { exitCode, output } = tool('oxlint', '--format', 'unix', 'src');

    const found = [...output.matchAll(/^(\S+?):\d+:\d+: .* \[Error\/[^(]*\(([^)]*)\)\]$/gm)].map(
      ([, path, rule]) => `${path} ${rule}`,
    );
    expect([...new Set(found)].toSorted()).toEqual(banned.map(([path, rule]) => `src/${path}.ts ${rule}`).toSorted());
    expect(exitCode).toBe(1);
  });
});
