/** Where verbs are broken in Node: copies of one book, as real files with a real write-ahead log, or in memory. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BreakingDatabase, type Fault } from './breaking-database.ts';
import { die, endure, startAgain, type Trouble } from './fault-run.ts';
import { makeScene, type Scene } from './fault-scene.ts';
import { courseOf, sameDump, type Course } from './fault-states.ts';
import type { Verb } from './fault-verbs.ts';
import { NodeSqlite } from './node-sqlite.ts';
import type { SeededRandom } from './seeded-random.ts';

export class FaultLab {
  readonly scene: Scene;
  readonly #folder = mkdtempSync(join(tmpdir(), 'daybook-faults-'));
  readonly #book: Uint8Array;
  readonly #prepared = new Map<Verb, Uint8Array>();
  readonly #courses = new Map<Verb, Course>();
  #files = 0;

  constructor() {
    let scene: Scene | null = null;
    this.#book = this.#write(
      this.#path(),
      (db) => (scene = makeScene(db, new NodeSqlite(), (bytes) => this.#keep(bytes))),
    );
    if (!scene) throw new Error('no scene was made');
    this.scene = scene;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  courseOf(verb: Verb): Course {
    let course = this.#courses.get(verb);
    if (!course) {
      course = courseOf(verb, this.scene, NodeSqlite.holding(this.#bookFor(verb)));
      this.#courses.set(verb, course);
    }
    return course;
  }

  /**
   * The process dies at a point: its files are taken as they are at that moment, committed or not, and opened again.
   * @param torn where given, and where the process dies while it writes a commit: the log breaks off somewhere in that commit
   */
  kill(verb: Verb, at: number, torn: SeededRandom | null = null): void {
    const course = this.courseOf(verb);
    const path = this.#copy(verb);
    const left = this.#path();
    let logBytes = 0;
    const file = new NodeSqlite(path);
    const db = new BreakingDatabase(file, {
      onPoint: (kind) => {
        if (kind === 'begin') logBytes = sizeOf(`${path}-wal`);
      },
      onDeath: () => {
        copyFileSync(path, left);
        if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${left}-wal`);
      },
    });
    let commits: number;
    try {
      commits = die(verb, this.scene, db, at);
    } finally {
      db.close();
    }
    if (torn && course.points[at] === 'answer') {
      const written = sizeOf(`${left}-wal`) - logBytes;
      if (written > 0) {
        // At least one byte of it is missing.
        truncateSync(`${left}-wal`, logBytes + torn.below(written));
        commits -= 1;
      } else {
        // It wrote to temporary tables alone.
        sameDump(
          course.states[commits] ?? '',
          course.states[commits - 1],
          'what a commit that is not in the log changed',
        );
      }
    }
    const again = new NodeSqlite(left);
    try {
      startAgain(verb, this.scene, course, again, commits);
    } finally {
      again.close();
      this.#remove(path);
      this.#remove(left);
    }
  }

  /** The disk is full from a point on, or one call fails there, and the process lives on. */
  fail(verb: Verb, fault: Fault): void {
    this.#endure(verb, (db) => ({
      reason: fault.by === 'full' ? 'full' : 'other',
      begin: () => db.arm(fault),
      end: () => db.arm(null),
    }));
  }

  /** SQLite itself finds no room: the file may grow by so many pages and no more. Returns whether that was too few. */
  outgrow(verb: Verb, pages: number): boolean {
    return this.#endure(verb, (_, file) => ({
      reason: 'full',
      begin: () => file.exec(`PRAGMA max_page_count=${pragma(file, 'page_count') + pages}`),
      end: () => file.exec('PRAGMA max_page_count=1000000'),
    }));
  }

  #endure(verb: Verb, trouble: (db: BreakingDatabase, file: NodeSqlite) => Trouble): boolean {
    const file = NodeSqlite.holding(this.#bookFor(verb));
    const db = new BreakingDatabase(file);
    try {
      return endure(verb, this.scene, this.courseOf(verb), db, trouble(db, file));
    } finally {
      db.close();
    }
  }

  #keep(bytes: Uint8Array): string {
    const path = this.#path();
    writeFileSync(path, bytes);
    return path;
  }

  #path(): string {
    this.#files += 1;
    return join(this.#folder, `${this.#files}.db`);
  }

  #copy(verb: Verb): string {
    const path = this.#path();
    writeFileSync(path, this.#bookFor(verb));
    return path;
  }

  /** The file that the verb begins with. */
  #bookFor(verb: Verb): Uint8Array {
    const { prepare } = verb;
    if (!prepare) return this.#book;
    let book = this.#prepared.get(verb);
    if (!book) {
      const path = this.#path();
      writeFileSync(path, this.#book);
      book = this.#write(path, prepare);
      this.#prepared.set(verb, book);
    }
    return book;
  }

  /** Opens a file, works on it, and gives its bytes with nothing left in the log. */
  #write(path: string, work: (db: NodeSqlite) => void): Uint8Array {
    const db = new NodeSqlite(path);
    work(db);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    return readFileSync(path);
  }

  #remove(path: string): void {
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  }
}

const pragma = (db: NodeSqlite, name: string): number => Number(Object.values(db.get(`PRAGMA ${name}`) ?? {})[0]);

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
