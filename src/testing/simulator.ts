// Over 400 lines on purpose: plan, faults and oracles of one simulated world are read together.
/**
 * Clients, a server, a network and time, all from one seed: a plan of what people do and what goes wrong, carried out on the
 * real store and the real sync loop, and then looked at. The same plan gives the same course, to the last byte.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../core/command.ts';
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { bytesToHex } from '../core/hex.ts';
import { hexToId, mintId, type BookId, type EntityId, type EventId, type UserId } from '../core/ids.ts';
import { attributeKey, reduceLog } from '../core/reduce.ts';
import type { Status } from '../protocol/status.ts';
import { canonicalDump } from './canonical-dump.ts';
import { FakeNetwork, FINE } from './fake-network.ts';
import { FakeServer } from './fake-server.ts';
import { NodeSqlite } from './node-sqlite.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedClient, type SavedEvent, type World } from './simulated-client.ts';
import { SimulatedTime } from './simulated-time.ts';
import { fromTheFuture, garbage } from './strange-messages.ts';

const ACTIONS = [
  'edit', 'undo', 'import', 'nudge', 'link',
  'offline', 'online', 'break', 'weather', 'fine',
  'serverDown', 'serverUp', 'serverTrouble', 'deleteLog', 'rewind', 'garbage',
  'future',
  'kill', 'crash', 'diskFull', 'diskFree', 'clock', 'copy',
] as const; // prettier-ignore
export type ActionKind = (typeof ACTIONS)[number];

export interface Action {
  /** Milliseconds since the simulation began. */
  readonly at: number;
  readonly kind: ActionKind;
  /** Which client, and whatever else is left to chance. */
  readonly dice: number;
}

export interface Plan {
  readonly seed: number;
  readonly clients: number;
  readonly actions: readonly Action[];
}

export interface Outcome {
  /** What was found wrong, in plain words; none when all is well. */
  readonly problems: readonly string[];
  readonly events: number;
  readonly simulatedMillis: number;
  readonly trace: readonly string[];
}

/** How often each thing happens, relative to the others. */
const WEIGHTS: Readonly<Record<ActionKind, number>> = {
  edit: 60, undo: 4, import: 2, nudge: 4, link: 4,
  offline: 6, online: 8, break: 4, weather: 6, fine: 4,
  serverDown: 3, serverUp: 6, serverTrouble: 2, deleteLog: 0.6, rewind: 0.6, garbage: 0.5,
  future: 0.5,
  kill: 3, crash: 5, diskFull: 1.5, diskFree: 3, clock: 3, copy: 0.4,
}; // prettier-ignore

const START = Date.UTC(2026, 10, 23, 9);
const MINUTE = 60_000;
/** After the last action everything works again, and this long is left to put things right. */
const SETTLE_MILLIS = 45 * MINUTE;

/** What happens in every plan; each of the rest happens in half of them, so that some faults have a plan to themselves. */
const ALWAYS: ReadonlySet<ActionKind> = new Set<ActionKind>(['edit', 'link', 'online', 'fine', 'serverUp', 'diskFree']);

