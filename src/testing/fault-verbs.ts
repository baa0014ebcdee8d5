/** Every verb of the store that writes, as a request that can be made twice. A new command or verb does not compile until it is here. */
import { NAME } from '../core/attribute.ts';
import type { Command, CommandError } from '../core/command.ts';
import type { Event } from '../core/event.ts';
import {
  mintId,
  type BookId,
  type ClientId,
  type CommandId,
  type EntityId,
  type EventId,
  type Id,
} from '../core/ids.ts';
import { err, ok, type Result } from '../core/result.ts';
import { makeTimestamp, type NodeId } from '../core/timestamp.ts';
import type { FileError } from '../core/transfer.ts';
import { toJsonText } from '../core/value.ts';
import { idFromSql } from '../store/blob.ts';
import { SqlError, type SqlDatabase, type SqlValue } from '../store/database.ts';
import { rejectBundle } from '../store/outbox.ts';
import { quarantine } from '../store/quarantine.ts';
import type { Backup, Store, StoreAttention, StoreFiles, StoreSync } from '../store/store.ts';
import type { Scene } from './fault-scene.ts';
import { SeededRandom } from './seeded-random.ts';
import { must } from './test-book.ts';

export interface Verb {
  readonly title: string;
  /** What the book has to be like for it, beside the scene. */
  readonly prepare?: (db: SqlDatabase) => void;
  /**
   * Makes the request, the same each time: ids are minted before the call. Throws what the verb throws.
   * @returns what the verb says; what the storage refused is an error of kind `storage`
   */
  readonly run: (store: Store, scene: Scene) => Result<unknown, CommandError>;
  /** It reads on after its last commit, and says that it failed when it cannot: it does not know that nothing is left. */
  readonly readsOn?: true;
  /** Whether it reads a backup from a file of the system. */
  readonly needsFile?: true;
  /** What a second time does: nothing more, or the same again (another client, the next page). */
  readonly again: 'nothing' | 'more';
}

/** A source of ids that begins anew with each request. */
type Mint = <T extends Id<string> = EntityId>() => T;

const COMMANDS: {
  readonly [K in Command['kind']]: (scene: Scene, mint: Mint) => Extract<Command, { readonly kind: K }>;
} = {
  createType: (_, mint) => ({
    kind: 'createType',
    id: mint(),
    name: 'Birds',
    icon: 'leaf',
    fields: [
      { id: mint(), name: 'Name', kind: 'text' },
      { id: mint(), name: 'Size', kind: 'select', options: [{ id: mint(), name: 'Small', tint: 1 }] },
    ],
  }),
  changeType: ({ ids }) => ({ kind: 'changeType', id: ids.tasks, name: 'Chores', icon: 'box', hidden: true }),
  moveType: ({ ids }) => ({ kind: 'moveType', id: ids.tasks, after: null }),
  createField: ({ ids }, mint) => ({
    kind: 'createField',
    type: ids.people,
    field: { id: mint(), name: 'Born', kind: 'date' },
  }),
  changeField: ({ ids }) => ({ kind: 'changeField', id: ids.fields.title, name: 'What', hidden: false }),
  moveField: ({ ids }) => ({ kind: 'moveField', id: ids.fields.mail, after: null }),
  setOption: ({ ids }) => ({
    kind: 'setOption',
    field: ids.fields.status,
    option: ids.open,
    value: { name: 'Not begun', tint: 3 },
  }),
  createRecords: ({ ids }, mint) => ({
    kind: 'createRecords',
    type: ids.tasks,
    records: [1, 2, 3].map((i) => ({
      id: mint(),
      values: { [ids.fields.title]: `Ünï ${i}`, [ids.fields.effort]: i, [ids.fields.status]: ids.done },
    })),
  }),
  // One of the two settles a conflict.
  setValues: ({ ids, plain, contested }) => ({
    kind: 'setValues',
    changes: [
      { entityId: plain, field: ids.fields.effort, value: 8 },
      { entityId: contested, field: ids.fields.tags, value: [ids.blue] },
    ],
  }),
  deleteRecords: ({ plain, contested }) => ({ kind: 'deleteRecords', ids: [plain, contested] }),
  restoreRecords: ({ trashed }) => ({ kind: 'restoreRecords', ids: [trashed] }),
  removeSamples: ({ ids }) => ({ kind: 'removeSamples', type: ids.tasks }),
  restoreAsOf: ({ plain, contested, past }) => ({ kind: 'restoreAsOf', ids: [plain, contested], moment: past }),
  restoreValue: ({ plain, earlier }) => ({ kind: 'restoreValue', entityId: plain, ...earlier }),
  nameDevice: ({ link }) => ({
    kind: 'nameDevice',
    client: link.clientId as Id<string> as EntityId,
    user: link.userId as Id<string> as EntityId,
    name: 'Phone',
  }),
  namePerson: ({ link }) => ({ kind: 'namePerson', user: link.userId as Id<string> as EntityId, name: 'Ada L.' }),
  batch: (scene, mint) => ({
    kind: 'batch',
    label: 'Import',
    commands: [COMMANDS.createType(scene, mint), COMMANDS.createRecords(scene, mint), COMMANDS.setValues(scene, mint)],
  }),
};

