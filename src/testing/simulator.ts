// Over 400 lines on purpose: faults and oracles of one simulated world are read together.
/**
 * Clients, a server, a network and time, all from one seed: a plan of what people do and what goes wrong, carried out on the
 * real store and the real sync loop, and then looked at. The same plan gives the same course, to the last byte.
 */
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { mintId, type BookId, type BundleId, type EventId, type UserId } from '../core/ids.ts';
import { attributeKey, reduceLog } from '../core/reduce.ts';
import { millisOf } from '../core/timestamp.ts';
import type { Status } from '../protocol/status.ts';
import { canonicalDump, LOCAL_TABLES } from './canonical-dump.ts';
import { FakeNetwork, FINE } from './fake-network.ts';
import { FakeServer } from './fake-server.ts';
import { naiveBook, nameOf } from './naive-book.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { OwnServer, type Tally } from './own-server.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedClient, type SavedEvent, type World } from './simulated-client.ts';
import { aLongImport, anEdit, anImport, aRewrite } from './simulated-edits.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { SimulatedTime } from './simulated-time.ts';
import type { AppVersion } from './simulated-versions.ts';
import type { Action, Plan } from './simulator-plan.ts';
import { lieIn, LONGEST_SILENCE_MILLIS, type Facts } from './status-truth.ts';
import { fromTheFuture, garbage } from './strange-messages.ts';

export interface Outcome {
  /** What was found wrong, in plain words; none when all is well. */
  readonly problems: readonly string[];
  readonly events: number;
  readonly simulatedMillis: number;
  readonly trace: readonly string[];
  /** What our own server did. */
  readonly tally: Tally | null;
}

const START = Date.UTC(2026, 10, 23, 9);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const YEAR = 365 * DAY;
/** After the last action everything works again, and this long is left to put things right. */
const SETTLE_MILLIS = 45 * MINUTE;
const UPDATED_MILLIS = 15 * MINUTE;
/** Copies of a database that nobody announced, and clients that come late, in one simulation. */
const MOST_CLIENTS = 6;

/**
 * `fake`: the protocol written a second time; `ours`: the stream handler and the storage of our own server; `snapshots`: ours,
 * with snapshots by clients, and without what it has let go of since.
 */
export type ServerKind = 'fake' | 'ours' | 'snapshots';

/** What is thousands and hundreds of kilobytes in books as they are, for books of some hundred events. */
const SMALL = {
  measures: { worthwhileEvents: 12, grownEvents: 25, grownMessages: 8, askEvents: 5, sparedOf: 20 },
  portions: { eventsAtATime: 40, eventsAPart: 25, stampsAPart: 20, pieceBytes: 900 },
};
/** In a server that keeps messages for a limited time. */
const RETAINED_MILLIS = [null, 0, MINUTE, 20 * MINUTE, DAY] as const;
/** While nothing else happens, the server keeps house so many times. */
const SWEEPS = 15;

export async function simulate(plan: Plan, server: ServerKind = 'fake'): Promise<Outcome> {
  const simulation = new Simulation(plan, server);
  try {
    return await simulation.run();
  } catch (error) {
    return simulation.threw(error);
  } finally {
    simulation.dispose();
  }
}

class Simulation {
  readonly #plan: Plan;
  readonly #time = new SimulatedTime();
  readonly #random: SeededRandom;
  readonly #server: SimulatedServer;
  /** The same, where it has snapshots. */
  readonly #keeper: OwnServer | null;
  readonly #network: FakeNetwork;
  readonly #world: World;
  readonly #clients: SimulatedClient[] = [];
  readonly #saved = new Map<EventId, SavedEvent>();
  readonly #problems: string[] = [];
  readonly #trace: string[] = [];
  readonly #said = new Map<SimulatedClient, string>();
  /** Bundles that were looked for and found on a device: they stay. */
  readonly #found = new Map<SimulatedClient, Set<BundleId>>();
  /** Devices that nobody starts again by themselves. */
  readonly #putAway = new Set<SimulatedClient>();
  /** How many messages or events there are that stay in quarantine, if they come to be read. */
  #quarantined = 0;
  /** Whether the stream may hold what a client holds back for a while. */
  #strange = false;
  /** Whether there was cause to tell the log again what it had been told. */
  #logLost = false;
  #copied = false;

