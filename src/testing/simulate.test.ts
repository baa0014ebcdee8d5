import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BrokenCopy } from './broken-copy.ts';
import { MUTATIONS } from './mutations.ts';

test('a rule that is broken is told with its seed, the fewest actions that break it, and their course', () => {
  const copy = new BrokenCopy();
  try {
    const mutation = MUTATIONS.find(({ name }) => name === 'counts nothing that is not sealed yet')!;
    expect(copy.break(mutation)).toBe(null);
    const { status, stderr } = spawnSync(
      process.execPath,
      ['src/testing/simulate.ts', '--from', '2', '--seeds', '1', '--tries', '40'],
      { cwd: copy.folder, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^Seed 2 failed: client \d says .*\d+ (events of it )?are not stored/);
    const [, few, all] = /^(\d+) of its (\d+) actions are enough:$/.exec(lines[1]!) ?? [];
    expect(Number(all)).toBeGreaterThan(50);
    expect(Number(few)).toBeLessThan(6);
    // Each of them can be put into simulator-regressions.ts as it is.
    const actions = lines.slice(2, 2 + Number(few)).map((line) => JSON.parse(line) as { kind: string; at: number });
    expect(actions.map(({ kind }) => kind)).toContain('edit');
    const course = lines.slice(2 + Number(few));
    expect(course[0]).toMatch(/^client \d says .* not stored/);
    expect(course.some((line) => /^ +\d+ {2}edit \(client \d\)$/.test(line))).toBe(true);
    expect(course.some((line) => /^ +\d+ {2}PROBLEM: client \d says .* not stored/.test(line))).toBe(true);
    expect(stderr).toContain('0 of 1 seeds passed');
  } finally {
    copy.delete();
  }
}, 240_000);

test.each(MUTATIONS.map((mutation) => [mutation.rule, mutation.name, mutation] as const))(
  'what would break %s (%s) stands in the code',
  (_rule, _name, { file, before, after }) => {
    const code = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
    expect(code.split(before)).toHaveLength(2);
    expect(after).not.toBe(before);
  },
);
