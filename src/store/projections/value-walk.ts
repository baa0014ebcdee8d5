/** A walk through the values of some fields, stretch by stretch: field by field in the order of ids, each record by record. */
import { bytesToHex } from '../../core/hex.ts';
import { bytesOf, numberOf } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { isStart, type Position } from './projection.ts';

/** Values of one field: of the records behind `after`, `last` included. */
export interface Stretch {
  readonly field: Uint8Array;
  readonly after: Uint8Array;
  readonly last: Uint8Array;
  /** Where the next one begins: 16 bytes of the field, and of the record before, if any; null at the end. */
  readonly next: Position;
}

const NO_ID = new Uint8Array(0);
const BEHIND_ALL = new Uint8Array(17).fill(255);

/**
 * The next stretch of at most `limit` values; null when there is none.
 * @param which holds for the fields to walk through, in a statement over `fields`
 */
export function nextStretch(db: SqlDatabase, which: string, position: Position, limit: number): Stretch | null {
  const [from, record] = keyOf(position);
  const field = nextField(db, which, '>=', from);
  if (field === null) return null;
  // A field may have ceased to be one of them since the last stretch.
  const after = !isStart(position) && bytesToHex(field) === bytesToHex(from) ? record : NO_ID;
  const end = db.get<{ entity_id: SqlValue }>(
    'SELECT entity_id FROM attributes WHERE attribute = ? AND entity_id > ? ORDER BY entity_id LIMIT 1 OFFSET ?',
    [field, after, limit - 1],
  );
  if (end === null) return { field, after, last: BEHIND_ALL, next: nextField(db, which, '>', field) };
  const last = bytesOf(end.entity_id);
  return { field, after, last, next: Uint8Array.of(...field, ...last) };
}

/**
 * About how many values are behind a position: as many as there are records with these fields, from the field on that is
 * being walked through. They are not counted, which would take as long as some parts of the walk.
 */
export function valuesBehind(db: SqlDatabase, which: string, position: Position): number {
  const sql = `SELECT sum(c.records) AS n FROM fields f CROSS JOIN type_counts c ON c.type = f.type
    WHERE ${which} AND f.field >= ?`;
  return numberOf(db.get<{ n: SqlValue }>(sql, [keyOf(position)[0]])?.n ?? 0);
}

function keyOf(position: Position): [field: Uint8Array, record: Uint8Array] {
  const bytes = bytesOf(position);
  return [bytes.subarray(0, 16), bytes.subarray(16)];
}

function nextField(db: SqlDatabase, which: string, direction: '>=' | '>', from: Uint8Array): Uint8Array | null {
  const sql = `SELECT min(field) AS field FROM fields WHERE ${which} AND field ${direction} ?`;
  const field = db.get<{ field: SqlValue }>(sql, [from])?.field ?? null;
  return field === null ? null : bytesOf(field);
}
