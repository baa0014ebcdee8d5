/** Writes a local transaction: its events, what is derived from them, and the clock that stamped them ([HLC-6]). */
import type { Event } from '../core/event.ts';
import { misfit } from '../core/event-schema.ts';
import { attributeKey } from '../core/reduce.ts';
import type { Timestamp } from '../core/timestamp.ts';
import { makeTransaction, type AttributeChange } from '../core/transaction.ts';
import { toJsonText } from '../core/value.ts';
import { readCurrent } from './attributes.ts';
import type { SqlDatabase } from './database.ts';
import { appendEvents } from './event-log.ts';
import { readClock, readIdentity, writeClock } from './identity.ts';
import type { StoreOptions } from './store.ts';

export interface Committed {
  /** Null when nothing would have changed: then nothing was written. */
  readonly timestamp: Timestamp | null;
  readonly events: readonly Event[];
}

/**
 * Writes changes as one transaction, inside the caller's SQL transaction. A change to what an attribute holds already is
 * left out, unless it settles a conflict. Throws Error for a value that others would not take ([LOG-10]).
 * @param changes at most one per attribute
 */
export function commitChanges(db: SqlDatabase, options: StoreOptions, changes: readonly AttributeChange[]): Committed {
  const current = readCurrent(db, changes);
  const leaves = new Map<string, readonly Timestamp[]>();
  const real = changes.filter((change, i) => {
    const now = current[i];
    if (!now) throw new Error('a change without the attribute it is about');
    const value = toJsonText(change.value);
    const wrong = misfit(change.attribute, value);
    if (wrong !== null) throw new Error(`a command came to what no log takes: ${wrong}`);
    if (now.leaves.length < 2 && now.value === value) return false;
    if (now.leaves.length > 0) leaves.set(attributeKey(change.entityId, change.attribute), now.leaves);
    return true;
  });
  if (real.length === 0) return { timestamp: null, events: [] };
  const made = makeTransaction(real, {
    clientId: readIdentity(db).clientId,
    clock: readClock(db),
    wallMillis: options.now(),
    random: options.random,
    leavesOf: (entityId, attribute) => leaves.get(attributeKey(entityId, attribute)) ?? [],
  });
  appendEvents(db, [{ events: made.events, bundleId: null, sender: null }]);
  writeClock(db, made.clock);
  return { timestamp: made.timestamp, events: made.events };
}