  constructor(plan: Plan, server: ServerKind) {
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed ^ 0x5eed);
    const [now, onProblem] = [() => this.#serverMillis(), (problem: string) => this.#problem(problem)] as const;
    const own = server === 'fake' ? null : new OwnServer(this.#random, now, onProblem);
    this.#server = own ?? new FakeServer(this.#random, now, onProblem);
    this.#keeper = server === 'snapshots' ? own : null;
    this.#network = new FakeNetwork(this.#server, this.#time, this.#random, (problem) => this.#problem(problem));
    this.#world = {
      time: this.#time,
      random: this.#random,
      start: START,
      bookId: mintId<BookId>(START, this.#random.bytes),
      userId: mintId<UserId>(START, this.#random.bytes),
      snapshots: this.#keeper && SMALL,
      onSaved: (_client, events) => events.forEach((event) => this.#saved.set(event.id, event)),
      onStatus: (client, status) => this.#heardStatus(client, status),
      onCrash: (client) => {
        this.#note(`${client.name} died`);
        this.#restartSoon(client);
      },
      onClosed: (client) => {
        this.#note(`${client.name} has no room to start`);
        this.#restartSoon(client);
      },
    };
    for (let i = 0; i < plan.clients; i++) {
      const client = this.#addClient(new NodeSqlite());
      // Most are linked from the start; the others have a life before that.
      if (i === 0 || this.#random.chance(0.6)) client.link();
    }
  }

  async run(): Promise<Outcome> {
    let delay = 0;
    for (const action of this.#plan.actions) {
      await this.#time.runUntil(action.at + delay);
      this.#checkShown();
      if (this.#problems.length > 0) return this.#outcome();
      await this.#keeper?.keepHouse();
      const before = this.#time.now();
      await this.#do(action);
      delay += this.#time.now() - before;
      this.#checkShown();
    }
    await this.#settle();
    if (this.#problems.length === 0) this.#look();
    return this.#outcome();
  }

  /** What nobody caught is a problem like any other. */
  threw(error: unknown): Outcome {
    this.#problem(`it throws: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return this.#outcome();
  }

  dispose(): void {
    for (const client of this.#clients) {
      this.#putAway.add(client);
      client.kill();
      client.db.close();
    }
    this.#server.close();
  }

  #outcome(): Outcome {
    return {
      problems: this.#problems,
      events: this.#saved.size,
      simulatedMillis: this.#time.now(),
      trace: this.#trace,
      tally: this.#keeper && { ...this.#keeper.tally },
    };
  }

  #serverMillis(): number {
    return Math.floor(START + this.#time.now());
  }

  #addClient(db: NodeSqlite, version: AppVersion = 'today'): SimulatedClient {
    // Clocks are right, a little off, or wrong by hours.
    const clock = this.#random.pick([
      0,
      0,
      this.#random.below(2_000) - 1_000,
      this.#random.below(7_200_000) - 3_600_000,
    ]);
    const client = new SimulatedClient(
      `client ${this.#clients.length}`,
      this.#world,
      db,
      (onAnswer) => this.#network.connect(onAnswer),
      clock,
      version,
    );
    this.#clients.push(client);
    return client;
  }

  #restartSoon(client: SimulatedClient): void {
    this.#time.after(this.#random.below(20_000), () => {
      if (!this.#putAway.has(client)) this.#restart(client);
    });
  }

