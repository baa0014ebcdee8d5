/** Tells what events are about: once for all projections. */
import { DELETED, KIND, OWNER, SAMPLE, TYPE } from '../../core/attribute.ts';
import type { AttributeName, Event } from '../../core/event.ts';
import { idToBytes, isUuid, type EntityId } from '../../core/ids.ts';
import { idFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { LINK_FIELDS } from './links.ts';
import type { Touched } from './projection.ts';
import { isWordyKind } from './search.ts';

/** Attributes that decide whether an entity exists and what it is. */
const EXISTENCE: ReadonlySet<AttributeName> = new Set([TYPE, DELETED, SAMPLE]);
/** Attributes that fields alone have, and that decide what a field is. */
const FIELD_NATURE: ReadonlySet<AttributeName> = new Set([OWNER, KIND]);

type Role = 'existence' | 'fields' | 'words' | 'links' | null;

/** @param firstArrival number of the first of these events */
export function touchedBy(db: SqlDatabase, fresh: readonly Event[], firstArrival: number): Touched {
  const existence = new Set<EntityId>();
  const touched: Touched = { firstArrival, existence, fields: new Set(), words: new Set(), links: [] };
  const roles = new Map<AttributeName, Role>();
  for (const { entityId, attribute } of fresh) {
    let role = roles.get(attribute);
    if (role === undefined) {
      role = roleOf(db, attribute);
      roles.set(attribute, role);
    }
    if (role === 'words') touched.words.add(entityId);
    else if (role === 'links') touched.links.push({ entityId, attribute });
    else if (role === 'existence') existence.add(entityId);
    else if (role === 'fields') touched.fields.add(entityId);
  }
  return touched;
}

/** Everything that one entity can be to a projection, as though events had touched all of it. */
export function touchedWhole(db: SqlDatabase, id: EntityId, firstArrival: number): Touched {
  const links = db.all<{ attribute: SqlValue }>(
    `SELECT field AS attribute FROM fields WHERE ${LINK_FIELDS} UNION SELECT attribute FROM links WHERE entity_id = ?`,
    [idToBytes(id)],
  );
  return {
    firstArrival,
    existence: new Set([id]),
    fields: new Set([id]),
    words: new Set([id]),
    links: links.map((row) => ({ entityId: id, attribute: idFromSql(row.attribute) as string as AttributeName })),
  };
}

/** As far as is known: projections hear of fields that become known, and look at all of their values then. */
function roleOf(db: SqlDatabase, attribute: AttributeName): Role {
  if (EXISTENCE.has(attribute)) return 'existence';
  if (FIELD_NATURE.has(attribute)) return 'fields';
  if (!isUuid(attribute)) return null;
  const kind = db.get<{ kind: string }>('SELECT kind FROM fields WHERE field = ?', [idToBytes(attribute)])?.kind;
  if (kind === undefined) return null;
  return isWordyKind(kind) ? 'words' : kind === '"link"' ? 'links' : null;
}
