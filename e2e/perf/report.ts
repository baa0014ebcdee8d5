/** The tables of docs/benchmarks.md, from what every size came to. */
import type { Row, SizeReport } from './measure.ts';

/** A size as it was measured, where and when. */
export interface Measurement extends SizeReport {
  /** Day, browser and machine, in words. */
  readonly where: string;
}

const count = (value: number): string => value.toLocaleString('en');
const millis = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

export function writeReport(measurements: readonly Measurement[], once: readonly Row[]): string {
  const sizes = measurements.toSorted((a, b) => a.events - b.events);
  return `# Measurements

Made by \`npm run bench\` (10,000 and 100,000 events; some minutes) and \`npm run bench -- --events 1000000\` (a quarter of an
hour); each size stays until it is measured again. Books are those of \`src/testing/long-history.ts\`: three types with links,
five devices, conflicts, a schema that changes, over eighteen months.

The yardstick is raw sqlite-wasm (\`oo1\`, prepared statements, the same pragmas, two tables and nothing else) on OPFS, measured in
the same run and in turn. *In memory* is the same raw work without a disk, and how many times as long Daybook takes: the floor. Only
ratios say something about Daybook; absolute times are those of a machine that may have done other things as well.

## Growth

What is to stay the same however long the log is: medians, and beside them the raw work.

${growthTable(sizes)}
${sizes.map(sizeSection).join('\n')}
## Once

${table(once)}
`;
}

function growthTable(sizes: readonly SizeReport[]): string {
  const works = [...new Set(sizes.flatMap((size) => size.flat.map((flat) => flat.work)))];
  const smallest = sizes[0];
  const largest = sizes.at(-1);
  if (!smallest || !largest) return '';
  const find = (size: SizeReport, work: string) => size.flat.find((flat) => flat.work === work);
  const lines = works.map((work) => {
    const cells = sizes.map((size) => {
      const flat = find(size, work);
      return flat ? `${millis(flat.ours)} (raw ${millis(flat.raw)})` : '';
    });
    const [first, last] = [find(smallest, work), find(largest, work)];
    const growth =
      first && last ? `× ${(last.ours / first.ours).toFixed(1)} (raw × ${(last.raw / first.raw).toFixed(1)})` : '';
    return `| ${work} | ${cells.join(' | ')} | ${growth} |`;
  });
  return [
    `| work | ${sizes.map((size) => `${count(size.events)} events`).join(' | ')} | growth |`,
    `|---|${sizes.map(() => '---|').join('')}---|`,
    ...lines,
  ].join('\n');
}

function sizeSection(size: Measurement): string {
  return `
## ${count(size.events)} events, ${count(size.records)} records

${size.where}

${table(size.rows)}
`;
}

function table(rows: readonly Row[]): string {
  return [
    '| work | Daybook | yardstick | ratio | in memory | target |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.work} | ${row.ours} | ${row.yardstick} | ${row.ratio.toFixed(2)} | ${row.floor ?? ''} | ${targetOf(row)} |`,
    ),
  ].join('\n');
}

function targetOf({ target, ratio }: Row): string {
  if (!target) return '';
  const met = target.kind === 'atMost' ? ratio <= target.ratio : ratio >= target.ratio;
  return `${target.kind === 'atMost' ? '≤' : '≥'} ${target.ratio} ${met ? 'met' : '**missed**'}`;
}