type ReadingSync =
  | 'nextInOutbox'
  | 'producer'
  | 'cursor'
  | 'unechoed'
  | 'counts'
  | 'clockOffset'
  | 'newestUnsealed'
  | 'places'
  | 'start'
  | 'history'
  | 'takeSnapshot'
  | 'resumeSnapshot'
  | 'arrived'
  | 'spared';
type ReadingStore =
  | 'identity'
  | 'answer'
  | 'subscriptions'
  | 'sync'
  | 'horizon'
  | 'stats'
  | 'unusedBytes'
  | 'quickCheck'
  | 'checkTables'
  | 'examine'
  | 'repairNote'
  // What they write is below.
  | 'files'
  | 'attention'
  | 'export'
  | 'close';
type WritingVerb = Exclude<keyof StoreSync, ReadingSync> | Exclude<keyof Store, ReadingStore | 'execute'>;

const VERBS: { readonly [V in WritingVerb]: Omit<Verb, 'title'> } = {
  undo: { run: (store) => store.undo(idOf<CommandId>(), true), again: 'nothing' },
  redo: { run: (store) => store.redo(idOf<CommandId>(), true), again: 'nothing' },
  seal: thrown((store, { link }) => store.sync.seal(link, 5), 'nothing'),
  markTried: thrown((store, { bundle }) => store.sync.markTried(bundle), 'nothing'),
  acknowledge: thrown((store, { bundle }) => store.sync.acknowledge(bundle, { epoch: 1, seq: 1 }), 'nothing'),
  reject: thrown((store, { bundle }) => store.sync.reject(bundle, 'It was refused.'), 'nothing'),
  setProducer: thrown((store) => store.sync.setProducer({ epoch: 3, seq: 0 }), 'nothing'),
  apply: thrown((store, { page, now }) => store.sync.apply({ messages: page, cursor: 'the end' }, now), 'nothing'),
  release: thrown((store, { due }) => store.sync.release(due), 'nothing'),
  resendAll: thrown((store, { link }) => store.sync.resendAll(link), 'nothing'),
  // In several transactions.
  queueLost: thrown((store) => {
    const queue = store.sync.queueLost(store.sync.places(null, 2).map(({ id }) => id));
    while (!queue.step().done);
  }, 'more'),
  setClockOffset: thrown((store) => store.sync.setClockOffset(1_234), 'nothing'),
  restamp: thrown((store) => store.sync.restamp(1_000_000), 'nothing'),
  adoptBook: thrown((store, { link }) => store.adoptBook(idOf<BookId>(), link.userId), 'nothing'),
  leaveBook: thrown((store) => store.leaveBook(), 'nothing'),
  newClient: thrown((store) => store.newClient(), 'more'),
  rebuild: thrown((store) => store.rebuild(), 'nothing'),
  prune: thrown((store, { horizon }) => {
    const pruning = must(store.prune(horizon));
    while (!must(pruning.step()).done);
  }, 'nothing'),
  compact: thrown((store) => store.compact(), 'nothing'),
  mend: thrown((store) => store.mend(['versions', 'links', 'outbox', 'log', 'clock']), 'nothing'),
  dismissRepairNote: {
    ...thrown((store) => store.dismissRepairNote(), 'nothing'),
    prepare: (db) => void db.run(`INSERT INTO config (key, value) VALUES ('repaired', '{}')`),
  },
  // In several transactions, for a book that was not read from the server yet; where it was, nothing is left to do.
  applyPiece: {
    ...thrown((store, { snapshot, now }) => {
      for (const [number, bytes] of snapshot.pieces.entries()) {
        const last = number === snapshot.pieces.length - 1;
        const started = finish(
          store.sync.applyPiece(bytes, { snapshot: snapshot.id, number, last, cursor: snapshot.cursor }, now),
        );
        if (!started.ok && started.error.kind !== 'notEmpty') throw new Error(started.error.message);
      }
    }, 'nothing'),
    prepare: (db) => void db.run(`DELETE FROM config WHERE key = 'cursor'`),
  },
  startOver: thrown((store) => store.sync.startOver(), 'nothing'),
  noteUpload: thrown((store) => store.sync.noteUpload('a mark'), 'nothing'),
  applyHistory: {
    ...thrown((store, { page, now }) => {
      const { at } = store.sync.history() ?? { at: 'the end' };
      if (at !== 'the end') store.sync.applyHistory({ messages: page, cursor: 'the end' }, at, now);
    }, 'nothing'),
    prepare: arriving,
  },
  missHistory: { ...thrown((store) => store.sync.missHistory('later', 1_000), 'nothing'), prepare: arriving },
  finishHistory: { ...thrown((store) => finish(store.sync.finishHistory()), 'nothing'), prepare: arriving },
  handlers: thrown((store) => {
    const committed = store.handlers.next('test');
    if (committed) store.handlers.done('test', committed.through);
  }, 'nothing'),
  replay: thrown((store, { contested }) => store.replay(contested), 'nothing'),
  // In several transactions: an update of the app brought new versions of two projections.
  catchUp: {
    ...thrown((store) => {
      while (store.catchUp(2));
    }, 'nothing'),
    prepare: (db) => void db.run(`UPDATE projections SET version = 0 WHERE name IN ('search', 'links')`),
  },
};

