/**
 * A whole book as it grows over eighteen months: companies, contacts who work for them, visits to the contacts; imports and
 * small edits on five devices, some of which are away for a while; conflicts that are settled or left open; records deleted
 * and restored; fields renamed, added, hidden, options added. Transactions come in the order in which a server would get
 * them. The same seed gives the same book. What is kept grows with the records, not with the events.
 */
import { DELETED, HIDDEN, NAME, optionAttribute, ORDER, TARGET, TYPE, type FieldKind } from '../core/attribute.ts';
import type { AttributeName } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import { keysBetween } from '../core/order.ts';
import type { AttributeChange, Transaction } from '../core/transaction.ts';
import type { JsonValue } from '../core/value.ts';
import { BookGenerator, fieldChanges } from './book-generator.ts';
import type { SeededRandom } from './seeded-random.ts';
import { cities, companies, notes } from './words.ts';

const DEVICES = 5;
const MONTHS_18_MILLIS = 548 * 24 * 3_600_000;
/** Every record is there when so much of the log is written: the last months are edits alone. */
const FILLED_AT = 0.85;
const SCHEMA_EDITS = 24;
/** Transactions that arrive while a device is away, at the most. */
const AWAY_FOR = 300;
/** Of the fields of a new record, this share is filled in. */
const FILLED = 0.7;

interface FieldPlan {
  readonly name: string;
  readonly kind: FieldKind;
  readonly options?: readonly string[];
  readonly target?: GrownType;
}

interface GrownField {
  readonly id: EntityId;
  readonly kind: FieldKind;
  readonly options: EntityId[];
  readonly target: GrownType | null;
  hidden: boolean;
}

export interface GrownType {
  readonly id: EntityId;
  readonly fields: readonly GrownField[];
  readonly records: readonly EntityId[];
}

interface GrowingType extends GrownType {
  readonly fields: GrownField[];
  readonly records: EntityId[];
  /** Sort key of its last field. */
  lastOrder: string;
}

export interface BookSize {
  /** Records that are made; some lie in the Trash in the end. */
  readonly records: number;
  /** At least eight times as many. */
  readonly events: number;
}

export class LongHistory {
  readonly book: BookGenerator;
  readonly size: BookSize;
  readonly #random: SeededRandom;
  readonly #start: number;
  readonly #companies: GrowingType;
  readonly #contacts: GrowingType;
  readonly #visits: GrowingType;
  readonly #deleted: EntityId[] = [];
  /** Attributes that two devices changed without knowing of each other. */
  readonly #forked: (readonly [GrownType, GrownField, EntityId])[] = [];
  #made = 0;
  #records = 0;
  #schemaEdits = 0;

  constructor(seed: number, size: BookSize) {
    if (size.events < size.records * 8)
      throw new RangeError(`${size.events} events are too few for ${size.records} records`);
    this.size = size;
    this.book = new BookGenerator(seed, DEVICES);
    this.#random = this.book.random;
    this.#start = this.book.clock.now();
    const type = (id: EntityId): GrowingType => ({ id, fields: [], records: [], lastOrder: '' });
    this.#companies = type(this.book.mint());
    this.#contacts = type(this.book.type);
    this.#visits = type(this.book.mint());
  }

  get contacts(): GrownType {
    return this.#contacts;
  }

