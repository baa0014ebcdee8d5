import { idToBytes, type ClientId, type EntityId, type EventId } from '../../core/ids.ts';
import type { Conflict, ConflictsAnswer } from '../../core/query.ts';
import { timestampToBytes } from '../../core/timestamp.ts';
import { fromJsonText, type JsonText } from '../../core/value.ts';
import { attributeFromSql, idFromSql, numberOf, previousFromSql, timestampFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readTitles } from './titles.ts';

/**
 * Attributes whose open versions differ. Sort keys are left out: two devices that moved the same thing have nothing to
 * decide between.
 */
const IN_CONFLICT = `
  SELECT entity_id, attribute, max(timestamp) AS newest FROM leaves WHERE attribute <> 'order'
  GROUP BY entity_id, attribute HAVING count(DISTINCT value) > 1`;

/** Conflicts of the whole book, the newest first. */
export function answerConflicts(db: SqlDatabase, catalog: Catalog, limit: number): ConflictsAnswer {
  const total = numberOf(db.get<{ n: number }>(`SELECT count(*) AS n FROM (${IN_CONFLICT})`)?.n ?? 0);
  const keys = db.all<{ entity_id: SqlValue; attribute: SqlValue }>(`${IN_CONFLICT} ORDER BY newest DESC LIMIT ?`, [
    limit,
  ]);
  const conflicts = keys.map((key) => readConflict(db, key.entity_id, key.attribute));
  const titles = readTitles(
    db,
    catalog,
    conflicts.map((conflict) => conflict.entityId),
  );
  return {
    total,
    conflicts: conflicts.map((conflict) => ({
      ...conflict,
      title: titles.get(conflict.entityId)?.title ?? '',
      fieldName: catalog.fields.get(conflict.attribute as string as EntityId)?.name ?? null,
    })),
  };
}

/** Conflicts in the fields of one record. */
export function readConflicts(db: SqlDatabase, id: EntityId): Conflict[] {
  const keys = db.all<{ attribute: SqlValue }>(
    `SELECT attribute FROM leaves WHERE entity_id = ? AND typeof(attribute) = 'blob'
     GROUP BY attribute HAVING count(DISTINCT value) > 1`,
    [idToBytes(id)],
  );
  return keys.map((key) => readConflict(db, idToBytes(id), key.attribute));
}

function readConflict(db: SqlDatabase, entityId: SqlValue, attribute: SqlValue): Conflict {
  const versions = db.all<{
    event_id: SqlValue;
    value: JsonText;
    timestamp: SqlValue;
    client_id: SqlValue;
    previous: SqlValue;
  }>(
    `SELECT l.event_id, l.value, l.timestamp, l.client_id, e.previous FROM leaves l
     LEFT JOIN events e ON e.entity_id = l.entity_id AND e.attribute = l.attribute AND e.timestamp = l.timestamp AND e.id = l.event_id
     WHERE l.entity_id = ? AND l.attribute = ? ORDER BY l.timestamp DESC, l.event_id DESC`,
    [entityId, attribute],
  );
  return {
    entityId: idFromSql<EntityId>(entityId),
    attribute: attributeFromSql(attribute),
    versions: versions.map((version) => ({
      eventId: idFromSql<EventId>(version.event_id),
      value: fromJsonText(version.value),
      timestamp: timestampFromSql(version.timestamp),
      clientId: idFromSql<ClientId>(version.client_id),
      saw: readSeen(db, entityId, attribute, version.previous),
    })),
  };
}

/** The versions that an event names in `previous`, as far as the log holds them. */
function readSeen(
  db: SqlDatabase,
  entityId: SqlValue,
  attribute: SqlValue,
  previous: SqlValue,
): Conflict['versions'][number]['saw'] {
  return previousFromSql(previous).flatMap((timestamp) => {
    const seen = db.get<{ value: JsonText }>(
      'SELECT value FROM events WHERE entity_id = ? AND attribute = ? AND timestamp = ? ORDER BY id DESC LIMIT 1',
      [entityId, attribute, timestampToBytes(timestamp)],
    );
    return seen === null ? [] : [{ value: fromJsonText(seen.value), timestamp }];
  });
}
