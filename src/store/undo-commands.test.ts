import { describe, expect, test } from 'vitest';
import { DELETED, HIDDEN, OPTION_PREFIX, OWNER, SAMPLE, TARGET, TYPE, USER } from '../core/attribute.ts';
import type { Command } from '../core/command.ts';
import type { AttributeName } from '../core/event.ts';
import { mintId, type ClientId, type EntityId, type UserId } from '../core/ids.ts';
import { bytesToNodeId, ZERO_TIMESTAMP } from '../core/timestamp.ts';
import { makeTransaction } from '../core/transaction.ts';
import type { JsonValue } from '../core/value.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { openBook, openTasks } from '../testing/open-book.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import type { TaskBook } from '../testing/task-book.ts';
import { must, type TestBook } from '../testing/test-book.ts';
import { link } from '../testing/two-devices.ts';
import { readCurrent } from './attributes.ts';
import type { SqlDatabase } from './database.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from './event-rows.ts';
import { messageOf } from '../testing/live-log.ts';

/** What a book shows, without the history. */
function picture(db: SqlDatabase): unknown[] {
  return db
    .all(`SELECT hex(entity_id), hex(attribute), value FROM attributes WHERE value <> 'null' ORDER BY 1, 2`)
    .map((row) => JSON.stringify(Object.values(row)));
}

interface Scene {
  readonly book: TaskBook;
  readonly task: EntityId;
  readonly trashed: EntityId;
  /** A person and this device, who have names already. */
  readonly user: EntityId;
  readonly client: EntityId;
}

function scene(db: SqlDatabase): Scene {
  const book = openTasks({ db });
  link(book, book.store.identity().bookId, book.mint<UserId>());
  const user = book.mint();
  const client = book.store.identity().clientId as string as EntityId;
  book.do({ kind: 'namePerson', user, name: 'Ada' });
  book.do({ kind: 'nameDevice', client, user, name: 'Laptop' });
  const task = book.addTask({ title: 'One', status: book.open });
  book.setTask(task, { title: 'Two', effort: 2 });
  const trashed = book.addTask({ title: 'Gone' });
  book.do({ kind: 'deleteRecords', ids: [trashed] });
  book.do({ kind: 'createRecords', type: book.tasks, sample: true, records: [{ id: book.mint(), values: {} }] });
  return { book, task, trashed, user, client };
}

/** A command of every kind. A new kind does not compile until it stands here. */
const COMMANDS: { readonly [K in Command['kind']]: (scene: Scene) => Extract<Command, { kind: K }> } = {
  createType: ({ book }) => ({
    kind: 'createType',
    id: book.mint(),
    name: 'Birds',
    icon: 'bird',
    fields: [{ id: book.mint(), name: 'Song', kind: 'select', options: [{ id: book.mint(), name: 'Loud', tint: 1 }] }],
  }),
  changeType: ({ book }) => ({ kind: 'changeType', id: book.tasks, name: 'Errands', icon: 'cart', hidden: true }),
  moveType: ({ book }) => ({ kind: 'moveType', id: book.tasks, after: null }),
  createField: ({ book }) => ({
    kind: 'createField',
    type: book.people,
    field: { id: book.mint(), name: 'Boss', kind: 'link', target: book.people },
  }),
  changeField: ({ book }) => ({ kind: 'changeField', id: book.fields.notes, name: 'Remarks', hidden: true }),
  moveField: ({ book }) => ({ kind: 'moveField', id: book.fields.mail, after: null }),
  setOption: ({ book }) => ({ kind: 'setOption', field: book.fields.status, option: book.open, value: null }),
  createRecords: ({ book }) => ({
    kind: 'createRecords',
    type: book.tasks,
    records: [{ id: book.mint(), values: book.byId({ title: 'New', urgent: true }) }],
  }),
  setValues: ({ book, task }) => ({
    kind: 'setValues',
    changes: [
      { entityId: task, field: book.fields.title, value: 'Three' },
      { entityId: task, field: book.fields.effort, value: null },
    ],
  }),
  deleteRecords: ({ task }) => ({ kind: 'deleteRecords', ids: [task] }),
  restoreRecords: ({ trashed }) => ({ kind: 'restoreRecords', ids: [trashed] }),
  removeSamples: ({ book }) => ({ kind: 'removeSamples', type: book.tasks }),
  restoreValue: ({ book, task }) => {
    const attribute = book.attribute('title');
    const first = book.ask({ kind: 'history', entityId: task, attribute, limit: 9 }).changes.at(-1);
    if (!first) throw new Error('no history');
    return { kind: 'restoreValue', entityId: task, attribute, eventId: first.eventId };
  },
  restoreAsOf: ({ book, task, trashed }) => {
    const created = book.ask({ kind: 'record', id: task })?.createdAt ?? ZERO_TIMESTAMP;
    return { kind: 'restoreAsOf', ids: [task, trashed], moment: { at: created, reading: 'dated' } };
  },
  nameDevice: ({ client, user }) => ({ kind: 'nameDevice', client, user, name: 'Desk' }),
  namePerson: ({ user }) => ({ kind: 'namePerson', user, name: 'Ada Lovelace' }),
  batch: (at) => ({
    kind: 'batch',
    label: 'Several things',
    commands: [COMMANDS.createField(at), COMMANDS.setValues(at), COMMANDS.changeType(at)],
  }),
};
const KINDS = Object.keys(COMMANDS) as Command['kind'][];

