import { afterAll, describe, expect, test } from 'vitest';
import { FaultLab } from '../testing/fault-lab.ts';
import { pointsFor } from '../testing/fault-run.ts';
import { FAULT_VERBS, LARGE_VERBS, type Verb } from '../testing/fault-verbs.ts';
import { SeededRandom } from '../testing/seeded-random.ts';

// A sample: `npm run soak` breaks every verb at every point.

const lab = new FaultLab();
afterAll(() => lab.dispose());

/** The same points each time, others for each verb. */
const dice = (verb: Verb): SeededRandom => new SeededRandom(verb.title.length * 31 + verb.title.charCodeAt(1));

describe.each([...FAULT_VERBS, ...LARGE_VERBS])('$title', (verb) => {
  test('[LOG-4] killed, it has taken effect wholly or not at all, and the same request takes effect once', () => {
    const { points } = lab.courseOf(verb);
    const random = dice(verb);
    const at = [random.pick(pointsFor('death', points)), points.lastIndexOf('commit')];
    for (const point of at) expect(() => lab.kill(verb, point)).not.toThrow();
    // The power fails while the last commit is being written.
    expect(() => lab.kill(verb, points.lastIndexOf('answer'), random)).not.toThrow();
  });

  test('refused by the storage it says so, leaves nothing half written, and goes through later', () => {
    const { points } = lab.courseOf(verb);
    const random = dice(verb);
    const [writes, calls] = [pointsFor('full', points), pointsFor('io', points)];
    for (const at of new Set([random.pick(writes), writes.at(-1) ?? 0])) {
      expect(() => lab.fail(verb, { at, by: 'full' })).not.toThrow();
    }
    for (const at of new Set([random.pick(calls), calls.at(-1) ?? 0])) {
      expect(() => lab.fail(verb, { at, by: 'io' })).not.toThrow();
    }
  });
});

test('SQLite itself finds no room: an import that needs more pages than there are is refused, and nothing of it stays', () => {
  const [verb] = LARGE_VERBS;
  if (!verb) throw new Error('no verb needs many pages');
  expect([0, 1, 5].map((pages) => lab.outgrow(verb, pages))).toEqual([true, true, true]);
  expect(lab.outgrow(verb, 1_000)).toBe(false);
});
