/**
 * Makes events as people make them: a type with fields, imports and edits, on several devices. The same seed gives the same
 * events. What is made is only handed out, not kept, but for what later events refer to. A whole book: long-history.ts.
 */
import { KIND, NAME, optionAttribute, ORDER, OWNER, TYPE, type FieldKind } from '../core/attribute.ts';
import type { ClockState } from '../core/clock.ts';
import type { AttributeName, Event } from '../core/event.ts';
import { mintId, mintIds, type ClientId, type EntityId, type Id } from '../core/ids.ts';
import { keysBetween } from '../core/order.ts';
import { bytesToNodeId, makeTimestamp } from '../core/timestamp.ts';
import { makeTransaction, type AttributeChange, type Transaction } from '../core/transaction.ts';
import type { JsonValue } from '../core/value.ts';
import { ManualClock } from './manual-clock.ts';
import { SeededRandom } from './seeded-random.ts';
import { OpenVersions } from './open-versions.ts';
import { cities, companies, firstNames, lastNames, notes, streets } from './words.ts';

export interface GeneratedField {
  readonly id: EntityId;
  readonly name: string;
  readonly kind: FieldKind;
  readonly options: readonly EntityId[];
}

interface Device {
  readonly clientId: ClientId;
  clock: ClockState;
}

const FIELDS: readonly { readonly name: string; readonly kind: FieldKind; readonly options?: readonly string[] }[] = [
  { name: 'Name', kind: 'text' },
  { name: 'Company', kind: 'text' },
  { name: 'City', kind: 'text' },
  { name: 'Email', kind: 'email' },
  { name: 'Status', kind: 'select', options: ['Open', 'Waiting', 'Done', 'Dropped'] },
  { name: 'Amount', kind: 'number' },
  { name: 'Since', kind: 'date' },
  { name: 'Address', kind: 'text' },
];

const ORDERS = keysBetween(null, null, FIELDS.length);

/**
 * What makes a field.
 * @param options names of its options, in order
 */
export function fieldChanges(
  type: EntityId,
  field: GeneratedField,
  order: string,
  options: readonly string[] = [],
): AttributeChange[] {
  const orders = keysBetween(null, null, field.options.length);
  const facts: [AttributeName, JsonValue][] = [
    [TYPE, 'field'],
    [OWNER, type],
    [NAME, field.name],
    [KIND, field.kind],
    [ORDER, order],
    ...field.options.map((option, i): [AttributeName, JsonValue] => [
      optionAttribute(option),
      { name: options[i]!, order: orders[i]!, tint: i },
    ]),
  ];
  return facts.map(([attribute, value]) => ({ entityId: field.id, attribute, value }));
}

export class BookGenerator {
  readonly random: SeededRandom;
  readonly clock: ManualClock;
  readonly type: EntityId;
  readonly fields: readonly GeneratedField[];
  /** Every record made so far. */
  readonly records: EntityId[] = [];
  readonly devices: readonly ClientId[];
  readonly #devices: Device[];
  readonly #together: boolean;
  readonly #leaves = new OpenVersions();

