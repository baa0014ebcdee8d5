/**
 * `npm run bench:server`: puts Daybook's server under load, and others beside it in the same run, and writes
 * docs/server-benchmarks.md. What each part comes to is kept in .reports/bench-server as it grows, so that a run that was broken
 * off is no loss:
 *
 *     npm run bench:server                        everything, about a quarter of an hour
 *     npm run bench:server -- --part appends      one part: appends, fan-out, first-sync or million
 *     npm run bench:server -- --quick             a sample of a minute or two; prints, keeps nothing
 *     npm run bench:server -- --only Daybook      one server alone; prints, keeps nothing
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAppends, type AppendPlan, type Appends } from './appends.ts';
import { bareNode, daybook, durableStreams, durableStreamsInMemory, evoluRelay, type Contender } from './contenders.ts';
import { installEvolu } from './evolu-packages.ts';
import { measureFanOut, type FanOut, type FanOutPlan } from './fan-out.ts';
import { measureFirstSync, type FirstSync } from './first-sync.ts';
import { PARTS, writeReport, type Failure, type Part, type PartReport } from './report.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, part: { type: 'string' } },
});
const { quick, only } = options;
const isSample = quick || only !== undefined;
const chosen = options.part === undefined ? PARTS : PARTS.filter((part) => part === options.part);
if (chosen.length === 0) throw new Error(`--part takes one of ${PARTS.join(', ')}`);

const root = join(import.meta.dirname, '../../..');
// Beside the sources, on the same disk: the system's folder for temporary files may be in memory, where commits cost nothing.
const kept = join(root, '.reports', 'bench-server');
mkdirSync(kept, { recursive: true });
const work = mkdtempSync(join(kept, 'work-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const packages = join(kept, 'evolu');
const noEvolu = only === undefined || only === 'Evolu' ? installEvolu(packages) : 'not asked for';
if (noEvolu) say(`Evolu is left out: ${noEvolu}`);
const everybody = [
  daybook,
  durableStreams,
  durableStreamsInMemory,
  ...(noEvolu ? [] : [evoluRelay(packages)]),
  bareNode,
];
const contenders = everybody.filter(({ name }) => only === undefined || name === only);
if (contenders.length === 0) throw new Error(`--only takes one of ${everybody.map(({ name }) => name).join(', ')}`);
const appenders = contenders.filter((each) => each !== durableStreamsInMemory);
const followed = contenders.filter((each) => each !== durableStreams);
const stores = appenders.filter((each) => each !== bareNode);

/** The others are beside it where the work is the same and the time allows: not in every step in between. */
const isOurs = (contender: Contender): boolean => contender === daybook;

const reports: PartReport[] = [];
// A million events are no sample.
for (const part of quick ? chosen.filter((each) => each !== 'million') : chosen) reports.push(await measurePart(part));
if (isSample) process.stdout.write(writeReport(reports, contenders, noEvolu));

async function measurePart(part: Part): Promise<PartReport> {
  const appends: Appends[] = [];
  const fanOuts: FanOut[] = [];
  const firstSyncs: FirstSync[] = [];
  const failures: Failure[] = [];
  const start = performance.now();
  const report = (): PartReport => {
    const minutes = (performance.now() - start) / 60_000;
    return { part, appends, fanOuts, firstSyncs, failures, when: new Date().toISOString(), minutes };
  };
  const keep = (): void => {
    if (isSample) return;
    writeFileSync(join(kept, `${part}.json`), JSON.stringify(report(), null, 2));
    writePage();
  };
  switch (part) {
    case 'appends':
      for (const plan of appendPlans())
        for (const contender of plan.books === 10 ? appenders.filter(isOurs) : appenders)
          await take(appends, failures, contender, plan, measureAppends).then(keep);
      break;
    case 'fan-out':
      for (const plan of fanOutPlans())
        for (const contender of plan.books > 1 ? followed.filter(isOurs) : followed)
          await take(fanOuts, failures, contender, plan, measureFanOut).then(keep);
      break;
    case 'first-sync':
      for (const contender of stores) {
        const plan = { events: quick ? 10_000 : 100_000, ingest: isOurs(contender) };
        await take(firstSyncs, failures, contender, plan, measureFirstSync).then(keep);
      }
      break;
    case 'million':
      for (const contender of stores.filter(isOurs)) {
        const plan = { events: 1_000_000, ingest: true };
        await take(firstSyncs, failures, contender, plan, measureFirstSync).then(keep);
      }
  }
  return report();
}

/** The page, from what every part came to last. */
function writePage(): void {
  const files = PARTS.map((part) => join(kept, `${part}.json`)).filter((file) => existsSync(file));
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as PartReport);
  writeFileSync(join(root, 'docs', 'server-benchmarks.md'), writeReport(reports, contenders, noEvolu));
}

function appendPlans(): AppendPlan[] {
  const time = quick ? { warmUpMillis: 300, millis: 1_000 } : { warmUpMillis: 1_000, millis: 5_000 };
  const sizes = [1, 1_000] as const;
  return sizes.flatMap((size) => (quick ? [1, 1_000] : [1, 10, 1_000]).map((books) => ({ books, size, ...time })));
}

function fanOutPlans(): FanOutPlan[] {
  if (quick) return [{ readers: 1_000, books: 1, millis: 2_000 }];
  return [1_000, 5_000].flatMap((readers) => [1, 100].map((books) => ({ readers, books, millis: 8_000 })));
}

/** Measures and keeps what it came to. What one server cannot do is told and does not end the run for the others. */
async function take<Plan extends object, Measured>(
  into: Measured[],
  failures: Failure[],
  contender: Contender,
  plan: Plan,
  measure: (contender: Contender, plan: Plan, work: string) => Promise<Measured>,
): Promise<void> {
  const start = performance.now();
  try {
    into.push(await measure(contender, plan, work));
    say(`${contender.name} ${JSON.stringify(plan)}: ${((performance.now() - start) / 1_000).toFixed(0)} s`);
  } catch (error) {
    if (contender === daybook) throw error;
    const why = error instanceof Error ? error.message : String(error);
    failures.push({ contender: contender.name, plan: JSON.stringify(plan), why });
    say(`${contender.name} ${JSON.stringify(plan)} failed: ${why}`);
  }
}

function say(words: string): void {
  console.warn(words);
}
