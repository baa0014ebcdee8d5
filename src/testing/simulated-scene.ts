/** Where a simulation plays: a server, a network, devices, and time, all from one seed. */
import { mintId, type BookId, type UserId } from '../core/ids.ts';
import { FakeNetwork } from './fake-network.ts';
import { FakeServer } from './fake-server.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { OwnServer } from './own-server.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedClient, type World } from './simulated-client.ts';
import { Course } from './simulated-course.ts';
import type { ServerKind, SimulatedServer } from './simulated-server.ts';
import { MINUTE, SimulatedTime } from './simulated-time.ts';
import type { AppVersion } from './simulated-versions.ts';
import type { Plan } from './simulator-plan.ts';
import { StatusWatch } from './status-watch.ts';

const START = Date.UTC(2026, 10, 23, 9);
/** What is thousands and hundreds of kilobytes in books as they are, for books of some hundred events. */
const SMALL = {
  measures: { worthwhileEvents: 12, grownEvents: 25, grownMessages: 8, askEvents: 5, sparedOf: 20 },
  portions: { eventsAtATime: 40, eventsAPart: 25, stampsAPart: 20, pieceBytes: 900 },
};
/** While nothing else happens, the server keeps house so many times. */
const SWEEPS = 15;

export class SimulatedScene {
  readonly time = new SimulatedTime();
  readonly course = new Course(this.time);
  readonly server: SimulatedServer;
  /** The same, where it has snapshots. */
  readonly keeper: OwnServer | null;
  readonly network: FakeNetwork;
  readonly world: World;
  readonly clients: SimulatedClient[] = [];
  readonly #random: SeededRandom;
  readonly #watch: StatusWatch;
  /** Devices that nobody starts again by themselves. */
  readonly #putAway = new Set<SimulatedClient>();

  constructor(plan: Plan, kind: ServerKind) {
    this.#random = new SeededRandom(plan.seed ^ 0x5eed);
    const now = (): number => this.serverMillis;
    const { problem } = this.course;
    const own = kind === 'fake' ? null : new OwnServer(this.#random, now, problem);
    this.server = own ?? new FakeServer(this.#random, now, problem);
    this.keeper = kind === 'snapshots' ? own : null;
    this.network = new FakeNetwork(this.server, this.time, this.#random, problem);
    this.#watch = new StatusWatch(this.time, this.server, now, this.course);
    this.world = {
      time: this.time,
      random: this.#random,
      start: START,
      bookId: mintId<BookId>(START, this.#random.bytes),
      userId: mintId<UserId>(START, this.#random.bytes),
      snapshots: this.keeper && SMALL,
      onSaved: (_client, events) => events.forEach((event) => this.course.saved.set(event.id, event)),
      onStatus: (client, status) => this.#watch.heard(client, status),
      onCrash: (client) => {
        this.course.note(`${client.name} died`);
        this.#restartSoon(client);
      },
      onClosed: (client) => {
        this.course.note(`${client.name} has no room to start`);
        this.#restartSoon(client);
      },
    };
    for (let i = 0; i < plan.clients; i++) {
      const client = this.addClient(new NodeSqlite());
      // Most are linked from the start; the others have a life before that.
      if (i === 0 || this.#random.chance(0.6)) client.link();
    }
  }

  /** What a right clock says. */
  get serverMillis(): number {
    return Math.floor(START + this.time.now());
  }

  addClient(db: NodeSqlite, version: AppVersion = 'today'): SimulatedClient {
    // Clocks are right, a little off, or wrong by hours.
    const clock = this.#random.pick([
      0,
      0,
      this.#random.below(2_000) - 1_000,
      this.#random.below(7_200_000) - 3_600_000,
    ]);
    const client = new SimulatedClient(
      `client ${this.clients.length}`,
      this.world,
      db,
      (onAnswer) => this.network.connect(onAnswer),
      clock,
      version,
    );
    this.clients.push(client);
    return client;
  }

  #restartSoon(client: SimulatedClient): void {
    this.time.after(this.#random.below(20_000), () => {
      if (!this.#putAway.has(client)) this.restart(client);
    });
  }

  restart(client: SimulatedClient): void {
    if (client.alive) return;
    this.course.note(`${client.name} starts again`);
    client.open();
  }

  turnOff(client: SimulatedClient): void {
    this.#putAway.add(client);
    client.kill();
  }

  turnOn(client: SimulatedClient): void {
    this.#putAway.delete(client);
    this.restart(client);
  }

  /** The app is updated on one device. Others hold back what it writes from then on, until they are. */
  update(client: SimulatedClient): void {
    if (client.version === 'tomorrow') return;
    this.course.strange = true;
    client.kill();
    client.version = 'tomorrow';
  }

  async pass(millis: number): Promise<void> {
    const end = this.time.now() + millis;
    for (let left = millis > MINUTE && this.keeper ? SWEEPS : 0; left > 0; left--) {
      await this.time.runUntil(end - (millis * left) / (SWEEPS + 1));
      await this.keeper?.keepHouse();
    }
    return this.time.runUntil(end);
  }

  /** Looks at all that is shown: what was true when it was said must not have become untrue without a word. */
  lookAgain(): void {
    this.#watch.lookAgain(this.clients);
  }

  dispose(): void {
    for (const client of this.clients) {
      this.#putAway.add(client);
      client.kill();
      client.db.close();
    }
    this.server.close();
  }
}
