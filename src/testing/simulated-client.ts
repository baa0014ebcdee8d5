/** One device of a simulation: a real store, the real driver and transport, a clock that may be wrong, a process that may die. */
import type { Command } from '../core/command.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { bytesToHex } from '../core/hex.ts';
import {
  hexToId,
  mintId,
  type BookId,
  type CommandId,
  type EntityId,
  type EventId,
  type Id,
  type UserId,
} from '../core/ids.ts';
import { bytesToTimestamp, millisOf, timestampToBytes } from '../core/timestamp.ts';
import type { Status } from '../protocol/status.ts';
import { openStore } from '../store/book.ts';
import { EVENT_COLUMNS, readArrivals, type EventRow } from '../store/event-rows.ts';
import type { SqlDatabase, SqlValue } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { Driver, type Session } from '../sync/driver.ts';
import { createHttpTransport } from '../sync/http-transport.ts';
import { bundleMessages } from '../worker/bundle-messages.ts';
import type { Connection } from './fake-network.ts';
import { Crash, MortalDatabase } from './mortal-database.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';
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
  readonly onSaved: (client: SimulatedClient, events: readonly SavedEvent[]) => void;
  /** Called with every status that is shown. */
  readonly onStatus: (client: SimulatedClient, status: Status) => void;
  readonly onCrash: (client: SimulatedClient) => void;
}

const ORIGIN = 'http://server.example';

export class SimulatedClient {
  readonly name: string;
  readonly db: MortalDatabase;
  /** The file itself, for the simulation to look into: nobody dies of that. */
  readonly file: SqlDatabase;
  readonly connection: Connection;
  /** How far this device's clock is ahead. */
  clockMillis: number;
  linked = false;
  status: Status = { kind: 'local' };
  /** Whether the server has answered since the app was last started. */
  heard = false;
  store!: Store;
  driver!: Driver;
  readonly #world: World;
  #alive = false;
  #lookedThrough = 0;
  #unstored: readonly EventId[] = [];
  /** Counts the processes, so that what is left of a dead one reaches nobody. */
  #life = 0;

  constructor(
    name: string,
    world: World,
    db: SqlDatabase,
    connect: (onAnswer: () => void) => Connection,
    clockMillis: number,
  ) {
    this.name = name;
    this.#world = world;
    this.clockMillis = clockMillis;
    this.connection = connect(() => {
      this.heard = true;
    });
    this.file = db;
    this.db = new MortalDatabase(db, () => this.#died());
    this.open();
  }

  get alive(): boolean {
    return this.#alive;
  }

  readonly wall = (): number => Math.floor(this.#world.start + this.#world.time.now() + this.clockMillis);

  /** Starts the app on what the file holds. Dies again when a crash was planned for that. */
  open(): void {
    const { time, random } = this.#world;
    this.db.revive();
    this.heard = false;
    this.store = must(openStore(this.db, { random: random.bytes, now: this.wall, messages: bundleMessages }));
    this.#alive = true;
    const life = ++this.#life;
    this.driver = new Driver({
      store: this.store.sync,
      clock: { wall: this.wall, steady: time.now },
      after: (millis, run) => time.after(millis, () => life === this.#life && this.#guard(run)),
      random: () => random.next() / 2 ** 32,
      breathe: () => time.sleep(random.below(3)),
      onStatus: (status) => {
        if (!this.#alive || life !== this.#life) return;
        this.status = status;
        this.#world.onStatus(this, status);
      },
      onChanged: () => {},
    });
    if (this.linked) this.driver.start(this.#session());
  }

  /** The process ends, in the middle of whatever it was about. */
  kill(): void {
    this.db.die();
  }

  link(): void {
    this.#guard(() => {
      // As the worker does: without room to note it, the book is linked another time.
      if (this.db.full) return;
      this.store.adoptBook(this.#world.bookId, this.#world.userId);
      this.linked = true;
      this.driver.start(this.#session());
    });
  }

  /** What a person does: one command, undo or redo. Nothing happens while the app is not running. */
  act(command: Command | 'undo' | 'redo'): void {
    if (!this.#alive) return;
    this.#guard(() => {
      const id = this.mint<CommandId>();
      const result =
        command === 'undo'
          ? this.store.undo(id, true)
          : command === 'redo'
            ? this.store.redo(id, true)
            : this.store.execute({ id, command });
      if (!result.ok || result.value.timestamp === null) return;
      this.#world.onSaved(this, this.#eventsOf('timestamp = ?', timestampToBytes(result.value.timestamp)));
      this.driver.changed();
    });
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

  /** Its log as core has it. */
  log(): Event[] {
    return [...readArrivals(this.file.all<EventRow>(`SELECT ${EVENT_COLUMNS} FROM events`)).keys()];
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
    // Timers and answers of a dead process reach nobody: its driver is stopped without touching the store.
    const { driver } = this;
    queueMicrotask(() => driver.stop());
    this.#world.onCrash(this);
  }

  #session(): Session {
    const { time, bookId, userId } = this.#world;
    const { clientId } = this.store.identity();
    return {
      link: { bookId, userId, clientId },
      serverUrl: ORIGIN,
      transport: createHttpTransport<AbortSignal>({
        platform: {
          fetch: this.connection.fetch,
          newAbort: () => new AbortController(),
          after: time.after,
          clock: { wall: this.wall, steady: time.now },
        },
        streamUrl: `${ORIGIN}/v1/books/${bookId}/stream`,
        timeUrl: `${ORIGIN}/v1/time`,
        producerId: clientId,
        token: null,
        gzip: true,
      }),
      renew: async () => {
        this.store.newClient();
        return { kind: 'renewed', session: this.#session() };
      },
    };
  }
}

/** Attributes named by a field's id are kept as its 16 bytes. */
const attributeOf = (value: Uint8Array | string): string =>
  typeof value === 'string' ? value : hexToId(bytesToHex(value));
