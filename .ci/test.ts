/**
 * `npm test`: every check one after another, none skipped because an earlier one failed, and the sum of the runners' own
 * reports as the last line. Ends with exit code 0 only if nothing failed and tests ran.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensureBrowser, ensureShell } from './browser.ts';
import { summarize, summaryLine, type Stage } from './summary.ts';

const REPORTS = '.reports';

/** A run on CI is cut off from outside at some time; ending before it leaves the sum to read. */
const deadline = performance.now() + (process.env['CI'] === undefined ? Infinity : 75 * 60_000);

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** After so many minutes a step hangs, and is stopped. */
  readonly minutes: number;
  readonly report?: { readonly kind: 'vitest' | 'playwright'; readonly file: string };
}

const steps: readonly Step[] = [
  { name: 'lint', command: ['oxlint'], minutes: 3 },
  { name: 'format', command: ['oxfmt', '--check'], minutes: 2 },
  { name: 'unused code', command: ['knip', '--no-progress'], minutes: 3 },
  { name: 'types', command: ['tsc', '-b'], minutes: 5 },
  vitest('unit'),
  vitest('browser'),
  { name: 'build', command: ['vite', 'build'], minutes: 5 },
  {
    name: 'end to end',
    command: ['playwright', 'test', '--config', 'e2e/playwright.config.ts'],
    minutes: 45,
    report: { kind: 'playwright', file: 'e2e.json' },
  },
];

/** The two projects run apart, so that tests that measure time in the browser have the machine to themselves. */
function vitest(project: 'unit' | 'browser'): Step {
  const file = `${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${join(REPORTS, file)}`];
  return {
    name: `${project} tests`,
    command: ['vitest', 'run', '--project', project, ...reporters],
    minutes: 20,
    report: { kind: 'vitest', file },
  };
}

const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [join(process.cwd(), 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
};

/** Runs a step in plain sight. Resolves with its exit code, null if it had to be stopped or could not start. */
async function run({ name, command: [program = '', ...parameters], minutes }: Step): Promise<number | null> {
  const windows = process.platform === 'win32';
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
    // Its own process group, so that what it started can be stopped with it.
    detached: !windows,
    shell: windows,
  });
  const stop = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      if (windows) child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself meanwhile.
    }
  };
  const interrupt = (signal: NodeJS.Signals): void => {
    stop(signal);
    process.exit(1);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);

  let late = false;
  const limit = Math.max(0, Math.min(minutes * 60_000, deadline - performance.now()));
  const timer = setTimeout(() => {
    late = true;
    console.error(`${name}: stopped after ${(limit / 60_000).toFixed(1)} minutes`);
    stop('SIGKILL');
  }, limit);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => {
        console.error(error.message);
        resolve(null);
      });
      child.once('exit', (code) => resolve(late ? null : code));
    });
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    // A browser or server that the step left behind would disturb the next.
    stop('SIGKILL');
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS);

const stages: Stage[] = [];
console.log('━━ browser ━━');
try {
  // Later steps take those that were seen to start.
  const browser = await ensureBrowser();
  const shell = await ensureShell(browser);
  environment['CHROMIUM_PATH'] = browser;
  environment['DAYBOOK_SHELL'] = shell;
  console.log(browser);
  if (shell !== undefined) console.log(shell);
  stages.push({ name: 'browser', exitCode: 0 });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  stages.push({ name: 'browser', exitCode: 1 });
}
for (const step of steps) {
  console.log(`\n━━ ${step.name} ━━`);
  const start = performance.now();
  const exitCode = await run(step);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${step.name}: ${exitCode === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  const { name, report } = step;
  stages.push({
    name,
    exitCode,
    ...(report && { report: { kind: report.kind, text: readIfThere(join(REPORTS, report.file)) } }),
  });
}

const summary = summarize(stages);
console.log('');
for (const reason of summary.reasons) console.log(`Failed: ${reason}`);
const line = summaryLine(summary);
writeFileSync(join(REPORTS, 'summary.txt'), `${line}\n`);
console.log(line);
process.exitCode = summary.failed === 0 ? 0 : 1;
