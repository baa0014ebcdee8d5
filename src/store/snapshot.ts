/** A book up to its cursor as bytes, from which a new client starts: real events, and what is known to be superseded. */
import { MAX_BUNDLE_EVENTS } from '../core/bundle.ts';
import { isUuid, mintId, type BundleId, type ClientId } from '../core/ids.ts';
import { crc32 } from '../core/gzip.ts';
import { err, ok, type Result } from '../core/result.ts';
import { SnapshotWriter, type SnapshotHead, type SnapshotPart } from '../core/snapshot-codec.ts';
import { isTimestamp, makeTimestamp, millisOf, type NodeId, type Timestamp } from '../core/timestamp.ts';
import { encodeText } from '../core/utf8.ts';
import { isResending } from './acknowledged.ts';
import { numberOf, textOf } from './blob.ts';
import { readConfig, writeConfig } from './config.ts';
import type { SqlDatabase, SqlValue } from './database.ts';
import { nextArrival } from './event-log.ts';
import { readClock, readIdentity } from './identity.ts';
import { BEGINNING, gather, type Position } from './snapshot-parts.ts';
import type { SnapshotPortions, SnapshotRefusal, SnapshotTaking, StoreOptions, TakenPiece } from './store.ts';

const PORTIONS: SnapshotPortions = {
  eventsAtATime: 2_000,
  eventsAPart: MAX_BUNDLE_EVENTS,
  stampsAPart: 5_000,
  pieceBytes: 400_000,
};

/** How far a snapshot has come: all that it takes to go on with it in another session. */
interface Mark {
  readonly id: BundleId;
  /** Who takes it. A copy of this database, which gets another name, has no part in it. */
  readonly clientId: ClientId;
  readonly timestamp: Timestamp;
  readonly horizon: Timestamp;
  readonly cursor: string;
  /** The last arrival, and the last number in quarantine, that belong to it. */
  readonly through: number;
  readonly held: number;
  /** Number of the piece that comes next, and what it begins with: a group, behind so many parts of it. */
  readonly piece: number;
  readonly at: Position;
  readonly skip: number;
  /** Of what those parts held: whether they are still the same. */
  readonly digest: number;
}

/**
 * Takes a snapshot of what the server is known to have: of each attribute the newest version, every open one, and what those of a
 * conflict were made on; timestamps of all the rest; and what is held in quarantine. What waits to be sent is left out: it
 * comes to whoever starts from here as it comes to everybody. So is what arrives while it is taken.
 */
export function takeSnapshot(db: SqlDatabase, options: StoreOptions): Result<SnapshotTaking, SnapshotRefusal> {
  const refused = refusalOf(db);
  if (refused) return err(refused);
  const timestamp = readClock(db).last;
  return ok(
    goOn(db, options, {
      id: mintId<BundleId>(options.now(), options.random),
      clientId: readIdentity(db).clientId,
      timestamp,
      // The first millisecond that lies behind all that is known here.
      horizon: makeTimestamp(millisOf(timestamp) + 1, 0, '0000000000000000' as NodeId),
      cursor: textOf(readConfig(db, 'cursor')),
      through: nextArrival(db) - 1,
      held: numberOf(db.get<{ n: SqlValue }>('SELECT coalesce(max(number), 0) AS n FROM quarantine')?.n ?? 0),
      piece: 0,
      at: BEGINNING,
      skip: 0,
      digest: 0,
    }),
  );
}

/** Goes on with the snapshot whose upload was broken off; null when there is none, or it is worth nothing any more. */
export function resumeSnapshot(db: SqlDatabase, options: StoreOptions): SnapshotTaking | null {
  const mark = readMark(readConfig(db, 'upload'));
  const stands = mark !== null && mark.clientId === readIdentity(db).clientId && refusalOf(db) === null;
  return stands ? goOn(db, options, mark) : null;
}

/** Notes which pieces the server has; null: there is no snapshot to go on with. Inside the caller's SQL transaction. */
export function noteUpload(db: SqlDatabase, mark: string | null): void {
  writeConfig(db, 'upload', mark);
}

