/** What the benchmark's page, worker and runner say to each other. */

/** One line of the table. Ratio = ours / yardstick (or its inverse for rates), so that the machine's speed cancels out. */
export interface Row {
  readonly work: string;
  readonly ours: string;
  readonly yardstick: string;
  readonly ratio: number;
  /** As DESIGN section 7 puts it; null where it sets none. */
  readonly target: { readonly kind: 'atMost' | 'atLeast'; readonly ratio: number } | null;
}

/** Milliseconds that `work` takes, for each of `rounds` runs after one that does not count. */
export function time(rounds: number, work: (round: number) => void): number[] {
  work(0);
  return Array.from({ length: rounds }, (_, i) => {
    const start = performance.now();
    work(i + 1);
    return performance.now() - start;
  });
}
