import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BundleId } from '../core/ids.ts';
import { Comparison } from './comparison.ts';

const idOf = (n: number): BundleId => `01890000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as BundleId;

/** The offset behind which a bundle lies that was read on a page of its own. */
const offsetOf = (n: number): string => String(n).padStart(4, '0');

/** A log of so many bundles, which of them each side has, and where the server's pages end. */
const logs = fc.record({
  bundles: fc.array(fc.record({ here: fc.boolean(), there: fc.boolean(), twice: fc.boolean() }), { maxLength: 60 }),
  cuts: fc.array(fc.nat(60), { maxLength: 6 }),
});
type Log = typeof logs extends fc.Arbitrary<infer L> ? L : never;

/** Compares a log whose first `trimmed` bundles the server does not keep (null: it keeps all). */
function compare({ bundles, cuts }: Log, trimmed: number | null) {
  const held = bundles.flatMap(({ here }, i) => (here ? [{ id: idOf(i), place: offsetOf(i) }] : []));
  const listed = bundles.flatMap(({ there, twice }, i) =>
    there && i >= (trimmed ?? 0) ? Array.from({ length: twice ? 2 : 1 }, () => idOf(i)) : [],
  );
  // By id, as the store tells them.
  const comparison = new Comparison(held.toReversed());
  const fetch: BundleId[] = [];
  const ends = [0, ...cuts.toSorted((a, b) => a - b), listed.length];
  for (const [i, end] of ends.slice(1).entries())
    fetch.push(...comparison.take(listed.slice(ends[i], end), i === 0 && trimmed !== null ? offsetOf(trimmed) : null));
  return { held, listed: new Set(listed), fetch, sendAgain: comparison.missingThere(), comparison };
}

describe('[SYNC-9] two sides of a log', () => {
  test('what is on one side alone is fetched or sent again, each once, and nothing else is', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const { held, listed, fetch, sendAgain, comparison } = compare(log, null);
        const here = new Set(held.map(({ id }) => id));
        expect(fetch).toEqual([...listed].filter((id) => !here.has(id)));
        expect(sendAgain.toSorted()).toEqual([...here].filter((id) => !listed.has(id)).toSorted());
        expect(comparison.same).toBe([...here].filter((id) => listed.has(id)).length);
        expect(comparison.compared).toBe(listed.size);
      }),
    );
  });

  test('what is here and older than what the server keeps is not missing there; what is younger is', () => {
    fc.assert(
      fc.property(logs, fc.nat(60), (log, trimmed) => {
        const { held, listed, fetch, sendAgain } = compare(log, trimmed);
        const here = new Set(held.map(({ id }) => id));
        expect(fetch).toEqual([...listed].filter((id) => !here.has(id)));
        expect(sendAgain.toSorted()).toEqual(
          held.filter(({ id, place }) => !listed.has(id) && place >= offsetOf(trimmed)).map(({ id }) => id),
        );
      }),
    );
  });

  test('what the server lets go of while it is listed is older than what it keeps, too', () => {
    const comparison = new Comparison([1, 2, 3, 4, 5].map((n) => ({ id: idOf(n), place: offsetOf(n) })));
    expect(comparison.take([idOf(1)])).toEqual([]);
    expect(comparison.take([idOf(4)], offsetOf(4))).toEqual([]);
    expect(comparison.missingThere()).toEqual([idOf(5)]);
  });

  test('what came on a page that began before what the server keeps may be older, however late it was read', () => {
    const history = [1, 2, 3].map((n) => ({ id: idOf(n), place: '' }));
    const comparison = new Comparison([{ id: idOf(9), place: offsetOf(9) }, ...history]);
    expect(comparison.take([idOf(3)], offsetOf(3))).toEqual([]);
    expect(comparison.missingThere()).toEqual([idOf(9)]);
  });

  test('repaired, both sides are the same: doing it again finds nothing', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const { held, listed, fetch, sendAgain } = compare(log, null);
        const again = new Comparison([...held, ...fetch.map((id, i) => ({ id, place: offsetOf(1_000 + i) }))]);
        expect(again.take([...listed, ...sendAgain])).toEqual([]);
        expect(again.missingThere()).toEqual([]);
      }),
    );
  });

  test('what an earlier comparison found lost, and was cut short over, is lost still, however little the server keeps', () => {
    const comparison = new Comparison([
      { id: idOf(1), place: null },
      { id: idOf(2), place: offsetOf(5) },
    ]);
    expect(comparison.take([idOf(2)], offsetOf(5))).toEqual([]);
    expect(comparison.missingThere()).toEqual([idOf(1)]);
  });
});