function refusalOf(db: SqlDatabase): SnapshotRefusal | null {
  if (isResending(db)) return { kind: 'resending', message: 'The server is being sent everything again.' };
  return readConfig(db, 'cursor') === null
    ? { kind: 'notSynced', message: 'This book has not been read from a server yet.' }
    : null;
}

function goOn(db: SqlDatabase, { portions = PORTIONS }: StoreOptions, mark: Mark): SnapshotTaking {
  const { id, cursor, through: events, piece: first } = mark;
  return {
    id,
    cursor,
    events,
    first,
    *pieces() {
      const steps = piecesFrom(db, mark, portions);
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) return step.value;
        // What the server is known to have may have become nothing in between.
        if (refusalOf(db)) return false;
        yield step.value;
      }
    },
  };
}

/**
 * The pieces from a mark on. They come out byte for byte as they would have before, unless what belongs to the snapshot has
 * changed since: new events do not, but history that was shortened does, or what the server has come to have.
 */
function* piecesFrom(db: SqlDatabase, from: Mark, portions: SnapshotPortions): Generator<TakenPiece | null, boolean> {
  const head: Omit<SnapshotHead, 'piece'> = {
    id: from.id,
    bookId: readIdentity(db).bookId,
    clientId: from.clientId,
    timestamp: from.timestamp,
    horizon: from.horizon,
    cursor: from.cursor,
  };
  let piece = from.piece;
  let writer = new SnapshotWriter({ ...head, piece });
  let isOpen = piece === 0;
  const close = (at: Position, skip: number, digest: number): TakenPiece => {
    const bytes = writer.finish();
    piece += 1;
    writer = new SnapshotWriter({ ...head, piece });
    isOpen = false;
    return { bytes, mark: JSON.stringify({ ...from, piece, at, skip, digest } satisfies Mark) };
  };
  let { at, skip } = from;
  while (at.kind !== 'end') {
    const group = yield* gather(db, at, from, portions);
    let [done, digest] = [0, 0];
    for (const part of group.parts) {
      digest = digestOf(part, digest);
      done += 1;
      if (done < skip) continue;
      if (done === skip) {
        if (digest !== from.digest) return false;
        continue;
      }
      writer.add(part);
      isOpen = true;
      yield writer.bytes < portions.pieceBytes ? null : close(at, done, digest);
    }
    if (done < skip) return false;
    at = group.next;
    skip = 0;
  }
  if (isOpen) yield close(at, 0, 0);
  return true;
}

/** Tells parts apart by what is in them, each with all before it. */
function digestOf(part: SnapshotPart, before: number): number {
  const names =
    part.kind === 'events'
      ? part.events.map((event) => event.id)
      : part.kind === 'superseded'
        ? part.attributes.flatMap((item) => [item.entityId, item.attribute, ...item.stamps])
        : part.items.map((item) => item.content);
  return crc32(encodeText([before, ...names].join()));
}

/** Null for anything that is no mark: a file from elsewhere may hold what it likes. */
function readMark(text: SqlValue): Mark | null {
  if (typeof text !== 'string') return null;
  let mark: Partial<Mark> | null;
  try {
    mark = JSON.parse(text) as Partial<Mark> | null;
  } catch {
    return null;
  }
  const counts = [mark?.through, mark?.held, mark?.piece, mark?.skip, mark?.digest];
  const fits =
    isUuid(mark?.id) &&
    isUuid(mark.clientId) &&
    isTimestamp(mark.timestamp) &&
    isTimestamp(mark.horizon) &&
    typeof mark.cursor === 'string' &&
    counts.every((count) => Number.isSafeInteger(count)) &&
    isPosition(mark.at);
  return fits ? (mark as Mark) : null;
}

function isPosition(value: unknown): boolean {
  const { kind, after } = (value ?? {}) as { readonly kind?: unknown; readonly after?: unknown };
  switch (kind) {
    case 'system':
    case 'end':
      return true;
    case 'log':
      return after === null || (Array.isArray(after) && isUuid(after[0]) && typeof after[1] === 'string');
    case 'held':
      return Number.isSafeInteger(after);
    default:
      return false;
  }
}
