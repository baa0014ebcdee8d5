/** What the server is known to have: nothing else may ever be pruned ([LOG-3]). */
import { readConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';

/** Rows of `config` that name a bundle which was acknowledged and not yet seen in the stream; their value is its kind. */
export const UNECHOED = "key >= 'unechoed:' AND key < 'unechoed;'";
export const SEALED_ONCE = 1;
export const REPAIR = 2;

/** Ids of bundles that the server may not have, or may have lost again. */
export const UNSETTLED_BUNDLES = `
  SELECT id FROM outbox UNION ALL SELECT id FROM dead_letters
  UNION ALL SELECT unhex(substr(key, 10), '-') FROM config WHERE ${UNECHOED}`;

/** Whether an event `e` is in a bundle that the server has. */
export const SETTLED = `(e.bundle_id IS NOT NULL AND e.bundle_id NOT IN (${UNSETTLED_BUNDLES}))`;

/** Whether this book was ever joined to an account: before, nothing in it is acknowledged by anybody. */
export function wasLinked(db: SqlDatabase): boolean {
  const linked = ['cursor', 'start'] as const;
  return db.get('SELECT 1 FROM bundles LIMIT 1') !== null || linked.some((key) => readConfig(db, key) !== null);
}

/**
 * Whether the server is being told again what it lost ([SYNC-4], [SYNC-9]): what it had acknowledged counts for nothing then.
 * Others' events do not remember in which repair bundle they went out, so all of those must be known to have arrived; those of
 * one that was refused and discarded do.
 */
export function isResending(db: SqlDatabase): boolean {
  return (
    readConfig(db, 'resend_through') !== null ||
    readConfig(db, 'lost') !== null ||
    db.get('SELECT 1 FROM outbox WHERE repair = 1 LIMIT 1') !== null ||
    db.get('SELECT 1 FROM dead_letters WHERE repair = 1 AND discarded_at IS NULL LIMIT 1') !== null ||
    db.get(`SELECT 1 FROM config WHERE ${UNECHOED} AND value = ${REPAIR} LIMIT 1`) !== null
  );
}
