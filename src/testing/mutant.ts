/** Plays regressions and so many seeds until one fails, and prints which, and how, in lines of columns: on a broken copy of the code. */
import { REGRESSIONS, SNAPSHOT_REGRESSIONS } from './simulator-regressions.ts';
import { planOf, type Plan, type Setting } from './simulator-plan.ts';
import { simulate } from './simulator.ts';

export async function playMutant(seeds: number, setting: Setting): Promise<void> {
  for (const [name, plan] of plansOf(seeds, setting)) {
    tell('playing', name);
    const problem = await problemOf(plan, setting);
    if (problem === null) continue;
    const words = problem.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…').split('\n')[0]!;
    return tell('noticed', name, words.slice(0, 120));
  }
  tell('unnoticed');
}

/** By their names. */
export function plansOf(seeds: number, setting: Setting): ReadonlyMap<string, Plan> {
  const regressions = setting === 'plain' ? REGRESSIONS : SNAPSHOT_REGRESSIONS;
  return new Map([
    ...regressions.map((plan) => [`what seed ${plan.seed} found`, plan] as const),
    ...Array.from({ length: seeds }, (_, i) => [`seed ${i + 1}`, planOf(i + 1, setting)] as const),
  ]);
}

/** The first thing that goes wrong in a plan; null when nothing does. */
export async function problemOf(plan: Plan, setting: Setting): Promise<string | null> {
  const { problems } = await simulate(plan, setting === 'plain' ? 'fake' : 'snapshots');
  return problems[0] ?? null;
}

function tell(...columns: readonly string[]): void {
  process.stdout.write(`${columns.join('\t')}\n`);
}
