/** Projection: which records link to which, so that a link can be followed from either end. */
import { idToBytes } from '../../core/ids.ts';
import type { SqlDatabase } from '../database.ts';
import { stageKeys } from '../staging.ts';
import { isStart, type Part, type Position, type Projection, type Touched } from './projection.ts';
import { nextStretch, valuesBehind } from './value-walk.ts';

/** The kind of a link field, as it stands in `fields`. */
export const LINK_KIND = '"link"';

/** Holds for fields that hold a link; stands in a statement over `fields`. */
const LINK_FIELDS = `kind = '${LINK_KIND}'`;

/**
 * The links in attributes: `a` is the row of one in `attributes`. It does not matter here whether either end exists: records
 * come back from the Trash, and may be linked to before they arrive. Whoever reads asks for that.
 */
export const selectLinks = (source: string, where = ''): string => `
  SELECT a.attribute, a.entity_id, unhex(a.value, '"-') AS target FROM ${source}
  WHERE length(a.value) = 38 AND unhex(a.value, '"-') IS NOT NULL AND
    a.attribute IN (SELECT field FROM fields WHERE ${LINK_FIELDS}) ${where}`;

const linksIn = (source: string, where = ''): string => `
  INSERT INTO links (attribute, entity_id, target) ${selectLinks(source, where)}
  ON CONFLICT DO UPDATE SET target = excluded.target`;

export const links: Projection = {
  name: 'links',
  version: 1,
  feeds: [],
  project,
  renew,
  remaining: (db, position) => valuesBehind(db, LINK_FIELDS, position),
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

/** Empty at first: there are none until they are found again. */
function renew(db: SqlDatabase, position: Position, limit: number): Part {
  if (isStart(position)) db.run('DELETE FROM links');
  const stretch = nextStretch(db, LINK_FIELDS, position, limit);
  if (stretch === null) return { position: null, done: 0 };
  const { field, after, last, next } = stretch;
  db.run(linksIn('attributes a', 'AND a.attribute = ? AND a.entity_id > ? AND a.entity_id <= ?'), [field, after, last]);
  return { position: next, done: limit };
}
