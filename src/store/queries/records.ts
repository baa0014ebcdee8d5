import { idToBytes, type EntityId } from '../../core/ids.ts';
import type { Field, Query, RecordsAnswer, Sort } from '../../core/query.ts';
import { idFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlRow } from '../database.ts';
import { filterBy, type Condition } from './filtering.ts';
import { readRows } from './rows.ts';
import { searchBy } from './searching.ts';
import { emptyLast, orderBy, orderFilled, type Sql } from './sorting.ts';
import type { ViewCache } from './view-cache.ts';

type RecordsQuery = Extract<Query, { kind: 'records' }>;

const MAX_PAGE = 1_000;

/** What a page is cut from. */
interface Table {
  readonly db: SqlDatabase;
  readonly catalog: Catalog;
  readonly type: EntityId;
  readonly conditions: readonly Condition[];
  readonly sort: { readonly field: Field; readonly direction: Sort['direction'] } | null;
}

interface PageOfIds {
  readonly total: number;
  readonly offset: number;
  readonly ids: readonly EntityId[];
}

/** A page of a type's records. The order of a sorted or narrowed table is kept in `views`: scrolling reads pages alone. */
export function answerRecords(db: SqlDatabase, catalog: Catalog, views: ViewCache, query: RecordsQuery): RecordsAnswer {
  const { total, offset, ids } = readPage(db, catalog, views, query);
  return { total, offset, rows: readRows(db, catalog, query.type, ids) };
}

/** Which records a page holds. */
export function readPage(db: SqlDatabase, catalog: Catalog, views: ViewCache, query: RecordsQuery): PageOfIds {
  const offset = Math.max(0, Math.floor(query.offset));
  const limit = Math.min(MAX_PAGE, Math.max(0, Math.floor(query.limit)));
  return { offset, ...cutPage(tableOf(db, catalog, query), views, query, offset, limit) };
}

function cutPage(
  table: Table,
  views: ViewCache,
  query: RecordsQuery,
  offset: number,
  limit: number,
): Omit<PageOfIds, 'offset'> {
  if (table.conditions.length === 0) {
    if (table.sort === null) return { total: countAll(table), ids: readUnsorted(table, offset, limit) };
    // The first page comes quicker by itself; whoever turns the page gets the whole order.
    if (offset === 0 && !views.has(query)) return { total: countAll(table), ids: readFirstSorted(table, limit) };
  }
  const numbers = views.get(query, () => readOrder(table));
  const wanted = JSON.stringify([...numbers.subarray(offset, offset + limit)]);
  const sql = 'SELECT e.entity_id FROM json_each(?) k CROSS JOIN entities e ON e.number = k.value ORDER BY k.id';
  return { total: numbers.length, ids: idsOf(table.db.all(sql, [wanted])) };
}

function tableOf(db: SqlDatabase, catalog: Catalog, query: RecordsQuery): Table {
  const { type, sort } = query;
  const field = sort && catalog.fields.get(sort.field);
  return {
    db,
    catalog,
    type,
    conditions: conditionsOf(db, catalog, query),
    sort: sort && field ? { field, direction: sort.direction } : null,
  };
}

/** What a record must be like to be in a table that is narrowed. */
export function conditionsOf(
  db: SqlDatabase,
  catalog: Catalog,
  { type, search = '', filters = [] }: Pick<RecordsQuery, 'type' | 'search' | 'filters'>,
): Condition[] {
  return [...filters.map((filter) => filterBy(db, catalog, filter)), ...searchBy(catalog, type, search)];
}

function countAll({ db, type }: Table): number {
  return db.get<{ records: number }>('SELECT records FROM type_counts WHERE type = ?', [idToBytes(type)])?.records ?? 0;
}

function readUnsorted({ db, type }: Table, offset: number, limit: number): EntityId[] {
  const sql = 'SELECT entity_id FROM entities WHERE type = ? ORDER BY made, entity_id LIMIT ? OFFSET ?';
  return idsOf(db.all(sql, [idToBytes(type), limit, offset]));
}

function readFirstSorted(table: Table, limit: number): readonly EntityId[] {
  const { db, catalog, type, sort } = table;
  if (sort === null) return [];
  if (emptyLast(sort.field)) {
    // One scan of the values of the field; records without one are looked at only where these do not fill the page.
    const order = orderFilled(db, catalog, sort.field, sort.direction);
    const filled = idsOf(
      db.all(
        `SELECT e.entity_id FROM attributes v CROSS JOIN entities e ON e.entity_id = v.entity_id
         WHERE v.attribute = ? AND v.value <> 'null' AND e.type = ? ORDER BY ${order.text}, e.made, e.entity_id LIMIT ?`,
        [idToBytes(sort.field.id), idToBytes(type), ...order.params, limit],
      ),
    );
    if (filled.length === limit) return filled;
  }
  const { text, params } = selectInOrder(table, 'e.entity_id');
  return idsOf(db.all(`${text} LIMIT ?`, [...params, limit]));
}

/** Numbers of all records of the table, in order, separated by commas. */
function readOrder(table: Table): string {
  const { text, params } = selectInOrder(table, 'e.number');
  const sql = `SELECT group_concat(number) AS numbers FROM (${text})`;
  return table.db.get<{ numbers: string | null }>(sql, params)?.numbers ?? '';
}

function selectInOrder(table: Table, column: string): Sql {
  const { db, catalog, type, conditions, sort } = table;
  const { text, params } = selectFrom(type, conditions, sort?.field ?? null);
  const order = sort === null ? null : orderBy(db, catalog, sort.field, sort.direction);
  return {
    text: `SELECT ${column} ${text} ORDER BY ${order === null ? '' : `${order.text}, `}e.made, e.entity_id`,
    params: [...params, ...(order?.params ?? [])],
  };
}

/**
 * FROM and WHERE of the records of a type that meet conditions: `e` in `entities`, and `v` in `attributes` for the value of
 * a field, if one is asked for.
 */
export function selectFrom(type: EntityId, conditions: readonly Condition[], field: Field | null): Sql {
  // The first condition that has a way of its own leads to the records; the others look at those alone.
  const leading = conditions.findIndex((condition) => condition.source !== undefined);
  const source = conditions[leading]?.source ?? { from: 'entities e', where: { text: '1', params: [] } };
  const others = conditions.filter((_, i) => i !== leading);
  const join: Sql =
    field === null
      ? { text: '', params: [] }
      : {
          text: ' LEFT JOIN attributes v ON v.attribute = ? AND v.entity_id = e.entity_id',
          params: [idToBytes(field.id)],
        };
  return {
    text:
      `FROM ${source.from}${join.text}` +
      ` WHERE ${[source.where, ...others].map((each) => each.text).join(' AND ')} AND e.type = ?`,
    params: [...join.params, ...source.where.params, ...others.flatMap((each) => each.params), idToBytes(type)],
  };
}

function idsOf(rows: readonly SqlRow[]): EntityId[] {
  return rows.map((row) => idFromSql<EntityId>(row['entity_id'] ?? null));
}
