import { expect, test } from 'vitest';
import type { Status, SyncDetails } from '../protocol/status.ts';
import { mintId, type BookId, type CommandId, type EntityId, type UserId } from '../core/ids.ts';
import { openStore } from '../store/book.ts';
import { MortalDatabase } from '../testing/mortal-database.ts';
import { NodeSqlite } from '../testing/node-sqlite.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { SimulatedTime } from '../testing/simulated-time.ts';
import { must } from '../testing/test-book.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import { Driver, type Session } from './driver.ts';
import type { AppendOutcome, Page, Transport } from './ports.ts';

const START = Date.UTC(2026, 10, 23, 9);
const EMPTY: Page = { messages: [], cursor: 'here', upToDate: true, progress: null };

const FENCED: AppendOutcome = { kind: 'fenced', epoch: 1e15 };

/** A device with a real store on a disk that can be full, and a server that answers appends as it is told. */
function device(appends: AppendOutcome[]) {
  const time = new SimulatedTime();
  // Answers that are there at once come in between two of these.
  const tick = (): void => void time.after(50, tick);
  tick();
  const random = new SeededRandom(1);
  const now = (): number => START + time.now();
  const db = new MortalDatabase(new NodeSqlite(), () => {});
  const store = must(openStore(db, { random: random.bytes, now, messages: bundleMessages }));
  const shown: Status[] = [];
  const told: { details?: SyncDetails } = {};
  const transport: { -readonly [verb in keyof Transport]: Transport[verb] } = {
    snapshots: null,
    time: async () => ({ kind: 'unknown' }),
    create: async () => ({ kind: 'created' }),
    read: async () => ({ kind: 'page', page: EMPTY }),
    append: async () => appends.shift() ?? { kind: 'stored', duplicate: false },
    ids: async () => ({ kind: 'noStream' }),
    tail: (_cursor, _onPage, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'ended' }))),
  };
  const driver = new Driver({
    store: store.sync,
    clock: { wall: now, steady: time.now },
    after: time.after,
    random: () => 0.5,
    breathe: () => time.sleep(1),
    onStatus: (status, details) => {
      shown.push(status);
      told.details = details;
    },
    onChanged: () => {},
  });
  const [bookId, userId] = [mintId<BookId>(START, random.bytes), mintId<UserId>(START, random.bytes)];
  store.adoptBook(bookId, userId);
  const session = (renew: () => void): Session => ({
    link: { bookId, userId, clientId: store.identity().clientId },
    serverUrl: 'http://server.example',
    transport,
    renew: async () => {
      renew();
      store.newClient();
      return { kind: 'renewed', session: session(renew) };
    },
  });
  const save = (): void => {
    const user = mintId<EntityId>(now(), random.bytes);
    must(
      store.execute({
        id: mintId<CommandId>(now(), random.bytes),
        command: { kind: 'namePerson', user, name: 'Ada' },
      }),
    );
  };
  const edit = (): void => {
    save();
    driver.changed();
  };
  return { time, db, store, driver, session, transport, save, edit, shown, told };
}

test('[HLC-6] a full disk that has no room for a new name puts it off; nothing is lost, and the chip says why', async () => {
  const { time, db, store, driver, session, edit, shown } = device([FENCED, FENCED]);
  const before = store.identity().clientId;
  let tries = 0;
  driver.start(session(() => (db.full = ++tries === 1)));
  edit();
  await time.runUntil(500);
  expect([tries, store.identity().clientId]).toEqual([1, before]);
  expect(shown.at(-1)).toEqual({ kind: 'writeFailed', reason: 'full', message: 'database or disk is full' });
  db.full = false;
  await time.runUntil(120_000);
  expect(tries).toBe(2);
  expect(store.identity().clientId).not.toBe(before);
  expect(store.sync.counts()).toMatchObject({ waiting: 0, rejected: 0 });
  expect(shown.at(-1)).toEqual({ kind: 'synced' });
});

test('[SYNC-7] when it can be written again, what was just saved waits, and nobody hears that all is synced', async () => {
  const { time, driver, session, save, shown } = device([]);
  driver.start(session(() => {}));
  await time.runUntil(5_000);
  expect(shown.at(-1)).toEqual({ kind: 'synced' });
  driver.wrote({ reason: 'full', message: 'database or disk is full' });
  shown.length = 0;
  // In the order in which the worker does it.
  save();
  driver.wrote(null);
  driver.changed();
  expect(shown).toEqual([{ kind: 'sending', waiting: 2 }]);
});

test('[SYNC-7] the last contact is told as it was before the restart until the server answers, and stays through what ends a session', async () => {
  const { time, driver, session, transport, told } = device([]);
  const { time: asked } = transport;
  transport.time = async () => ({ kind: 'unreachable', message: 'The server cannot be reached.' });
  driver.start(session(() => {}));
  await time.runUntil(1_000);
  expect(told.details?.lastContactAt).toBeNull();
  driver.recallContact(START - 86_400_000);
  expect(told.details?.lastContactAt).toBe(START - 86_400_000);
  transport.time = asked;
  driver.nudge();
  await time.runUntil(5_000);
  const answered = told.details!.lastContactAt!;
  expect(answered).toBeGreaterThanOrEqual(START + 1_000);
  // What is remembered late takes nothing back.
  driver.recallContact(START - 86_400_000);
  expect(told.details?.lastContactAt).toBe(answered);

  transport.time = async () => ({ kind: 'unreachable', message: 'The server cannot be reached.' });
  driver.start(session(() => {}));
  await time.runUntil(6_000);
  expect(told.details?.lastContactAt).toBeGreaterThanOrEqual(answered);
  driver.start({ ...session(() => {}), serverUrl: 'http://other.example' });
  await time.runUntil(7_000);
  expect(told.details).toMatchObject({ serverUrl: 'http://other.example', lastContactAt: null });
});

test('[SYNC-7] a live page that comes while its connection is called off is not here: nobody hears that all is synced', async () => {
  const { time, driver, session, transport, shown } = device([]);
  let late: (() => Promise<void>) | null = null;
  transport.tail = (_cursor, onPage, signal) =>
    new Promise((resolve) =>
      signal.addEventListener('abort', () => {
        late = () => onPage({ ...EMPTY, cursor: 'further' }).finally(() => resolve({ kind: 'ended' }));
      }),
    );
  driver.start(session(() => {}));
  // A connection that has been silent for so long is doubted, and made anew when somebody asks.
  await time.runUntil(20_000);
  expect(shown.at(-1)).toEqual({ kind: 'synced' });
  driver.nudge();
  expect(shown.at(-1)).toEqual({ kind: 'synced' });
  // The server tells of more, and is not reached again.
  transport.time = async () => ({ kind: 'unreachable', message: 'gone' });
  transport.read = async () => ({ kind: 'unreachable', message: 'gone' });
  await late!();
  expect(shown.at(-1)).toEqual({ kind: 'receiving' });
  await time.runUntil(30_000);
  expect(shown.at(-1)).toMatchObject({ kind: 'offline' });
});
