import { idToBytes, type EntityId } from '../../core/ids.ts';
import type { BacklinksAnswer, Field, Query } from '../../core/query.ts';
import { idFromSql, numberOf } from '../blob.ts';
import { fieldsOf, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readTitles } from './titles.ts';

const MAX_PAGE = 1_000;

/** Links through one field of one type; the index hands them out in the order of ids, which is that of making. */
const LINKS = `
  links l CROSS JOIN entities e ON e.entity_id = l.entity_id
  WHERE l.target = ? AND l.attribute = ? AND e.type = ?`;

/** Records that link to a record, through fields that are shown. What lies in the Trash links to nothing. */
export function answerBacklinks(
  db: SqlDatabase,
  catalog: Catalog,
  query: Extract<Query, { kind: 'backlinks' }>,
): BacklinksAnswer {
  const offset = Math.max(0, Math.floor(query.offset));
  const limit = Math.min(MAX_PAGE, Math.max(0, Math.floor(query.limit)));
  const target = idToBytes(query.id);
  const rows: { id: EntityId; type: EntityId; field: EntityId }[] = [];
  let total = 0;
  for (const field of linkFields(catalog)) {
    const params = [target, idToBytes(field.id), idToBytes(field.type)];
    const count = numberOf(db.get<{ n: number }>(`SELECT count(*) AS n FROM ${LINKS}`, params)?.n ?? 0);
    const skipped = Math.max(0, offset - total);
    total += count;
    if (skipped >= count || rows.length >= limit) continue;
    const page = db.all<{ entity_id: SqlValue }>(
      `SELECT l.entity_id FROM ${LINKS} ORDER BY l.entity_id LIMIT ? OFFSET ?`,
      [...params, limit - rows.length, skipped],
    );
    for (const row of page) rows.push({ id: idFromSql(row.entity_id), type: field.type, field: field.id });
  }
  const titles = readTitles(
    db,
    catalog,
    rows.map((row) => row.id),
  );
  return { total, offset, rows: rows.map((row) => ({ ...row, title: titles.get(row.id)?.title ?? '' })) };
}

/** In the order of types and of fields, without what is hidden. */
function linkFields(catalog: Catalog): Field[] {
  return [...catalog.types.values()]
    .filter((type) => !type.hidden)
    .flatMap((type) => fieldsOf(catalog, type.id).filter((field) => field.kind === 'link' && !field.hidden));
}
