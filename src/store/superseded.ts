/**
 * The table `pruned`: for each attribute the timestamps of events that history was shortened by, or that a snapshot stood in
 * for, and of those that they named. Whatever carries one of them is superseded, whether it ever comes (again) or not. Before
 * the horizon it is not taken in; what a snapshot left out is, when it comes.
 */
import type { AttributeName, Event } from '../core/event.ts';
import { idToBytes, type EntityId } from '../core/ids.ts';
import { attributeKey } from '../core/reduce.ts';
import type { Superseded } from '../core/superseded-column.ts';
import type { Timestamp } from '../core/timestamp.ts';
import {
  attributeBinder,
  attributeFromSql,
  idFromSql,
  previousFromSql,
  previousToSql,
  timestampFromSql,
} from './blob.ts';
import { readConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import type { Batch } from './event-log.ts';
import { stageKeys } from './staging.ts';

/** The time before which superseded events may have been pruned here; null while none was. */
export function readHorizon(db: SqlDatabase): Timestamp | null {
  const horizon = readConfig(db, 'horizon');
  return horizon === null ? null : timestampFromSql(horizon);
}

/** Since when history is complete: it was shortened here, or a snapshot stands in for it; null while all of it is here. */
export function readCompleteSince(db: SqlDatabase): Timestamp | null {
  const since = readConfig(db, 'history_since');
  const [horizon, arrived] = [readHorizon(db), since === null ? null : timestampFromSql(since)];
  return horizon === null || (arrived !== null && arrived > horizon) ? arrived : horizon;
}

/** Superseded timestamps of these attributes, by `attributeKey`; those without any are left out. */
export function readSuperseded(
  db: SqlDatabase,
  keys: readonly { readonly entityId: EntityId; readonly attribute: AttributeName }[],
): Map<string, Set<Timestamp>> {
  stageKeys(db, keys);
  const rows = db.all<{ entity_id: SqlValue; attribute: SqlValue; stamps: SqlValue }>(
    `SELECT DISTINCT p.entity_id, p.attribute, p.stamps FROM temp.staged_keys k
     CROSS JOIN pruned p ON p.entity_id = k.entity_id AND p.attribute = k.attribute`,
  );
  return new Map(
    rows.map((row) => [
      attributeKey(idFromSql<EntityId>(row.entity_id), attributeFromSql(row.attribute)),
      new Set(previousFromSql(row.stamps)),
    ]),
  );
}

/** Adds timestamps to what is superseded. Inside the caller's SQL transaction. @param added each attribute once */
export function addSuperseded(db: SqlDatabase, added: readonly Superseded[]): void {
  const known = readSuperseded(db, added);
  const bind = attributeBinder();
  db.bulk(
    'INSERT INTO pruned VALUES (?, ?, ?) ON CONFLICT (entity_id, attribute) DO UPDATE SET stamps = excluded.stamps',
    added.map(({ entityId, attribute, stamps }) => {
      const all = new Set(known.get(attributeKey(entityId, attribute)));
      for (const stamp of stamps) all.add(stamp);
      return [idToBytes(entityId), bind(attribute), previousToSql([...all].toSorted())];
    }),
  );
}

/** What comes to the log, without what it is done with. */
export interface Sifted {
  readonly batches: readonly Batch[];
  /** Events left out that told of versions not known to be superseded before: their attributes are to be looked through. */
  readonly told: readonly Event[];
}

/**
 * [PRUNE-5] Leaves out events that are known to be superseded: they were here and went, or are named by what went. What they
 * name themselves is superseded with them.
 */
export function leaveOutSuperseded(db: SqlDatabase, batches: readonly Batch[]): Sifted {
  const horizon = readHorizon(db);
  // What went lies before the horizon, and so does all that it named.
  const earlier = horizon === null ? [] : batches.flatMap((batch) => batch.events.filter((e) => e.timestamp < horizon));
  if (earlier.length === 0) return { batches, told: [] };
  const known = readSuperseded(db, earlier);
  if (known.size === 0) return { batches, told: [] };
  const told: Event[] = [];
  const learned = new Map<string, Superseded>();
  // One may name another that came before it in the same batch: until nothing new is learned.
  const out = new Set<Event>();
  for (let before = -1; before < out.size;) {
    before = out.size;
    for (const event of earlier) {
      const key = attributeKey(event.entityId, event.attribute);
      const stamps = known.get(key);
      if (!stamps?.has(event.timestamp) || out.has(event)) continue;
      out.add(event);
      const fresh = event.previous.filter((stamp) => !stamps.has(stamp));
      if (fresh.length === 0) continue;
      told.push(event);
      for (const stamp of fresh) stamps.add(stamp);
      learned.set(key, { entityId: event.entityId, attribute: event.attribute, stamps: [...stamps] });
    }
  }
  addSuperseded(db, [...learned.values()]);
  return { batches: batches.map((batch) => ({ ...batch, events: batch.events.filter((e) => !out.has(e)) })), told };
}

/** Whether events are known to be superseded, in their order: they would be left out if they came. */
export function areSuperseded(db: SqlDatabase, events: readonly Event[]): boolean[] {
  const horizon = readHorizon(db);
  if (horizon === null) return events.map(() => false);
  const known = readSuperseded(
    db,
    events.filter((event) => event.timestamp < horizon),
  );
  return events.map(
    ({ entityId, attribute, timestamp }) => known.get(attributeKey(entityId, attribute))?.has(timestamp) ?? false,
  );
}

/** Has the open versions of these attributes looked through again (`reviewForks`). */
export function markForReview(
  db: SqlDatabase,
  keys: readonly { readonly entityId: EntityId; readonly attribute: AttributeName }[],
): void {
  const bind = attributeBinder();
  db.bulk(
    `UPDATE attributes SET fork = x'' WHERE attribute = ? AND entity_id = ?`,
    keys.map(({ entityId, attribute }) => [bind(attribute), idToBytes(entityId)]),
  );
}