  get types(): readonly GrownType[] {
    return [this.#contacts, this.#companies, this.#visits];
  }

  /** The book, to be read once: exactly as many events and records as its size says. */
  *transactions(): Generator<Transaction> {
    const { book } = this;
    const away: { readonly transaction: Transaction; left: number }[] = [];
    const leave = (changes: AttributeChange[]): void => {
      const transaction = this.#count(book.writeAway(changes, 1 + this.#random.below(DEVICES - 1)));
      away.push({ transaction, left: 1 + this.#random.below(AWAY_FOR) });
    };
    yield this.#count(book.schema());
    yield this.#count(book.write(this.#otherTypes()));
    while (this.#made < this.size.events) {
      const due = this.#start + Math.floor((this.#made / this.size.events) * MONTHS_18_MILLIS);
      book.clock.set(Math.max(book.clock.now() + 1 + this.#random.below(2_000), due));
      const forked = this.#random.chance(0.015) && this.#made + 4 <= this.size.events ? this.#pickValue() : null;
      if (forked) {
        for (let others = this.#random.chance(0.3) ? 3 : 1; others > 0; others--) leave([this.#newValue(...forked)]);
        this.#forked.push(forked);
        yield this.#count(book.write([this.#newValue(...forked)]));
      } else {
        const changes = this.#next();
        if (changes.length <= 3 && this.#random.chance(0.02)) leave(changes);
        else yield this.#count(book.write(changes, this.#random.below(DEVICES)));
      }
      for (const each of away) each.left -= 1;
      for (let i = away.length - 1; i >= 0; i--)
        if (away[i]!.left <= 0) yield this.#arrive(away.splice(i, 1)[0]!.transaction);
    }
    for (const { transaction } of away) yield this.#arrive(transaction);
  }

  #arrive(transaction: Transaction): Transaction {
    this.book.arrive(transaction);
    return transaction;
  }

  #count(transaction: Transaction): Transaction {
    this.#made += transaction.events.length;
    return transaction;
  }

  /** What somebody does next: at least one change, and no more than are left. */
  #next(): AttributeChange[] {
    const left = this.size.events - this.#made;
    const share = this.#made / this.size.events;
    if (this.#schemaEdits < Math.floor(share * SCHEMA_EDITS)) return this.#schemaEdit().slice(0, left);
    const missing = this.size.records - this.#records;
    if (missing > 0 && this.#records / this.size.records <= share / FILLED_AT) return this.#newRecords(missing);
    const action = this.#random.below(1_000);
    if (action < 15) return this.#deletion();
    if (action < 25) return this.#restoration();
    if (action < 30) return this.#bulkEdit().slice(0, left);
    if (action < 40) return this.#settling();
    return this.#edit(Math.min(left, 1 + this.#random.below(3)));
  }

  /** Two more types, and a link between them and the contacts. */
  #otherTypes(): AttributeChange[] {
    const { book } = this;
    this.#contacts.fields.push(
      ...book.fields.map(({ id, kind, options }) => ({ id, kind, options: [...options], target: null, hidden: false })),
    );
    this.#contacts.lastOrder = keysBetween(null, null, book.fields.length).at(-1)!;
    return [
      ...newType(this.#companies, 'Companies', 'a1'),
      ...this.#newField(this.#companies, { name: 'Name', kind: 'text' }),
      ...this.#newField(this.#companies, { name: 'City', kind: 'text' }),
      ...this.#newField(this.#companies, { name: 'Staff', kind: 'number' }),
      ...this.#newField(this.#companies, { name: 'Line', kind: 'select', options: ['Trade', 'Making', 'Services'] }),
      ...this.#newField(this.#contacts, { name: 'Employer', kind: 'link', target: this.#companies }),
      ...newType(this.#visits, 'Visits', 'a2'),
      ...this.#newField(this.#visits, { name: 'Contact', kind: 'link', target: this.#contacts }),
      ...this.#newField(this.#visits, { name: 'Day', kind: 'date' }),
      ...this.#newField(this.#visits, { name: 'Outcome', kind: 'select', options: ['Order', 'Offer', 'Nothing'] }),
      ...this.#newField(this.#visits, { name: 'Notes', kind: 'longText' }),
      ...this.#newField(this.#visits, { name: 'Done', kind: 'checkbox' }),
    ];
  }

  #newField(type: GrowingType, { name, kind, options = [], target }: FieldPlan): AttributeChange[] {
    const [id, ...optionIds] = this.book.mintIds(1 + options.length);
    const field = { id: id!, name, kind, options: optionIds };
    type.fields.push({ ...field, target: target ?? null, hidden: false });
    const [order] = keysBetween(type.lastOrder === '' ? null : type.lastOrder, null, 1);
    type.lastOrder = order!;
    return [
      ...fieldChanges(type.id, field, order!, options),
      ...(target ? [{ entityId: id!, attribute: TARGET, value: target.id }] : []),
    ];
  }

  /** One record, a few, or a file of them. */
  #newRecords(missing: number): AttributeChange[] {
    const random = this.#random;
    const dice = random.below(100);
    const wanted = dice < 60 ? 1 : dice < 92 ? 2 + random.below(20) : 100 + random.below(400);
    const type = this.#pickType();
    const changes: AttributeChange[] = [];
    const ids = this.book.mintIds(Math.max(1, Math.min(wanted, missing, Math.floor(this.size.records / 10))));
    for (const entityId of ids) {
      type.records.push(entityId);
      changes.push({ entityId, attribute: TYPE, value: type.id });
      // The first field is what a record is known by.
      const filled = type.fields.filter((field, i) => !field.hidden && (i === 0 || random.chance(FILLED)));
      for (const field of filled) changes.push(this.#newValue(type, field, entityId));
    }
    this.#records += ids.length;
    return changes;
  }

  #edit(count: number): AttributeChange[] {
    const [type, , entityId] = this.#pickValue();
    const fields = type.fields.filter((field) => !field.hidden);
    const first = this.#random.below(fields.length);
    return Array.from({ length: Math.min(count, fields.length) }, (_, i) =>
      this.#newValue(type, fields[(first + i) % fields.length]!, entityId),
    );
  }

  /** The same value for a selection of records. */
  #bulkEdit(): AttributeChange[] {
    const [type, field, entityId] = this.#pickValue();
    const selected = new Set(
      Array.from({ length: 10 + this.#random.below(90) }, () => this.#random.pick(type.records)),
    );
    const change = this.#newValue(type, field, entityId);
    return Array.from(selected, (each) => ({ ...change, entityId: each }));
  }

  /** Somebody who sees all versions of a conflict writes what is to stand. */
  #settling(): AttributeChange[] {
    if (this.#forked.length === 0) return this.#edit(1);
    const [forked] = this.#forked.splice(this.#random.below(this.#forked.length), 1);
    return [this.#newValue(...forked!)];
  }

  #deletion(): AttributeChange[] {
    const [, , entityId] = this.#pickValue();
    this.#deleted.push(entityId);
    return [{ entityId, attribute: DELETED, value: true }];
  }

  #restoration(): AttributeChange[] {
    if (this.#deleted.length === 0) return this.#edit(1);
    const [entityId] = this.#deleted.splice(this.#random.below(this.#deleted.length), 1);
    return [{ entityId: entityId!, attribute: DELETED, value: null }];
  }

  /** People get their types right as they go: in turn a name, a new field, an option, what is hidden, an option's name. */
  #schemaEdit(): AttributeChange[] {
    const random = this.#random;
    const number = this.#schemaEdits++;
    const type = [this.#contacts, this.#companies, this.#visits][number % 3]!;
    const field = random.pick(type.fields);
    const select = type.fields.find((each) => each.kind === 'select');
    if (!select) throw new Error('every type begins with a field that has options');
    switch (number % 5) {
      case 0:
        return [{ entityId: field.id, attribute: NAME, value: `${random.pick(companies)} ${number}` }];
      case 1: {
        const kind = random.pick<FieldKind>(['text', 'number', 'checkbox', 'date', 'select']);
        const options = kind === 'select' ? ['Low', 'Middle', 'High'] : [];
        return this.#newField(type, { name: `Added ${number}`, kind, options });
      }
      case 2: {
        const id = this.book.mint();
        select.options.push(id);
        return [optionChange(select, id, `Option ${number}`)];
      }
      case 3: {
        const last = type.fields.at(-1)!;
        last.hidden = !last.hidden;
        return [{ entityId: last.id, attribute: HIDDEN, value: last.hidden ? true : null }];
      }
      default:
        return [optionChange(select, random.pick(select.options), `Renamed ${number}`)];
    }
  }

  #pickType(): GrowingType {
    const dice = this.#random.below(100);
    return dice < 65 || this.#contacts.records.length === 0
      ? this.#contacts
      : dice < 90
        ? this.#visits
        : this.#companies;
  }

  /** A field of a record; one of those made last as often as not. */
  #pickValue(): readonly [GrownType, GrownField, EntityId] {
    const random = this.#random;
    const picked = this.#pickType();
    const type = picked.records.length > 0 ? picked : this.#contacts;
    const { records } = type;
    const recent = records.length - 1 - random.below(Math.min(50, records.length));
    const entityId = random.chance(0.5) ? random.pick(records) : records[recent]!;
    return [type, random.pick(type.fields.filter((field) => !field.hidden)), entityId];
  }

  #newValue(type: GrownType, field: GrownField, entityId: EntityId): AttributeChange {
    const place = type === this.#contacts ? this.book.fields.findIndex(({ id }) => id === field.id) : -1;
    const value = place >= 0 ? this.book.values()[place]! : this.#valueOf(field);
    return { entityId, attribute: field.id as string as AttributeName, value };
  }

  #valueOf({ kind, options, target }: GrownField): JsonValue {
    const random = this.#random;
    switch (kind) {
      case 'number':
        return random.below(5_000);
      case 'checkbox':
        return random.chance(0.5);
      case 'date':
        return new Date(this.book.clock.now() - random.below(MONTHS_18_MILLIS)).toISOString().slice(0, 10);
      case 'select':
        return random.pick(options);
      case 'link':
        return target && target.records.length > 0 ? random.pick(target.records) : null;
      case 'longText':
        return `${random.pick(notes)}.\n${random.pick(notes)}.`;
      default:
        return `${random.pick(companies)} ${random.pick(cities)}`;
    }
  }
}

function newType(type: GrowingType, name: string, order: string): AttributeChange[] {
  const { id: entityId } = type;
  return [
    { entityId, attribute: TYPE, value: 'type' },
    { entityId, attribute: NAME, value: name },
    { entityId, attribute: ORDER, value: order },
  ];
}

function optionChange(field: GrownField, option: EntityId, name: string): AttributeChange {
  const place = field.options.indexOf(option);
  const order = keysBetween(null, null, field.options.length)[place]!;
  return { entityId: field.id, attribute: optionAttribute(option), value: { name, order, tint: place % 8 } };
}
