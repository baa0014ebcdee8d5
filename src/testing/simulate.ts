/**
 * `npm run simulate -- --seeds 1000 [--from 1] [--tries 300] [--server ours]`: plays that many plans, against
 * the fake server, our own (`ours`), or our own with snapshots and retention (`snapshots`). `--seed 375` plays one and prints
 * its course. What fails is printed with its seed, shrunk to the fewest actions that still fail.
 */
import { parseArgs } from 'node:util';
import type { ServerKind } from './simulated-server.ts';
import { planOf, type Plan } from './simulator-plan.ts';
import { simulate } from './simulator.ts';
import { shrink } from './shrink.ts';

const TRACE_LINES = 120;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    server: { type: 'string', default: 'fake' },
    // How many shorter plans are tried when one fails.
    tries: { type: 'string', default: '300' },
  },
});

const SERVERS: readonly ServerKind[] = ['fake', 'ours', 'snapshots'];
const server = SERVERS.find((kind) => kind === values.server);
if (!server) throw new Error(`--server is one of ${SERVERS.join(', ')}`);
const setting = server === 'snapshots' ? 'snapshots' : 'plain';
const tries = numberOf('tries', 0);
const [from, count] = values.seed === undefined ? [numberOf('from'), numberOf('seeds')] : [numberOf('seed'), 1];
let failed = 0;
let events = 0;
let millis = 0;
const tally = new Map<string, number>();
const start = performance.now();
for (let seed = from; seed < from + count; seed++) {
  const outcome = await simulate(planOf(seed, setting), server);
  events += outcome.events;
  millis += outcome.simulatedMillis;
  for (const [what, count] of Object.entries(outcome.tally ?? {})) tally.set(what, (tally.get(what) ?? 0) + count);
  if (values.seed && outcome.problems.length === 0) console.warn(outcome.trace.join('\n'));
  if (outcome.problems.length === 0) continue;
  failed += 1;
  console.warn(`Seed ${seed} failed: ${outcome.problems.join('; ')}`);
  await explain(planOf(seed, setting), server);
}
const seconds = (performance.now() - start) / 1_000;
console.warn(
  `${count - failed} of ${count} seeds passed; ${events} events, ${(millis / 3_600_000).toFixed(0)} hours simulated in ${seconds.toFixed(0)} s.`,
);
if (tally.size > 0) console.warn([...tally].map(([what, count]) => `${what}: ${count}`).join(', '));
process.exitCode = failed > 0 ? 1 : 0;

function numberOf(option: 'from' | 'seeds' | 'seed' | 'tries', least = 1): number {
  const number = Number(values[option]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${option} takes a whole number from ${least}, not ${values[option]}`);
  return number;
}

/** Prints the shortest plan that still fails, and its course. */
async function explain(plan: Plan, server: ServerKind): Promise<void> {
  const actions = await shrink(
    plan.actions,
    async (fewer) => (await simulate({ ...plan, actions: fewer }, server)).problems.length > 0,
    tries,
  );
  const { problems, trace } = await simulate({ ...plan, actions }, server);
  console.warn(`${actions.length} of its ${plan.actions.length} actions are enough:`);
  for (const action of actions) console.warn(`  ${JSON.stringify(action)}`);
  console.warn(problems.join('\n'));
  console.warn(trace.slice(-TRACE_LINES).join('\n'));
}
