/** What the checks of the doctor are about, in plain words, and the report to hand to somebody who helps. */
import type { CheckName, DoctorCheck, DoctorReport } from '../../../core/health.ts';
import { sizeWords } from '../settings/storage-words.ts';

const ABOUT: { readonly [C in CheckName]: { readonly title: string; readonly good: string; readonly bad: string } } = {
  file: { title: 'The database file', good: 'Every page of it is in order.', bad: 'It is damaged.' },
  attributes: {
    title: 'Newest values',
    good: 'Each is the newest version in the history.',
    bad: 'Some are not what the history says.',
  },
  versions: {
    title: 'Conflicts',
    good: 'Those that are open are kept, and no others.',
    bad: 'Some are kept that are none, or are missing.',
  },
  entities: {
    title: 'Lists of records',
    good: 'They hold what exists, and count it rightly.',
    bad: 'They are not complete.',
  },
  fields: { title: 'Fields of types', good: 'All are where they belong.', bad: 'Some are not where they belong.' },
  search: {
    title: 'Words for searching',
    good: 'They are those of the records.',
    bad: 'They are not those of the records.',
  },
  folded: {
    title: 'Letters for sorting',
    good: 'They are those of the texts.',
    bad: 'They are not those of the texts.',
  },
  links: { title: 'Links between records', good: 'They lead both ways.', bad: 'Some do not lead both ways.' },
  transactions: {
    title: 'Activity',
    good: 'Every change is counted once.',
    bad: 'Changes are missing or counted twice.',
  },
  outbox: {
    title: 'Changes that wait to be sent',
    good: 'All of them are there.',
    bad: 'Some cannot be sent as they are.',
  },
  log: { title: 'The order of changes', good: 'None is left behind.', bad: 'Some are out of order or left behind.' },
  clock: { title: 'The clock of changes', good: 'It is ahead of every change.', bad: 'It is behind.' },
};

export const titleOf = (name: CheckName): string => ABOUT[name].title;

export function wordsOf({ name, outcome, faults }: DoctorCheck): string {
  switch (outcome) {
    case 'good':
      return ABOUT[name].good;
    case 'skipped':
      return 'It is being made anew just now, and was not looked at.';
    case 'bad':
      return faults > 1 ? `${ABOUT[name].bad} ${faults.toLocaleString()} faults.` : ABOUT[name].bad;
  }
}

/** Checks whose findings can be put right, and are off. */
export function mendable(report: DoctorReport): CheckName[] {
  return report.checks.filter(({ outcome }) => outcome === 'bad').map(({ name }) => name);
}

/** How it stands, in one sentence. */
export function summaryOf(report: DoctorReport): string {
  const bad = report.checks.filter(({ outcome }) => outcome === 'bad');
  if (bad.length > 0)
    return `${bad.length === 1 ? 'One thing is' : `${bad.length} things are`} not as ${bad.length === 1 ? 'it' : 'they'} should be.`;
  const skipped = report.checks.some(({ outcome }) => outcome === 'skipped');
  return skipped ? 'What could be looked at is in order.' : 'Everything is in order.';
}

/** As text: numbers, and ids of what is off; no contents of records, no names, no secrets. */
export function reportText(
  report: DoctorReport,
  { version, browser, now }: { readonly version: string; readonly browser: string; readonly now: number },
): string {
  const counts = Object.entries(report.counts).map(([name, count]) => `${name}: ${count}`);
  const checks = report.checks.flatMap((check) => [
    `${check.name}: ${check.outcome}${check.faults > 0 ? ` (${check.faults})` : ''}, ${Math.round(check.millis)} ms`,
    ...check.examples.map((example) => `  - ${example}`),
  ]);
  return [
    `Daybook ${version}, health report of ${new Date(now).toISOString()}`,
    browser,
    `file: ${sizeWords(report.sizes.file)}, of which free: ${sizeWords(report.sizes.free)}`,
    `history complete since: ${report.horizon === null ? 'the beginning' : new Date(report.horizon).toISOString()}`,
    ...counts,
    ...checks,
  ].join('\n');
}
