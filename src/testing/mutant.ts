/** Plays regressions and so many seeds until one fails, and prints which, and how, in lines of columns: on a broken copy of the code. */
import { REGRESSIONS } from './simulator-regressions.ts';
import { planOf, type Setting } from './simulator-plan.ts';
import { simulate } from './simulator.ts';

export async function playMutant(seeds: number, setting: Setting): Promise<void> {
  const regressions = setting === 'plain' ? REGRESSIONS : [];
  const plans = [
    ...regressions.map((plan) => ({ name: `what seed ${plan.seed} found`, plan })),
    ...Array.from({ length: seeds }, (_, i) => ({ name: `seed ${i + 1}`, plan: planOf(i + 1, setting) })),
  ];
  for (const { name, plan } of plans) {
    tell('playing', name);
    const [problem] = (await simulate(plan, setting === 'plain' ? 'fake' : 'snapshots')).problems;
    if (problem === undefined) continue;
    const words = problem.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…').split('\n')[0]!;
    return tell('noticed', name, words.slice(0, 120));
  }
  tell('unnoticed');
}

function tell(...columns: readonly string[]): void {
  process.stdout.write(`${columns.join('\t')}\n`);
}
