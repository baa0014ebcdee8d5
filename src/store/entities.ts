/** Projections: which entities exist now (`entities`), and what fields their types have (`fields`). */
import { DELETED, KIND, OWNER, SAMPLE, SYSTEM_TYPES, TYPE } from '../core/attribute.ts';
import type { AttributeName, Event } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import { idFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { isWordy, projectSearch, rebuildSearch } from './search-text.ts';
import { stageEntities } from './staging.ts';

/** Attributes that decide whether an entity exists and what it is. */
const EXISTENCE: ReadonlySet<AttributeName> = new Set([TYPE, DELETED, SAMPLE]);
/** Attributes that fields alone have, and that decide what a field is. */
const FIELD_NATURE: ReadonlySet<AttributeName> = new Set([OWNER, KIND]);

const SYSTEM_VALUES = SYSTEM_TYPES.map((type) => `'"${type}"'`).join(',');

/** A `type` value as it stands in `entities`: system types as text, ids in 16 bytes, null for anything else. */
const TYPE_OF = `CASE WHEN t.value IN (${SYSTEM_VALUES}) THEN trim(t.value, '"') WHEN length(t.value) = 38 THEN unhex(t.value, '"-') END`;

/** Entities with their types as the attributes say, without those in the Trash. `entity_id` of `source` drives the join. */
const existing = (source: string): string => `
  SELECT t.entity_id, ${TYPE_OF} AS type, t.event_id AS made, coalesce(s.value = 'true', 0) AS sample
  FROM ${source}
  LEFT JOIN attributes d ON d.attribute = 'deleted' AND d.entity_id = t.entity_id
  LEFT JOIN attributes s ON s.attribute = 'sample' AND s.entity_id = t.entity_id
  WHERE t.attribute = 'type' AND d.value IS NOT 'true' AND ${TYPE_OF} IS NOT NULL`;

const STAGED = `temp.staged_entities e CROSS JOIN attributes t ON t.attribute = 'type' AND t.entity_id = e.entity_id`;

/** Brings the projections of entities up to date with events that were just taken into `attributes`. */
export function projectEntities(db: SqlDatabase, fresh: readonly Event[]): void {
  const existence = new Set<EntityId>();
  const content = new Set<EntityId>();
  const fields = new Set<EntityId>();
  const named = new Map<AttributeName, boolean>();
  for (const { entityId, attribute } of fresh) {
    const wordy = named.get(attribute) ?? isWordy(db, attribute);
    named.set(attribute, wordy);
    if (wordy) content.add(entityId);
    else if (EXISTENCE.has(attribute)) existence.add(entityId);
    else if (FIELD_NATURE.has(attribute)) fields.add(entityId);
  }
  if (existence.size > 0) {
    stageEntities(db, existence);
    for (const id of stagedFields(db)) fields.add(id);
    db.run(
      `INSERT INTO entities (entity_id, type, made, sample) ${existing(STAGED)}
       ON CONFLICT (entity_id) DO UPDATE SET type = excluded.type, made = excluded.made, sample = excluded.sample
       WHERE type IS NOT excluded.type OR made <> excluded.made OR sample <> excluded.sample`,
    );
    db.run(
      `DELETE FROM entities WHERE entity_id IN
         (SELECT entity_id FROM temp.staged_entities EXCEPT SELECT entity_id FROM (${existing(STAGED)}))`,
    );
    for (const id of stagedFields(db)) fields.add(id);
    for (const id of existence) content.add(id);
  }
  // Schemas are small: `fields` is made anew whenever an event concerns what is, was or becomes a field.
  if (fields.size > 0) {
    db.run('DELETE FROM fields');
    db.run(FIELDS);
  }
  if (content.size > 0 || fields.size > 0) projectSearch(db, content, fields);
}

/** Derives the projections anew from `attributes`. */
export function rebuildEntities(db: SqlDatabase): void {
  db.exec('DELETE FROM entities; DELETE FROM fields');
  db.run(`INSERT INTO entities (entity_id, type, made, sample) ${existing('attributes t')} ORDER BY made, t.entity_id`);
  db.run(FIELDS);
  rebuildSearch(db);
}

/** Fields that have an owner and a kind, in whatever order these facts arrived. */
const FIELDS = `
  INSERT INTO fields (type, field, kind)
  SELECT unhex(o.value, '"-'), e.entity_id, k.value FROM entities e
  CROSS JOIN attributes o ON o.attribute = 'owner' AND o.entity_id = e.entity_id
  CROSS JOIN attributes k ON k.attribute = 'kind' AND k.entity_id = e.entity_id
  WHERE e.type = 'field' AND length(o.value) = 38 AND unhex(o.value, '"-') IS NOT NULL`;

function stagedFields(db: SqlDatabase): EntityId[] {
  return db
    .all<{ entity_id: SqlValue }>(
      `SELECT entity_id FROM entities WHERE type = 'field' AND entity_id IN (SELECT entity_id FROM temp.staged_entities)`,
    )
    .map((row) => idFromSql<EntityId>(row.entity_id));
}