/** A book whose history is still to be fetched. */
function arriving(db: SqlDatabase): void {
  db.run(`INSERT INTO config (key, value) VALUES ('history', '{"at":null,"until":"there","missing":null}')`);
}

type ReadingFiles = 'replacedBy' | 'kept' | 'lines' | 'isSameBook' | 'countLines';
/** A copy is made elsewhere, and nothing comes of an open backup by itself. */
type WritingFiles = Exclude<keyof StoreFiles, ReadingFiles | 'copyTo' | 'open'> | 'merge' | 'replace';

const FILE_VERBS: { readonly [V in WritingFiles]: Omit<Verb, 'title'> } = {
  takeLines: thrown((store, { lines, link }) => store.files.takeLines(lines, 2, link.bookId), 'nothing'),
  forgetKept: {
    ...thrown((store) => store.files.forgetKept(), 'nothing'),
    prepare: (db) => void db.run(`INSERT INTO config (key, value) VALUES ('kept_as', '/before-1.db')`),
  },
  // In several transactions.
  merge: { ...withBackup((backup) => finish(backup.merge()), 'nothing'), readsOn: true },
  // A book that was replaced has another client each time.
  replace: withBackup((backup) => backup.replace('/before-1.db'), 'more'),
};

type WritingAttention = Exclude<keyof StoreAttention, 'export'>;

const ATTENTION_VERBS: { readonly [V in WritingAttention]: Omit<Verb, 'title'> } = {
  // In several transactions: one for each kind.
  retry: {
    ...thrown(
      (store) => (['refused', 'malformed'] as const).map((kind) => store.attention.retry(kind, null, 0)),
      'nothing',
    ),
    prepare: refuse,
  },
  discard: {
    ...thrown(
      (store) => (['refused', 'malformed'] as const).map((kind) => store.attention.discard(kind, null)),
      'nothing',
    ),
    prepare: refuse,
  },
};

