/** Events as the log gives them back. */
import type { Event } from '../core/event.ts';
import type { ClientId, EntityId, EventId } from '../core/ids.ts';
import type { JsonText } from '../core/value.ts';
import { attributeFromSql, idFromSql, numberOf, previousFromSql, timestampFromSql } from './blob.ts';
import type { SqlRow, SqlValue } from './database.ts';

/** Columns of `events` that `readEvent` needs. */
export const EVENT_COLUMNS = 'id, client_id, entity_id, attribute, value, timestamp, previous, arrival';

export interface EventRow extends SqlRow {
  readonly id: SqlValue;
  readonly client_id: SqlValue;
  readonly entity_id: SqlValue;
  readonly attribute: SqlValue;
  readonly value: JsonText;
  readonly timestamp: SqlValue;
  readonly previous: SqlValue;
  readonly arrival: SqlValue;
}

/** The event in a row. Throws when ids and timestamps have not the length of such: in a log they have. */
export function readEvent(row: EventRow): Event {
  return {
    id: idFromSql<EventId>(row.id),
    clientId: idFromSql<ClientId>(row.client_id),
    entityId: idFromSql<EntityId>(row.entity_id),
    attribute: attributeFromSql(row.attribute),
    value: row.value,
    timestamp: timestampFromSql(row.timestamp),
    previous: previousFromSql(row.previous),
  };
}

/** Events with their arrival numbers. */
export function readArrivals(rows: readonly EventRow[]): Map<Event, number> {
  return new Map(rows.map((row) => [readEvent(row), numberOf(row.arrival)]));
}
