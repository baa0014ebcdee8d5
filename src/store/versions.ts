/** The versions of many attributes at once, in the order of the log's key: what pruning and snapshots decide about. */
import type { AttributeName } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import type { Version } from '../core/pruning.ts';
import { attributeKey } from '../core/reduce.ts';
import { SETTLED } from './acknowledged.ts';
import { attributeFromSql, idFromSql, previousFromSql, timestampFromSql } from './blob.ts';
import type { SqlDatabase, SqlValue } from './database.ts';

/** Options that were taken off a list keep their names, for the history that speaks of them. */
export const CAN_GO = `NOT (typeof(attribute) = 'text' AND attribute >= 'option:' AND attribute < 'option;')`;

/** An attribute of an entity, as a place in the order of the log's key. */
export type Place = readonly [entityId: SqlValue, attribute: SqlValue];

export const BEFORE_ALL: Place = [new Uint8Array(), new Uint8Array()];

/** A stretch of the log in the order of its key; no attribute is cut. */
export interface Stretch {
  /** A condition on `entity_id` and `attribute`, and its parameters. */
  readonly where: string;
  readonly params: readonly SqlValue[];
  /** The last attribute of it; null when it goes to the end. */
  readonly end: Place | null;
}

/** The next so many events behind a place. @param through the last arrival that is counted */
export function stretchFrom(db: SqlDatabase, place: Place, events: number, through = Number.MAX_SAFE_INTEGER): Stretch {
  const end = db.get<{ entity_id: SqlValue; attribute: SqlValue }>(
    `SELECT entity_id, attribute FROM events INDEXED BY events_key WHERE (entity_id, attribute) > (?, ?) AND arrival <= ?
     ORDER BY entity_id, attribute LIMIT 1 OFFSET ?`,
    [...place, through, events - 1],
  );
  const where = '(entity_id, attribute) > (?, ?)';
  if (!end) return { where, params: place, end: null };
  const last: Place = [end.entity_id, end.attribute];
  return { where: `${where} AND (entity_id, attribute) <= (?, ?)`, params: [...place, ...last], end: last };
}

export interface Row extends Version {
  readonly arrival: number;
  /** About how many bytes it takes in a bundle. */
  readonly bytes: number;
}

export interface VersionsOf {
  readonly entityId: EntityId;
  readonly attribute: AttributeName;
  readonly versions: Row[];
}

/**
 * Every version of the attributes that `keys` selects, by `attributeKey`.
 * @param bounds `through`: the last arrival that counts as settled, where the server has it; `known`: the last arrival that is
 * not late
 */
export function readVersions(
  db: SqlDatabase,
  keys: string,
  params: readonly SqlValue[],
  bounds: { readonly through: number; readonly known: number },
): Map<string, VersionsOf> {
  const rows = db.all<{
    entity_id: SqlValue;
    attribute: SqlValue;
    timestamp: SqlValue;
    previous: SqlValue;
    arrival: number;
    bytes: number;
    settled: number;
    late: number;
  }>(
    `SELECT e.entity_id, e.attribute, e.timestamp, e.previous, e.arrival,
       octet_length(e.value) + 200 + 2 * coalesce(length(e.previous), 0) + octet_length(e.attribute) AS bytes,
       e.arrival <= ? AND ${SETTLED} AS settled, e.arrival > ? AS late
     FROM (${keys}) k CROSS JOIN events e INDEXED BY events_key ON e.entity_id = k.entity_id AND e.attribute = k.attribute`,
    [bounds.through, bounds.known, ...params],
  );
  const groups = new Map<string, VersionsOf>();
  for (const row of rows) {
    const entityId = idFromSql<EntityId>(row.entity_id);
    const attribute = attributeFromSql(row.attribute);
    const key = attributeKey(entityId, attribute);
    let group = groups.get(key);
    if (!group) {
      group = { entityId, attribute, versions: [] };
      groups.set(key, group);
    }
    group.versions.push({
      timestamp: timestampFromSql(row.timestamp),
      previous: previousFromSql(row.previous),
      settled: row.settled === 1,
      late: row.late === 1,
      arrival: row.arrival,
      bytes: row.bytes,
    });
  }
  return groups;
}
