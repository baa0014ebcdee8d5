/**
 * [LOG-1] `attributes`, `leaves` and `collisions` are what the log comes to. The log is read along its index, some thousand
 * events at a time. One statement finds what is not plainly right; whether it is wrong is told by the definition in
 * core/reduce.ts.
 */
import type { AttributeName, Event } from '../../core/event.ts';
import type { ClientId, EntityId, EventId } from '../../core/ids.ts';
import { reduceAttribute } from '../../core/reduce.ts';
import type { Timestamp } from '../../core/timestamp.ts';
import type { JsonText } from '../../core/value.ts';
import { attributeFromSql, idFromSql, numberOf, previousFromSql, textOf, timestampFromSql } from '../blob.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import type { Faults } from './faults.ts';

const EVENTS_AT_A_TIME = 1_500;
const ATTRIBUTES_AT_A_TIME = 2_000;

type Key = readonly [entityId: SqlValue, attribute: SqlValue];

/** Yields how much of the log was looked through, 0 to 1. */
export function* checkAttributes(db: SqlDatabase, values: Faults, versions: Faults): Generator<number, void> {
  const total = countOf(db, 'SELECT count(*) AS n FROM events');
  let place: Key = [new Uint8Array(), new Uint8Array()];
  let seen = 0;
  for (;;) {
    const end = db.get<{ entity_id: SqlValue; attribute: SqlValue }>(
      `SELECT entity_id, attribute FROM events INDEXED BY events_key WHERE (entity_id, attribute) > (?, ?)
       ORDER BY entity_id, attribute LIMIT 1 OFFSET ${EVENTS_AT_A_TIME - 1}`,
      place,
    );
    const until = end ? 'AND (entity_id, attribute) <= (?, ?)' : '';
    const params = end ? [...place, end.entity_id, end.attribute] : place;
    for (const key of doubtful(db, until, params)) examine(db, key, values, versions);
    seen += EVENTS_AT_A_TIME;
    yield Math.min(1, seen / Math.max(1, total)) * 0.8;
    if (!end) break;
    place = [end.entity_id, end.attribute];
  }
  yield* findUnfounded(db, values);
  findStrayVersions(db, versions);
}

/** Attributes that are not one chain of versions with the newest in its place. */
function doubtful(db: SqlDatabase, until: string, params: readonly SqlValue[]): Key[] {
  return db
    .all<{ entity_id: SqlValue; attribute: SqlValue }>(
      `SELECT e.entity_id, e.attribute FROM (
         SELECT entity_id, attribute, value, max(timestamp) AS timestamp, id, count(*) = 1 OR
           substr(CAST(coalesce(group_concat(previous, ''), '') || max(timestamp) AS BLOB), -16 * count(*)) = CAST(group_concat(timestamp, '') AS BLOB) AS chain
         FROM events INDEXED BY events_key WHERE (entity_id, attribute) > (?, ?) ${until} GROUP BY entity_id, attribute) e
       LEFT JOIN attributes a ON a.attribute = e.attribute AND a.entity_id = e.entity_id
       WHERE NOT e.chain OR a.timestamp IS NOT e.timestamp OR a.value IS NOT e.value OR a.event_id IS NOT e.id OR a.fork IS NOT NULL`,
      params,
    )
    .map((row) => [row.entity_id, row.attribute]);
}

