/** Events and messages that cannot be applied yet: kept as they came, visible, tried again. */
import { HELD_KINDS, type HeldKind } from '../core/attention.ts';
import { idToBytes, type BundleId } from '../core/ids.ts';
import { EVENT_SCHEMA } from '../core/upcast.ts';
import { confirmHeld } from './unconfirmed.ts';
import type { SqlDatabase } from './database.ts';

export const isHeldKind = (kind: string): kind is HeldKind => HELD_KINDS.some((known) => known === kind);

export interface Quarantined {
  readonly kind: HeldKind;
  /** JSON text: of an event (future, malformed) or of a message (the others; of another book: never passed on), as it came. */
  readonly content: string;
  readonly bundleId: BundleId | null;
  /** Version of the event schema in which an event is written; unless given, the present one. A message tells its own. */
  readonly version?: number;
  /** Unix milliseconds of server time from which it can be applied; null when time does not help. */
  readonly due: number | null;
  /** In plain words. */
  readonly reason: string;
  /** Unix milliseconds of server time. */
  readonly arrivedAt: number;
}

/** Keeps it, unless the same is there already, or was discarded. Returns whether it was new. */
export function quarantine(db: SqlDatabase, item: Quarantined): boolean {
  const digest = digestOf(item.content);
  const known = db.get<{ number: number }>(
    'SELECT number FROM quarantine WHERE digest = ? AND kind = ? AND content = ?',
    [digest, item.kind, item.content],
  );
  if (known) {
    confirmHeld(db, known.number, item.bundleId);
    return false;
  }
  db.run(
    'INSERT INTO quarantine (kind, digest, bundle_id, due, content, reason, version, arrived_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [
      item.kind,
      digest,
      item.bundleId === null ? null : idToBytes(item.bundleId),
      item.due,
      item.content,
      item.reason,
      item.version ?? EVENT_SCHEMA.version,
      Math.floor(item.arrivedAt),
    ],
  );
  return true;
}

/** FNV-1a, 32 bits: only narrows down where to look. */
function digestOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
