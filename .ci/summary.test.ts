import { describe, expect, test } from 'vitest';
import { summarize, summaryLine, type Stage } from './summary.ts';

const vitest = (report: unknown, exitCode: number | null = 0): Stage => ({
  name: 'unit tests',
  exitCode,
  report: { kind: 'vitest', text: typeof report === 'string' ? report : JSON.stringify(report) },
});
const playwright = (stats: object, errors: unknown[] = [], exitCode: number | null = 0): Stage => ({
  name: 'end to end',
  exitCode,
  report: {
    kind: 'playwright',
    text: JSON.stringify({ stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors }),
  },
});
const file = (...statuses: string[]): object => ({
  name: 'a.test.ts',
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ status })),
});
const line = (...stages: Stage[]): string => summaryLine(summarize(stages));

describe('the sum', () => {
  test('adds the reports of both runners, and a step without tests adds nothing when it passes', () => {
    const unit = vitest({ success: true, testResults: [file('passed', 'passed'), file('passed')] });
    expect(line({ name: 'lint', exitCode: 0 }, unit, playwright({ expected: 4 }))).toBe('7 passed, 0 failed');
  });

  test('counts a failed test once, whatever the exit code', () => {
    const stage = vitest({ success: false, testResults: [file('passed', 'failed')] }, 1);
    expect(line(stage)).toBe('1 passed, 1 failed');
    expect(line(playwright({ expected: 2, unexpected: 1 }, [], 1))).toBe('2 passed, 1 failed');
  });

  test('shows skipped and unwritten tests', () => {
    const stage = vitest({ success: true, testResults: [file('passed', 'pending', 'skipped', 'todo')] });
    expect(line(stage, playwright({ expected: 1, skipped: 2 }))).toBe('2 passed, 0 failed, 5 skipped');
  });

  test('counts a test that passed only at its second try as failed', () => {
    expect(line(playwright({ expected: 3, flaky: 1 }))).toBe('3 passed, 1 failed');
  });

  test('counts a file that broke before its first test', () => {
    const broken = { name: 'b.test.ts', status: 'failed', assertionResults: [] };
    const afterwards = { name: 'c.test.ts', status: 'failed', assertionResults: [{ status: 'passed' }] };
    const stage = vitest({ success: false, testResults: [file('passed'), broken, afterwards] }, 1);
    expect(line(stage)).toBe('2 passed, 2 failed');
  });

  test('counts an error outside of every test', () => {
    expect(line(playwright({ expected: 3 }, [{ message: 'global setup failed' }], 1))).toBe('3 passed, 1 failed');
    expect(line(vitest({ success: false, testResults: [file('passed')] }, 1))).toBe('1 passed, 1 failed');
  });
});

describe('what could hide a failure adds one', () => {
  test.each([
    ['lint or types that fail', { name: 'lint', exitCode: 1 }, 'lint: ended with exit code 1'],
    ['a step that was killed', { name: 'build', exitCode: null }, 'build: was stopped'],
    [
      'a report that was not written',
      { name: 'unit tests', exitCode: 0, report: { kind: 'vitest', text: undefined } },
      'unit tests: its report is missing or unreadable',
    ],
    ['a report cut short', vitest('{"success":true,"testRes'), 'unit tests: its report is missing or unreadable'],
    ['a report of another shape', vitest({ tests: 7 }), 'unit tests: its report is missing or unreadable'],
    [
      'a count below nothing',
      playwright({ expected: 3, unexpected: -1 }),
      'end to end: its report is missing or unreadable',
    ],
    ['a runner that found no test', vitest({ success: true, testResults: [] }), 'unit tests: no test ran'],
    ['tests that were all skipped', playwright({ skipped: 3 }), 'end to end: no test ran'],
    [
      'a runner that fails although every test passed',
      vitest({ success: true, testResults: [file('passed')] }, 1),
      'unit tests: ended with exit code 1',
    ],
    [
      'a runner killed after its report',
      vitest({ success: true, testResults: [file('passed')] }, null),
      'unit tests: was stopped',
    ],
  ] satisfies [string, Stage, string][])('%s', (_, stage, reason) => {
    const { failed, reasons } = summarize([stage, playwright({ expected: 1 })]);
    expect(failed).toBe(1);
    expect(reasons).toEqual([reason]);
  });

  test('no steps at all', () => {
    expect(line()).toBe('0 passed, 1 failed');
    expect(line({ name: 'lint', exitCode: 0 })).toBe('0 passed, 1 failed');
  });
});
