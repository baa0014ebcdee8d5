import { expect, test } from 'vitest';
import type { UserId } from '../core/ids.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import type { TestBook } from '../testing/test-book.ts';
import { exchange, link, MemoryStream } from '../testing/two-devices.ts';

/** Devices of one account, in step; `meet` brings them into step again. */
function devices(count: number): { here: TaskBook; others: TestBook[]; meet: () => void } {
  const here = openTasks();
  const others = Array.from({ length: count - 1 }, (_, i) =>
    openBook({ clock: here.clock, random: new SeededRandom(i + 2) }),
  );
  const stream = new MemoryStream();
  const user = here.mint<UserId>();
  const { bookId } = here.store.identity();
  for (const book of [here, ...others]) link(book, bookId, user);
  const meet = (): void => {
    for (const book of [here, ...others, here, ...others]) exchange(book, stream);
  };
  meet();
  return { here, others, meet };
}

test('[LOG-6] each version of a conflict tells what its author saw', () => {
  const { here, others, meet } = devices(3);
  const [there, far] = others;
  if (!there || !far) throw new Error('too few devices');
  const id = here.addTask({ title: 'First' });
  meet();
  const set = (book: TestBook, value: string): void => {
    book.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value }] });
  };
  set(here, 'Second');
  set(here, 'Third');
  set(there, 'Theirs');
  meet();
  const [conflict] = here.ask({ kind: 'conflicts', limit: 9 }).conflicts;
  expect(conflict?.versions.map(({ value, saw }) => [value, saw.map((each) => each.value)])).toEqual([
    ['Theirs', ['First']],
    ['Third', ['Second']],
  ]);
  const times = here
    .ask({ kind: 'history', entityId: id, attribute: here.attribute('title'), limit: 9 })
    .changes.map(({ value, timestamp }) => [value, timestamp] as const);
  for (const { saw } of conflict?.versions ?? [])
    for (const { value, timestamp } of saw) expect(times).toContainEqual([value, timestamp]);
  // Who settles it saw both; who did not know of that saw both as well.
  set(here, 'Settled');
  set(far, 'Settled otherwise');
  meet();
  for (const book of [here, there, far]) {
    const [again] = book.ask({ kind: 'conflicts', limit: 9 }).conflicts;
    expect(again?.versions.map(({ value, saw }) => [value, saw.map((each) => each.value)])).toEqual([
      ['Settled otherwise', ['Third', 'Theirs']],
      ['Settled', ['Third', 'Theirs']],
    ]);
    expect(book.ask({ kind: 'record', id })?.conflicts[0]?.versions).toEqual(again?.versions);
  }
});

test('[LOG-6] the first versions of an attribute saw nothing', () => {
  const { here, others, meet } = devices(2);
  const id = here.addTask({ title: 'One' });
  meet();
  for (const [i, book] of [here, ...others].entries())
    book.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.effort, value: i }] });
  meet();
  expect(here.ask({ kind: 'record', id })?.conflicts[0]?.versions.map(({ saw }) => saw)).toEqual([[], []]);
});

test('[LOG-7] either value or a new one settles a conflict on every device, and nothing of it is lost', () => {
  for (const settle of ['newer', 'older', 'other'] as const) {
    const { here, others, meet } = devices(2);
    const [there] = others;
    if (!there) throw new Error('too few devices');
    const id = here.addTask({ title: 'First' });
    meet();
    here.setTask(id, { title: 'Here' });
    there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.title, value: 'There' }] });
    // Another field merges by itself.
    there.do({ kind: 'setValues', changes: [{ entityId: id, field: here.fields.effort, value: 3 }] });
    here.setTask(id, { notes: 'mine' });
    meet();
    expect([here, there].map((book) => book.ask({ kind: 'conflicts', limit: 9 }).total)).toEqual([1, 1]);
    const versions = here.ask({ kind: 'conflicts', limit: 9 }).conflicts[0]?.versions ?? [];
    const chosen = versions[settle === 'newer' ? 0 : 1];
    if (!chosen) throw new Error('a conflict has two versions');
    if (settle === 'other') here.setTask(id, { title: 'Both' });
    else {
      const { eventId } = chosen;
      here.do({ kind: 'restoreValue', entityId: id, attribute: here.attribute('title'), eventId });
    }
    expect(here.ask({ kind: 'conflicts', limit: 9 }).total).toBe(0);
    expect(there.ask({ kind: 'conflicts', limit: 9 }).total).toBe(1);
    meet();
    const title = { newer: 'There', older: 'Here', other: 'Both' }[settle];
    for (const book of [here, there]) {
      expect(book.ask({ kind: 'conflicts', limit: 9 }).total).toBe(0);
      expect(book.ask({ kind: 'record', id })).toMatchObject({
        conflicted: false,
        conflicts: [],
        values: here.byId({ title, effort: 3, notes: 'mine' }),
      });
      const { changes } = book.ask({ kind: 'history', entityId: id, attribute: here.attribute('title'), limit: 9 });
      expect(changes.map((change) => change.value)).toEqual([title, 'There', 'Here', 'First']);
    }
  }
});
