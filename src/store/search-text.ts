/** Projection: the words of every record, so that a search is one scan of one small table. */
import type { FieldKind } from '../core/attribute.ts';
import type { AttributeName } from '../core/event.ts';
import { idToBytes, isUuid, type EntityId } from '../core/ids.ts';
import type { SqlDatabase } from './database.ts';
import { stageEntities } from './staging.ts';

/** Kinds whose values are words as they stand; options and links are ids, and are found by their names when asked. */
const WORDY: readonly FieldKind[] = ['text', 'longText', 'number', 'date', 'dateTime', 'email', 'url', 'phone'];
const WORDY_KINDS = WORDY.map((kind) => `'"${kind}"'`).join(',');

const textOf = (source: string): string => `
  INSERT INTO search (number, text)
  SELECT e.number, lower(group_concat(a.value ->> '$', char(10) ORDER BY a.attribute)) FROM ${source}
  CROSS JOIN fields f ON f.type = e.type AND f.kind IN (${WORDY_KINDS})
  CROSS JOIN attributes a ON a.attribute = f.field AND a.entity_id = e.entity_id
  WHERE a.value <> 'null' GROUP BY e.number`;

const STAGED = 'temp.staged_entities s CROSS JOIN entities e ON e.entity_id = s.entity_id';
/** SQLite folds ASCII alone. */
const BEYOND_ASCII = 'length(t.text) <> octet_length(t.text)';

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
  db.run(`DELETE FROM search WHERE number IN (SELECT e.number FROM ${STAGED})`);
  db.run(textOf(STAGED));
  foldBeyondAscii(
    db,
    `SELECT t.number, t.text FROM ${STAGED} CROSS JOIN search t ON t.number = e.number WHERE ${BEYOND_ASCII}`,
  );
}

/** Derives the words of every record anew. */
export function rebuildSearch(db: SqlDatabase): void {
  db.run('DELETE FROM search');
  db.run(textOf('entities e'));
  foldBeyondAscii(db, `SELECT t.number, t.text FROM search t WHERE ${BEYOND_ASCII}`);
}

function foldBeyondAscii(db: SqlDatabase, select: string): void {
  const rows = db.all<{ number: number; text: string }>(select);
  if (rows.length > 0) {
    db.bulk(
      'UPDATE search SET text = ? WHERE number = ?',
      rows.map(({ number, text }) => [foldText(text), number]),
    );
  }
}
