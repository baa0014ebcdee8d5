/**
 * `npm run soak -- --minutes 30 --seed 1`: every fault at every point of every verb, however long that takes; then, for so many
 * minutes, the simulator with one seed after another and the same faults on OPFS in a browser. Prints what fails with all
 * that is needed to see it again, and ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FaultLab } from './fault-lab.ts';
import { pointsFor } from './fault-run.ts';
import { FAULT_VERBS, LARGE_VERBS, type Verb } from './fault-verbs.ts';
import { SeededRandom } from './seeded-random.ts';
import { planOf } from './simulator-plan.ts';
import { simulate } from './simulator.ts';

/** Points of a large verb that are tried, picked by the seed: it has thousands. */
const LARGE_SAMPLE = 60;
/** What the browser gets of the minutes. */
const BROWSER_SHARE = 0.3;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isSafeInteger(seed))
  throw new Error('--minutes takes a number above 0, --seed a whole one');

const start = performance.now();
let passed = 0;
let failed = 0;

function attempt(what: string, work: () => void): void {
  try {
    work();
    passed += 1;
  } catch (error) {
    fail(what, error);
  }
}

function fail(what: string, error: unknown): void {
  failed += 1;
  console.warn(`FAILED ${what}: ${error instanceof Error ? error.message : String(error)}`);
}

function progress(what: string): void {
  const seconds = ((performance.now() - start) / 1_000).toFixed(0).padStart(5);
  console.warn(`${seconds} s  ${what}: ${passed} passed, ${failed} failed`);
}

/** All of the numbers, or so many of them. */
function some(all: readonly number[], most: number, random: SeededRandom): readonly number[] {
  return all.length <= most ? all : Array.from({ length: most }, () => random.pick(all));
}

function breakEverywhere(lab: FaultLab, verb: Verb, most: number): void {
  const random = new SeededRandom(seed);
  const points = lab.courseOf(verb).points;
  const at = (by: 'death' | 'full' | 'io'): readonly number[] => some(pointsFor(by, points), most, random);
  for (const point of at('death')) {
    attempt(`${verb.title}, killed at ${point}`, () => lab.kill(verb, point));
    if (points[point] !== 'answer') continue;
    attempt(`${verb.title}, torn at ${point} (seed ${seed})`, () => lab.kill(verb, point, random));
  }
  for (const by of ['full', 'io'] as const) {
    for (const point of at(by)) attempt(`${verb.title}, ${by} at ${point}`, () => lab.fail(verb, { at: point, by }));
  }
}

console.warn(`Soak: every fault of the store, then ${minutes} minutes of the rest; seed ${seed}`);

const lab = new FaultLab();
try {
  for (const verb of FAULT_VERBS) {
    attempt(`${verb.title}, on an intact book`, () => lab.courseOf(verb));
    breakEverywhere(lab, verb, Infinity);
    progress(verb.title);
  }
  for (const verb of LARGE_VERBS) {
    breakEverywhere(lab, verb, LARGE_SAMPLE);
    for (let pages = 0; pages < 40; pages++) {
      attempt(`${verb.title}, with room for ${pages} pages`, () => void lab.outgrow(verb, pages));
    }
    progress(verb.title);
  }
} finally {
  lab.dispose();
}

const deadline = performance.now() + minutes * 60_000;
const simulateUntil = performance.now() + minutes * 60_000 * (1 - BROWSER_SHARE);
for (let plan = seed; performance.now() < simulateUntil; plan++) {
  const about = `simulation of seed ${plan} (npm run simulate -- --seed ${plan})`;
  try {
    const { problems } = await simulate(planOf(plan));
    attempt(about, () => {
      if (problems.length > 0) throw new Error(problems.join('; '));
    });
  } catch (error) {
    // What it throws is a failure of that seed, and no reason to leave the others out.
    fail(about, error);
  }
  if (plan % 50 === 0) progress(`simulated up to seed ${plan}`);
}
progress('simulated');

const left = Math.max(1, (deadline - performance.now()) / 60_000);
const root = resolve(import.meta.dirname, '../..');
const browser = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...[
      'run',
      '--project',
      'browser',
      'src/store/faults.browser.test.ts',
      '--testTimeout',
      String(left * 60_000 + 120_000),
    ],
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, VITE_SOAK_MINUTES: String(left), VITE_SOAK_SEED: String(seed) },
  },
);
attempt('the faults on OPFS', () => {
  if (browser.status !== 0) throw new Error('see above');
});
progress('on OPFS');

console.warn(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
