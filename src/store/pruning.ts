/**
 * Shortens history to a horizon: events that are superseded, older and known to be on the server leave the log ([LOG-3]).
 * core/pruning.ts says which; here they are found, attribute by attribute, some thousand at a time.
 */
import type { AttributeName } from '../core/event.ts';
import { idToBytes, type EntityId } from '../core/ids.ts';
import { droppableVersions } from '../core/pruning.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Superseded } from '../core/superseded-column.ts';
import { millisOf, timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import { isResending, wasLinked } from './acknowledged.ts';
import { lastKnown } from './arrivals.ts';
import { attributeBinder, numberOf } from './blob.ts';
import { writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { recountTransactions, transactions } from './projections/transactions.ts';
import { isComplete, startAgain } from './projections/upkeep.ts';
import { readHistory, readStart } from './start-state.ts';
import { stageKeys, stageStamps } from './staging.ts';
import type { Pruning, PruneProgress, PruneRefusal } from './store.ts';
import { addSuperseded, readHorizon, readSuperseded } from './superseded.ts';
import { BEFORE_ALL, CAN_GO, readVersions, stretchFrom, type Place } from './versions.ts';

/** Events looked at in one SQL transaction; an attribute is never cut, so that one with more of them takes as long as it takes. */
const EVENTS_AT_A_TIME = 10_000;
/** A command may be asked for again for so long; its outcome is kept, however short history is. */
const COMMANDS_KEPT_MILLIS = 24 * 60 * 60 * 1_000;

/** Why history cannot be shortened to `horizon` now; null when it can. */
export function refusalOf(db: SqlDatabase, horizon: Timestamp, nowMillis: number): PruneRefusal | null {
  const before = readHorizon(db);
  if (before !== null && horizon < before)
    return { kind: 'earlier', message: 'History was shortened further than that already, and does not come back.' };
  if (millisOf(horizon) > nowMillis)
    return { kind: 'future', message: 'History cannot be shortened to a day that has not come.' };
  if (!wasLinked(db)) {
    return {
      kind: 'neverLinked',
      message: 'This book has never been synced, so its history is nowhere else. All of it is kept.',
    };
  }
  if (readStart(db) !== null || readHistory(db) !== null)
    return { kind: 'arriving', message: 'History is still arriving. It can be shortened once all of it is here.' };
  return isResending(db)
    ? {
        kind: 'resending',
        message: 'The server is being sent everything again. History is kept whole until it has it.',
      }
    : null;
}

/** Goes through the whole log towards a horizon, to count what can go or to take it out. See `Pruning` in store.ts. */
export class LogPruning implements Pruning {
  readonly #db: SqlDatabase;
  readonly #horizon: Timestamp;
  readonly #nowMillis: () => number;
  readonly #remove: boolean;
  readonly #total: number;
  readonly #onRemoved: () => void;
  /** The last attribute that was looked at. */
  #place: Place = BEFORE_ALL;
  #seen = 0;
  #events = 0;
  #done = false;

  /** @param onRemoved called after each SQL transaction that took events out */
  constructor(
    db: SqlDatabase,
    horizon: Timestamp,
    options: { readonly remove: boolean; readonly nowMillis: () => number; readonly onRemoved: () => void },
  ) {
    this.#db = db;
    this.#horizon = horizon;
    this.#remove = options.remove;
    this.#nowMillis = options.nowMillis;
    this.#onRemoved = options.onRemoved;
    this.#total = db.get<{ n: number }>('SELECT count(*) AS n FROM events')?.n ?? 0;
  }

  step(): Result<PruneProgress, PruneRefusal> {
    // Between two steps the server may have lost its log, or another tab's run have gone further.
    const refusal = refusalOf(this.#db, this.#horizon, this.#nowMillis());
    if (refusal) return err(refusal);
    if (!this.#done) {
      const removed = this.#remove ? this.#db.transaction('normal', () => this.#advance()) : this.#advance();
      this.#events += removed;
      if (this.#remove && removed > 0) this.#onRemoved();
    }
    const share = this.#done ? 1 : Math.min(1, this.#seen / Math.max(1, this.#total));
    return ok({ done: this.#done, share, events: this.#events });
  }

  /** Returns how many events can go, or went, of the next some thousand. */
  #advance(): number {
    const db = this.#db;
    const stretch = stretchFrom(db, this.#place, EVENTS_AT_A_TIME);
    // Of a single version before the horizon it is known that it stays.
    const candidates = `SELECT entity_id, attribute FROM events INDEXED BY events_key
      WHERE ${stretch.where} AND ${CAN_GO} GROUP BY entity_id, attribute HAVING count(*) FILTER (WHERE timestamp < ?) > 1`;
    const cut = decide(db, candidates, [...stretch.params, timestampToBytes(this.#horizon)], this.#horizon);
    if (this.#remove && cut.events.length > 0) {
      if (readHorizon(db) !== this.#horizon) giveUpEarlier(db, this.#horizon, this.#nowMillis());
      removeCut(db, cut);
    }
    this.#seen += EVENTS_AT_A_TIME;
    if (stretch.end) this.#place = stretch.end;
    else this.#done = true;
    return cut.events.length;
  }
}

/**
 * Prunes these attributes to the present horizon, where it was learned that versions of them are superseded. Inside the
 * caller's SQL transaction.
 */
export function pruneAttributes(
  db: SqlDatabase,
  keys: readonly { readonly entityId: EntityId; readonly attribute: AttributeName }[],
): void {
  const horizon = readHorizon(db);
  if (horizon === null || isResending(db)) return;
  stageKeys(db, keys);
  const staged = `SELECT DISTINCT entity_id, attribute FROM temp.staged_keys WHERE ${CAN_GO}`;
  const cut = decide(db, staged, [], horizon);
  if (cut.events.length > 0) removeCut(db, cut);
}

interface Cut {
  readonly events: readonly {
    readonly entityId: EntityId;
    readonly attribute: AttributeName;
    readonly timestamp: Timestamp;
    readonly arrival: number;
  }[];
  /** They, and what they name. */
  readonly superseded: readonly Superseded[];
}

/** What can go of the attributes that `keys` selects. */
function decide(db: SqlDatabase, keys: string, params: readonly SqlValue[], horizon: Timestamp): Cut {
  const last = db.get<{ last: SqlValue; handled: SqlValue }>(
    'SELECT (SELECT max(arrival) FROM events) AS last, (SELECT min(position) FROM handlers) AS handled',
  );
  const before = numberOf(last?.last ?? 0);
  // The newest event stays, so that no arrival number is given out twice; so does what a handler has yet to see.
  const through = Math.min(before - 1, numberOf(last?.handled ?? before));
  const groups = readVersions(db, keys, params, { through, known: lastKnown(db, horizon) });
  const known = readSuperseded(db, [...groups.values()]);
  const events: Cut['events'][number][] = [];
  const superseded: Superseded[] = [];
  for (const [key, { entityId, attribute, versions }] of groups) {
    const gone = new Set(droppableVersions(versions, known.get(key) ?? new Set(), horizon));
    if (gone.size === 0) continue;
    const named = new Set<Timestamp>(gone);
    for (const { timestamp, previous, arrival } of versions) {
      if (!gone.has(timestamp)) continue;
      events.push({ entityId, attribute, timestamp, arrival });
      for (const stamp of previous) named.add(stamp);
    }
    superseded.push({ entityId, attribute, stamps: [...named] });
  }
  return { events, superseded };
}

/**
 * From now on history is complete since `horizon` only; what leaned on more of it goes. Inside the caller's SQL transaction.
 * @param nowMillis corrected wall clock, Unix milliseconds
 */
function giveUpEarlier(db: SqlDatabase, horizon: Timestamp, nowMillis: number): void {
  writeConfig(db, 'horizon', timestampToBytes(horizon));
  db.run('DELETE FROM undo WHERE timestamp < ?', [timestampToBytes(horizon)]);
  // An id of ours starts with the milliseconds of its minting.
  const millis = Math.max(0, Math.floor(Math.min(millisOf(horizon), nowMillis - COMMANDS_KEPT_MILLIS)));
  db.run('DELETE FROM commands WHERE id < unhex(?)', [millis.toString(16).padStart(12, '0')]);
}

function removeCut(db: SqlDatabase, { events, superseded }: Cut): void {
  db.bulk(
    'DELETE FROM events WHERE arrival = ?',
    events.map((event) => [event.arrival]),
  );
  addSuperseded(db, superseded);
  if (db.get('SELECT 1 FROM collisions LIMIT 1')) {
    const bind = attributeBinder();
    db.bulk(
      'DELETE FROM collisions WHERE entity_id = ? AND attribute = ? AND timestamp = ?',
      events.map((event) => [idToBytes(event.entityId), bind(event.attribute), timestampToBytes(event.timestamp)]),
    );
  }
  stageStamps(
    db,
    events.map((event) => event.timestamp),
  );
  if (isComplete(db, transactions)) recountTransactions(db);
  else startAgain(db, transactions);
}
