/**
 * Starts a book from a snapshot, piece by piece. Every byte of a piece is read and checked before the first is applied; then it is
 * applied part by part, each in one SQL transaction. The last of them says which piece comes next, or, behind the last piece,
 * where the stream goes on ([SYNC-3]). Killed in between, the book is in order: it holds real events and no cursor, and
 * goes on with the same snapshot, another, or the whole stream.
 */
import { MAX_AHEAD_MILLIS } from '../core/clock.ts';
import { MAX_ATTRIBUTE_LENGTH, type AttributeName } from '../core/event.ts';
import type { BundleId, EntityId } from '../core/ids.ts';
import { attributeKey } from '../core/reduce.ts';
import { err, ok, type Result } from '../core/result.ts';
import { openSnapshot, type OpenedSnapshot, type SnapshotError, type SnapshotPart } from '../core/snapshot-codec.ts';
import type { Superseded } from '../core/superseded-column.ts';
import { millisOf, timestampToBytes, type Timestamp } from '../core/timestamp.ts';
import { checkStructure } from '../core/validate.ts';
import { timestampFromSql } from './blob.ts';
import { readConfig, readNumber, writeConfig } from './config.ts';
import { noteSnapshot } from './unconfirmed.ts';
import type { SqlDatabase } from './database.ts';
import { nextArrival } from './event-log.ts';
import { readIdentity } from './identity.ts';
import { Intake, type Ingested } from './ingest.ts';
import { reviewForks } from './leaves.ts';
import { noteCovered } from './outbox.ts';
import { pruneAttributes } from './pruning.ts';
import { isHeldKind } from './quarantine.ts';
import { readStart, writeHistory, writeStart, type Start } from './start-state.ts';
import type { StartError } from './store.ts';
import { addSuperseded, markForReview } from './superseded.ts';

/** Which piece of which snapshot it is said to be. */
export interface PieceName {
  readonly snapshot: BundleId;
  readonly number: number;
  readonly last: boolean;
  /** Up to which offset of the stream it stands in for it, as the server says. */
  readonly cursor: string;
}

/**
 * Yields what each part has brought, after its transaction (and nothing while parts are checked). Whoever stops asking in
 * between has the piece applied again later, which changes nothing.
 */
export function* applyPiece(
  db: SqlDatabase,
  bytes: Uint8Array,
  piece: PieceName,
  serverMillis: number,
): Generator<Ingested, Result<null, StartError>> {
  const start = readStart(db);
  if (start === null) return err({ kind: 'notEmpty', message: 'This book has been read from the server already.' });
  const opened = openSnapshot(bytes);
  if (!opened.ok) return opened;
  const { head } = opened.value;
  const refusal = refusalOf(db, start, head, piece, serverMillis);
  if (refusal) return err(refusal);
  for (const part of opened.value.parts()) {
    const wrong = part.ok ? whatIsWrong(part.value, head.horizon) : part.error;
    if (wrong !== null) return err(wrong);
    yield NOTHING;
  }
  if (start.snapshot !== head.id) {
    db.transaction('full', () => {
      noteSnapshot(db, head.id);
      writeStart(db, { ...start, snapshot: head.id, piece: 0 });
    });
  }
  for (const part of opened.value.parts()) {
    if (!part.ok) throw new Error(`a part that was read before cannot be read again: ${part.error.message}`);
    yield db.transaction('normal', () => applyPart(db, head, part.value, serverMillis));
  }
  db.transaction('normal', () => {
    if (piece.last) goOn(db, head, start);
    else writeStart(db, { ...start, snapshot: head.id, piece: head.piece + 1 });
  });
  return ok(null);
}

const NOTHING: Ingested = { fresh: [], told: [], quarantined: 0 };

/** From here on the stream goes on behind the snapshot; what it stood in for is history, and is fetched later. */
function goOn(db: SqlDatabase, head: OpenedSnapshot['head'], { from, missing }: Start): void {
  writeConfig(db, 'cursor', head.cursor);
  writeStart(db, null);
  writeHistory(db, { at: from, until: head.cursor, missing });
  const since = readConfig(db, 'history_since');
  if (since === null || timestampFromSql(since) < head.horizon)
    writeConfig(db, 'history_since', timestampToBytes(head.horizon));
}

/** What is wrong with applying a piece to this book; null when nothing is. */
function refusalOf(
  db: SqlDatabase,
  start: Start,
  head: OpenedSnapshot['head'],
  piece: PieceName,
  serverMillis: number,
): StartError | null {
  if (head.bookId !== readIdentity(db).bookId)
    return { kind: 'otherBook', message: 'This snapshot is of another book.' };
  const due = start.snapshot === head.id ? start.piece : 0;
  if (head.id !== piece.snapshot || head.piece !== piece.number || head.piece !== due)
    return { kind: 'damaged', where: 'head, piece', message: `is not piece ${due} of snapshot ${piece.snapshot}` };
  if (head.cursor !== piece.cursor)
    return { kind: 'damaged', where: 'head, cursor', message: 'is another than the server says' };
  if (millisOf(head.horizon) > serverMillis + MAX_AHEAD_MILLIS)
    return { kind: 'damaged', where: 'head, horizon', message: 'lies in the future' };
  return null;
}

/** Applies one part, inside the caller's SQL transaction. */
function applyPart(db: SqlDatabase, head: OpenedSnapshot['head'], part: SnapshotPart, serverMillis: number): Ingested {
  const allSealed = readNumber(db, 'sealed_through', 0) === nextArrival(db) - 1;
  const intake = new Intake(db, serverMillis);
  switch (part.kind) {
    case 'events':
      noteCovered(db, part.events);
      intake.takeEvents(part.events, head.id, null);
      break;
    case 'superseded':
      learn(db, part.attributes);
      break;
    case 'held':
      for (const { kind, ...item } of part.items) if (isHeldKind(kind)) intake.setAside(kind, item.content, head.id, item.reason, item.due); // prettier-ignore
      break;
  }
  const ingested = intake.finish();
  if (allSealed) writeConfig(db, 'sealed_through', nextArrival(db) - 1);
  return ingested;
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
  noteCovered(
    db,
    all.flatMap(({ stamps, ...key }) => stamps.map((timestamp) => ({ ...key, timestamp }))),
  );
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
        // What a snapshot brought to its maker is nobody else's.
        if (!isHeldKind(kind) || kind === 'unconfirmed') return damaged('held, kind', 'not known');
        try {
          JSON.parse(content);
        } catch {
          return damaged('held, content', 'not JSON');
        }
      }
      return null;
  }
}
