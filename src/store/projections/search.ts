/** Projection: the words of every record, so that a search is one scan of one small table. */
import type { FieldKind } from '../../core/attribute.ts';
import { idToBytes } from '../../core/ids.ts';
import { numberOf } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { foldText } from '../fold-text.ts';
import { stageEntities } from '../staging.ts';
import { isStart, type Part, type Position, type Projection, type Touched } from './projection.ts';

/** Kinds whose values are words as they stand; options and links are ids, and are found by their names when asked. */
const WORDY: readonly FieldKind[] = ['text', 'longText', 'number', 'date', 'dateTime', 'email', 'url', 'phone'];
const WORDY_TEXTS: ReadonlySet<string> = new Set(WORDY.map((kind) => `"${kind}"`));
const WORDY_KINDS = [...WORDY_TEXTS].map((kind) => `'${kind}'`).join(',');

/** @param kind as it stands in `fields` */
export const isWordyKind = (kind: string): boolean => WORDY_TEXTS.has(kind);

/**
 * The words of the records in `source` (`entities e` among them), field by field in the order of their ids. SQLite folds
 * ASCII alone.
 */
export const selectWords = (source: string, where = ''): string => `
  SELECT e.number AS number, coalesce((
    SELECT lower(group_concat(a.value ->> '$', char(10))) FROM fields f
    CROSS JOIN attributes a ON a.attribute = f.field AND a.entity_id = e.entity_id
    WHERE f.type = e.type AND f.kind IN (${WORDY_KINDS}) AND a.value <> 'null'), '') AS text
  FROM ${source} WHERE typeof(e.type) = 'blob' ${where}`;

/** Writes them; what holds letters beyond ASCII is marked, and folded below. */
const writeWords = (source: string, where = ''): string => `
  INSERT INTO search (number, text, folded)
  SELECT number, text, length(text) = octet_length(text) FROM (${selectWords(source, where)} LIMIT -1)
  WHERE true
  ON CONFLICT (number) DO UPDATE SET text = excluded.text, folded = excluded.folded
  WHERE text <> excluded.text OR folded <> excluded.folded`;

const STAGED = 'temp.staged_entities s CROSS JOIN entities e ON e.entity_id = s.entity_id';

export const search: Projection = {
  name: 'search',
  version: 1,
  feeds: [],
  project,
  renew,
  remaining: (db, position) => lastNumber(db, 'entities') - Math.max(0, after(position)),
};

function project(db: SqlDatabase, { words, fields }: Touched): void {
  if (words.size === 0 && fields.size === 0) return;
  stageEntities(db, words);
  for (const field of fields) {
    db.run('INSERT OR IGNORE INTO temp.staged_entities SELECT entity_id FROM attributes WHERE attribute = ?', [
      idToBytes(field),
    ]);
  }
  db.run(writeWords(STAGED));
  foldMarked(db);
}

/** By the order of numbers: what was there is found until it is replaced. */
function renew(db: SqlDatabase, position: Position, limit: number): Part {
  const from = after(position);
  const next = db.get<{ number: number }>(
    'SELECT number FROM entities WHERE number > ? ORDER BY number LIMIT 1 OFFSET ?',
    [from, limit - 1],
  );
  const last = next?.number ?? Math.max(from, lastNumber(db, 'entities'), lastNumber(db, 'search'));
  db.run(
    `DELETE FROM search WHERE number > ? AND number <= ? AND NOT EXISTS
       (SELECT 1 FROM entities e WHERE e.number = search.number AND typeof(e.type) = 'blob')`,
    [from, last],
  );
  db.run(writeWords('entities e', 'AND e.number > ? AND e.number <= ?'), [from, last]);
  foldMarked(db);
  return { position: next === null ? null : last, done: last - Math.max(0, from) };
}

const after = (position: Position): number => (isStart(position) ? Number.MIN_SAFE_INTEGER : numberOf(position));

function lastNumber(db: SqlDatabase, table: 'entities' | 'search'): number {
  return numberOf(db.get<{ last: SqlValue }>(`SELECT max(number) AS last FROM ${table}`)?.last ?? 0);
}

function foldMarked(db: SqlDatabase): void {
  const rows = db.all<{ number: number; text: string }>('SELECT number, text FROM search WHERE folded = 0');
  if (rows.length === 0) return;
  db.bulk(
    'UPDATE search SET text = ?, folded = 1 WHERE number = ?',
    rows.map(({ number, text }) => [foldText(text), number]),
  );
}