function examine(db: SqlDatabase, key: Key, values: Faults, versions: Faults): void {
  const events = db
    .all('SELECT id, client_id, value, timestamp, previous FROM events WHERE entity_id = ? AND attribute = ?', key)
    .map((row): Event => ({
      id: idFromSql<EventId>(row['id'] ?? null),
      clientId: idFromSql<ClientId>(row['client_id'] ?? null),
      entityId: idFromSql<EntityId>(key[0]),
      attribute: attributeFromSql(key[1]),
      value: textOf(row['value'] ?? null) as JsonText,
      timestamp: timestampFromSql(row['timestamp'] ?? null),
      previous: previousFromSql(row['previous'] ?? null),
    }));
  if (events.length === 0) return;
  const { winner, leaves } = reduceAttribute(events);
  const gone = db.get<{ stamps: SqlValue }>('SELECT stamps FROM pruned WHERE entity_id = ? AND attribute = ?', key);
  const superseded = new Set<Timestamp>(gone ? previousFromSql(gone.stamps) : []);
  const open = leaves.filter(({ timestamp }) => !superseded.has(timestamp));
  const kept = db.get<{ value: SqlValue; timestamp: SqlValue; event_id: SqlValue; forked: number }>(
    `SELECT value, timestamp, event_id, fork IS NOT NULL AS forked FROM attributes WHERE entity_id = ? AND attribute = ?`,
    key,
  );
  const name = place(key);
  if (!kept) {
    values.add(`${name} is missing`);
    return;
  }
  if (
    kept.value !== winner.value ||
    timestampFromSql(kept.timestamp) !== winner.timestamp ||
    idFromSql<EventId>(kept.event_id) !== winner.id
  ) {
    values.add(`${name} does not hold its newest version`);
  }
  const rows = db.all<{ event_id: SqlValue }>('SELECT event_id FROM leaves WHERE entity_id = ? AND attribute = ?', key);
  const found = rows.map((row) => idFromSql<EventId>(row.event_id)).toSorted();
  const expected = open.length > 1 ? open.map(({ id }) => id).toSorted() : [];
  if ((kept.forked === 1) !== open.length > 1 || found.join() !== expected.join()) {
    versions.add(`${name} has ${open.length} open versions, and ${found.length} are kept`);
  }
  const stamps = events.map(({ timestamp }) => timestamp);
  const twins = new Set(stamps.filter((stamp, i) => stamps.indexOf(stamp) < i));
  const noted = countOf(db, 'SELECT count(*) AS n FROM collisions WHERE entity_id = ? AND attribute = ?', key);
  if (noted !== twins.size) versions.add(`${name} has ${twins.size} collisions, and ${noted} are kept`);
}

/** Attributes that no event stands behind. */
function* findUnfounded(db: SqlDatabase, values: Faults): Generator<number, void> {
  let place: Key = ['', ''];
  for (;;) {
    const rows = db.all<{ entity_id: SqlValue; attribute: SqlValue; founded: number }>(
      `SELECT entity_id, attribute, EXISTS (
         SELECT 1 FROM events e WHERE e.entity_id = a.entity_id AND e.attribute = a.attribute) AS founded
       FROM attributes a WHERE (attribute, entity_id) > (?, ?) ORDER BY attribute, entity_id LIMIT ${ATTRIBUTES_AT_A_TIME}`,
      place,
    );
    for (const row of rows) {
      if (row.founded === 0) values.add(`${placeOf(row)} has a value, and no event stands behind it`);
    }
    const last = rows.at(-1);
    if (!last || rows.length < ATTRIBUTES_AT_A_TIME) return;
    place = [last.attribute, last.entity_id];
    yield 0.9;
  }
}

/** What is kept of attributes that are not forked, or not there. */
function findStrayVersions(db: SqlDatabase, versions: Faults): void {
  const strays = db.all<{ entity_id: SqlValue; attribute: SqlValue }>(
    `SELECT DISTINCT l.entity_id, l.attribute FROM leaves l
     LEFT JOIN attributes a ON a.attribute = l.attribute AND a.entity_id = l.entity_id WHERE a.fork IS NOT x'01'`,
  );
  for (const row of strays) versions.add(`${placeOf(row)} has open versions that it should not have`);
  const unfounded = countOf(
    db,
    `SELECT count(*) AS n FROM collisions c WHERE (SELECT count(*) FROM events e
       WHERE e.entity_id = c.entity_id AND e.attribute = c.attribute AND e.timestamp = c.timestamp) < 2`,
  );
  versions.add(`${unfounded} collisions are of events that are not there`, unfounded);
}

const placeOf = (row: { readonly entity_id: SqlValue; readonly attribute: SqlValue }): string =>
  place([row.entity_id, row.attribute]);

/** Which attribute of which entity, by their ids: a report holds no names. */
function place([entityId, attribute]: Key): string {
  const name: AttributeName = attributeFromSql(attribute);
  return `${name} of ${idFromSql<EntityId>(entityId)}`;
}

function countOf(db: SqlDatabase, sql: string, params: readonly SqlValue[] = []): number {
  return numberOf(db.get<{ n: number }>(sql, params)?.n ?? 0);
}
