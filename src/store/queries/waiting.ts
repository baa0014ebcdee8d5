/** Which entities hold changes that the server has not acknowledged. */
import type { EntityId } from '../../core/ids.ts';
import { numberOf, idFromSql } from '../blob.ts';
import { readConfig, readNumber } from '../config.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';

/** An event waits while it is in no bundle yet, or in one that is still in the outbox. */
export const WAITS = '(e.bundle_id IS NULL OR e.bundle_id IN (SELECT id FROM outbox))';

/** Every event up to this arrival is acknowledged or came from the server; null when no sync is set up: then nothing waits. */
export function settledThrough(db: SqlDatabase): number | null {
  if (readConfig(db, 'user') === null) return null;
  const first = db.get<{ first: SqlValue }>('SELECT min(first_arrival) AS first FROM outbox')?.first ?? null;
  const sealed = readNumber(db, 'sealed_through', 0);
  return first === null ? sealed : Math.min(sealed, numberOf(first) - 1);
}

export function waitingAmong(db: SqlDatabase, ids: Iterable<EntityId>): ReadonlySet<EntityId> {
  const settled = settledThrough(db);
  if (settled === null || !anyAfter(db, settled)) return new Set();
  // The plus signs keep the planner on the index of the entity.
  const rows = db.all<{ entity_id: SqlValue }>(
    `SELECT DISTINCT e.entity_id FROM json_each(?) k CROSS JOIN events e ON e.entity_id = unhex(k.value, '-')
     WHERE +e.arrival > ? AND ${WAITS}`,
    [JSON.stringify([...ids]), settled],
  );
  return new Set(rows.map((row) => idFromSql<EntityId>(row.entity_id)));
}

function anyAfter(db: SqlDatabase, arrival: number): boolean {
  return db.get('SELECT 1 FROM events WHERE arrival > ? LIMIT 1', [arrival]) !== null;
}

/** An event that the server refused: only this device has it, whether that was discarded or still needs attention. */
export const REFUSED = '(e.bundle_id IN (SELECT id FROM dead_letters))';

/** Entities of which the server refused a change. */
export function refusedAmong(db: SqlDatabase, ids: Iterable<EntityId>): ReadonlySet<EntityId> {
  if (!db.get('SELECT 1 FROM dead_letters LIMIT 1')) return new Set();
  const rows = db.all<{ entity_id: SqlValue }>(
    `SELECT DISTINCT e.entity_id FROM json_each(?) k CROSS JOIN events e ON e.entity_id = unhex(k.value, '-')
     WHERE ${REFUSED}`,
    [JSON.stringify([...ids])],
  );
  return new Set(rows.map((row) => idFromSql<EntityId>(row.entity_id)));
}
