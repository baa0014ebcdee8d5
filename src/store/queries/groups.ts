import { parseId, type EntityId } from '../../core/ids.ts';
import type { Field, GroupsAnswer, Query } from '../../core/query.ts';
import { fromJsonText, type JsonText, type JsonValue } from '../../core/value.ts';
import { numberOf } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase } from '../database.ts';
import { conditionsOf, selectFrom } from './records.ts';
import { emptyLast, orderFilled } from './sorting.ts';
import { readTitles } from './titles.ts';

const MAX_GROUPS = 1_000;

/** How many records hold each value of a field; a field that is not there has no values. */
export function answerGroups(
  db: SqlDatabase,
  catalog: Catalog,
  query: Extract<Query, { kind: 'groups' }>,
): GroupsAnswer {
  const field = catalog.fields.get(query.field);
  if (!field) return { total: 0, groups: [] };
  const source = selectFrom(query.type, conditionsOf(db, catalog, query), field);
  // A group is one option, as though only one could be chosen.
  const order = orderFilled(
    db,
    catalog,
    field.kind === 'multiSelect' ? { ...field, kind: 'select' } : field,
    'ascending',
  );
  const last = emptyLast(field) ? `v.value = 'null', ` : '';
  const values = valuesOf(field);
  // Of values that are counted as one, the first stands for all, with the rest of its row.
  const sql = `
    WITH held AS (SELECT v.attribute, v.entity_id, v.event_id, ${values.value} AS value ${source.text}),
    parts AS (SELECT held.attribute, held.entity_id, held.event_id, ${values.part} AS value FROM held ${values.join}),
    v AS (SELECT attribute, entity_id, event_id, min(value) AS value, count(*) AS records FROM parts GROUP BY value ${values.collation})
    SELECT value, records, count(*) OVER () AS total FROM v ORDER BY ${last}${order.text}, value LIMIT ?`;
  const rows = db.all<{ value: JsonText; records: number; total: number }>(sql, [
    ...source.params,
    ...order.params,
    Math.min(MAX_GROUPS, Math.max(0, Math.floor(query.limit))),
  ]);
  const found = rows.map((row) => ({ value: fromJsonText(row.value), records: row.records }));
  const nameOf = namesIn(db, catalog, field, found.map((group) => group.value)); // prettier-ignore
  return {
    total: numberOf(rows[0]?.total ?? 0),
    groups: found.map(({ value, records }) => ({ value, name: nameOf(value), records })),
  };
}

interface Values {
  /** The value of a record, as JSON text. */
  readonly value: string;
  /** What that is taken apart into. */
  readonly part: string;
  readonly join: string;
  readonly collation: string;
}

/** What counts as one value: what the filter `is` takes for the same. */
function valuesOf(field: Field): Values {
  const whole = { value: `coalesce(v.value, 'null')`, part: 'held.value', join: '', collation: '' };
  switch (field.kind) {
    case 'checkbox':
      return { ...whole, value: `iif(v.value = 'true', 'true', 'false')` };
    case 'multiSelect':
      return { ...whole, part: `coalesce(json_quote(j.value), 'null')`, join: 'LEFT JOIN json_each(held.value) j' };
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
      return { ...whole, collation: 'COLLATE NOCASE' };
    case 'number':
    case 'date':
    case 'dateTime':
    case 'select':
    case 'link':
      return whole;
  }
}

/** What values are called that are ids. */
function namesIn(
  db: SqlDatabase,
  catalog: Catalog,
  field: Field,
  values: readonly JsonValue[],
): (value: JsonValue) => string | null {
  if (field.kind === 'select' || field.kind === 'multiSelect') {
    const names = new Map<JsonValue, string>(field.options.map((option) => [option.id, option.name]));
    return (value) => names.get(value) ?? null;
  }
  if (field.kind !== 'link') return () => null;
  const titles = readTitles(
    db,
    catalog,
    values.flatMap((value) => parseId<EntityId>(value) ?? []),
  );
  return (value) => titles.get(value as EntityId)?.title ?? null;
}
