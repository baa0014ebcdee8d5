import { idToBytes, type EntityId } from '../../core/ids.ts';
import type { Query, RecordsAnswer } from '../../core/query.ts';
import { idFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { filterBy } from './filtering.ts';
import { readRows } from './rows.ts';
import { searchBy, wordsOf } from './searching.ts';
import { orderBy, type Sql } from './sorting.ts';
import type { ViewCache } from './view-cache.ts';

export type RecordsQuery = Extract<Query, { kind: 'records' }>;

const MAX_PAGE = 1_000;

/** A page of a type's records. The order of a sorted or narrowed view is kept in `views`, so that scrolling reads pages alone. */
export function answerRecords(db: SqlDatabase, catalog: Catalog, views: ViewCache, query: RecordsQuery): RecordsAnswer {
  const { type } = query;
  const offset = Math.max(0, Math.floor(query.offset));
  const limit = Math.min(MAX_PAGE, Math.max(0, Math.floor(query.limit)));
  const page = readPage(db, catalog, views, query, offset, limit);
  return { total: page.total, offset, rows: readRows(db, catalog, type, page.ids) };
}

interface PageOfIds {
  readonly total: number;
  readonly ids: readonly EntityId[];
}

function readPage(
  db: SqlDatabase,
  catalog: Catalog,
  views: ViewCache,
  query: RecordsQuery,
  offset: number,
  limit: number,
): PageOfIds {
  const type = idToBytes(query.type);
  const narrowed = conditionsOf(catalog, query);
  const sort = sortOf(catalog, query);
  if (narrowed === null) {
    const total = countOf(db, query.type);
    if (sort === null) {
      const sql = 'SELECT entity_id FROM entities WHERE type = ? ORDER BY made, entity_id LIMIT ? OFFSET ?';
      return { total, ids: idsOf(db.all(sql, [type, limit, offset])) };
    }
    // The first page of a sorted table comes quicker by itself; whoever turns a page gets the whole order.
    if (offset === 0 && !views.has(query)) {
      const sql = `SELECT e.entity_id FROM ${sort.from.text} WHERE e.type = ? ORDER BY ${sort.by.text}, e.made, e.entity_id LIMIT ?`;
      return { total, ids: idsOf(db.all(sql, [...sort.from.params, type, ...sort.by.params, limit])) };
    }
  }
  const numbers = views.get(query, () => {
    const from = sort?.from ?? { text: 'entities e', params: [] };
    const by = sort ? `${sort.by.text}, ` : '';
    const where = narrowed === null ? '' : ` AND ${narrowed.text}`;
    const sql = `SELECT group_concat(number) AS numbers FROM (SELECT e.number FROM ${from.text} WHERE e.type = ?${where} ORDER BY ${by}e.made, e.entity_id)`;
    const params = [...from.params, type, ...(narrowed?.params ?? []), ...(sort?.by.params ?? [])];
    return db.get<{ numbers: string | null }>(sql, params)?.numbers ?? '';
  });
  const wanted = numbers.subarray(offset, offset + limit);
  const sql = 'SELECT e.entity_id FROM json_each(?) k CROSS JOIN entities e ON e.number = k.value ORDER BY k.id';
  return { total: numbers.length, ids: idsOf(db.all(sql, [JSON.stringify([...wanted])])) };
}

function conditionsOf(catalog: Catalog, query: RecordsQuery): Sql | null {
  const parts = (query.filters ?? []).map((filter) => filterBy(catalog, filter));
  if (query.search !== undefined && wordsOf(query.search).length > 0)
    parts.push(searchBy(catalog, query.type, query.search));
  if (parts.length === 0) return null;
  return { text: parts.map((part) => part.text).join(' AND '), params: parts.flatMap((part) => part.params) };
}

function sortOf(catalog: Catalog, { sort }: RecordsQuery): { readonly from: Sql; readonly by: Sql } | null {
  const field = sort && catalog.fields.get(sort.field);
  if (!sort || !field) return null;
  return {
    from: {
      text: 'entities e LEFT JOIN attributes v ON v.attribute = ? AND v.entity_id = e.entity_id',
      params: [idToBytes(field.id)],
    },
    by: orderBy(catalog, field, sort.direction),
  };
}

function countOf(db: SqlDatabase, type: EntityId): number {
  return db.get<{ records: number }>('SELECT records FROM type_counts WHERE type = ?', [idToBytes(type)])?.records ?? 0;
}

function idsOf(rows: readonly { readonly [column: string]: SqlValue }[]): EntityId[] {
  return rows.map((row) => idFromSql<EntityId>(row['entity_id'] ?? null));
}
