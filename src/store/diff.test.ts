import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TYPE } from '../core/attribute.ts';
import type { Event } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { Moment } from '../core/query.ts';
import { attributeKey, reduceLog } from '../core/reduce.ts';
import { NULL_TEXT, toJsonText, type JsonText } from '../core/value.ts';
import { boundaries, liveLog, logAt } from '../testing/live-log.ts';
import { openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';

/** What an attribute held, by key, as the reduction of a log has it. */
function valuesOf(log: readonly Event[]): Map<string, JsonText> {
  return new Map([...reduceLog(log)].map(([key, { winner }]) => [key, winner.value]));
}

const line = (key: string, before: string, after: string): string => `${key} ${before} -> ${after}`;

function expected(then: readonly Event[], now: readonly Event[], keep: (key: string) => boolean): string[] {
  const [before, after] = [valuesOf(then), valuesOf(now)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => keep(key) && (before.get(key) ?? NULL_TEXT) !== (after.get(key) ?? NULL_TEXT))
    .map((key) => line(key, before.get(key) ?? NULL_TEXT, after.get(key) ?? NULL_TEXT))
    .toSorted();
}

test('[PAST-5] tells what the reductions of two logs differ in: of everything, of one type, of one entity', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
      const { book, log, entities } = liveLog(seed, 25);
      const random = new SeededRandom(seed);
      const moments = boundaries(log);
      const type = random.pick([...book.ask({ kind: 'schema' }).types.map((each) => each.id), book.mint()]);
      const diff = (then: Moment, now: Moment | null, about: { entityIds?: EntityId[]; type?: EntityId }): string[] => {
        const { total, changes } = book.ask({ kind: 'diff', then, now, limit: 10_000, ...about });
        expect(total).toBe(changes.length);
        return changes
          .map(({ entityId, attribute, before, after }) =>
            line(attributeKey(entityId, attribute), toJsonText(before), toJsonText(after)),
          )
          .toSorted();
      };
      for (let i = 0; i < 60; i++) {
        const then = random.pick(moments);
        const now = random.chance(0.3) ? null : random.pick(moments);
        const [before, after] = [logAt(log, then), now ? logAt(log, now) : log.map(({ event }) => event)];
        expect(diff(then, now, {}), JSON.stringify({ then, now })).toEqual(expected(before, after, () => true));
        const entityId = random.pick(entities);
        expect(diff(then, now, { entityIds: [entityId] })).toEqual(
          expected(before, after, (key) => key.startsWith(entityId)),
        );
        const [typesBefore, typesAfter] = [valuesOf(before), valuesOf(after)];
        const ofType = (key: string): boolean =>
          [typesBefore, typesAfter].some(
            (types) => types.get(attributeKey(key.split('/')[0] as EntityId, TYPE)) === toJsonText(type),
          );
        expect(diff(then, now, { type })).toEqual(expected(before, after, ofType));
      }
    }),
    { numRuns: 5 },
  );
});

test('[PAST-5] speaks in names, the entity made last first, and counts what it leaves out', () => {
  const book = openTasks();
  const ada = book.addPerson('Ada');
  const old = book.addTask({ title: 'Old', status: book.open });
  const then = book.ask({ kind: 'timeline' }).last;
  if (then === null) throw new Error('nothing has happened');
  book.setTask(old, { status: book.done, owner: ada });
  const fresh = book.addTask({ title: 'Fresh' });
  book.setTask(fresh, { title: 'Fresher' });
  book.do({ kind: 'setOption', field: book.fields.status, option: book.done, value: null });
  const query = {
    kind: 'diff',
    then: { at: then, reading: 'dated' },
    now: null,
    type: book.tasks,
    limit: 100,
  } as const;
  const { total, changes } = book.ask(query);
  expect(changes.map(({ title, fieldName, before, after }) => [title, fieldName, before, after])).toEqual([
    ['Fresher', null, null, book.tasks],
    ['Fresher', 'Title', null, 'Fresher'],
    ['Old', 'Status', book.open, book.done],
    ['Old', 'Owner', null, ada],
  ]);
  expect(changes.map((change) => change.words)).toEqual([
    { [book.tasks]: 'Tasks' },
    {},
    { [book.open]: 'Open', [book.done]: 'Done' },
    { [ada]: 'Ada' },
  ]);
  expect(changes.map((change) => change.type)).toEqual(Array.from(changes, () => book.tasks));
  expect(book.ask({ ...query, limit: 1 })).toEqual({ total, changes: changes.slice(0, 1) });
  expect(total).toBe(4);
  // The other way round, everything is the other way round.
  const back = book.ask({
    ...query,
    then: { at: book.ask({ kind: 'timeline' }).last ?? then, reading: 'dated' },
    now: query.then,
  });
  expect(back.changes.map(({ before, after }) => [after, before])).toEqual(
    changes.map(({ before, after }) => [before, after]),
  );
});
