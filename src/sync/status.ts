/** What the status chip may say, from what the machine knows. Pure; true by construction ([SYNC-7]). */
import type { Status, SyncDetails } from '../protocol/status.ts';
import type { Verification } from '../protocol/verification.ts';
import { isWrongClock } from './clock-offset.ts';
import type { Linked, State } from './machine.ts';
import type { SyncCounts } from './ports.ts';

/** After this long without a success the chip stops saying that changes are being sent. */
const STUCK_MILLIS = 60_000;

/** Two readings of one moment: by the wall clock, and by the clock that nobody sets (the machine's). */
export interface Moment {
  readonly wallMillis: number;
  readonly now: number;
}

/** A write to storage that failed and was not made good since. */
export interface WriteFailure {
  readonly reason: 'full' | 'other';
  readonly message: string;
}

const NOT_VERIFIED: Verification = { running: null, last: null };

/**
 * The one thing to say. What needs a person comes before what passes by itself; what is true of edits that wait comes
 * before what is true of the rest.
 */
export function statusOf(state: State, counts: SyncCounts, failure: WriteFailure | null, at: Moment): Status {
  const unsaved = failure ?? (state.kind === 'linked' ? (state.pushNotSaved ?? state.pullNotSaved) : null);
  if (unsaved !== null) return { kind: 'writeFailed', reason: unsaved.reason, message: unsaved.message };
  const attention = counts.quarantined + counts.rejected;
  if (attention > 0) return { kind: 'attention', count: attention };
  if (state.kind === 'unlinked') return { kind: 'local' };

  const { waiting } = counts;
  if (waiting > 0) {
    if (isOffline(state)) return { kind: 'offline', waiting };
    const trying = state.tryingSince === null ? 0 : at.now - state.tryingSince;
    // What the server does not let in at all is not being sent.
    if (trying > STUCK_MILLIS || isBarred(state))
      return { kind: 'stuck', waiting, retryAt: wall(pushRetry(state) ?? at.now, at) };
    return { kind: 'sending', waiting };
  }
  if (state.clockKnown && isWrongClock(state.offsetMillis)) return { kind: 'clock', offsetMillis: state.offsetMillis };
  if (state.reach !== 'reached') return { kind: 'offline', waiting: 0 };
  if (state.caughtUp) return { kind: 'synced' };
  return state.pull.at === 'waiting' || state.pull.at === 'blocked'
    ? { kind: 'offline', waiting: 0 }
    : { kind: 'receiving' };
}

/** When the words change though nothing happens, by the machine's clock; null when they do not. */
export function statusChangesAt(state: State, now: number): number | null {
  if (state.kind === 'unlinked' || state.tryingSince === null) return null;
  const stuckAt = state.tryingSince + STUCK_MILLIS + 1;
  return stuckAt > now ? stuckAt : null;
}

/** What the driver knows of a server. */
export interface ServerFacts {
  readonly url: string;
  /** Share of what is new that was applied, 0 to 1; null when not known. */
  readonly progress: number | null;
  readonly history: SyncDetails['history'];
  /** Whether the book is being read for the first time. */
  readonly first: boolean;
}

export function detailsOf(
  state: State,
  counts: SyncCounts,
  failure: WriteFailure | null,
  at: Moment,
  server: ServerFacts | null,
  verification: Verification = NOT_VERIFIED,
): SyncDetails {
  const linked = state.kind === 'linked' ? state : null;
  const heardAt = linked?.heardAt ?? null;
  const retry = linked === null ? null : earliest(pushRetry(linked), until(linked.pull));
  return {
    serverUrl: server?.url ?? null,
    lastContactAt: heardAt === null ? null : wall(heardAt, at),
    waiting: counts.waiting,
    // Edits are stamped with corrected time.
    waitingSince: counts.waitingSince === null ? null : counts.waitingSince + (linked?.offsetMillis ?? 0),
    retryAt: retry === null ? null : wall(retry, at),
    clockOffsetMillis: linked?.clockKnown === true && linked.sample !== null ? linked.offsetMillis : null,
    quarantined: counts.quarantined,
    rejected: counts.rejected,
    lastError: failure?.message ?? linked?.pushError ?? linked?.pullError ?? null,
    refused: linked?.reach === 'refused' ? (linked.pullError ?? linked.pushError) : null,
    verification,
    sent: counts.sent,
    arriving: linked === null ? null : arrivingOf(linked, server?.first === true),
    progress: linked === null || linked.caughtUp || linked.reach === 'none' ? null : (server?.progress ?? null),
    history: linked === null ? null : (server?.history ?? null),
  };
}

function arrivingOf(state: Linked, first: boolean): SyncDetails['arriving'] {
  if (state.caughtUp) return null;
  if (state.reach === 'reached' && until(state.pull) === null) return first ? 'first' : 'more';
  return first ? 'waiting' : null;
}

/** Neither lane has reached a server with its last try. */
function isOffline(state: Linked): boolean {
  return (state.reach === 'none' || state.reach === 'unreachable') && !state.pushReached;
}

/** The server was reached and takes nothing from this device: a person must look at it. */
function isBarred(state: Linked): boolean {
  return state.push.at === 'blocked' || (state.push.at === 'due' && state.pull.at === 'blocked');
}

/** When the push lane tries next; while it may not, when the pull lane does. Null when it is at it. */
function pushRetry(state: Linked): number | null {
  return until(state.push) ?? (state.push.at === 'due' ? until(state.pull) : null);
}

function until(lane: Linked['pull'] | Linked['push']): number | null {
  return lane.at === 'waiting' || lane.at === 'blocked' ? lane.until : null;
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** A moment of the machine's clock as Unix milliseconds of this device. */
function wall(moment: number, at: Moment): number {
  return Math.round(at.wallMillis + (moment - at.now));
}
