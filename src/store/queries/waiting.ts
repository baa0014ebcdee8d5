/** Which entities hold changes that the server has not acknowledged. */
import type { EntityId } from '../../core/ids.ts';
import type { WaitingAnswer } from '../../core/query.ts';
import { numberOf, idFromSql } from '../blob.ts';
import type { Catalog } from '../catalog.ts';
import { readConfig, readNumber } from '../config.ts';
import type { SqlDatabase, SqlValue } from '../database.ts';
import { readTitles } from './titles.ts';

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

/** Newest changes that are looked at to tell what waits: an import of a million is not read through for a few names. */
const LOOKED_AT = 2_000;

/** The first few entities with changes that the server has not acknowledged, the one changed last first. */
export function answerWaiting(db: SqlDatabase, catalog: Catalog, limit: number): WaitingAnswer {
  const settled = settledThrough(db);
  if (settled === null) return { records: [], more: false };
  const rows = db.all<{ entity_id: SqlValue; changes: number }>(
    `SELECT e.entity_id, count(*) AS changes
     FROM (SELECT entity_id, bundle_id, arrival FROM events WHERE arrival > ? ORDER BY arrival DESC LIMIT ${LOOKED_AT}) e
     WHERE ${WAITS} GROUP BY e.entity_id ORDER BY max(e.arrival) DESC LIMIT ?`,
    [settled, limit + 1],
  );
  const told = rows.slice(0, limit).map((row) => ({ id: idFromSql<EntityId>(row.entity_id), changes: row.changes }));
  const titles = readTitles(
    db,
    catalog,
    told.map(({ id }) => id),
  );
  return {
    records: told.map((each) => ({ ...each, ...(titles.get(each.id) ?? { title: '', type: null }) })),
    more: rows.length > limit,
  };
}
