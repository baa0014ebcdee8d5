/** A thing in full, as JSON text: everything that whoever helps needs to see what is wrong with it. */
import type { JsonValue } from '../../core/value.ts';
import type { SqlDatabase } from '../database.ts';
import { parsed, type Reader } from '../ingest.ts';
import { idFromSql } from '../blob.ts';
import { contentsOf, heldId, refusedId, senderOf, type QuarantineRow, type RefusedRow } from './things.ts';

const moment = (millis: number | null): string | null => (millis === null ? null : new Date(millis).toISOString());

/** The message or event itself stands in it word for word. */
export function exportedThing(db: SqlDatabase, reader: Reader, row: RefusedRow | QuarantineRow): string {
  const text = row.kind === 'refused' ? row.message : row.content;
  const inside = contentsOf(reader, row);
  const facts = {
    ...(row.kind === 'refused'
      ? {
          kind: 'refused',
          id: refusedId(row),
          bundleId: idFromSql(row.id),
          reason: row.reason,
          refusedAt: moment(row.rejected_at),
          madeAt: moment(row.made_at),
          repair: row.repair === 1,
        }
      : {
          kind: row.kind,
          id: heldId(row),
          bundleId: row.bundle_id === null ? null : idFromSql(row.bundle_id),
          reason: row.reason,
          arrivedAt: moment(row.arrived_at),
          due: moment(row.due),
          sender: senderOf(db, row),
          eventSchema: row.version,
        }),
    discardedAt: moment(row.discarded_at),
    /** Null: they cannot be read. */
    events: inside === null ? null : inside.events.map(readable),
    carriedMessages: inside?.carried ?? null,
  };
  const raw = parsed(text).ok ? text : JSON.stringify(text);
  const name = row.kind === 'future' || row.kind === 'malformed' || row.kind === 'unconfirmed' ? 'event' : 'message';
  return `${JSON.stringify(facts).slice(0, -1)},${JSON.stringify(name)}:${raw}}`;
}

/** With its value as the JSON that it is. */
function readable(event: NonNullable<ReturnType<typeof contentsOf>>['events'][number]): object {
  const value = parsed(event.value);
  return { ...event, value: value.ok ? (value.value as JsonValue) : event.value };
}