  /** @param together whether ids of things made together count up, as the app mints them; otherwise each is random */
  constructor(seed: number, devices = 2, together = true) {
    this.#together = together;
    this.random = new SeededRandom(seed);
    // Eighteen months before the day that tests think it is.
    this.clock = new ManualClock(Date.UTC(2025, 4, 12, 8, 30));
    this.#devices = Array.from({ length: devices }, () => {
      const node = bytesToNodeId(this.random.bytes(8));
      return { clientId: this.mint<ClientId>(), clock: { node, last: makeTimestamp(0, 0, node) } };
    });
    this.devices = this.#devices.map((device) => device.clientId);
    this.clock.advance(60_000);
    this.type = this.mint();
    const ids = this.mintIds(FIELDS.length);
    this.fields = FIELDS.map(({ name, kind, options = [] }, i) => ({
      id: ids[i]!,
      name,
      kind,
      options: this.mintIds(options.length),
    }));
  }

  /** Mints an id at the clock's present time. */
  mint<T extends Id<string> = EntityId>(): T {
    return mintId<T>(this.clock.now(), this.random.bytes);
  }

  /** Mints ids of things made together. */
  mintIds(count: number): EntityId[] {
    return this.#together
      ? mintIds(count, this.clock.now(), this.random.bytes)
      : Array.from({ length: count }, () => this.mint());
  }

  /** Makes the type and its fields. */
  schema(): Transaction {
    return this.write([
      { entityId: this.type, attribute: TYPE, value: 'type' },
      { entityId: this.type, attribute: NAME, value: 'Contacts' },
      { entityId: this.type, attribute: ORDER, value: 'a0' },
      ...this.fields.flatMap((field, i) => fieldChanges(this.type, field, ORDERS[i]!, FIELDS[i]!.options)),
    ]);
  }

  /** Brings in `count` records as one transaction, as a CSV import does: a type and eight values each. */
  importRecords(count: number, device = 0): Transaction {
    this.clock.advance(1_000 + this.random.below(3_600_000));
    const changes: AttributeChange[] = [];
    for (const entityId of this.mintIds(count)) {
      this.records.push(entityId);
      changes.push({ entityId, attribute: TYPE, value: this.type });
      const values = this.values();
      this.fields.forEach((field, j) =>
        changes.push({ entityId, attribute: field.id as string as AttributeName, value: values[j]! }),
      );
    }
    return this.write(changes, device);
  }

  /** Changes `count` fields of one record, as a person does who has it open. */
  edit(count = 1, device = this.random.below(this.#devices.length)): Transaction {
    this.clock.advance(2_000 + this.random.below(30_000));
    const entityId = this.random.pick(this.records);
    const values = this.values();
    const first = this.random.below(this.fields.length);
    const changes = Array.from({ length: Math.min(count, this.fields.length) }, (_, i): AttributeChange => {
      const index = (first + i) % this.fields.length;
      return { entityId, attribute: this.fields[index]!.id as string as AttributeName, value: values[index]! };
    });
    return this.write(changes, device);
  }

  /** Two devices change the same field of one record, neither knowing of the other. */
  conflict(): readonly [Transaction, Transaction] {
    const field = this.random.pick(this.fields);
    const entityId = this.random.pick(this.records);
    const attribute = field.id as string as AttributeName;
    const index = this.fields.indexOf(field);
    const first = this.writeAway([{ entityId, attribute, value: this.values()[index]! }], 1);
    this.clock.advance(1_000 + this.random.below(600_000));
    const second = this.write([{ entityId, attribute, value: this.values()[index]! }], 0);
    this.arrive(first);
    return [first, second];
  }

  /** Writes any changes as one transaction of a device that has seen everything. */
  write(changes: Iterable<AttributeChange>, device = 0): Transaction {
    const transaction = this.writeAway(changes, device);
    this.arrive(transaction);
    return transaction;
  }

  /** The same on a device that is away: until `arrive`, nobody else knows of it. */
  writeAway(changes: Iterable<AttributeChange>, device: number): Transaction {
    const author = this.#devices[device];
    if (!author) throw new Error(`there is no device ${device}`);
    const { clock, timestamp, events } = makeTransaction(changes, {
      clientId: author.clientId,
      clock: author.clock,
      wallMillis: this.clock.now(),
      random: this.random.bytes,
      leavesOf: (entityId, attribute) => this.#leaves.of(entityId, attribute),
    });
    for (const each of this.#devices) each.clock = { node: each.clock.node, last: clock.last };
    return { timestamp, events };
  }

  /** Lets everybody see a transaction that a device wrote while it was away. */
  arrive(transaction: Transaction): void {
    for (const event of transaction.events) this.#leaves.add(event);
  }

  /** A whole history: the type, then about `records` records brought in by the hundred, each edited until `events` are reached. */
  *history(records: number, events: number): Generator<Event> {
    let made = 0;
    const emit = function* (transaction: Transaction): Generator<Event> {
      made += transaction.events.length;
      yield* transaction.events;
    };
    yield* emit(this.schema());
    while (this.records.length < records) yield* emit(this.importRecords(Math.min(100, records - this.records.length)));
    while (made < events) yield* emit(this.edit(1 + this.random.below(3)));
  }

  /** Values for each field, in order, as a contact list holds them. */
  values(): JsonValue[] {
    const { random } = this;
    const first = random.pick(firstNames);
    const last = random.pick(lastNames);
    const company = `${random.pick(companies)} ${random.pick(['Ltd', 'GmbH', 'Inc', '& Sons', 'Co'])}`;
    const host = company.split(' ')[0]!.toLowerCase();
    const day = new Date(Date.UTC(2015 + random.below(11), random.below(12), 1 + random.below(28)));
    return [
      `${first} ${last}`,
      company,
      random.pick(cities),
      `${first[0]!.toLowerCase()}.${last.toLowerCase()}@${host}.example`,
      this.fields[4]!.options[random.below(4)]!,
      random.chance(0.5) ? random.below(5_000) : Math.round(random.below(500_000)) / 100,
      day.toISOString().slice(0, 10),
      random.chance(0.1) ? random.pick(notes) : `${1 + random.below(240)} ${random.pick(streets)}`,
    ];
  }
}
