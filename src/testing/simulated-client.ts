// Over 400 lines on purpose: what a device does, and what the simulation looks up in it, share one process and one file.
/** One device of a simulation: a real store, the real driver and transport, a clock that may be wrong, a process that may die. */
import type { Command } from '../core/command.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { bytesToHex } from '../core/hex.ts';
import {
  hexToId,
  idToBytes,
  mintId,
  type BookId,
  type BundleId,
  type CommandId,
  type EntityId,
  type EventId,
  type Id,
  type UserId,
} from '../core/ids.ts';
import { bytesToTimestamp, millisOf, timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import type { Status } from '../protocol/status.ts';
import { snapshotsPath } from '../protocol/snapshot-offer.ts';
import { openStore } from '../store/book.ts';
import { attributeToSql } from '../store/blob.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from '../store/event-rows.ts';
import { SqlError, type SqlValue } from '../store/database.ts';
import { readCompleteSince } from '../store/superseded.ts';
import type { SnapshotPortions, Store } from '../store/store.ts';
import { Driver, type Session } from '../sync/driver.ts';
import { createHttpTransport } from '../sync/http-transport.ts';
import type { Page, Transport } from '../sync/ports.ts';
import type { Measures } from '../sync/snapshot-upload.ts';
import type { Connection } from './fake-network.ts';
import { Crash, MortalDatabase } from './mortal-database.ts';
import { NodeSqlite } from './node-sqlite.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { versionOptions, type AppVersion } from './simulated-versions.ts';
import { must } from './test-book.ts';

/** An edit that the user was told is saved ([LOG-4]). */
export interface SavedEvent {
  readonly id: EventId;
  readonly entityId: EntityId;
  readonly attribute: string;
  readonly value: string;
}

export interface World {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  /** Unix milliseconds at which the simulation begins. */
  readonly start: number;
  readonly bookId: BookId;
  readonly userId: UserId;
  /** Null where the server has no snapshots. */
  readonly snapshots: { readonly measures: Measures; readonly portions: SnapshotPortions } | null;
  readonly onSaved: (client: SimulatedClient, events: readonly SavedEvent[]) => void;
  /** Called with every status that is shown. */
  readonly onStatus: (client: SimulatedClient, status: Status) => void;
  readonly onCrash: (client: SimulatedClient) => void;
  /** The app could not be started on what the disk has room for. */
  readonly onClosed: (client: SimulatedClient) => void;
}

type Action = Command | 'undo' | 'redo';

const ORIGIN = 'http://server.example';

export class SimulatedClient {
  readonly name: string;
  readonly db: MortalDatabase;
  /** The file itself, for the simulation to look into: nobody dies of that. */
  file: NodeSqlite;
  readonly connection: Connection;
  /** Which app runs here. An update is an update for good. */
  version: AppVersion;
  linked = false;
  status: Status = { kind: 'local' };
  /** When the server last answered, since the app was last started; null: not yet. */
  heardAt: number | null = null;
  /** The last page of the stream that sync was given, since the app was last started. */
  page: Page | null = null;
  /** When the clock was last set. */
  clockSetAt = 0;
  store!: Store;
  driver!: Driver;
  readonly #world: World;
  #clockMillis: number;
  #alive = false;
  /** Statements after its next start at which the process dies again; null: it lives. */
  #startDeath: number | null = null;
  /** Turns that sync leaves to others until the process dies in one of them; null: it does not. */
  #breaths: number | null = null;
  /** What could not be saved, for want of room. */
  #failed: { readonly id: CommandId; readonly action: Action } | null = null;
  /** What the person asked for when the process died: asked again once it runs, under the same id. */
  #unanswered: { readonly id: CommandId; readonly action: Action } | null = null;
  #lookedThrough = 0;
  #unstored: readonly EventId[] = [];
  /** Counts the processes, so that what is left of a dead one reaches nobody. */
  #life = 0;

  constructor(
    name: string,
    world: World,
    db: NodeSqlite,
    connect: (onAnswer: () => void) => Connection,
    clockMillis: number,
    version: AppVersion,
  ) {
    this.name = name;
    this.version = version;
    this.#world = world;
    this.#clockMillis = clockMillis;
    this.connection = connect(() => {
      this.heardAt = world.time.now();
    });
    this.file = db;
    this.db = new MortalDatabase(db, () => this.#died());
    this.open();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** How far this device's clock is ahead. */
  get clockMillis(): number {
    return this.#clockMillis;
  }

  set clockMillis(millis: number) {
    this.#clockMillis = millis;
    this.clockSetAt = this.#world.time.now();
  }

  readonly wall = (): number => Math.floor(this.#world.start + this.#world.time.now() + this.#clockMillis);

  /** Starts the app on what the file holds: a new process, with nothing of the last one but the bytes on the disk. */
  open(): void {
    const { time, random } = this.#world;
    if (this.#life > 0) {
      const bytes = this.file.serialize();
      this.file.close();
      this.file = NodeSqlite.holding(bytes);
    }
    this.db.revive(this.file);
    if (this.#startDeath !== null) this.db.dieAfter(this.#startDeath);
    this.#startDeath = null;
    this.heardAt = null;
    this.page = null;
    this.#breaths = null;
    this.#lookedThrough = 0;
    this.#unstored = [];
    const life = ++this.#life;
    const store = this.#openStore();
    if (!store) return;
    this.store = store;
    this.#alive = true;
    this.driver = new Driver({
      store: this.store.sync,
      clock: { wall: this.wall, steady: time.now },
      after: (millis, run) => time.after(millis, () => life === this.#life && this.#guard(run)),
      random: () => random.next() / 2 ** 32,
      breathe: () => this.#breathe(),
      onStatus: (status) => {
        if (!this.#alive || life !== this.#life) return;
        this.status = status;
        this.#world.onStatus(this, status);
      },
      onChanged: () => {},
      ...(this.#world.snapshots && { measures: this.#world.snapshots.measures }),
    });
    this.#guard(() => {
      if (this.linked) this.driver.start(this.#session());
      const unanswered = this.#unanswered;
      this.#unanswered = null;
      if (unanswered) this.#carryOut(unanswered.id, unanswered.action);
    });
  }

  /** Null: it died over it, or there is no room. */
  #openStore(): Store | null {
    try {
      const opened = openStore(this.db, {
        random: this.#world.random.bytes,
        now: this.wall,
        ...versionOptions(this.version),
        ...(this.#world.snapshots && { portions: this.#world.snapshots.portions }),
      });
      if (opened.ok || opened.error.kind !== 'storage') return must(opened);
      this.#world.onClosed(this);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    return null;
  }

  /** The process ends, in the middle of whatever it was about. */
  kill(): void {
    this.db.die();
  }

  /** The process ends, and ends again so many statements after its next start. */
  killTwice(statements: number): void {
    this.#startDeath = statements;
    this.kill();
  }

  /** Called off, whatever was to come. */
  spare(): void {
    this.#startDeath = this.#breaths = null;
    this.db.spare();
  }

  /** Dies in one of the turns that sync leaves to others: between two parts of a page. */
  dieInBreath(breaths: number): void {
    this.#breaths = breaths;
  }

  link(): void {
    this.#guard(() => {
      try {
        this.store.adoptBook(this.#world.bookId, this.#world.userId);
      } catch (error) {
        // As the worker does: without room to note it, the book is linked another time.
        if (error instanceof SqlError) return;
        throw error;
      }
      this.linked = true;
      this.driver.start(this.#session());
    });
  }

  /** What a person does: one command, undo or redo. Nothing happens while the app is not running. */
  act(action: Action): void {
    if (this.#alive) this.#guard(() => this.#carryOut(this.mint<CommandId>(), action));
  }

  /** Asks once more for what could not be saved. */
  tryAgain(): void {
    const failed = this.#failed;
    if (failed && this.#alive) this.#guard(() => this.#carryOut(failed.id, failed.action));
  }

  #carryOut(id: CommandId, action: Action): void {
    const before = this.#unanswered;
    this.#unanswered = { id, action };
    const result =
      action === 'undo'
        ? this.store.undo(id, true)
        : action === 'redo'
          ? this.store.redo(id, true)
          : this.store.execute({ id, command: action });
    this.#unanswered = before;
    this.#failed = null;
    if (!result.ok && result.error.kind === 'storage') {
      this.#failed = { id, action };
      this.driver.wrote({ reason: result.error.reason, message: result.error.message });
    }
    if (!result.ok || result.value.timestamp === null) return;
    this.#world.onSaved(this, this.#eventsOf('timestamp = ?', timestampToBytes(result.value.timestamp)));
    if (this.status.kind === 'writeFailed') this.driver.wrote(null);
    this.driver.changed();
  }

  async #breathe(): Promise<void> {
    const { time, random } = this.#world;
    if (this.#breaths !== null && this.#breaths-- <= 0) this.kill();
    await time.sleep(random.below(3));
  }

  nudge(): void {
    if (this.#alive) this.#guard(() => this.driver.nudge());
  }

  mint<T extends Id<string> = EntityId>(): T {
    return mintId<T>(Math.max(0, this.wall()), this.#world.random.bytes);
  }

  /** Ids of the events that this client made and that are not in `stored`. */
  unstored(stored: ReadonlySet<EventId>): readonly EventId[] {
    const fresh = this.file.all<{ id: Uint8Array; arrival: number }>(
      `SELECT id, arrival FROM events
       WHERE arrival > ? AND client_id IN (SELECT id FROM clients WHERE self = 1) ORDER BY arrival`,
      [this.#lookedThrough],
    );
    this.#lookedThrough = fresh.at(-1)?.arrival ?? this.#lookedThrough;
    this.#unstored = [...this.#unstored, ...fresh.map((row) => hexToId<EventId>(bytesToHex(row.id)))].filter(
      (id) => !stored.has(id),
    );
    return this.#unstored;
  }

  /** All events of its log. */
  events(): readonly SavedEvent[] {
    return this.#eventsOf('1');
  }

  /** Whether a bundle was taken in, or is held. */
  has(bundle: BundleId): boolean {
    return this.file.get('SELECT 1 FROM bundles WHERE id = ?', [idToBytes(bundle)]) !== null;
  }

  /** Its log as core has it. */
  log(): Event[] {
    return [...readArrivals(this.file.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events`)).keys()];
  }

  /**
   * Whether what was in a bundle shows in its state, though it was not read here: a snapshot stood in for it.
   * @param events what was in it, as far as it can be applied by now
   */
  shows(events: readonly Event[]): boolean {
    return events.every(
      ({ entityId, attribute, timestamp }) =>
        this.file.get('SELECT 1 FROM attributes WHERE entity_id = ? AND attribute = ? AND timestamp >= ?', [
          idToBytes(entityId),
          attributeToSql(attribute),
          timestampToBytes(timestamp),
        ]) !== null,
    );
  }

  /** Since when its history is complete, as a person is told; null: from the start. */
  get completeSince(): Timestamp | null {
    return readCompleteSince(this.file);
  }

  #cursor(): string | null {
    return this.file.get<{ value: string }>(`SELECT value FROM config WHERE key = 'cursor'`)?.value ?? null;
  }

  /** How far its logical clock is ahead of a moment; negative when it is behind. */
  clockMillisAhead(serverMillis: number): number {
    const row = this.file.get<{ value: Uint8Array }>(`SELECT value FROM config WHERE key = 'clock'`);
    return row === null ? 0 : millisOf(bytesToTimestamp(row.value)) - serverMillis;
  }

  /** The newest value of every attribute, as the store has kept it up. */
  attributes(): { readonly entityId: EntityId; readonly attribute: AttributeName; readonly value: string }[] {
    return this.file
      .all<{ entity_id: Uint8Array; attribute: Uint8Array | string; value: string }>(
        'SELECT entity_id, attribute, value FROM attributes',
      )
      .map((row) => ({
        entityId: hexToId<EntityId>(bytesToHex(row.entity_id)),
        attribute: attributeOf(row.attribute) as AttributeName,
        value: row.value,
      }));
  }

  #eventsOf(where: string, ...params: SqlValue[]): SavedEvent[] {
    return this.file
      .all<{ id: Uint8Array; entity_id: Uint8Array; attribute: Uint8Array | string; value: string }>(
        `SELECT id, entity_id, attribute, value FROM events WHERE ${where}`,
        params,
      )
      .map((row) => ({
        id: hexToId<EventId>(bytesToHex(row.id)),
        entityId: hexToId<EntityId>(bytesToHex(row.entity_id)),
        attribute: attributeOf(row.attribute),
        value: row.value,
      }));
  }

  /** Runs what belongs to the app's process; a crash ends it here. */
  #guard(run: () => void): void {
    if (!this.#alive) return;
    try {
      run();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }

  #died(): void {
    this.#alive = false;
    this.connection.breakAll();
    // Timers and answers of a dead process reach nobody: its driver, if it came to one, is stopped without touching the store.
    const driver = this.driver as Driver | undefined;
    queueMicrotask(() => driver?.stop());
    this.#world.onCrash(this);
  }

  #session(): Session {
    const { time, bookId, userId, snapshots } = this.#world;
    const { clientId } = this.store.identity();
    return {
      link: { bookId, userId, clientId },
      serverUrl: ORIGIN,
      transport: this.#watched(
        createHttpTransport<AbortSignal>({
          platform: {
            fetch: this.connection.fetch,
            newAbort: () => new AbortController(),
            after: time.after,
            clock: { wall: this.wall, steady: time.now },
          },
          streamUrl: `${ORIGIN}/v1/books/${bookId}/stream`,
          timeUrl: `${ORIGIN}/v1/time`,
          producerId: clientId,
          token: snapshots && clientId,
          gzip: true,
          snapshotsUrl: snapshots && ORIGIN + snapshotsPath(bookId),
        }),
      ),
      renew: async () => {
        this.store.newClient();
        return { kind: 'renewed', session: this.#session() };
      },
    };
  }

  /** Notes which page sync was given last. Pages of history say nothing of how far it has come. */
  #watched(transport: Transport): Transport {
    const life = this.#life;
    const note = (page: Page): void => {
      if (life === this.#life) this.page = page;
    };
    return {
      ...transport,
      read: async (cursor, signal) => {
        const isNews = cursor === this.#cursor();
        const outcome = await transport.read(cursor, signal);
        if (outcome.kind === 'page' && isNews) note(outcome.page);
        return outcome;
      },
      tail: (cursor, onPage, signal) =>
        transport.tail(
          cursor,
          (page) => {
            note(page);
            return onPage(page);
          },
          signal,
        ),
    };
  }
}

/** Attributes named by a field's id are kept as its 16 bytes. */
const attributeOf = (value: Uint8Array | string): string =>
  typeof value === 'string' ? value : hexToId(bytesToHex(value));
