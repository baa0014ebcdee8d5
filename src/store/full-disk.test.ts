import { expect, test } from 'vitest';
import { openTasks } from '../testing/open-book.ts';
import type { Command } from '../core/command.ts';
import type { BookId, CommandId, UserId } from '../core/ids.ts';
import { canonicalDump } from '../testing/canonical-dump.ts';
import { FaultyDatabase } from '../testing/faulty-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { exchange, link, MemoryStream, push } from '../testing/two-devices.ts';
import { SqlError, type SqlDatabase } from './database.ts';

/** Every table with every row. */
function dump(db: SqlDatabase): string {
  const tables = db
    .all(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .map((row) => String(row['name']));
  return tables
    .map((name) => {
      const rows = db
        .all(`SELECT * FROM ${name}`)
        .map((row) =>
          JSON.stringify(Object.values(row), (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value)),
        );
      return `${name}\n${rows.toSorted().join('\n')}`;
    })
    .join('\n\n');
}

interface Scene {
  readonly book: TaskBook;
  readonly db: FaultyDatabase;
  readonly stream: MemoryStream;
}

/** A linked book with something in the outbox, something to undo and something to redo, and news on the server. */
function scene(): Scene {
  const db = new FaultyDatabase(new NodeSqlite());
  const book = openTasks({ db });
  const there = openTasks({ clock: book.clock, random: new SeededRandom(2), empty: true });
  const stream = new MemoryStream();
  const user = book.mint<UserId>();
  const { bookId } = book.store.identity();
  const id = book.addTask({ title: 'one', effort: 1 });
  link(book, bookId, user);
  exchange(book, stream);
  link(there, bookId, user);
  exchange(there, stream);
  there.do({ kind: 'setValues', changes: [{ entityId: id, field: book.fields.title, value: 'theirs' }] });
  book.setTask(id, { title: 'two' });
  book.setTask(id, { effort: 2 });
  book.undo();
  push(there, stream);
  book.store.sync.seal({ bookId, userId: user, clientId: book.store.identity().clientId }, 1);
  book.setTask(id, { notes: 'unsealed' });
  book.setTask(id, { notes: 'undone' });
  book.undo();
  return { book, db, stream };
}

function identityOf({ book }: Scene): {
  bookId: BookId;
  userId: UserId;
  clientId: ReturnType<TaskBook['store']['identity']>['clientId'];
} {
  const { bookId, userId, clientId } = book.store.identity();
  if (userId === null) throw new Error('the book is linked');
  return { bookId, userId, clientId };
}

function command(make: (book: TaskBook) => Command): (scene: Scene) => () => void {
  return ({ book }) => {
    const request = { id: book.mint<CommandId>(), command: make(book) };
    return () => refuseFull(book.store.execute(request));
  };
}

/** What the storage refused comes back as an error that says so; here it is thrown, as the other verbs throw it. */
function refuseFull(result: ReturnType<TaskBook['store']['execute']>): void {
  if (result.ok) return;
  expect(result.error).toEqual({ kind: 'storage', reason: 'full', message: expect.any(String) });
  throw new SqlError('full', 'refused');
}

const VERBS: { readonly [name: string]: (scene: Scene) => () => void } = {
  'a new type': command((book) => ({
    kind: 'createType',
    id: book.mint(),
    name: 'Birds',
    fields: [{ id: book.mint(), name: 'Name', kind: 'text' }],
  })),
  'new records': command((book) => ({
    kind: 'createRecords',
    type: book.tasks,
    records: Array.from({ length: 3 }, (_, i) => ({
      id: book.mint(),
      values: book.byId({ title: `Ünï ${i}`, effort: i }),
    })),
  })),
  'an edit that settles a conflict': (now) => {
    exchange(now.book, now.stream);
    const [task] = now.book.tasksNow();
    if (!task?.conflicted) throw new Error('there is no conflict to settle');
    return command((book) => ({
      kind: 'setValues',
      changes: [{ entityId: task.id, field: book.fields.title, value: 'settled' }],
    }))(now);
  },
  'a record to the Trash': command((book) => ({ kind: 'deleteRecords', ids: book.tasksNow().map((row) => row.id) })),
  'a field that is moved': command((book) => ({ kind: 'moveField', id: book.fields.mail, after: null })),
  undo: ({ book }) => {
    const id = book.mint<CommandId>();
    return () => refuseFull(book.store.undo(id, true));
  },
  redo: ({ book }) => {
    const id = book.mint<CommandId>();
    return () => refuseFull(book.store.redo(id, true));
  },
  seal: (now) => () => now.book.store.sync.seal(identityOf(now), 5),
  markTried:
    ({ book }) =>
    () =>
      book.store.sync.markTried(book.store.sync.nextInOutbox()?.id ?? book.mint()),
  acknowledge:
    ({ book }) =>
    () =>
      book.store.sync.acknowledge(book.store.sync.nextInOutbox()?.id ?? book.mint(), { epoch: 0, seq: 7 }),
  reject:
    ({ book }) =>
    () =>
      book.store.sync.reject(book.store.sync.nextInOutbox()?.id ?? book.mint(), 'no'),
  'a page':
    ({ book, stream }) =>
    () =>
      book.store.sync.apply({ messages: [...stream.messages, 'rubbish'], cursor: 'end' }, book.clock.now()),
  restamp:
    ({ book }) =>
    () =>
      book.store.sync.restamp(1_000_000),
  resendAll: (now) => () => now.book.store.sync.resendAll(identityOf(now)),
  newClient:
    ({ book }) =>
    () =>
      book.store.newClient(),
  adoptBook: (now) => {
    const bookId = now.book.mint<BookId>();
    return () => now.book.store.adoptBook(bookId, identityOf(now).userId);
  },
  rebuild:
    ({ book }) =>
    () =>
      book.store.rebuild(),
};

test.each(Object.keys(VERBS))(
  '[LOG-4] %s: refused at any write by a full disk, it leaves nothing half written, and goes through later',
  (name) => {
    const now = scene();
    const { book, db } = now;
    const verb = VERBS[name]?.(now);
    if (!verb) throw new Error('no such verb');
    const before = dump(db);
    const schema = book.store.answer({ kind: 'schema' });
    const table = {
      kind: 'records',
      type: book.tasks,
      sort: { field: book.fields.title, direction: 'ascending' },
      offset: 0,
      limit: 9,
    } as const;
    const rows = book.store.answer(table);
    let failures = 0;
    for (;;) {
      db.failAfter(failures);
      try {
        verb();
        break;
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        expect(error.reason).toBe('full');
      } finally {
        db.failAfter(Infinity);
      }
      failures += 1;
      expect(dump(db)).toBe(before);
      expect([book.store.answer({ kind: 'schema' }), book.store.answer(table)]).toEqual([schema, rows]);
    }
    expect(failures).toBeGreaterThan(1);
    if (name !== 'rebuild') expect(dump(db)).not.toBe(before);
    const derived = canonicalDump(db, true);
    book.store.rebuild();
    expect(canonicalDump(db, true)).toEqual(derived);
    expect(book.store.quickCheck()).toEqual({ ok: true, value: null });
  },
);
