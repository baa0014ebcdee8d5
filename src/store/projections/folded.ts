/**
 * Projection: texts with letters beyond ASCII, folded, so that tables are sorted and narrowed by letters as people read them.
 * SQLite folds ASCII alone; the texts that are nothing else are not kept twice.
 */
import type { FieldKind } from '../../core/attribute.ts';
import { idToBytes } from '../../core/ids.ts';
import type { SqlDatabase, SqlRow, SqlValue } from '../database.ts';
import { foldText } from '../fold-text.ts';
import { stageKeys } from '../staging.ts';
import { isStart, type Part, type Position, type Projection, type Touched } from './projection.ts';
import { nextStretch, valuesBehind } from './value-walk.ts';

const TEXTS: readonly FieldKind[] = ['text', 'longText', 'email', 'url', 'phone'];
const TEXT_KINDS: ReadonlySet<string> = new Set(TEXTS.map((kind) => `"${kind}"`));
const TEXT_FIELDS = `kind IN (${[...TEXT_KINDS].map((kind) => `'${kind}'`).join(',')})`;

/** @param kind as it stands in `fields` */
export const isTextKind = (kind: string): boolean => TEXT_KINDS.has(kind);

/** Texts to be folded: `a` is the row of one in `attributes`. */
export const selectTexts = (source: string, where = ''): string => `
  SELECT a.attribute, a.entity_id, a.event_id, a.value FROM ${source}
  WHERE length(a.value) <> octet_length(a.value) AND a.attribute IN (SELECT field FROM fields WHERE ${TEXT_FIELDS}) ${where}`;

export const folded: Projection = {
  name: 'folded',
  version: 1,
  feeds: [],
  project,
  renew,
  remaining: (db, position) => valuesBehind(db, TEXT_FIELDS, position),
};

/** The text in a row `v` of `attributes`, of one field, as it is compared: folded where that makes a difference. */
export function foldedText(db: SqlDatabase, field: SqlValue, v: string): string {
  if (!hasFolded(db, field)) return `${v}.value`;
  return `coalesce((SELECT f.text FROM folded f
    WHERE f.attribute = ${v}.attribute AND f.entity_id = ${v}.entity_id AND f.event_id = ${v}.event_id), ${v}.value)`;
}

/** Whether any text of a field is kept here: otherwise nobody need look. */
export function hasFolded(db: SqlDatabase, field: SqlValue): boolean {
  return db.get('SELECT 1 FROM folded WHERE attribute = ? LIMIT 1', [field]) !== null;
}

function project(db: SqlDatabase, touched: Touched): void {
  for (const field of touched.fields) {
    const id = idToBytes(field);
    db.run('DELETE FROM folded WHERE attribute = ?', [id]);
    keep(db, db.all(selectTexts('attributes a', 'AND a.attribute = ?'), [id]));
  }
  if (touched.texts.length === 0) return;
  stageKeys(db, touched.texts);
  db.run('DELETE FROM folded WHERE (attribute, entity_id) IN (SELECT attribute, entity_id FROM temp.staged_keys)');
  keep(
    db,
    db.all(
      selectTexts(
        'temp.staged_keys k CROSS JOIN attributes a ON a.attribute = k.attribute AND a.entity_id = k.entity_id',
      ),
    ),
  );
}

/** Empty at first: until it is complete, what is not there yet is compared as it stands. */
function renew(db: SqlDatabase, position: Position, limit: number): Part {
  if (isStart(position)) db.run('DELETE FROM folded');
  const stretch = nextStretch(db, TEXT_FIELDS, position, limit);
  if (stretch === null) return { position: null, done: 0 };
  const { field, after, last, next } = stretch;
  const texts = selectTexts('attributes a', 'AND a.attribute = ? AND a.entity_id > ? AND a.entity_id <= ?');
  keep(db, db.all(texts, [field, after, last]));
  return { position: next, done: limit };
}

function keep(db: SqlDatabase, rows: readonly SqlRow[]): void {
  if (rows.length === 0) return;
  db.bulk(
    `INSERT INTO folded (attribute, entity_id, event_id, text) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET event_id = excluded.event_id, text = excluded.text`,
    foldedRows(rows),
  );
}

/** What `folded` holds of rows of `selectTexts`. */
export const foldedRows = (rows: readonly SqlRow[]): SqlValue[][] =>
  rows.map((row) => [
    row['attribute'] ?? null,
    row['entity_id'] ?? null,
    row['event_id'] ?? null,
    foldText(String(row['value'])),
  ]);
