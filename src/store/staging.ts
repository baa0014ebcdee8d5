/** Temporary tables through which many keys reach one statement at once. They live in memory, per connection. */
import type { AttributeName, Event } from '../core/event.ts';
import { idToBytes, type EntityId } from '../core/ids.ts';
import { timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import { attributeBinder } from './blob.ts';
import type { SqlDatabase } from './database.ts';

export function createStaging(db: SqlDatabase): void {
  db.exec(`
    CREATE TEMP TABLE IF NOT EXISTS staged_entities(entity_id BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TEMP TABLE IF NOT EXISTS staged_keys(position INTEGER PRIMARY KEY, entity_id BLOB NOT NULL, attribute NOT NULL);
    CREATE TEMP TABLE IF NOT EXISTS staged_stamps(timestamp BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TEMP TABLE IF NOT EXISTS staged_events(position INTEGER PRIMARY KEY, entity_id BLOB NOT NULL, attribute NOT NULL, timestamp BLOB NOT NULL, id BLOB NOT NULL);
    CREATE TEMP TABLE IF NOT EXISTS staged_renames(before BLOB PRIMARY KEY, after BLOB NOT NULL) WITHOUT ROWID;
    CREATE TEMP TABLE IF NOT EXISTS staged_differences(
      entity_id BLOB NOT NULL, attribute NOT NULL, before INTEGER, after INTEGER, PRIMARY KEY (entity_id, attribute)) WITHOUT ROWID;
  `);
}

/** Puts these entities, and no others, into `temp.staged_entities`. */
export function stageEntities(db: SqlDatabase, entities: Iterable<EntityId>): void {
  db.run('DELETE FROM temp.staged_entities');
  db.bulk(
    'INSERT OR IGNORE INTO temp.staged_entities VALUES (?)',
    Array.from(entities, (id) => [idToBytes(id)]),
  );
}

/** Puts these keys, and no others, into `temp.staged_keys`; `position` is the index in `keys`. */
export function stageKeys(
  db: SqlDatabase,
  keys: readonly { readonly entityId: EntityId; readonly attribute: AttributeName }[],
): void {
  const bind = attributeBinder();
  db.run('DELETE FROM temp.staged_keys');
  db.bulk(
    'INSERT INTO temp.staged_keys VALUES (?, ?, ?)',
    keys.map(({ entityId, attribute }, position) => [position, idToBytes(entityId), bind(attribute)]),
  );
}

/** Puts these timestamps, and no others, into `temp.staged_stamps`. */
export function stageStamps(db: SqlDatabase, stamps: readonly Timestamp[]): void {
  db.run('DELETE FROM temp.staged_stamps');
  db.bulk(
    'INSERT INTO temp.staged_stamps VALUES (?)',
    Array.from(new Set(stamps), (stamp) => [timestampToBytes(stamp)]),
  );
}

/** What names an event; without an id, all events of one timestamp. */
export type EventKey = Pick<Event, 'entityId' | 'attribute' | 'timestamp'> & Partial<Pick<Event, 'id'>>;

/** Puts the keys of these events, and no others, into `temp.staged_events`; `position` is the index in `events`. */
export function stageEvents(db: SqlDatabase, events: readonly EventKey[]): void {
  const bind = attributeBinder();
  db.run('DELETE FROM temp.staged_events');
  db.bulk(
    'INSERT INTO temp.staged_events VALUES (?, ?, ?, ?, ?)',
    events.map(({ entityId, attribute, timestamp, id }, position) => [
      position,
      idToBytes(entityId),
      bind(attribute),
      timestampToBytes(timestamp),
      id === undefined ? NO_ID : idToBytes(id),
    ]),
  );
}

const NO_ID = new Uint8Array();

/** Puts these pairs of timestamps, and no others, into `temp.staged_renames`. */
export function stageRenames(db: SqlDatabase, renamed: ReadonlyMap<Timestamp, Timestamp>): void {
  db.run('DELETE FROM temp.staged_renames');
  db.bulk(
    'INSERT INTO temp.staged_renames VALUES (?, ?)',
    Array.from(renamed, ([before, after]) => [timestampToBytes(before), timestampToBytes(after)]),
  );
}
