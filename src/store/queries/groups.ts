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
  const sql = `
    WITH v AS (${countsOf(field, source.text)})
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

/** Values and how many records hold each. What counts as one value is what the filter `is` takes for the same. */
function countsOf(field: Field, source: string): string {
  switch (field.kind) {
    case 'checkbox':
      return `SELECT iif(v.value = 'true', 'true', 'false') AS value, count(*) AS records ${source} GROUP BY 1`;
    case 'multiSelect':
      return `SELECT coalesce(json_quote(j.value), 'null') AS value, count(*) AS records
        FROM (SELECT coalesce(v.value, 'null') AS value ${source}) held LEFT JOIN json_each(held.value) j GROUP BY 1`;
    case 'text':
    case 'longText':
    case 'email':
    case 'url':
    case 'phone':
      // The first of those that differ in case alone stands for all, with the rest of its row.
      return `SELECT v.attribute, v.entity_id, v.event_id, min(coalesce(v.value, 'null')) AS value, count(*) AS records
        ${source} GROUP BY coalesce(v.value, 'null') COLLATE NOCASE`;
    case 'number':
    case 'date':
    case 'dateTime':
    case 'select':
    case 'link':
      return `SELECT coalesce(v.value, 'null') AS value, count(*) AS records ${source} GROUP BY 1`;
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
