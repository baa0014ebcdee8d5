/** Opens test books on node:sqlite, in memory unless told where. */
import { NodeSqlite } from './node-sqlite.ts';
import { TaskBook } from './task-book.ts';
import { TestBook } from './test-book.ts';

type Options<T> = Omit<T, 'db'> & Partial<T>;

export const openBook = (options: Options<ConstructorParameters<typeof TestBook>[0]> = {}): TestBook =>
  new TestBook({ db: new NodeSqlite(), ...options });

export const openTasks = (options: Options<ConstructorParameters<typeof TaskBook>[0]> = {}): TaskBook =>
  new TaskBook({ db: new NodeSqlite(), ...options });
