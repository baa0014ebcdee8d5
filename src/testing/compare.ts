/** How benchmarks tell what they measured: ratios within one run mean something, also on a busy machine. */

/**
 * Milliseconds that each of some ways takes, in turn, round by round: the median, of the processor's time and of the clock's,
 * and its ratio to the first way's. On a machine that does other things too, the processor's time is the one to look at.
 */
export function compare(
  title: string,
  rounds: number,
  ways: { readonly [name: string]: (round: number) => unknown },
): void {
  const times = new Map<string, { readonly busy: number; readonly passed: number }[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(ways)) {
      const start = performance.now();
      const before = process.cpuUsage();
      work(round);
      const { user, system } = process.cpuUsage(before);
      const time = { busy: (user + system) / 1_000, passed: performance.now() - start };
      times.set(name, [...(times.get(name) ?? []), time]);
    }
  }
  const medians = Array.from(times, ([name, each]) => ({
    name,
    busy: median(each.map((time) => time.busy)),
    passed: median(each.map((time) => time.passed)),
  }));
  const yardstick = medians[0]?.busy ?? 1;
  const lines = medians.map(
    ({ name, busy, passed }) =>
      `  ${name.padEnd(46)}${busy.toFixed(1).padStart(9)} ms  x ${(busy / yardstick).toFixed(2)}  (${passed.toFixed(1)} ms passed)`,
  );
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`);
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
