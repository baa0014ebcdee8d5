/** Appends events to the log and brings everything that is derived from it up to date, inside the caller's transaction. */
import type { Event } from '../core/event.ts';
import { idToBytes, type BundleId, type ClientId, type EntityId, type UserId } from '../core/ids.ts';
import { attributeKey } from '../core/reduce.ts';
import { nodeOf, timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import { hexToBytes } from '../core/hex.ts';
import { attributeBinder, numberOf, previousToSql } from './blob.ts';
import { upsertAttributes } from './attributes.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { reviewForks } from './leaves.ts';
import { project } from './projections/registry.ts';
import { countTransactions } from './projections/transactions.ts';
import { pruneAttributes } from './pruning.ts';
import { stageEvents } from './staging.ts';
import { replayEntity } from './replay.ts';
import { confirm } from './confirming.ts';
import { isUnconfirmed } from './unconfirmed.ts';
import { leaveOutSuperseded, markForReview } from './superseded.ts';

/** Events as they came: those of one bundle, or those of a local transaction (null). */
export interface Batch {
  readonly events: readonly Event[];
  readonly bundleId: BundleId | null;
  /** Who sealed the bundle; null for a local transaction. */
  readonly sender: { readonly clientId: ClientId; readonly userId: UserId } | null;
}

export interface Appended {
  /** Events that the log did not hold yet, in order of arrival. */
  readonly fresh: readonly Event[];
  /** Events that were left out, and closed or may have closed an open version. */
  readonly told: readonly Event[];
  /** Arrival number of the first of them; the next free one when there are none. */
  readonly firstArrival: number;
  /** The greatest arrival number that was given out. */
  readonly lastArrival: number;
}

/**
 * Appends what the log does not hold yet: an event is known by its key (entity, attribute, timestamp, id), so that
 * delivering it again changes nothing; nor does one that history was shortened by ([PRUNE-5]). Attributes, open versions
 * and projections follow ([LOG-1]).
 */
export function appendEvents(db: SqlDatabase, arriving: readonly Batch[]): Appended {
  const { batches, told } = leaveOutSuperseded(db, arriving);
  const inserted = insertEvents(db, batches);
  const { fresh, firstArrival } = inserted;
  if (fresh.length === 0 && told.length === 0) return { ...inserted, told };
  upsertAttributes(db, firstArrival);
  markForReview(db, told);
  reviewForks(db);
  project(db, fresh, firstArrival);
  for (const id of inserted.corrected) replayEntity(db, id);
  if (told.length > 0) pruneAttributes(db, told);
  return { ...inserted, told };
}

/**
 * The same for history that comes late. What is known to be superseded, and older than what stands in `attributes`, changes
 * nothing but the list of transactions: nothing else is looked at for it.
 */
export function appendHistory(db: SqlDatabase, arriving: readonly Batch[]): Appended {
  const { batches, told } = leaveOutSuperseded(db, arriving);
  const over = findOver(
    db,
    batches.flatMap((batch) => batch.events),
  );
  const part = (isOver: boolean): Batch[] =>
    batches.map((batch) => ({ ...batch, events: batch.events.filter((event) => over.has(event) === isOver) }));
  const past = insertEvents(db, part(true));
  if (past.fresh.length > 0) countTransactions(db, past.firstArrival);
  const rest = appendEvents(db, part(false));
  return {
    fresh: [...past.fresh, ...rest.fresh],
    told: [...told, ...rest.told],
    firstArrival: past.firstArrival,
    lastArrival: rest.lastArrival,
  };
}

/** Events that are superseded by what is here, whatever else comes; one that shares its key with another needs a closer look. */
function findOver(db: SqlDatabase, events: readonly Event[]): Set<Event> {
  stageEvents(db, events);
  const rows = db.all<{ position: number }>(
    `SELECT s.position FROM temp.staged_events s
     CROSS JOIN attributes a ON a.attribute = s.attribute AND a.entity_id = s.entity_id AND a.timestamp > s.timestamp
     CROSS JOIN pruned p ON p.entity_id = s.entity_id AND p.attribute = s.attribute AND instr(p.stamps, s.timestamp) % 16 = 1
     WHERE NOT EXISTS (SELECT 1 FROM events e
       WHERE e.entity_id = s.entity_id AND e.attribute = s.attribute AND e.timestamp = s.timestamp)`,
  );
  const over = new Map<string, Event>();
  const twins = new Set<string>();
  for (const { position } of rows) {
    const event = events[position];
    if (!event) continue;
    const key = `${attributeKey(event.entityId, event.attribute)} ${event.timestamp}`;
    if (over.has(key)) twins.add(key);
    over.set(key, event);
  }
  for (const key of twins) over.delete(key);
  return new Set(over.values());
}

interface Inserted {
  readonly fresh: readonly Event[];
  /** Entities of which a snapshot had said something else than the log. */
  readonly corrected: ReadonlySet<EntityId>;
  readonly firstArrival: number;
  readonly lastArrival: number;
}

/** Writes what the log does not hold yet, and nothing that is derived from it. */
function insertEvents(db: SqlDatabase, batches: readonly Batch[]): Inserted {
  const firstArrival = nextArrival(db);
  const events: Event[] = [];
  const rows: SqlValue[][] = [];
  const bindAttribute = attributeBinder();
  const clients = new Map<ClientId, Uint8Array>();
  // Events come entity by entity, transaction by transaction: most ids and timestamps repeat the one before.
  let entityId: EntityId | undefined;
  let entity: SqlValue = null;
  let timestamp: Timestamp | undefined;
  let stamp: SqlValue = null;
  for (const batch of batches) {
    const bundleId = batch.bundleId === null ? null : idToBytes(batch.bundleId);
    for (const event of batch.events) {
      let clientId = clients.get(event.clientId);
      if (!clientId) {
        clientId = idToBytes(event.clientId);
        clients.set(event.clientId, clientId);
        noteClient(db, event, batch.sender);
      }
      if (event.entityId !== entityId) {
        entityId = event.entityId;
        entity = idToBytes(entityId);
      }
      if (event.timestamp !== timestamp) {
        timestamp = event.timestamp;
        stamp = timestampToBytes(timestamp);
      }
      rows.push([
        idToBytes(event.id),
        clientId,
        entity,
        bindAttribute(event.attribute),
        event.value,
        stamp,
        previousToSql(event.previous),
        bundleId,
        firstArrival + events.length,
      ]);
      events.push(event);
    }
  }
  const lastArrival = firstArrival + events.length - 1;
  const inserted = db.bulk(INSERT, rows);
  if (inserted === events.length) return { fresh: events, corrected: new Set(), firstArrival, lastArrival };
  const fresh = inserted === 0 ? [] : whatArrived(db, events, firstArrival);
  const corrected = confirmAgain(db, events, rows, fresh);
  return {
    fresh: corrected.size === 0 ? fresh : whatArrived(db, events, firstArrival),
    corrected,
    firstArrival,
    lastArrival,
  };
}

const INSERT = `INSERT INTO events (id, client_id, entity_id, attribute, value, timestamp, previous, bundle_id, arrival)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (entity_id, attribute, timestamp, id) DO NOTHING`;

/** Holds what a snapshot said against what the log brings again. Returns the entities that it was wrong about. */
function confirmAgain(
  db: SqlDatabase,
  events: readonly Event[],
  rows: readonly SqlValue[][],
  fresh: readonly Event[],
): ReadonlySet<EntityId> {
  if (!isUnconfirmed(db)) return new Set();
  const arrived = new Set(fresh);
  // Without a bundle it is no word of the log.
  const again = events.flatMap((event, i) => (arrived.has(event) || rows[i]?.[BUNDLE] == null ? [] : [i]));
  const { wrong, entities } = confirm(
    db,
    again.map((i) => events[i]!),
    again.map((i) => rows[i]!),
  );
  if (wrong.length > 0) db.bulk(INSERT, wrong);
  return entities;
}

/** Place of the bundle in a row of `INSERT`. */
const BUNDLE = 7;

/** The number that the next event to arrive gets. */
export function nextArrival(db: SqlDatabase): number {
  const row = db.get<{ last: SqlValue }>('SELECT max(arrival) AS last FROM events');
  return row === null || row.last === null ? 1 : numberOf(row.last) + 1;
}

function whatArrived(db: SqlDatabase, events: readonly Event[], firstArrival: number): Event[] {
  const rows = db.all<{ arrival: number }>('SELECT arrival FROM events WHERE arrival >= ? ORDER BY arrival', [
    firstArrival,
  ]);
  return rows.flatMap(({ arrival }) => events[arrival - firstArrival] ?? []);
}

function noteClient(db: SqlDatabase, event: Event, sender: Batch['sender']): void {
  const userId = sender?.clientId === event.clientId ? idToBytes(sender.userId) : null;
  db.run(
    `INSERT INTO clients (id, node_id, user_id, self) VALUES (?, ?, ?, 0)
     ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id WHERE user_id IS NULL AND excluded.user_id IS NOT NULL`,
    [idToBytes(event.clientId), hexToBytes(nodeOf(event.timestamp)), userId],
  );
}
