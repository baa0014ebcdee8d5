/** Breaks verbs of the store on OPFS, for the test in the page that starts and terminates this worker. */
import { BreakingDatabase } from '../testing/breaking-database.ts';
import type { AtPoint, FaultHost } from '../testing/fault-host.ts';
import { startAgain } from '../testing/fault-run.ts';
import { makeScene, openScene, type Scene } from '../testing/fault-scene.ts';
import { courseOf, dumpOf, type Course } from '../testing/fault-states.ts';
import { FAULT_VERBS, type Verb } from '../testing/fault-verbs.ts';
import { installPool } from '../worker/opfs-pool.ts';
import { SqliteDatabase } from '../worker/sqlite-database.ts';
import { loadEngine, type Engine } from '../worker/sqlite-engine.ts';
import * as Comlink from 'comlink';

declare const self: DedicatedWorkerGlobalScope;

const FILE = '/book.db';

function verbOf(title: string): Verb {
  const verb = FAULT_VERBS.find((each) => each.title === title);
  if (!verb) throw new Error(`there is no verb ${title}`);
  return verb;
}

const inMemory = (engine: Engine): SqliteDatabase => new SqliteDatabase(engine, ':memory:', null);

/** The verb when nothing goes wrong: the same on any file system. */
function rehearse(engine: Engine, verb: Verb): { readonly scene: Scene; readonly course: Course } {
  const db = inMemory(engine);
  const scene = makeScene(db, inMemory(engine));
  verb.prepare?.(db);
  return { scene, course: courseOf(verb, scene, db) };
}

const host: FaultHost = {
  titles: () => FAULT_VERBS.flatMap(({ title, needsFile }) => (needsFile ? [] : [title])),

  points: async (title) => rehearse(await loadEngine(), verbOf(title)).course.points.length,

  async run(directory, title, at) {
    const engine = await loadEngine();
    const pool = await installPool(engine, directory);
    const verb = verbOf(title);
    const file = new SqliteDatabase(engine, FILE, pool.vfs);
    const scene = makeScene(file, inMemory(engine));
    verb.prepare?.(file);
    let point = -Infinity;
    const db: BreakingDatabase = new BreakingDatabase(file, {
      onPoint: () => {
        if (point++ !== at) return;
        self.postMessage({ commits: db.commits } satisfies AtPoint);
        for (;;);
      },
    });
    const { store } = openScene(db, scene);
    db.arm(null);
    point = 0;
    self.postMessage('begins');
    verb.run(store, scene);
  },

  async startAgain(directory, title, commits) {
    const engine = await loadEngine();
    const pool = await installPool(engine, directory);
    const verb = verbOf(title);
    const { scene, course } = rehearse(engine, verb);
    const db = new SqliteDatabase(engine, FILE, pool.vfs);
    try {
      const found = commits ?? course.states.indexOf(dumpOf(db));
      startAgain(verb, scene, course, db, found);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      db.close();
      pool.release();
    }
  },
};

Comlink.expose(host);
