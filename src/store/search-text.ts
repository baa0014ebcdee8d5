/** Projection: the words of every record, so that a search is one scan of one small table. */
import type { FieldKind } from '../core/attribute.ts';
import type { AttributeName } from '../core/event.ts';
import { idToBytes, isUuid, type EntityId } from '../core/ids.ts';
import type { SqlDatabase } from './database.ts';
import { stageEntities } from './staging.ts';

/** Kinds whose values are words as they stand; options and links are ids, and are found by their names when asked. */
const WORDY: readonly FieldKind[] = ['text', 'longText', 'number', 'date', 'dateTime', 'email', 'url', 'phone'];
const WORDY_KINDS = WORDY.map((kind) => `'"${kind}"'`).join(',');

/**
 * Writes the words of the records in `source` (`entities e` among them), field by field in the order of their ids. SQLite
 * folds ASCII alone: what holds other letters is marked, and folded below.
 */
const writeWords = (source: string): string => `
  INSERT INTO search (number, text, folded)
  SELECT number, text, length(text) = octet_length(text) FROM (
    SELECT e.number AS number, coalesce((
      SELECT lower(group_concat(a.value ->> '$', char(10))) FROM fields f
      CROSS JOIN attributes a ON a.attribute = f.field AND a.entity_id = e.entity_id
      WHERE f.type = e.type AND f.kind IN (${WORDY_KINDS}) AND a.value <> 'null'), '') AS text
    FROM ${source} WHERE typeof(e.type) = 'blob' LIMIT -1)
  WHERE true
  ON CONFLICT (number) DO UPDATE SET text = excluded.text, folded = excluded.folded`;

const STAGED = 'temp.staged_entities s CROSS JOIN entities e ON e.entity_id = s.entity_id';

/** Whether values of this attribute are searched, as far as is known: `projectSearch` hears of fields that become known. */
export function isWordy(db: SqlDatabase, attribute: AttributeName): boolean {
  if (!isUuid(attribute)) return false;
  return db.get(`SELECT 1 FROM fields WHERE field = ? AND kind IN (${WORDY_KINDS})`, [idToBytes(attribute)]) !== null;
}

/** Letters as search compares them: lower case, without accents. */
export function foldText(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
}

/** Writes anew the words of these records, and of all that have a value in one of `fields`. */
export function projectSearch(db: SqlDatabase, records: ReadonlySet<EntityId>, fields: ReadonlySet<EntityId>): void {
  stageEntities(db, records);
  for (const field of fields) {
    db.run('INSERT OR IGNORE INTO temp.staged_entities SELECT entity_id FROM attributes WHERE attribute = ?', [
      idToBytes(field),
    ]);
  }
  db.run(writeWords(STAGED));
  foldMarked(db);
}

/** Derives the words of every record anew. */
export function rebuildSearch(db: SqlDatabase): void {
  db.run('DELETE FROM search');
  db.run(writeWords('entities e'));
  foldMarked(db);
}

function foldMarked(db: SqlDatabase): void {
  const rows = db.all<{ number: number; text: string }>('SELECT number, text FROM search WHERE folded = 0');
  if (rows.length === 0) return;
  db.bulk(
    'UPDATE search SET text = ?, folded = 1 WHERE number = ?',
    rows.map(({ number, text }) => [foldText(text), number]),
  );
}