  #restart(client: SimulatedClient): void {
    if (client.alive) return;
    this.#note(`${client.name} starts again`);
    client.open();
  }

  /* ------------------------------------------------------------------------------------------------- what happens */

  async #do(action: Action): Promise<void> {
    const dice = new SeededRandom(action.dice);
    const client = dice.pick(this.#clients);
    this.#note(`${action.kind} (${client.name})`);
    switch (action.kind) {
      case 'edit':
        return client.act(anEdit(client, dice));
      case 'undo':
        return client.act(dice.chance(0.7) ? 'undo' : 'redo');
      case 'import':
        return client.act(anImport(client, dice));
      case 'importLong':
        return client.act(aLongImport(client, dice));
      case 'nudge':
        return client.nudge();
      case 'link':
        if (!client.linked && client.alive) client.link();
        return;
      case 'offline':
        client.connection.online = false;
        return;
      case 'online':
        client.connection.online = true;
        if (dice.chance(0.5)) client.nudge();
        return;
      case 'break':
        return client.connection.breakAll();
      case 'weather': {
        const bad = (most: number): number => (dice.chance(0.5) ? (dice.below(1_000) / 1_000) * most : 0);
        this.#network.weather = {
          loseRequest: bad(0.4),
          loseReply: bad(0.5),
          repeat: bad(0.4),
          cut: bad(0.3),
          portal: bad(0.2),
          silence: bad(0.1),
          delay: dice.pick([5, 30, 400, 4_000]),
        };
        return;
      }
      case 'fine':
        this.#network.weather = FINE;
        return;
      case 'serverDown':
        return this.#server.crash();
      case 'serverUp':
        this.#server.up = true;
        return;
      case 'serverTrouble':
        this.#server.trouble = dice.chance(0.5) ? 0.4 : 0;
        return;
      case 'deleteLog':
        this.#logLost = true;
        return this.#server.deleteLog();
      case 'rewind':
        this.#logLost = true;
        return this.#server.rewind(dice.below((this.#server.messages?.length ?? 0) + 1));
      case 'garbage':
        if (!this.#server.messages) return;
        this.#quarantined += 1;
        this.#strange = true;
        return this.#server.inject(garbage(dice, this.#world, this.#serverMillis()));
      case 'future': {
        if (!this.#server.messages) return;
        const years = dice.chance(0.5);
        if (years) this.#quarantined += 1;
        this.#strange = true;
        const ahead = years ? YEAR : (6 + dice.below(20)) * MINUTE;
        return this.#server.inject(fromTheFuture(dice, this.#world, this.#serverMillis(), ahead));
      }
      case 'kill':
        return client.kill();
      case 'crash':
        return client.db.dieAfter(1 + dice.below(60));
      case 'crashAtStart':
        return client.killTwice(1 + dice.below(40));
      case 'crashCatchingUp':
        return this.#crashCatchingUp(client, dice);
      case 'diskFull':
        client.db.full = true;
        return;
      case 'diskFillsUp':
        return client.db.fullAfter(dice.below(dice.pick([10, 60])));
      case 'diskFree':
        client.db.full = false;
        if (dice.chance(0.5)) client.tryAgain();
        return;
      case 'clock':
        client.clockMillis = dice.pick([
          0,
          client.clockMillis + dice.below(20_000) - 10_000,
          dice.below(14_400_000) - 7_200_000,
        ]);
        return;
      case 'clockFar':
        client.clockMillis = dice.pick([DAY, -DAY, YEAR, -YEAR, client.clockMillis - 3 * 60 * MINUTE]);
        return;
      case 'copy':
        return this.#copy(client);
      case 'update':
        return this.#update(client);
      case 'year':
        return this.#year(client, dice);
      case 'rewrite':
        return this.#rewrite(client, dice);
      case 'join':
        return this.#join(dice);
      case 'crashBehind':
        return client.dieInBreath(dice.below(30));
      case 'retain':
        if (this.#keeper) this.#keeper.retainMillis = dice.pick(RETAINED_MILLIS);
        return;
    }
  }

  async #rewrite(client: SimulatedClient, dice: SeededRandom): Promise<void> {
    for (let i = 3 + dice.below(12); i > 0; i--) {
      client.act(aRewrite(client, dice));
      await this.#pass(dice.below(400));
    }
  }

  /** A new device, perhaps with a life before that, and perhaps not for long. */
  async #join(dice: SeededRandom): Promise<void> {
    if (this.#clients.length >= MOST_CLIENTS) return;
    const client = this.#addClient(new NodeSqlite());
    if (dice.chance(0.3)) for (let i = 0; i < 5; i++) client.act(anEdit(client, dice));
    client.link();
    const diesWaiting = dice.chance(0.4);
    if (diesWaiting) client.dieInBreath(dice.below(20));
    else if (dice.chance(0.4)) client.db.dieAfter(1 + dice.below(600));
    // Its person does not wait until all is there.
    for (let edits = dice.below(6); edits > 0; edits--) {
      await this.#pass(dice.below(150));
      client.act(anEdit(client, dice));
    }
    await this.#pass(dice.below(4_000));
  }

  /** While a device is off, others import; when it is on again, it dies between two parts of what it gets. */
  async #crashCatchingUp(client: SimulatedClient, dice: SeededRandom): Promise<void> {
    this.#turnOff(client);
    for (const other of [...this.#clients, ...this.#clients]) {
      if (other !== client) other.act(dice.chance(0.8) ? aLongImport(other, dice) : anEdit(other, dice));
    }
    await this.#pass(30_000);
    this.#turnOn(client);
    client.dieInBreath(dice.below(4));
    await this.#pass(5_000);
  }

  /** The app is updated on one device. Others hold back what it writes from then on, until they are. */
  #update(client: SimulatedClient): void {
    if (client.version === 'tomorrow') return;
    this.#strange = true;
    client.kill();
    client.version = 'tomorrow';
  }

  /** A device lies in a drawer for a year. The others are turned on now and then. */
  async #year(away: SimulatedClient, dice: SeededRandom): Promise<void> {
    for (const client of this.#clients) this.#turnOff(client);
    for (let season = 0; season < 4; season++) {
      await this.#pass(YEAR / 4 - 5 * MINUTE);
      const client = dice.pick(this.#clients);
      if (client !== away) this.#turnOn(client);
      for (let i = 0; i < 3; i++) {
        await this.#pass(MINUTE);
        client.act(anEdit(client, dice));
      }
      await this.#pass(2 * MINUTE);
      this.#turnOff(client);
    }
    for (const client of this.#clients) this.#turnOn(client);
  }

  #turnOff(client: SimulatedClient): void {
    this.#putAway.add(client);
    client.kill();
  }

  #turnOn(client: SimulatedClient): void {
    this.#putAway.delete(client);
    this.#restart(client);
  }

  async #pass(millis: number): Promise<void> {
    const end = this.#time.now() + millis;
    for (let left = millis > MINUTE && this.#keeper ? SWEEPS : 0; left > 0; left--) {
      await this.#time.runUntil(end - (millis * left) / (SWEEPS + 1));
      await this.#keeper?.keepHouse();
    }
    return this.#time.runUntil(end);
  }

  /** The same database goes on living on a second device, and nobody says so. */
  #copy(client: SimulatedClient): void {
    if (!client.alive || this.#clients.length >= MOST_CLIENTS) return;
    this.#copied = true;
    const copy = this.#addClient(NodeSqlite.holding(client.file.serialize()), client.version);
    if (client.linked) copy.link();
  }

  /** Everything works again, and nobody touches anything. */
  async #settle(): Promise<void> {
    this.#note('everything works again');
    this.#network.weather = FINE;
    this.#server.up = true;
    this.#server.trouble = 0;
    for (const client of this.#clients) {
      client.db.full = false;
      client.spare();
      client.connection.online = true;
      this.#restart(client);
      if (!client.linked) client.link();
      client.tryAgain();
      // It can be that there is nothing any more to try again. What can be saved shows that there is room.
      if (client.status.kind === 'writeFailed') client.act({ kind: 'namePerson', user: client.mint(), name: 'Ada' });
    }
    await this.#pass(SETTLE_MILLIS);
    this.#checkShown();
    await this.#updateAll();
    if (!this.#keeper) return;
    this.#note('somebody comes when all is over');
    const last = this.#addClient(new NodeSqlite(), this.#clients[0]!.version);
    last.link();
    await this.#pass(UPDATED_MILLIS);
    this.#checkShown();
  }

  async #updateAll(): Promise<void> {
    if (this.#clients.every(({ version }) => version === 'today')) return;
    this.#note('everybody is updated');
    for (const client of this.#clients) {
      if (client.store.sync.counts().waiting > 0) this.#problem(`${client.name} could not send before its update`);
      if (client.version === 'tomorrow') continue;
      this.#update(client);
      this.#restart(client);
    }
    await this.#pass(UPDATED_MILLIS);
    this.#checkShown();
  }

  /* ------------------------------------------------------------------------------------------------- what must hold */

  #heardStatus(client: SimulatedClient, status: Status): void {
    const said = `${client.name} says ${JSON.stringify(status)}`;
    if (this.#said.get(client) !== said) this.#note(said);
    this.#said.set(client, said);
    this.#checkStatus(client, status);
  }

  /** What was true when it was said must not have become untrue without a word. */
  #checkShown(): void {
    for (const client of this.#clients) if (client.alive) this.#checkStatus(client, client.status);
  }

  #checkStatus(client: SimulatedClient, status: Status): void {
    // A driver begins with it, before it is told to sync.
    if (client.linked === (status.kind === 'local')) return;
    const lie = lieIn(status, this.#factsOf(client));
    if (lie !== null) this.#problem(`${client.name} ${lie}`);
  }

  #factsOf(client: SimulatedClient): Facts {
    const { page, heardAt } = client;
    const had = page && this.#server.bundlesBefore(page.cursor);
    return {
      unstored: client.unstored(this.#server.everStored).length,
      silentMillis: heardAt === null ? null : this.#time.now() - heardAt,
      upToDate: page && page.upToDate,
      missing: had ? this.#countMissing(client, had) : 0,
      refused: client.db.refused,
      strange: this.#strange,
      clockMillis: this.#time.now() - client.clockSetAt > LONGEST_SILENCE_MILLIS ? client.clockMillis : null,
    };
  }

  #countMissing(client: SimulatedClient, had: readonly BundleId[]): number {
    const found = this.#found.get(client) ?? new Set();
    this.#found.set(client, found);
    const missing = had.filter((id) => !found.has(id) && !client.has(id) && !this.#isStoodIn(client, id));
    for (const id of missing.length === 0 ? had : []) found.add(id);
    return missing.length;
  }

  /** Whether a snapshot stood in for a bundle: where a book has not all history, its state is as new all the same. */
  #isStoodIn(client: SimulatedClient, bundle: BundleId): boolean {
    if (client.completeSince === null) return false;
    const now = this.#serverMillis();
    return client.shows(this.#server.eventsOf(bundle).filter(({ timestamp }) => millisOf(timestamp) <= now));
  }

  /** When all is quiet. */
  #look(): void {
    // All that can be compared with the stream is, where somebody has all history.
    const whole = this.#clients.find((client) => client.completeSince === null);
    const first = whole ?? this.#clients[0]!;
    const dump = canonicalDump(first.file);
    for (const client of this.#clients) {
      const { waiting, quarantined, rejected } = client.store.sync.counts();
      if (waiting > 0) this.#problem(`${client.name} still has ${waiting} changes to send`);
      if (rejected > 0) this.#problem(`${client.name} has ${rejected} changes among the dead letters`);
      if (quarantined > this.#quarantined)
        this.#problem(`${client.name} holds ${quarantined} in quarantine, ${this.#quarantined} expected`);
      const expected = quarantined > 0 ? ['attention'] : ['synced', 'clock'];
      if (!expected.includes(client.status.kind))
        this.#problem(`${client.name} ends with ${JSON.stringify(client.status)}`);
      // [HLC-4] Whatever the stream holds, no clock runs away.
      const ahead = client.clockMillisAhead(this.#serverMillis());
      if (ahead > MAX_AHEAD_MILLIS) this.#problem(`the clock of ${client.name} is ${ahead} ms ahead of the server's`);
      const check = client.store.quickCheck();
      if (!check.ok) this.#problem(`${client.name}: ${check.error}`);
      const isWhole = client.completeSince === null;
      for (const [i, text] of canonicalDump(client.file).entries()) {
        if (text !== dump[i] && ((whole && isWhole) || !LOCAL_TABLES.has(i)))
          this.#problem(`${client.name} differs from ${first.name}`);
      }
      if (client.store.sync.start() !== null) this.#problem(`${client.name} has not come to the end of a snapshot`);
      if (client.store.sync.history() !== null) this.#problem(`${client.name} has not fetched all history`);
      const there = new Map(client.events().map((event) => [event.id, event]));
      for (const saved of this.#saved.values()) {
        const found = there.get(saved.id);
        if (!found) {
          // What is superseded may be missing before the time since when history is said to be complete: see #reduceNaively.
          if (isWhole) this.#problem(`${client.name} lacks ${saved.id}, which somebody was told is saved`);
        } else if (
          found.value !== saved.value ||
          found.attribute !== saved.attribute ||
          found.entityId !== saved.entityId
        ) {
          this.#problem(`${client.name} holds another ${saved.id} than was saved`);
        }
      }
    }
    if (this.#keeper && !this.#logLost) this.#lookAtUnhurtLog();
    // One with all history, and one without, where there are.
    const late = this.#clients.find((client) => client.completeSince !== null);
    for (const client of [whole, late]) {
      if (!client) continue;
      this.#reduce(client);
      this.#reduceNaively(client);
      this.#replay(client);
    }
  }

  /** Where the log was never lost, nothing is told it twice ([SYNC-10]); where it lets go of nothing, all come to hold all ([SNAP-6]). */
  #lookAtUnhurtLog(): void {
    if (this.#keeper?.tally.trimmed === 0) {
      for (const { name, completeSince } of this.#clients)
        if (completeSince !== null) this.#problem(`${name} says that it has not all history, and all of it is there`);
    }
    if (this.#copied) return;
    const { copies } = naiveBook(this.#server.messages ?? [], Infinity);
    if (copies > 0) this.#problem(`${copies} events are in the stream twice`);
  }

  /** [LOG-1] What the store has kept up is what its log comes to, by the definition of core/reduce.ts. */
  #reduce(client: SimulatedClient): void {
    const expected = reduceLog(client.log());
    const attributes = client.attributes();
    if (attributes.length !== expected.size)
      this.#problem(`${attributes.length} attributes, ${expected.size} expected`);
    for (const { entityId, attribute, value } of attributes) {
      const winner = expected.get(attributeKey(entityId, attribute))?.winner;
      if (winner?.value !== value) this.#problem(`${entityId} ${attribute} is ${value}, ${winner?.value} expected`);
    }
  }

  /** And it is what the server's stream comes to, in which every event is that was ever acknowledged. */
  #reduceNaively(client: SimulatedClient): void {
    const { names, ids, values } = naiveBook(this.#server.messages ?? [], this.#serverMillis());
    for (const id of this.#saved.keys()) if (!ids.has(id)) this.#problem(`the server lacks ${id}, which was saved`);
    const here = new Set(client.log().map(nameOf));
    const since = client.completeSince;
    if (since === null && here.size !== names.size)
      this.#problem(`${here.size} events here, ${names.size} in the stream`);
    for (const name of here)
      if (!names.has(name)) this.#problem(`${client.name} holds ${name}, which is not in the stream`);
    // Before the time since when history is complete, what is missing is superseded: values are compared below.
    for (const [name, timestamp] of names)
      if (since !== null && timestamp >= since && !here.has(name))
        this.#problem(`${client.name} lacks ${name}, and says that history is complete since ${since}`);
    const attributes = client.attributes();
    if (attributes.length !== values.size)
      this.#problem(`${attributes.length} attributes, ${values.size} in the stream`);
    for (const { entityId, attribute, value } of attributes) {
      const expected = values.get(`${entityId} ${attribute}`);
      if (expected !== value) this.#problem(`${entityId} ${attribute} is ${value}, and ${expected} in the stream`);
    }
  }

  /** Hearing everything once more, in order and in any other, changes nothing. */
  #replay(client: SimulatedClient): void {
    const before = canonicalDump(client.file);
    const messages = (this.#server.messages ?? []).map((json) => JSON.parse(json) as unknown);
    for (const again of [messages, messages.toReversed()]) {
      const late = client.completeSince !== null;
      const { events } = client.store.sync.apply({ messages: again, cursor: null }, this.#serverMillis());
      // Where history is not complete, some of it comes; nothing changes by that.
      if (events > 0 && !late) this.#problem(`hearing it all again brought ${events} events`);
      if (canonicalDump(client.file).some((text, i) => text !== before[i] && !(late && LOCAL_TABLES.has(i))))
        this.#problem('hearing it all again changed something');
    }
  }

  #problem(text: string): void {
    if (this.#problems.length < 10) this.#problems.push(text);
    this.#note(`PROBLEM: ${text}`);
  }

  #note(text: string): void {
    this.#trace.push(`${String(Math.round(this.#time.now())).padStart(9)}  ${text}`);
  }
}