/** The server refused a bundle that brings a log back what it lost, and this version knows what one before it called malformed. */
function refuse(db: SqlDatabase): void {
  const [bundle] = db.all<{ id: SqlValue }>('SELECT id FROM outbox ORDER BY number');
  if (!bundle) throw new Error('nothing waits');
  db.run('UPDATE outbox SET repair = 1 WHERE id = ?', [bundle.id]);
  rejectBundle(db, idFromSql(bundle.id), 'It was refused.', 0);
  const event: Event = {
    id: '00000000-0000-7000-8000-000000000001' as EventId,
    clientId: '00000000-0000-7000-8000-000000000002' as ClientId,
    entityId: '00000000-0000-7000-8000-000000000003' as EntityId,
    attribute: NAME,
    value: toJsonText('Held'),
    timestamp: makeTimestamp(1, 0, '0000000000000009' as NodeId),
    previous: [],
  };
  const held = { kind: 'malformed', content: JSON.stringify(event), bundleId: null, due: null, arrivedAt: 0 } as const;
  quarantine(db, { ...held, reason: 'something is wrong with it' });
}

/** What is done with a backup beside the book; what the storage refuses is an error of the command. */
function withBackup(work: (backup: Backup) => Result<unknown, FileError>, again: Verb['again']): Omit<Verb, 'title'> {
  const run: Verb['run'] = (store, scene) => {
    if (scene.backup === null) throw new Error('there is no backup file here');
    const backup = store.files.open(scene.backup);
    const looked = finish(backup.compare());
    const done = looked.ok ? work(backup) : looked;
    if (done.ok) return done;
    if (done.error.kind !== 'storage') throw new Error(`refused: ${JSON.stringify(done.error)}`);
    return err(done.error);
  };
  return { run, again, needsFile: true };
}

/** Takes every step; returns what came of it. */
function finish<T>(steps: Generator<unknown, T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** The id of a request that is made again. */
function idOf<T extends Id<string>>(): T {
  return mintId<T>(1, new SeededRandom(5).bytes);
}

/** A verb that throws what the storage refused. */
function thrown(work: (store: Store, scene: Scene) => unknown, again: Verb['again']): Omit<Verb, 'title'> {
  const run: Verb['run'] = (store, scene) => {
    try {
      return ok(work(store, scene) ?? null);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      return err({ kind: 'storage', reason: error.reason === 'full' ? 'full' : 'other', message: error.message });
    }
  };
  return { run, again };
}

const commandVerbs = Object.entries(COMMANDS).map(([title, make]): Verb => {
  const run: Verb['run'] = (store, scene) => {
    const random = new SeededRandom(7);
    const mint: Mint = () => mintId(scene.now, random.bytes);
    return store.execute({ id: idOf<CommandId>(), command: make(scene, mint) });
  };
  return { title, run, again: 'nothing' };
});

/** What several transactions, or a large one, add to that. */
export const LARGE_VERBS: readonly Verb[] = [
  {
    title: 'an import of 150 records',
    run: (store, scene) => {
      const random = new SeededRandom(7);
      const { ids } = scene;
      const records = Array.from({ length: 150 }, (_, i) => ({
        id: mintId<EntityId>(scene.now, random.bytes),
        values: { [ids.fields.title]: `Imported ${i}`, [ids.fields.notes]: 'Some words. '.repeat(20) },
      }));
      return store.execute({ id: idOf<CommandId>(), command: { kind: 'createRecords', type: ids.tasks, records } });
    },
    again: 'nothing',
  },
  { title: 'rebuild of one projection', ...thrown((store) => store.rebuild('search'), 'nothing') },
  {
    title: 'resendAll, then seal',
    ...thrown((store, { link }) => {
      store.sync.resendAll(link);
      return store.sync.seal(link, 9);
    }, 'more'),
  },
];

/** Every command, and every verb of the store that writes. */
export const FAULT_VERBS: readonly Verb[] = [
  ...commandVerbs,
  ...Object.entries({ ...VERBS, ...FILE_VERBS, ...ATTENTION_VERBS }).map(([title, verb]): Verb => ({ title, ...verb })),
];
