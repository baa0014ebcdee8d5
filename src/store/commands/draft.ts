/** What a command is going to change, gathered before anything is written. Later steps see what earlier ones did. */
import type { AttributeName } from '../../core/event.ts';
import type { Problem } from '../../core/command.ts';
import type { EntityId } from '../../core/ids.ts';
import type { Field, Option } from '../../core/query.ts';
import { attributeKey } from '../../core/reduce.ts';
import type { AttributeChange } from '../../core/transaction.ts';
import type { JsonValue } from '../../core/value.ts';
import { inOrder, type Catalog, type TypeInfo } from '../catalog.ts';
import type { SqlDatabase } from '../database.ts';

/** Problems listed; the rest are counted. */
const LISTED = 100;

/** What is known of an entity that a command names. */
export interface Known {
  /** Its `type`: a system type, or the id of a user-made one; null when it has none. */
  readonly type: string | null;
}

export class Draft {
  readonly db: SqlDatabase;
  /** Entities that must not exist yet. */
  readonly created = new Set<EntityId>();
  readonly problems: Problem[] = [];
  problemCount = 0;
  readonly #changes = new Map<string, AttributeChange>();
  readonly #known: Map<EntityId, Known>;
  readonly #samples = new Map<EntityId, EntityId>();
  #types: ReadonlyMap<EntityId, TypeInfo>;
  #fields: ReadonlyMap<EntityId, Field>;

  /** @param known entities that the command names and the book holds */
  constructor(db: SqlDatabase, catalog: Catalog, known: Map<EntityId, Known>) {
    this.db = db;
    this.#types = catalog.types;
    this.#fields = catalog.fields;
    this.#known = known;
  }

  get catalog(): Catalog {
    return { types: this.#types, fields: this.#fields };
  }

  /** In the order in which they were first made; the last value of each attribute. */
  get changes(): AttributeChange[] {
    return [...this.#changes.values()];
  }

  set(entityId: EntityId, attribute: AttributeName, value: JsonValue): void {
    this.#changes.set(attributeKey(entityId, attribute), { entityId, attribute, value });
  }

  refuse(entityId: EntityId, field: EntityId | null, reason: string): void {
    this.problemCount += 1;
    if (this.problems.length < LISTED) this.problems.push({ entityId, field, reason });
  }

  /** Claims an id for a new entity of `type`. False, with a problem, when it is taken. */
  create(id: EntityId, type: string): boolean {
    if (this.created.has(id) || typeof this.#known.get(id)?.type === 'string') {
      this.refuse(id, null, 'exists already');
      return false;
    }
    this.created.add(id);
    this.#known.set(id, { type });
    return true;
  }

  /** The type of an entity; null when there is no such entity. */
  typeOf(id: EntityId): string | null {
    return this.#known.get(id)?.type ?? null;
  }

  noteSample(record: EntityId, type: EntityId): void {
    this.#samples.set(record, type);
  }

  /** Samples of a type that this command made itself. */
  samplesOf(type: EntityId): EntityId[] {
    return [...this.#samples].filter(([, of]) => of === type).map(([id]) => id);
  }

  type(id: EntityId): TypeInfo | null {
    return this.#types.get(id) ?? null;
  }

  field(id: EntityId): Field | null {
    return this.#fields.get(id) ?? null;
  }

  putType(type: TypeInfo): void {
    this.#types = inOrder([...[...this.#types.values()].filter(({ id }) => id !== type.id), type]);
  }

  putField(field: Field): void {
    this.#fields = inOrder([...[...this.#fields.values()].filter(({ id }) => id !== field.id), field]);
  }

  putOptions(field: EntityId, options: readonly Option[]): void {
    const known = this.#fields.get(field);
    if (known) this.putField({ ...known, options: [...inOrder(options).values()] });
  }
}
