/** Sums what the test runners themselves reported into one honest line. */
import * as v from 'valibot';

/** How many tests came out which way. `failed` also counts what kept tests from running. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One step of the test command, as its runner left it. */
export interface Stage {
  readonly name: string;
  /** Exit code of the command; null when it was killed or never started. */
  readonly exitCode: number | null;
  /** Which runner's report to read, if the step runs tests. */
  readonly report?: { readonly kind: 'vitest' | 'playwright'; readonly text: string | undefined };
}

/** The sum over all steps, with a reason in plain words for each failure that no test accounts for. */
export interface Summary extends Tally {
  readonly reasons: readonly string[];
}

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

const VitestReport = v.object({
  success: v.boolean(),
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      assertionResults: v.array(v.object({ status: v.string() })),
    }),
  ),
});

const PlaywrightReport = v.object({
  stats: v.object({ expected: Count, unexpected: Count, flaky: Count, skipped: Count }),
  errors: v.array(v.unknown()),
});

/**
 * Adds the steps up. A step counts by its own report; where the report is missing or unreadable, holds no test, or
 * hides that the command failed, one failure is added, so that no breakage can end in a sum without failures.
 */
export function summarize(stages: readonly Stage[]): Summary {
  const reasons: string[] = [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;

  for (const { name, exitCode, report } of stages) {
    const tally = report === undefined ? NOTHING : readReport(report.kind, report.text);
    const reason = whatIsHidden(exitCode, tally, report !== undefined);
    if (reason !== undefined) {
      reasons.push(`${name}: ${reason}`);
      failed += 1;
    }
    passed += tally?.passed ?? 0;
    failed += tally?.failed ?? 0;
    skipped += tally?.skipped ?? 0;
  }
  if (passed + failed === 0) {
    reasons.push('no test ran');
    failed = 1;
  }
  return { passed, failed, skipped, reasons };
}

/** The last line of the test command: `N passed, N failed`, and the skipped ones where there are any. */
export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

/** A failure of the step that its tally does not show. */
function whatIsHidden(exitCode: number | null, tally: Tally | undefined, runsTests: boolean): string | undefined {
  if (tally === undefined) return 'its report is missing or unreadable';
  if (runsTests && tally.passed + tally.failed === 0) return 'no test ran';
  if (exitCode !== 0 && tally.failed === 0)
    return exitCode === null ? 'was stopped' : `ended with exit code ${exitCode}`;
  return undefined;
}

/** The tally of one runner's JSON report, or undefined if it is not such a report. */
function readReport(kind: 'vitest' | 'playwright', text: string | undefined): Tally | undefined {
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return kind === 'vitest' ? readVitest(json) : readPlaywright(json);
}

function readVitest(json: unknown): Tally | undefined {
  const parsed = v.safeParse(VitestReport, json);
  if (!parsed.success) return undefined;

  const tests = parsed.output.testResults.flatMap((file) => file.assertionResults.map((test) => test.status));
  const passed = tests.filter((status) => status === 'passed').length;
  const failedTests = tests.filter((status) => status === 'failed').length;
  // A file that breaks before or outside of its tests is a failure that none of them shows.
  const brokenFiles = parsed.output.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const hidden = !parsed.output.success && failedTests + brokenFiles === 0 ? 1 : 0;
  return {
    passed,
    failed: failedTests + brokenFiles + hidden,
    skipped: tests.length - passed - failedTests,
  };
}

function readPlaywright(json: unknown): Tally | undefined {
  const parsed = v.safeParse(PlaywrightReport, json);
  if (!parsed.success) return undefined;
  const { expected, unexpected, flaky, skipped } = parsed.output.stats;
  // A test that passed at its second try has failed once; errors are those outside of any test.
  return { passed: expected, failed: unexpected + flaky + parsed.output.errors.length, skipped };
}
