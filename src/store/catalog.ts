/** The user-made schema as the store itself needs it: read from `attributes` in two statements, kept until it changes. */
import {
  FIELD_KINDS,
  HIDDEN,
  ICON,
  KIND,
  NAME,
  OPTION_PREFIX,
  ORDER,
  OWNER,
  TARGET,
  type FieldKind,
} from '../core/attribute.ts';
import type { AttributeName } from '../core/event.ts';
import { parseId, type EntityId } from '../core/ids.ts';
import type { Field, Option } from '../core/query.ts';
import { fromJsonText, type JsonText, type JsonValue } from '../core/value.ts';
import { attributeFromSql, idFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

export interface TypeInfo {
  readonly id: EntityId;
  readonly name: string;
  readonly icon: string | null;
  readonly order: string;
  readonly hidden: boolean;
}

export interface Catalog {
  /** In order, hidden ones included; so are the fields. */
  readonly types: ReadonlyMap<EntityId, TypeInfo>;
  readonly fields: ReadonlyMap<EntityId, Field>;
}

/** Kinds of field that can be the title of a record. */
const TITLE_KINDS: ReadonlySet<FieldKind> = new Set(['text', 'longText', 'email', 'url', 'phone']);

/** Attributes of types and fields besides options, as SQL lists them. A type or field without any of them shows nowhere. */
export const FACTS = `'name', 'order', 'hidden', 'icon', 'owner', 'kind', 'target'`;

export function readCatalog(db: SqlDatabase): Catalog {
  const entities = new Map<EntityId, { readonly type: SqlValue; readonly facts: Map<AttributeName, JsonValue> }>();
  const rows = db.all<{ entity_id: SqlValue; type: SqlValue; attribute: SqlValue; value: JsonText }>(
    `SELECT e.entity_id, e.type, a.attribute, a.value FROM entities e
     CROSS JOIN attributes a ON a.attribute IN (${FACTS}) AND a.entity_id = e.entity_id
     WHERE e.type IN ('type', 'field')`,
  );
  for (const row of rows) {
    const id = idFromSql<EntityId>(row.entity_id);
    let entity = entities.get(id);
    if (!entity) {
      entity = { type: row.type, facts: new Map() };
      entities.set(id, entity);
    }
    entity.facts.set(attributeFromSql(row.attribute), fromJsonText(row.value));
  }
  const options = readOptions(db);
  const types: TypeInfo[] = [];
  const fields: Field[] = [];
  for (const [id, { type, facts }] of entities) {
    const common = {
      id,
      name: text(facts.get(NAME)),
      order: text(facts.get(ORDER)),
      hidden: facts.get(HIDDEN) === true,
    };
    if (type === 'type') {
      types.push({ ...common, icon: text(facts.get(ICON)) || null });
      continue;
    }
    const owner = parseId<EntityId>(facts.get(OWNER));
    const kind = FIELD_KINDS.find((each) => each === facts.get(KIND));
    // A field of a kind that a later version brought stays unknown here; its values are kept all the same.
    if (owner === null || kind === undefined) continue;
    fields.push({
      ...common,
      type: owner,
      kind,
      options: options.get(id) ?? [],
      target: parseId<EntityId>(facts.get(TARGET)),
    });
  }
  return { types: inOrder(types), fields: inOrder(fields) };
}

/** Fields of a type, in order, hidden ones included. */
export function fieldsOf(catalog: Catalog, type: EntityId): Field[] {
  return [...catalog.fields.values()].filter((field) => field.type === type);
}

/** The field that names a record of this type; null when it has none. */
export function titleField(catalog: Catalog, type: EntityId): Field | null {
  return fieldsOf(catalog, type).find((field) => !field.hidden && TITLE_KINDS.has(field.kind)) ?? null;
}

/** By order key, and by id where two devices gave the same key. */
export function inOrder<T extends { readonly id: EntityId; readonly order: string }>(
  items: Iterable<T>,
): Map<EntityId, T> {
  const sorted = [...items].toSorted((a, b) => compare(a.order, b.order) || compare(a.id, b.id));
  return new Map(sorted.map((item) => [item.id, item]));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function readOptions(db: SqlDatabase): Map<EntityId, Option[]> {
  const options = new Map<EntityId, Option[]>();
  const rows = db.all<{ entity_id: SqlValue; attribute: string; value: JsonText }>(
    `SELECT entity_id, attribute, value FROM attributes WHERE attribute >= 'option:' AND attribute < 'option;' AND value <> 'null'`,
  );
  for (const row of rows) {
    const id = parseId<EntityId>(row.attribute.slice(OPTION_PREFIX.length));
    const option = id === null ? null : readOption(id, fromJsonText(row.value));
    if (option === null) continue;
    const field = idFromSql<EntityId>(row.entity_id);
    const list = options.get(field);
    if (list) list.push(option);
    else options.set(field, [option]);
  }
  for (const [field, list] of options) options.set(field, [...inOrder(list).values()]);
  return options;
}

/** An option as its attribute holds it; null when that is something else. */
export function readOption(id: EntityId, value: JsonValue): Option | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const { name, order, tint } = value as { readonly [key: string]: JsonValue };
  return { id, name: text(name), order: text(order), tint: typeof tint === 'number' ? tint : 0 };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
