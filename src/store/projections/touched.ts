/** Tells what events are about: once for all projections. */
import { DELETED, KIND, OWNER, SAMPLE, TYPE } from '../../core/attribute.ts';
import type { AttributeName, Event } from '../../core/event.ts';
import { idToBytes, isUuid, type EntityId } from '../../core/ids.ts';
import { attributeFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { hasFolded, isTextKind } from './folded.ts';
import { LINK_KIND } from './links.ts';
import type { Touched } from './projection.ts';
import { isWordyKind } from './search.ts';

/** Attributes that decide whether an entity exists and what it is. */
const EXISTENCE: ReadonlySet<AttributeName> = new Set([TYPE, DELETED, SAMPLE]);
/** Attributes that fields alone have, and that decide what a field is. */
const FIELD_NATURE: ReadonlySet<AttributeName> = new Set([OWNER, KIND]);

/** How much an event of an attribute touches: `plainTexts` are of a field that holds no letters beyond ASCII so far. */
type Role = 'existence' | 'fields' | 'words' | 'plainTexts' | 'texts' | 'links' | 'nothing';

/** @param firstArrival number of the first of these events */
export function touchedBy(db: SqlDatabase, fresh: readonly Event[], firstArrival: number): Touched {
  const existence = new Set<EntityId>();
  const touched: Touched = { firstArrival, existence, fields: new Set(), words: new Set(), links: [], texts: [] };
  const roles = new Map<AttributeName, Role>();
  for (const event of fresh) {
    const { entityId, attribute } = event;
    let role = roles.get(attribute);
    if (role === undefined) {
      role = roleOf(db, attribute);
      roles.set(attribute, role);
    }
    switch (role) {
      case 'words':
        touched.words.add(entityId);
        break;
      case 'plainTexts':
        touched.words.add(entityId);
        if (BEYOND_ASCII.test(event.value)) touched.texts.push(event);
        break;
      case 'texts':
        touched.words.add(entityId);
        touched.texts.push(event);
        break;
      case 'links':
        touched.links.push(event);
        break;
      case 'existence':
        existence.add(entityId);
        break;
      case 'fields':
        touched.fields.add(entityId);
        break;
      case 'nothing':
        break;
    }
  }
  return touched;
}

const BEYOND_ASCII = /[^\0-\x7f]/;

/** Everything that one entity can be to a projection, as though events had touched all of it. */
export function touchedWhole(db: SqlDatabase, id: EntityId, firstArrival: number): Touched {
  const keys = db
    .all<{ attribute: SqlValue }>(
      `SELECT field AS attribute FROM fields UNION SELECT attribute FROM links WHERE entity_id = ?
       UNION SELECT attribute FROM folded WHERE entity_id = ?`,
      [idToBytes(id), idToBytes(id)],
    )
    .map((row) => ({ entityId: id, attribute: attributeFromSql(row.attribute) }));
  return {
    firstArrival,
    existence: new Set([id]),
    fields: new Set([id]),
    words: new Set([id]),
    links: keys,
    texts: keys,
  };
}

/** As far as is known: projections hear of fields that become known, and look at all of their values then. */
function roleOf(db: SqlDatabase, attribute: AttributeName): Role {
  if (EXISTENCE.has(attribute)) return 'existence';
  if (FIELD_NATURE.has(attribute)) return 'fields';
  if (!isUuid(attribute)) return 'nothing';
  const id = idToBytes(attribute);
  const kind = db.get<{ kind: string }>('SELECT kind FROM fields WHERE field = ?', [id])?.kind;
  if (kind === undefined) return 'nothing';
  if (isTextKind(kind)) return hasFolded(db, id) ? 'texts' : 'plainTexts';
  return isWordyKind(kind) ? 'words' : kind === LINK_KIND ? 'links' : 'nothing';
}
