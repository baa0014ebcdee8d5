/** One verb, broken at one point, on any engine; and what must hold afterwards. Each throws what is wrong. */
import type { CommandError } from '../core/command.ts';
import type { Result } from '../core/result.ts';
import type { SqlDatabase } from '../store/database.ts';
import { Death, type BreakingDatabase, type Fault, type PointKind } from './breaking-database.ts';
import { holds, same } from './check.ts';
import { answersOf, openScene, type Opened, type Scene } from './fault-scene.ts';
import { checkBook, dumpOf, sameDump, type Course } from './fault-states.ts';
import type { Verb } from './fault-verbs.ts';

/** Numbers of the points at which a fault makes a difference. */
export function pointsFor(by: Fault['by'], points: readonly PointKind[]): readonly number[] {
  const counts: Readonly<Record<Fault['by'], readonly PointKind[]>> = {
    death: ['read', 'write', 'begin', 'commit', 'answer'],
    full: ['write', 'commit'],
    io: ['read', 'write', 'begin', 'commit'],
  };
  return points.flatMap((kind, i) => (counts[by].includes(kind) ? [i] : []));
}

/**
 * The process dies at a point of the verb. Returns how many transactions it had committed. What its files held at that
 * moment is for the caller to keep, by the watcher of `db`.
 */
export function die(verb: Verb, scene: Scene, db: BreakingDatabase, at: number): number {
  const { store } = openScene(db, scene);
  db.arm({ at, by: 'death' });
  try {
    verb.run(store, scene);
  } catch (error) {
    if (!(error instanceof Death)) throw error;
    return db.commits;
  }
  throw new Error(`${verb.title} never came to point ${at}`);
}

/**
 * The app is started again on what the files held: nothing half, nothing lost that was committed; and the same request
 * takes effect exactly once.
 */
export function startAgain(verb: Verb, scene: Scene, course: Course, db: SqlDatabase, commits: number): void {
  sameDump(dumpOf(db), course.states[commits], 'what stands after the death');
  const opened = openScene(db, scene);
  same(opened.store.quickCheck(), { ok: true, value: null }, 'quick_check');
  retry(verb, scene, course, db, opened);
}

/** What goes wrong while a verb runs, and how it ends. */
export interface Trouble {
  readonly reason: 'full' | 'other';
  readonly begin: () => void;
  readonly end: () => void;
}

/**
 * The disk is full, or a call fails, and the process lives on: it says so, stands where it stood, and goes on when it can.
 * Returns whether the verb was refused.
 */
export function endure(verb: Verb, scene: Scene, course: Course, db: BreakingDatabase, trouble: Trouble): boolean {
  const opened = openScene(db, scene);
  const { store } = opened;
  // What is kept in memory must follow too.
  answersOf(store, scene);
  db.arm(null);
  trouble.begin();
  const result = verb.run(store, scene);
  const { commits } = db;
  trouble.end();
  // What is committed has taken effect, whatever fails afterwards.
  const all = commits === course.states.length - 1;
  if (result.ok || !verb.readsOn) same(result.ok, all, `after ${commits} commits, whether it says that it is done`);
  if (!result.ok) same(reasonOf(result), trouble.reason, 'the reason');
  sameDump(dumpOf(db), course.states[commits], 'what stands after the failure');
  const answers = (): void =>
    sameDump(answersOf(store, scene), answersOf(openScene(db, scene).store, scene), 'what it answers');
  answers();
  retry(verb, scene, course, db, opened);
  answers();
  return !result.ok;
}

function retry(verb: Verb, scene: Scene, course: Course, db: SqlDatabase, { store, rewind }: Opened): void {
  rewind(verb.again === 'nothing' ? undefined : 9);
  const result = verb.run(store, scene);
  holds(result.ok, `the retry fails: ${JSON.stringify(result)}`);
  // That state was looked into when the course was recorded.
  if (verb.again === 'nothing') sameDump(dumpOf(db), course.states.at(-1), 'what stands after the retry');
  else checkBook(db, scene);
}

function reasonOf(result: Result<unknown, CommandError>): string {
  if (result.ok) return 'none';
  if (result.error.kind !== 'storage') return JSON.stringify(result.error);
  holds(result.error.message !== '', 'an error without words');
  return result.error.reason;
}
