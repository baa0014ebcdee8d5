/** Projection: the fields that types have, with their kinds. */
import type { SqlDatabase } from '../database.ts';
import type { Projection } from './projection.ts';

export const fields: Projection = {
  name: 'fields',
  version: 1,
  feeds: ['search', 'folded', 'links'],
  // Schemas are small: it is made anew whenever an event concerns what is, was or becomes a field.
  project: (db, touched) => {
    if (touched.fields.size > 0) makeFields(db);
  },
  renew: (db) => {
    makeFields(db);
    return { position: null, done: 1 };
  },
  remaining: () => 1,
};

/** Fields that have an owner and a kind, in whatever order these facts arrived. */
export const SELECT_FIELDS = `
  SELECT unhex(o.value, '"-'), e.entity_id, k.value FROM entities e
  CROSS JOIN attributes o ON o.attribute = 'owner' AND o.entity_id = e.entity_id
  CROSS JOIN attributes k ON k.attribute = 'kind' AND k.entity_id = e.entity_id
  WHERE e.type = 'field' AND length(o.value) = 38 AND unhex(o.value, '"-') IS NOT NULL`;

function makeFields(db: SqlDatabase): void {
  db.run('DELETE FROM fields');
  db.run(`INSERT INTO fields (type, field, kind) ${SELECT_FIELDS}`);
}
