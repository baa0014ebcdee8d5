import { type EntityId } from '../../core/ids.ts';
import type { Query, RecordRow, SearchAnswer } from '../../core/query.ts';
import { idFromSql } from '../blob.ts';
import { fieldsOf, titleField, type Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { foldText } from '../fold-text.ts';
import { readRows } from './rows.ts';
import { wordsOf } from './searching.ts';

const EXCERPT = 120;
const BEFORE = 30;

/** Records of every type that contain all the words, those made last first. */
export function answerSearch(
  db: SqlDatabase,
  catalog: Catalog,
  query: Extract<Query, { kind: 'search' }>,
): SearchAnswer {
  const words = wordsOf(query.text);
  if (words.length === 0) return { hits: [] };
  const rows = db.all<{ entity_id: SqlValue; type: SqlValue }>(
    `SELECT e.entity_id, e.type FROM search s CROSS JOIN entities e ON e.number = s.number
     WHERE ${words.map(() => 'instr(s.text, ?) > 0').join(' AND ')} ORDER BY s.number DESC LIMIT ?`,
    [...words, query.limit],
  );
  const found = rows.map((row) => ({ id: idFromSql<EntityId>(row.entity_id), type: idFromSql<EntityId>(row.type) }));
  const records = new Map<EntityId, RecordRow>();
  for (const [type, ids] of Map.groupBy(found, (hit) => hit.type)) {
    for (const row of readRows(
      db,
      catalog,
      type,
      ids.map((hit) => hit.id),
    ))
      records.set(row.id, row);
  }
  return {
    hits: found.map(({ id, type }) => {
      const values = records.get(id)?.values ?? {};
      const title = titleField(catalog, type);
      const titleValue = title === null ? '' : values[title.id];
      const texts = fieldsOf(catalog, type).flatMap((field) => {
        const value = values[field.id];
        return field.id !== title?.id && (typeof value === 'string' || typeof value === 'number')
          ? [String(value)]
          : [];
      });
      return { id, type, title: typeof titleValue === 'string' ? titleValue : '', excerpt: excerptOf(texts, words) };
    }),
  };
}

/** The text around the first word that is found outside the title; empty when the words are all in the title. */
function excerptOf(texts: readonly string[], words: readonly string[]): string {
  for (const text of texts) {
    const folded = foldText(text);
    const at = Math.min(...words.map((word) => folded.indexOf(word)).filter((each) => each >= 0));
    if (at === Infinity) continue;
    // Folding may shorten the text a little: the excerpt is only about where the word is.
    const from = Math.max(0, at - BEFORE);
    const part = text
      .slice(from, from + EXCERPT)
      .replaceAll(/\s+/gu, ' ')
      .toWellFormed();
    return `${from > 0 ? '…' : ''}${part.trim()}${from + EXCERPT < text.length ? '…' : ''}`;
  }
  return '';
}
