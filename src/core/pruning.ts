/** Which versions of an attribute can go when history before a moment is given up ([PRUNE-1] to [PRUNE-4]). */
import type { Timestamp } from './timestamp.ts';

/** One event of an attribute, as far as it matters here. Two events of one timestamp stay or go together. */
export interface Version {
  readonly timestamp: Timestamp;
  readonly previous: readonly Timestamp[];
  /** Whether the server has it, and everything here has dealt with it. */
  readonly settled: boolean;
  /** Whether it came only after the horizon, though it is dated before it. */
  readonly late: boolean;
}

/** Later than every timestamp. */
export const END_OF_TIME = 'f'.repeat(32) as Timestamp;

/**
 * Timestamps of the versions of one attribute that may go, ascending: they lie before `horizon`, are settled and superseded.
 * What stays comes to the same winner and the same open versions on its own, and to the same value as of every moment
 * from the horizon on: every superseded version that stays is named by one that stays as well.
 * @param named what versions that went before had named, and those themselves
 */
export function droppableVersions(
  versions: readonly Version[],
  named: ReadonlySet<Timestamp>,
  horizon: Timestamp,
): Timestamp[] {
  const stamps = [...new Set(versions.map((version) => version.timestamp))].toSorted();
  const namers = namersOf(versions);
  const open = new Set(stamps.filter((stamp) => !namers.has(stamp) && !named.has(stamp)));
  const forked = versions.filter((version) => open.has(version.timestamp)).length > 1;
  const kept = new Set(open);
  const keep = (stamp: Timestamp | undefined): void => {
    if (stamp !== undefined) kept.add(stamp);
  };
  // The value at the horizon: by timestamp, and as far as it was known then.
  const earlier = versions.filter((version) => version.timestamp < horizon);
  keep(newest(earlier));
  keep(newest(earlier.filter((version) => !version.late)));
  for (const { timestamp, previous, settled } of versions) {
    const recent = timestamp >= horizon;
    if (recent || !settled) keep(timestamp);
    // What a change was made on: undo writes it back, and a conflict is told by it.
    if (recent || (forked && open.has(timestamp))) for (const base of previous) keep(base);
  }
  // Ascending, so that a version which stays for this alone is looked at in its turn.
  for (const stamp of stamps) {
    const by = kept.has(stamp) ? namers.get(stamp) : undefined;
    if (by && !by.some((namer) => kept.has(namer))) keep(by.toSorted().at(-1));
  }
  return stamps.filter((stamp) => !kept.has(stamp));
}

function namersOf(versions: readonly Version[]): Map<Timestamp, Timestamp[]> {
  const namers = new Map<Timestamp, Timestamp[]>();
  for (const { timestamp, previous } of versions) {
    for (const stamp of previous) {
      const known = namers.get(stamp);
      if (known) known.push(timestamp);
      else namers.set(stamp, [timestamp]);
    }
  }
  return namers;
}

function newest(versions: readonly Version[]): Timestamp | undefined {
  return versions.reduce<Timestamp | undefined>(
    (last, { timestamp }) => (last === undefined || timestamp > last ? timestamp : last),
    undefined,
  );
}
