/** How benchmarks tell what they measured: ratios within one run mean something, also on a busy machine. */

/** Milliseconds that each of some ways takes, in turn, round by round; the median, and its ratio to the first way's. */
export function compare(
  title: string,
  rounds: number,
  ways: { readonly [name: string]: (round: number) => unknown },
): void {
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(ways)) {
      const start = performance.now();
      work(round);
      times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    }
  }
  const medians = Array.from(
    times,
    ([name, each]) => [name, each.toSorted((a, b) => a - b)[rounds >> 1] ?? 0] as const,
  );
  const yardstick = medians[0]?.[1] ?? 1;
  const lines = medians.map(
    ([name, ms]) => `  ${name.padEnd(46)}${ms.toFixed(1).padStart(9)} ms  x ${(ms / yardstick).toFixed(2)}`,
  );
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`);
}