/** Opens the same database anew, as after a reload. */
const reopen = (book: TestBook): TestBook =>
  openBook({ db: book.db, clock: book.clock, random: new SeededRandom(book.clock.now()) });

describe.each(KINDS)('%s', (kind) => {
  test('is undone and redone after the book was opened anew', () => {
    const at = scene(new NodeSqlite());
    const before = picture(at.book.db);
    const labelBefore = at.book.ask({ kind: 'undo' }).undo;
    at.book.do(COMMANDS[kind](at));
    const after = picture(at.book.db);
    const { undo } = at.book.ask({ kind: 'undo' });
    expect(after).not.toEqual(before);
    expect(undo).not.toBeNull();
    for (let round = 0; round < 2; round++) {
      const undoing = reopen(at.book);
      must(undoing.undo());
      expect(picture(undoing.db)).toEqual(before);
      expect(undoing.ask({ kind: 'undo' })).toEqual({ undo: labelBefore, redo: undo });
      const redoing = reopen(at.book);
      must(redoing.redo());
      expect(picture(redoing.db)).toEqual(after);
      expect(redoing.ask({ kind: 'undo' })).toEqual({ undo, redo: null });
    }
  });

  test('is not undone over what somebody else wrote there since, until that is asked for', () => {
    const at = scene(new NodeSqlite());
    const before = picture(at.book.db);
    const { timestamp } = at.book.do(COMMANDS[kind](at));
    const touched = overwrite(at.book, timestamp ?? ZERO_TIMESTAMP);
    const theirs = picture(at.book.db);
    const refused = at.book.undo();
    if (refused.ok || refused.error.kind !== 'changedSince')
      throw new Error(`it went ahead: ${JSON.stringify(refused)}`);
    expect(new Set(refused.error.problems.map((problem) => problem.entityId))).toEqual(touched);
    expect(picture(at.book.db)).toEqual(theirs);
    must(at.book.undo(true));
    expect(picture(at.book.db)).toEqual(before);
  });
});

/** A value of the right shape that no command here writes ([LOG-10]). */
function otherValue(attribute: AttributeName): JsonValue {
  if (attribute.startsWith(OPTION_PREFIX)) return { name: 'written elsewhere', order: 'a7', tint: 7 };
  switch (attribute) {
    case DELETED:
    case HIDDEN:
    case SAMPLE:
      return false;
    case TYPE:
    case OWNER:
    case TARGET:
    case USER:
      return '0193abcd-1234-7000-8000-00000000e15e';
    default:
      return 'written elsewhere';
  }
}

/** Another device writes something else into everything that a transaction wrote. Returns which entities that is. */
function overwrite(book: TestBook, timestamp: string): Set<EntityId> {
  const random = new SeededRandom(99);
  const rows = book.db.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE hex(timestamp) = ?`, [
    timestamp.toUpperCase(),
  ]);
  const changes = [...readArrivals(rows).keys()].map(({ entityId, attribute }) => ({
    entityId,
    attribute,
    value: otherValue(attribute),
  }));
  const leaves = readCurrent(book.db, changes).map((current) => current.leaves);
  const node = bytesToNodeId(random.bytes(8));
  book.clock.advance(1_000);
  const { events } = makeTransaction(changes, {
    clientId: mintId<ClientId>(book.clock.now(), random.bytes),
    clock: { node, last: ZERO_TIMESTAMP },
    wallMillis: book.clock.now(),
    random: random.bytes,
    leavesOf: (entityId, attribute) =>
      leaves[changes.findIndex((change) => change.entityId === entityId && change.attribute === attribute)] ?? [],
  });
  book.store.sync.apply({ messages: [messageOf(book, events)], cursor: null }, book.clock.now());
  return new Set(changes.map((change) => change.entityId));
}
