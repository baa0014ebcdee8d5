/**
 * `npm run mutations [-- --seeds 60] [--only SYNC-3]`: breaks a copy of the code in each way that mutations.ts lists, plays
 * the simulator's regressions and its first seeds against it, and prints which one notices. Fails when none does, when that one
 * fails on the code as it is, or when what is to be replaced does not stand in the code any more.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { BrokenCopy } from './broken-copy.ts';
import { plansOf, playMutant, problemOf } from './mutant.ts';
import { MUTATIONS } from './mutations.ts';
import type { Setting } from './simulator-plan.ts';

/** Nothing is playing yet. */
const START = 'its start';
/** A plan that takes longer than this has no end: that is noticed, too. */
const PATIENCE_MILLIS = 180_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '60' },
    only: { type: 'string' },
    // In a broken copy: what its parent asks for.
    play: { type: 'string' },
  },
});

interface Played {
  readonly noticed: boolean;
  /** Which plan noticed it. */
  readonly by: string;
  /** What it was found by; or why it could not be played. */
  readonly as: string;
}

if (values.play !== undefined) await playMutant(Number(values.seeds), values.play === 'plain' ? 'plain' : 'snapshots');
else process.exitCode = (await breakAll()) > 0 ? 1 : 0;

/** Returns how many went unnoticed. */
async function breakAll(): Promise<number> {
  const copy = new BrokenCopy();
  let missed = 0;
  try {
    console.warn('| rule | what is broken | noticed by | as |\n|---|---|---|---|');
    for (const mutation of chosen()) {
      const wrong = copy.break(mutation);
      const setting = mutation.setting ?? 'plain';
      const { noticed, by, as } =
        wrong === null ? await proven(await run(copy.folder, setting), setting) : cannot(wrong);
      if (!noticed) missed += 1;
      console.warn(`| ${mutation.rule} | ${mutation.name} | ${noticed ? by : 'NOT CAUGHT'} | ${as} |`);
    }
  } finally {
    copy.delete();
  }
  return missed;
}

function chosen(): typeof MUTATIONS {
  const some = MUTATIONS.filter(({ rule }) => values.only === undefined || rule === values.only);
  if (some.length > 0) return some;
  throw new Error(`--only takes one of ${[...new Set(MUTATIONS.map(({ rule }) => rule))].join(', ')}`);
}

const cannot = (why: string): Played => ({ noticed: false, by: '', as: why });

/** A plan that fails on the code as it is has noticed nothing. */
async function proven(played: Played, setting: Setting): Promise<Played> {
  const plan = played.noticed ? plansOf(Number(values.seeds), setting).get(played.by) : undefined;
  const problem = plan ? await problemOf(plan, setting) : null;
  return problem === null ? played : cannot(`${played.by} fails on the code as it is: ${problem}`);
}

/** Plays the broken copy in a process of its own, which is stopped when it hangs. */
function run(folder: string, setting: Setting): Promise<Played> {
  const child = spawn(process.execPath, ['src/testing/mutate.ts', '--play', setting, '--seeds', values.seeds], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let playing = START;
    let played: Played | null = null;
    let errors = '';
    const hangs = (): void => {
      played = { noticed: true, by: playing, as: 'it comes to no end' };
      child.kill('SIGKILL');
    };
    let patience = setTimeout(hangs, PATIENCE_MILLIS);
    createInterface(child.stdout).on('line', (line) => {
      clearTimeout(patience);
      patience = setTimeout(hangs, PATIENCE_MILLIS);
      const [what, by = '', as = ''] = line.split('\t');
      if (what === 'playing') playing = by;
      else played = { noticed: what === 'noticed', by, as };
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('close', () => {
      clearTimeout(patience);
      const thrown = /^\w*Error: .*$/m.exec(errors)?.[0] ?? '';
      if (played) resolve(played);
      else if (playing !== START) resolve({ noticed: true, by: playing, as: `it throws: ${thrown}` });
      // What does not even start proves nothing about the simulator.
      else reject(new Error(`a mutant did not play: ${errors.slice(0, 2_000)}`));
    });
  });
}
