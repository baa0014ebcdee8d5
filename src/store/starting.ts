/**
 * Starts a book from a snapshot. Every byte is read and checked before the first is applied; then it is applied part by part, each
 * in one SQL transaction, the cursor with the last ([SYNC-3]). Killed in between, the book is in order: it holds real events
 * and no cursor, and goes on with the same snapshot, another, or the whole stream.
 */
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { MAX_ATTRIBUTE_LENGTH, type AttributeName } from '../core/event.ts';
import type { EntityId } from '../core/ids.ts';
import { attributeKey } from '../core/reduce.ts';
import { err, ok, type Result } from '../core/result.ts';
import { openSnapshot, type OpenedSnapshot, type SnapshotError, type SnapshotPart } from '../core/snapshot-codec.ts';
import type { Superseded } from '../core/superseded-column.ts';
import { millisOf, type Timestamp } from '../core/timestamp.ts';
import { checkStructure } from '../core/validate.ts';
import { isResending } from './acknowledged.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase } from './database.ts';
import { readIdentity } from './identity.ts';
import { Intake, type Ingested } from './ingest.ts';
import { reviewForks } from './leaves.ts';
import { giveUpEarlier, pruneAttributes } from './pruning.ts';
import { isHeldKind } from './quarantine.ts';
import type { StartError } from './store.ts';
import { addSuperseded, markForReview, readHorizon } from './superseded.ts';

interface Times {
  /** Estimated server time, Unix milliseconds. */
  readonly serverMillis: number;
  /** Corrected wall clock, Unix milliseconds. */
  readonly nowMillis: number;
}

export function startFromSnapshot(
  db: SqlDatabase,
  bytes: Uint8Array,
  times: Times,
): Result<{ readonly events: number; readonly quarantined: number }, StartError> {
  const opened = openSnapshot(bytes);
  if (!opened.ok) return opened;
  const { head } = opened.value;
  const refusal = refusalOf(db, opened.value, times.serverMillis);
  if (refusal) return err(refusal);
  let [events, quarantined] = [0, 0];
  const parts = opened.value.parts();
  for (let next = parts.next(), last = false; !last;) {
    const part = next.done === true ? null : next.value;
    if (part && !part.ok) throw new Error(`a part that was read before cannot be read again: ${part.error.message}`);
    if (next.done !== true) next = parts.next();
    last = next.done === true;
    db.transaction('normal', () => {
      const applied = part ? applyPart(db, head, part.value, times) : null;
      events += applied?.fresh.length ?? 0;
      quarantined += applied?.quarantined ?? 0;
      // From here on the stream goes on behind the snapshot.
      if (last) writeConfig(db, 'cursor', head.cursor);
    });
  }
  return ok({ events, quarantined });
}

/** What is wrong with a snapshot, or with applying it to this book; null when nothing is. Every part is read for it. */
function refusalOf(db: SqlDatabase, snapshot: OpenedSnapshot, serverMillis: number): StartError | null {
  const { head } = snapshot;
  if (head.bookId !== readIdentity(db).bookId)
    return { kind: 'otherBook', message: 'This snapshot is of another book.' };
  if (readConfig(db, 'cursor') !== null || isResending(db))
    return { kind: 'notEmpty', message: 'This book has been read from the server already.' };
  if (millisOf(head.horizon) > serverMillis + MAX_AHEAD_MILLIS)
    return { kind: 'damaged', where: 'head, horizon', message: 'lies in the future' };
  for (const part of snapshot.parts()) {
    const wrong = part.ok ? whatIsWrong(part.value, head.horizon) : part.error;
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Applies one part, inside the caller's SQL transaction. */
function applyPart(db: SqlDatabase, head: OpenedSnapshot['head'], part: SnapshotPart, times: Times): Ingested {
  const horizon = readHorizon(db);
  if (horizon === null || horizon < head.horizon) giveUpEarlier(db, head.horizon, times.nowMillis);
  const intake = new Intake(db, times.serverMillis);
  switch (part.kind) {
    case 'events':
      intake.takeEvents(part.events, head.id, null);
      break;
    case 'superseded':
      learn(db, part.attributes);
      break;
    case 'held':
      for (const { kind, ...item } of part.items) if (isHeldKind(kind)) intake.setAside(kind, item.content, item.bundleId, item.reason, item.due); // prettier-ignore
      break;
  }
  return intake.finish();
}

/** What is said to be superseded may close what lies here already. */
function learn(db: SqlDatabase, attributes: readonly Superseded[]): void {
  const merged = new Map<string, { entityId: EntityId; attribute: AttributeName; stamps: Timestamp[] }>();
  for (const { entityId, attribute, stamps } of attributes) {
    const key = attributeKey(entityId, attribute);
    const known = merged.get(key);
    if (known) known.stamps.push(...stamps);
    else merged.set(key, { entityId, attribute, stamps: [...stamps] });
  }
  const all = [...merged.values()];
  addSuperseded(db, all);
  markForReview(db, all);
  reviewForks(db);
  pruneAttributes(db, all);
}

function whatIsWrong(part: SnapshotPart, horizon: Timestamp): SnapshotError | null {
  const damaged = (where: string, message: string): SnapshotError => ({ kind: 'damaged', where, message });
  switch (part.kind) {
    case 'events':
      for (const event of part.events) {
        // A value that does not belong is set aside as the part is applied; the snapshot is none the worse.
        const checked = checkStructure(event);
        if (!checked.ok) return damaged(`event, ${checked.error.where}`, checked.error.reason);
        if (event.timestamp >= horizon) return damaged('event, timestamp', 'not before the horizon');
      }
      return null;
    case 'superseded':
      for (const { attribute, stamps } of part.attributes) {
        const { length } = attribute;
        if (length === 0 || length > MAX_ATTRIBUTE_LENGTH || attribute.includes('\0'))
          return damaged('superseded, attribute', `not 1 to ${MAX_ATTRIBUTE_LENGTH} characters`);
        if (stamps.some((stamp) => stamp >= horizon)) return damaged('superseded, timestamp', 'not before the horizon');
      }
      return null;
    case 'held':
      for (const { kind, content } of part.items) {
        if (!isHeldKind(kind)) return damaged('held, kind', 'not known');
        try {
          JSON.parse(content);
        } catch {
          return damaged('held, content', 'not JSON');
        }
      }
      return null;
  }
}