/** What a seed stands for. */
export function planOf(seed: number): Plan {
  const random = new SeededRandom(seed);
  const clients = 2 + random.below(3);
  const weights = ACTIONS.map((kind) =>
    ALWAYS.has(kind) || random.chance(0.5) ? WEIGHTS[kind] * random.pick([0.3, 1, 1, 3]) : 0,
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const actions: Action[] = [];
  // Some seeds play within minutes, others over days.
  const pace = random.pick([500, 3_000, 20_000, 400_000]);
  let at = 0;
  for (let i = 0; i < 60 + random.below(120); i++) {
    at += 1 + random.below(pace * 2);
    let rest = (random.next() / 2 ** 32) * total;
    const kind = ACTIONS[weights.findIndex((weight) => (rest -= weight) < 0)] ?? 'edit';
    actions.push({ at, kind, dice: random.next() });
  }
  return { seed, clients, actions };
}

export async function simulate(plan: Plan): Promise<Outcome> {
  const simulation = new Simulation(plan);
  try {
    return await simulation.run();
  } finally {
    simulation.dispose();
  }
}

class Simulation {
  readonly #plan: Plan;
  readonly #time = new SimulatedTime();
  readonly #random: SeededRandom;
  readonly #server: FakeServer;
  readonly #network: FakeNetwork;
  readonly #world: World;
  readonly #clients: SimulatedClient[] = [];
  readonly #saved = new Map<EventId, SavedEvent>();
  readonly #problems: string[] = [];
  readonly #trace: string[] = [];
  readonly #said = new Map<SimulatedClient, string>();
  /** How many messages or events there are that stay in quarantine, if they come to be read. */
  #quarantined = 0;
  #folder: string | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed ^ 0x5eed);
    this.#server = new FakeServer(
      this.#random,
      () => this.#serverMillis(),
      (problem) => this.#problem(problem),
    );
    this.#network = new FakeNetwork(this.#server, this.#time, this.#random);
    this.#world = {
      time: this.#time,
      random: this.#random,
      start: START,
      bookId: mintId<BookId>(START, this.#random.bytes),
      userId: mintId<UserId>(START, this.#random.bytes),
      onSaved: (_client, events) => events.forEach((event) => this.#saved.set(event.id, event)),
      onStatus: (client, status) => this.#checkStatus(client, status),
      onCrash: (client) => {
        this.#note(`${client.name} died`);
        this.#time.after(this.#random.below(20_000), () => this.#restart(client));
      },
    };
    for (let i = 0; i < plan.clients; i++) {
      const client = this.#addClient(new NodeSqlite());
      // Most are linked from the start; the others have a life before that.
      if (i === 0 || this.#random.chance(0.6)) client.link();
    }
  }

  async run(): Promise<Outcome> {
    for (const action of this.#plan.actions) {
      await this.#time.runUntil(action.at);
      if (this.#problems.length > 0) return this.#outcome();
      this.#do(action);
    }
    await this.#settle();
    if (this.#problems.length === 0) this.#look();
    return this.#outcome();
  }

  dispose(): void {
    for (const client of this.#clients) {
      client.kill();
      client.db.close();
    }
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #outcome(): Outcome {
    return {
      problems: this.#problems,
      events: this.#saved.size,
      simulatedMillis: this.#time.now(),
      trace: this.#trace,
    };
  }

  #serverMillis(): number {
    return Math.floor(START + this.#time.now());
  }

  #addClient(db: NodeSqlite): SimulatedClient {
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
    );
    this.#clients.push(client);
    return client;
  }

  #restart(client: SimulatedClient): void {
    if (client.alive) return;
    this.#note(`${client.name} starts again`);
    client.open();
  }

  /* ------------------------------------------------------------------------------------------------- what happens */

  #do(action: Action): void {
    const dice = new SeededRandom(action.dice);
    const client = dice.pick(this.#clients);
    this.#note(`${action.kind} (${client.name})`);
    switch (action.kind) {
      case 'edit':
        return client.act(this.#command(client, dice));
      case 'undo':
        return client.act(dice.chance(0.7) ? 'undo' : 'redo');
      case 'import':
        return client.act(this.#import(client, dice));
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
        return this.#server.deleteLog();
      case 'rewind':
        return this.#server.rewind(dice.below((this.#server.tail?.position ?? 0) + 1));
      case 'garbage':
        if (!this.#server.log) return;
        this.#quarantined += 1;
        return this.#server.inject(garbage(dice, this.#world, this.#serverMillis()));
      case 'future': {
        if (!this.#server.log) return;
        const years = dice.chance(0.5);
        if (years) this.#quarantined += 1;
        const ahead = years ? 365 * 24 * 60 * MINUTE : (6 + dice.below(20)) * MINUTE;
        return this.#server.inject(fromTheFuture(dice, this.#world, this.#serverMillis(), ahead));
      }
      case 'kill':
        return client.kill();
      case 'crash':
        return client.db.dieAfter(1 + dice.below(60));
      case 'diskFull':
        client.db.full = true;
        return;
      case 'diskFree':
        client.db.full = false;
        return;
      case 'clock':
        client.clockMillis = dice.pick([
          0,
          client.clockMillis + dice.below(20_000) - 10_000,
          dice.below(14_400_000) - 7_200_000,
        ]);
        return;
      case 'copy':
        return this.#copy(client);
    }
  }

  /** The same database goes on living on a second device, and nobody says so. */
  #copy(client: SimulatedClient): void {
    if (!client.alive || this.#clients.length > 5) return;
    this.#folder ??= mkdtempSync(join(tmpdir(), 'daybook-simulation-'));
    const path = join(this.#folder, `copy-${this.#clients.length}.db`);
    writeFileSync(path, client.file.export());
    const copy = this.#addClient(new NodeSqlite(path));
    if (client.linked) copy.link();
  }

  #command(client: SimulatedClient, dice: SeededRandom): Command {
    const db = client.file;
    const id = (value: unknown): EntityId => hexToId<EntityId>(bytesToHex(value as Uint8Array));
    if (!client.alive) return { kind: 'namePerson', user: client.mint(), name: 'Nobody' };
    const fields = db.all(`SELECT type, field FROM fields WHERE typeof(type) = 'blob' ORDER BY type, field`);
    const records = db.all(`SELECT entity_id, type FROM entities WHERE typeof(type) = 'blob' ORDER BY made, entity_id`);
    const field = fields.length > 0 ? dice.pick(fields) : null;
    const mint = (): EntityId => client.mint();
    const word = (): string => `${dice.pick(['red', 'green', 'blue', 'ä', '"', '😀'])} ${dice.below(10_000)}`;
    if (!field || dice.chance(0.04)) {
      const [type, title, amount] = [mint(), mint(), mint()];
      return {
        kind: 'createType',
        id: type,
        name: word(),
        fields: [
          { id: title, name: 'Title', kind: 'text' },
          { id: amount, name: 'Note', kind: 'longText' },
        ],
      };
    }
    const type = id(field['type']);
    if (records.length === 0 || dice.chance(0.25)) {
      const made = Array.from({ length: 1 + dice.below(4) }, () => ({
        id: mint(),
        values: { [id(field['field'])]: word() },
      }));
      return { kind: 'createRecords', type, records: made };
    }
    const record = dice.pick(records);
    const own = fields.filter(
      (each) => bytesToHex(each['type'] as Uint8Array) === bytesToHex(record['type'] as Uint8Array),
    );
    if (own.length === 0 || dice.chance(0.1)) {
      const ids = [id(record['entity_id'])];
      return dice.chance(0.7) ? { kind: 'deleteRecords', ids } : { kind: 'restoreRecords', ids };
    }
    if (dice.chance(0.06)) return { kind: 'changeType', id: type, name: word() };
    return {
      kind: 'setValues',
      changes: [
        {
          entityId: id(record['entity_id']),
          field: id(dice.pick(own)['field']),
          value: dice.chance(0.1) ? null : word(),
        },
      ],
    };
  }

  /** One transaction that needs several bundles. */
  #import(client: SimulatedClient, dice: SeededRandom): Command {
    const [type, title] = [client.mint(), client.mint()];
    const records = Array.from({ length: 300 + dice.below(700) }, (_, i) => ({
      id: client.mint(),
      values: { [title]: `Row ${i}` },
    }));
    return {
      kind: 'batch',
      label: 'Import',
      commands: [
        { kind: 'createType', id: type, name: 'Imported', fields: [{ id: title, name: 'Title', kind: 'text' }] },
        { kind: 'createRecords', type, records },
      ],
    };
  }

  /** Everything works again, and nobody touches anything. */
  async #settle(): Promise<void> {
    this.#note('everything works again');
    this.#network.weather = FINE;
    this.#server.up = true;
    this.#server.trouble = 0;
    for (const client of this.#clients) {
      client.db.full = false;
      client.db.spare();
      client.connection.online = true;
      this.#restart(client);
      if (!client.linked) client.link();
    }
    await this.#time.runUntil(this.#time.now() + SETTLE_MILLIS);
  }

  /* ------------------------------------------------------------------------------------------------- what must hold */

  /** [SYNC-7] A status is held against what the simulation knows and the client does not. */
  #checkStatus(client: SimulatedClient, status: Status): void {
    const said = `${client.name} says ${JSON.stringify(status)}`;
    if (this.#said.get(client) !== said) this.#note(said);
    this.#said.set(client, said);
    if (client.linked === (status.kind === 'local')) return;
    const unstored = (): number => client.unstored(this.#server.everStored).length;
    switch (status.kind) {
      case 'synced':
        if (!client.heard) this.#problem(`${client.name} says synced before it heard from the server`);
        if (unstored() > 0) this.#problem(`${client.name} says synced, and ${unstored()} events of it are not stored`);
        return;
      case 'offline':
      case 'sending':
      case 'stuck':
        if (status.waiting < unstored()) {
          this.#problem(`${client.name} says that ${status.waiting} wait, and ${unstored()} are not stored`);
        }
        return;
      case 'local':
      case 'receiving':
      case 'attention':
      case 'clock':
      case 'writeFailed':
        return;
    }
  }

  /** When all is quiet. */
  #look(): void {
    const [first] = this.#clients;
    const dump = canonicalDump(first!.file).join('\n');
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
      if (canonicalDump(client.file).join('\n') !== dump) this.#problem(`${client.name} differs from ${first!.name}`);
      const there = new Map(client.events().map((event) => [event.id, event]));
      for (const saved of this.#saved.values()) {
        const found = there.get(saved.id);
        if (!found) this.#problem(`${client.name} lacks ${saved.id}, which somebody was told is saved`);
        else if (
          found.value !== saved.value ||
          found.attribute !== saved.attribute ||
          found.entityId !== saved.entityId
        ) {
          this.#problem(`${client.name} holds another ${saved.id} than was saved`);
        }
      }
    }
    this.#reduceNaively(first!);
    this.#replay(first!);
  }

  /** [LOG-1] What the store has kept up is what its log comes to, by the definition of core/reduce.ts. */
  #reduceNaively(client: SimulatedClient): void {
    const expected = reduceLog(client.log());
    const attributes = client.attributes();
    if (attributes.length !== expected.size)
      this.#problem(`${attributes.length} attributes, ${expected.size} expected`);
    for (const { entityId, attribute, value } of attributes) {
      const winner = expected.get(attributeKey(entityId, attribute))?.winner;
      if (winner?.value !== value) this.#problem(`${entityId} ${attribute} is ${value}, ${winner?.value} expected`);
    }
  }

  /** Hearing everything once more changes nothing. */
  #replay(client: SimulatedClient): void {
    const before = canonicalDump(client.file).join('\n');
    const messages = (this.#server.log?.messages ?? []).map((message) => JSON.parse(message.json) as unknown);
    const { events } = client.store.sync.apply({ messages, cursor: null }, START + this.#time.now());
    if (events > 0) this.#problem(`hearing it all again brought ${events} events`);
    if (canonicalDump(client.file).join('\n') !== before) this.#problem('hearing it all again changed something');
  }

  #problem(text: string): void {
    if (this.#problems.length < 10) this.#problems.push(text);
    this.#note(`PROBLEM: ${text}`);
  }

  #note(text: string): void {
    this.#trace.push(`${String(Math.round(this.#time.now())).padStart(9)}  ${text}`);
  }
}
