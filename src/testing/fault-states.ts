/** What a verb does to a book when nothing goes wrong: the states that any fault may leave it in, and no other. */
import { readArrivals, EVENT_COLUMNS, type EventRow } from '../store/event-rows.ts';
import { attributeKey, reduceLog } from '../core/reduce.ts';
import { attributeFromSql, idFromSql } from '../store/blob.ts';
import type { SqlDatabase, SqlValue } from '../store/database.ts';
import { BreakingDatabase, type PointKind } from './breaking-database.ts';
import { canonicalDump } from './canonical-dump.ts';
import { holds, same } from './check.ts';
import { answersOf, openScene, type Scene } from './fault-scene.ts';
import type { Verb } from './fault-verbs.ts';

/** Every row of every table, as text. */
export function dumpOf(db: SqlDatabase): string {
  const tables = db.all<{ name: string }>(
    `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%' ORDER BY name`,
  );
  return tables
    .map(({ name }) => {
      const rows = db
        .all(`SELECT * FROM main."${name}"`)
        .map((row) =>
          JSON.stringify(Object.values(row), (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value)),
        );
      return `${name}\n${rows.toSorted().join('\n')}`;
    })
    .join('\n\n');
}

/** Throws where two dumps differ: the first few lines that only one of them has. */
export function sameDump(found: string, expected: string | undefined, about: string): void {
  if (found === expected) return;
  const [has, wants] = [found.split('\n'), (expected ?? '').split('\n')];
  const only = (a: readonly string[], b: readonly string[]): string => {
    const others = new Set(b);
    return a.filter((line) => !others.has(line)).slice(0, 4).map((line) => line.slice(0, 300)).join('\n  '); // prettier-ignore
  };
  throw new Error(`${about}\nunexpected:\n  ${only(has, wants)}\nmissing:\n  ${only(wants, has)}`);
}

export interface Course {
  /** Every point that was passed, in order. */
  readonly points: readonly PointKind[];
  /** Dumps: before, and after each commit. */
  readonly states: readonly string[];
}

/** Carries a verb out on an untouched copy of the book, which is then checked and closed. Throws what is wrong. */
export function courseOf(verb: Verb, scene: Scene, copy: SqlDatabase): Course {
  const points: PointKind[] = [];
  const states: string[] = [];
  let watching = false;
  const db = new BreakingDatabase(copy, {
    onPoint: (kind) => watching && points.push(kind),
    onCommit: () => watching && states.push(dumpOf(copy)),
  });
  const { store } = openScene(db, scene);
  states.push(dumpOf(copy));
  watching = true;
  const result = verb.run(store, scene);
  watching = false;
  holds(result.ok, `${verb.title} fails on an intact book: ${JSON.stringify(result)}`);
  holds(states.length > 1, `${verb.title} writes nothing: there is nothing to break`);
  sameDump(dumpOf(copy), states.at(-1), `${verb.title}: what stands after the last commit`);
  sameDump(answersOf(store, scene), answersOf(openScene(copy, scene).store, scene), `${verb.title}: what it answers`);
  checkBook(db, scene);
  db.close();
  return { points, states };
}

/** The invariants that every state must meet. Throws what is wrong. */
export function checkBook(db: SqlDatabase, scene: Scene): void {
  const { store } = openScene(db, scene);
  same(store.quickCheck(), { ok: true, value: null }, 'quick_check');
  // [LOG-1] By definition.
  const reduced = reduceLog(readArrivals(db.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events`)).keys());
  const found = db.all<{ entity_id: SqlValue; attribute: SqlValue; value: string }>(
    'SELECT entity_id, attribute, value FROM attributes',
  );
  same(
    found
      .map((row) => [attributeKey(idFromSql(row.entity_id), attributeFromSql(row.attribute)), row.value].join(' '))
      .toSorted(),
    [...reduced].map(([key, { winner }]) => `${key} ${winner.value}`).toSorted(),
    '[LOG-1]',
  );
  // [LOG-2] By making it anew.
  const derived = canonicalDump(db, true);
  store.rebuild();
  same(canonicalDump(db, true), derived, '[LOG-2]');
}
