/** Projection: which records link to which, so that a link can be followed from either end. */
import { bytesToHex } from '../../core/hex.ts';
import { idToBytes } from '../../core/ids.ts';
import { bytesOf, numberOf } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { stageKeys } from '../staging.ts';
import { isStart, type Part, type Position, type Projection, type Touched } from './projection.ts';

/** Holds for fields that hold a link; stands in a statement over `fields`. */
export const LINK_FIELDS = `kind = '"link"'`;

/**
 * The links in attributes: `a` is the row of one in `attributes`. It does not matter here whether either end exists: records
 * come back from the Trash, and may be linked to before they arrive. Whoever reads asks for that.
 */
const linksIn = (source: string, rest = ''): string => `
  INSERT INTO links (attribute, entity_id, target)
  SELECT a.attribute, a.entity_id, unhex(a.value, '"-') FROM ${source}
  WHERE length(a.value) = 38 AND unhex(a.value, '"-') IS NOT NULL AND
    a.attribute IN (SELECT field FROM fields WHERE ${LINK_FIELDS}) ${rest}
  ON CONFLICT DO UPDATE SET target = excluded.target`;

export const links: Projection = {
  name: 'links',
  version: 1,
  feeds: [],
  project,
  renew,
  remaining: (db, position) => {
    const [attribute, entity] = keyOf(position);
    const sql = `SELECT count(*) AS n FROM fields f CROSS JOIN attributes a ON a.attribute = f.field
      WHERE f.${LINK_FIELDS} AND (a.attribute, a.entity_id) > (?, ?)`;
    return numberOf(db.get<{ n: number }>(sql, [attribute, entity])?.n ?? 0);
  },
};

function project(db: SqlDatabase, touched: Touched): void {
  for (const field of touched.fields) {
    const id = idToBytes(field);
    db.run('DELETE FROM links WHERE attribute = ?', [id]);
    db.run(linksIn('attributes a', 'AND a.attribute = ?'), [id]);
  }
  if (touched.links.length === 0) return;
  stageKeys(db, touched.links);
  db.run('DELETE FROM links WHERE (attribute, entity_id) IN (SELECT attribute, entity_id FROM temp.staged_keys)');
  db.run(
    linksIn('temp.staged_keys k CROSS JOIN attributes a ON a.attribute = k.attribute AND a.entity_id = k.entity_id'),
  );
}

/** Empty at first, then by the order of keys, through the values of one link field after another. */
function renew(db: SqlDatabase, position: Position, limit: number): Part {
  if (isStart(position)) db.run('DELETE FROM links');
  const [from, after] = keyOf(position);
  const field = nextField(db, from, '>=');
  if (field === null) return { position: null, done: 0 };
  // What was a link field when the last part ended may be none any more.
  const start = isStart(position) || bytesToHex(field) !== bytesToHex(bytesOf(from)) ? new Uint8Array(0) : after;
  const end = db.get<{ entity_id: SqlValue }>(
    'SELECT entity_id FROM attributes WHERE attribute = ? AND entity_id > ? ORDER BY entity_id LIMIT 1 OFFSET ?',
    [field, start, limit - 1],
  );
  const last = end === null ? AFTER_ALL : bytesOf(end.entity_id);
  const done = db.run(linksIn('attributes a', 'AND a.attribute = ? AND a.entity_id > ? AND a.entity_id <= ?'), [
    field,
    start,
    last,
  ]);
  const next = end === null ? nextField(db, field, '>') : Uint8Array.of(...field, ...last);
  return { position: next, done: end === null ? done : limit };
}

/** Greater than any id. */
const AFTER_ALL = new Uint8Array(17).fill(255);

/** The first link field from an id on, by the order of ids. */
function nextField(db: SqlDatabase, from: SqlValue, direction: '>=' | '>'): Uint8Array | null {
  const field = db.get<{ field: SqlValue }>(
    `SELECT min(field) AS field FROM fields WHERE ${LINK_FIELDS} AND field ${direction} ?`,
    [from],
  )?.field;
  return field === null || field === undefined ? null : bytesOf(field);
}

/** A position is the key of the last attribute that was looked at: 16 bytes of the field, 16 of the record. */
function keyOf(position: Position): [attribute: SqlValue, entityId: SqlValue] {
  const bytes = bytesOf(position);
  return [bytes.subarray(0, 16), bytes.subarray(16)];
}
