/** What the benchmark's page, worker and runner say to each other. */

/**
 * One line of the table. The ratio is Daybook's time to the yardstick's (of rates: the other way round, so that more is
 * better), or what was measured to what is allowed: the machine's speed cancels out of the first alone.
 */
export interface Row {
  readonly work: string;
  readonly ours: string;
  readonly yardstick: string;
  readonly ratio: number;
  /** The same work on raw SQLite in memory: what no disk can beat. Null where there is none. */
  readonly floor: string | null;
  /** As DESIGN section 7 puts it; null where it sets none. */
  readonly target: { readonly kind: 'atMost' | 'atLeast'; readonly ratio: number } | null;
}

/** A median in milliseconds that is to stay the same however long the log is. */
export interface Flat {
  readonly work: string;
  readonly ours: number;
  readonly raw: number;
}

/** What one size of book came to; kept by the runner, so that sizes can be measured one at a time. */
export interface SizeReport {
  readonly events: number;
  readonly records: number;
  readonly rows: readonly Row[];
  readonly flat: readonly Flat[];
}

/** Times of the same work, done by each in turn; milliseconds. `memory` is raw SQLite without a disk. */
export interface Times {
  readonly ours: readonly number[];
  readonly raw: readonly number[];
  readonly memory: readonly number[];
}

type Way = keyof Times;

/** Milliseconds that each way takes, round by round, after a round that does not count. Who is first changes each round. */
export function takeTurns(rounds: number, ways: { readonly [way in Way]: (round: number) => unknown }): Times {
  const times = { ours: [] as number[], raw: [] as number[], memory: [] as number[] };
  const order: Way[] = ['ours', 'raw', 'memory'];
  for (let round = -1; round < rounds; round++) {
    for (const way of order) {
      const start = performance.now();
      ways[way](round);
      if (round >= 0) times[way].push(performance.now() - start);
    }
    order.push(order.shift()!);
  }
  return times;
}
