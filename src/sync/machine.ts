// Over 400 lines on purpose: it is one machine, and a transition is easier to judge beside its neighbours.
/**
 * The sync loop as a pure state machine: (state, input, env) -> { state, effects }. Two lanes run side by side, so that a
 * server which refuses appends still delivers, and the other way round.
 *
 *   PULL                                         (any failure)
 *     asking ----------> creating ----------> reading <--------> live         waiting, blocked
 *       | time known        | stream made       | ^ more pages    | ^ pages    | wake, nudge
 *       +-------------------+-> reading         +-+               +-+          +-> asking or reading
 *                                         ended in good order: live again
 *     stopping: its effect was aborted (nudge, clock set, log gone); when the outcome is in, it goes on from `asking`,
 *     after `owed` was paid.   holding: nothing in flight, waits for the other lane to stop.
 *
 *   PUSH
 *     idle --edit--> due --gate--> picking --bundle--> sending --stored, refused--> due
 *                     ^               | none             | fenced: renewing --renewed--> due
 *                     |               +-> idle           | gap: new epoch, owes 'resend'; no stream: owes 'create'
 *                     |                                  | refused, perhaps for its number: new epoch, and once more
 *                     +-- wake, nudge -- waiting <-------+ unreachable, busy
 *                     +-- wake, nudge -- blocked <-------+ unauthorized, closed
 *     The gate is open while the clock is known ([HLC-5]) and nothing is owed. One append is in flight at most ([SYNC-2]).
 *
 *   TRIMMED: the server keeps nothing as old as the cursor. The book starts over from a snapshot; to this machine the pieces of
 *   one are pages like others, and none of them is the last.
 *
 *   OWED: the server's log is not the one we knew ([SYNC-4]). Both lanes stop; when both are quiet, everything held is
 *   queued again, the stream is made if it is gone, and both lanes go on. An acknowledgement that arrives after a lane was
 *   told to stop may be of the old log, so the bundle stays and is sent again; readers drop what they have seen.
 *
 * Times are milliseconds of a clock that nobody sets; only ClockSample knows wall clocks.
 */
import type { BundleId } from '../core/ids.ts';
import { backoffMillis } from './backoff.ts';
import { betterSample, isWrongClock, readClock, type ClockSample } from './clock-offset.ts';
import type {
  AppendOutcome,
  CreateOutcome,
  Failure,
  Producer,
  ReadOutcome,
  TailOutcome,
  TimeOutcome,
} from './ports.ts';

/** An edit waits this long for others to travel with it. */
const COALESCE_MILLIS = 150;
/** A live connection that ends in good order before this, and brought nothing, did not work: some proxies hold pages back. */
const SHORT_TAIL_MILLIS = 5_000;
/** A person's nudge tests a live connection that has been silent for so long. */
const SILENT_MILLIS = 15_000;
/** An unreachable append makes a live connection prove itself when it has been silent for so long. */
const DOUBTFUL_MILLIS = 2_000;
/** A reading of the server's clock is good for so long. */
const SAMPLE_MILLIS = 600_000;
/** Readings taken in a row, until one has a small error. */
const SAMPLES = 3;
const GOOD_ERROR_MILLIS = 250;
/** What needs a person is tried again after this, in case the person was on the server's side. */
const BLOCKED_MILLIS = 600_000;
/** Quarantined events are looked at this often. */
const RELEASE_MILLIS = 30_000;
/** A smaller difference of two estimates is not worth a write. */
const OFFSET_NOISE_MILLIS = 100;

export type Pull =
  | { readonly at: 'asking'; readonly tries: number }
  | { readonly at: 'creating' }
  | { readonly at: 'reading' }
  | { readonly at: 'live'; readonly since: number; readonly pages: number }
  | { readonly at: 'stopping' }
  | { readonly at: 'holding' }
  | { readonly at: 'waiting'; readonly until: number }
  | { readonly at: 'blocked'; readonly until: number };

interface Sent {
  readonly id: BundleId;
  readonly producer: Producer;
  /** Whether it had been tried before under this number. */
  readonly tried: boolean;
}

export type Push =
  | { readonly at: 'idle' }
  | { readonly at: 'due'; readonly from: number }
  | { readonly at: 'picking' }
  | { readonly at: 'sending'; readonly sent: Sent }
  | { readonly at: 'stopping' }
  | { readonly at: 'renewing' }
  | { readonly at: 'waiting'; readonly until: number }
  | { readonly at: 'blocked'; readonly until: number };

export interface Linked {
  readonly kind: 'linked';
  readonly pull: Pull;
  readonly push: Push;
  /** Failures in a row, for the backoff of each lane. */
  readonly pullFailures: number;
  readonly pushFailures: number;
  /** The stream is to be made before it is read: it never was, or it is gone. */
  readonly create: boolean;
  readonly owed: null | 'resend' | 'create';
  /** Whether this device's clock was held against the server's in this session, and not set since. Nothing is sealed before. */
  readonly clockKnown: boolean;
  readonly sample: ClockSample | null;
  readonly sampledAt: number | null;
  /** The offset that the store has noted, by which local edits are stamped. */
  readonly offsetMillis: number;
  /** What the pull lane last learned: `none` before the first answer of this session; `refused`: a person must look at it. */
  readonly reach: 'none' | 'reached' | 'unreachable' | 'refused';
  /** Every change that the server had when it last answered is here. */
  readonly caughtUp: boolean;
  readonly heardAt: number | null;
  /** Whether the last append reached a server, whatever became of it. */
  readonly pushReached: boolean;
  /** The last bundle was refused, perhaps for its number alone. */
  readonly doubted: boolean;
  /**
   * Whether what is numbered now is numbered under an epoch of this session's own. A copy of this database can count on from
   * the same number, but it cannot have the same epoch.
   */
  readonly ownEpoch: boolean;
  /** Since when changes could have gone out and have not, for want of a success; null while nothing waits. */
  readonly tryingSince: number | null;
  /** Whether anything was acknowledged since the page under way was asked for: it may not show that yet. */
  readonly acknowledged: boolean;
  /** When quarantined events are looked at next; null when there are none. */
  readonly releaseAt: number | null;
  /** What the store could not do for each lane; null once it could again. */
  readonly pullNotSaved: NotSaved | null;
  readonly pushNotSaved: NotSaved | null;
  readonly pullError: string | null;
  readonly pushError: string | null;
}

export type State = { readonly kind: 'unlinked' } | Linked;

export const UNLINKED: State = { kind: 'unlinked' };

/** The store could not do its part: nothing was changed. */
export interface NotSaved {
  readonly kind: 'notSaved';
  readonly reason: 'full' | 'other';
  readonly message: string;
}

export type Applying = {
  readonly kind: 'applied';
  /** Acknowledged bundles that have not come back in the stream. */
  readonly unechoed: number;
  readonly upToDate: boolean;
  readonly messages: number;
  readonly quarantined: number;
};

export type Input =
  /** A session begins. `fresh`: nothing was ever sent or received; `quarantined`: some events wait for their time. */
  | { readonly kind: 'start'; readonly fresh: boolean; readonly quarantined: boolean; readonly offsetMillis: number }
  | { readonly kind: 'stop' }
  /** A local transaction was committed. */
  | { readonly kind: 'changed' }
  /** Focus, online, "Try now": try at once. */
  | { readonly kind: 'nudge' }
  /** The time that `nextWake` named has come. */
  | { readonly kind: 'wake' }
  /** The wall clock was set, or the device slept. */
  | { readonly kind: 'clockJumped' }
  /** `newestUnsealed`: Unix milliseconds at which the newest unsealed transaction is stamped; null when there is none. */
  | { readonly kind: 'timeDone'; readonly outcome: TimeOutcome; readonly newestUnsealed: number | null }
  | { readonly kind: 'createDone'; readonly outcome: CreateOutcome }
  | { readonly kind: 'readDone'; readonly outcome: Applying | Exclude<ReadOutcome, { kind: 'page' }> | NotSaved }
  /** A page has come, and not all of it is applied yet, or it was called off. */
  | { readonly kind: 'arriving' }
  | { readonly kind: 'tailPage'; readonly page: Applying }
  | { readonly kind: 'tailDone'; readonly outcome: TailOutcome | NotSaved }
  /** `epoch`: one that no other session of this client has, the time in milliseconds. */
  | { readonly kind: 'picked'; readonly bundle: Sent | null; readonly epoch: number }
  | { readonly kind: 'appendDone'; readonly outcome: AppendOutcome }
  | { readonly kind: 'renewDone'; readonly outcome: { readonly kind: 'renewed' } | Failure | NotSaved }
  | { readonly kind: 'released'; readonly left: boolean }
  /** Events went into quarantine that neither lane brought. */
  | { readonly kind: 'heldMore' }
  /** Somebody beside the two lanes was told that the log is gone, or another one ([SYNC-9]). */
  | {
      readonly kind: 'logGone';
      readonly outcome: { readonly kind: 'noStream' } | { readonly kind: 'reset'; readonly message: string };
    }
  /** The store failed at the first of these effects, and none of them was carried out; aborts were. */
  | { readonly kind: 'storeFailed'; readonly failed: readonly Effect[]; readonly error: NotSaved };

export type Effect =
  /** Asynchronous; each yields one input, also when aborted. */
  | { readonly do: 'time' }
  | { readonly do: 'create' }
  | { readonly do: 'read' }
  | { readonly do: 'tail' }
  | { readonly do: 'append'; readonly sent: Sent }
  | { readonly do: 'renew' }
  /** Ends what its lane has in flight; the outcome still comes. */
  | { readonly do: 'abort'; readonly lane: 'pull' | 'push' }
  /** The store's part, done when they return. */
  | { readonly do: 'setClockOffset' | 'restamp'; readonly offsetMillis: number; readonly before: number }
  | { readonly do: 'pick' }
  | { readonly do: 'markTried'; readonly id: BundleId }
  | { readonly do: 'acknowledge'; readonly id: BundleId; readonly next: Producer }
  | { readonly do: 'reject'; readonly id: BundleId; readonly reason: string }
  | { readonly do: 'setProducer'; readonly producer: Producer }
  | { readonly do: 'resendAll' }
  | { readonly do: 'startOver' }
  | { readonly do: 'release' };

export interface Env {
  /** Milliseconds of a clock that nobody sets. */
  readonly now: number;
  /** At random from [0, 1). */
  readonly jitter: number;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** One turn under way: the state as it becomes, and what is to be done. */
interface Turn {
  state: { -readonly [K in keyof Linked]: Linked[K] };
  readonly effects: Effect[];
  readonly env: Env;
}

/**
 * What an input makes of a state. Throws when an outcome comes for an effect that is not in flight: the driver gives one
 * outcome for each effect, and drops those of a session that was stopped.
 */
export function step(state: State, input: Input, env: Env): Step {
  if (input.kind === 'start') return start(input, env);
  if (state.kind === 'unlinked') {
    if (input.kind === 'stop' || NEWS.has(input.kind)) return { state, effects: [] };
    throw new Error(`no session, and yet: ${input.kind}`);
  }
  if (input.kind === 'stop') {
    return {
      state: UNLINKED,
      effects: [
        { do: 'abort', lane: 'pull' },
        { do: 'abort', lane: 'push' },
      ],
    };
  }
  const turn: Turn = { state: { ...state }, effects: [], env };
  take(turn, input);
  advance(turn);
  return { state: turn.state, effects: turn.effects };
}

/** When the machine wants to be woken, by its own clock; null when only news or an outcome moves it. */
export function nextWake(state: State): number | null {
  if (state.kind === 'unlinked') return null;
  const times: number[] = [];
  if (state.pull.at === 'waiting' || state.pull.at === 'blocked') times.push(state.pull.until);
  if (state.push.at === 'waiting' || state.push.at === 'blocked') times.push(state.push.until);
  if (state.push.at === 'due' && gateOpen(state)) times.push(state.push.from);
  if (state.releaseAt !== null && state.clockKnown) times.push(state.releaseAt);
  return times.length === 0 ? null : Math.min(...times);
}

/** What happens of itself, whether or not there is a session. */
const NEWS: ReadonlySet<Input['kind']> = new Set(['changed', 'nudge', 'wake', 'clockJumped', 'heldMore', 'logGone']);

function start(input: Extract<Input, { kind: 'start' }>, env: Env): Step {
  const state: Linked = {
    kind: 'linked',
    pull: { at: 'asking', tries: 1 },
    push: { at: 'due', from: env.now },
    pullFailures: 0,
    pushFailures: 0,
    create: input.fresh,
    owed: null,
    clockKnown: false,
    sample: null,
    sampledAt: null,
    offsetMillis: input.offsetMillis,
    reach: 'none',
    caughtUp: false,
    heardAt: null,
    pushReached: false,
    doubted: false,
    ownEpoch: false,
    tryingSince: env.now,
    acknowledged: true,
    releaseAt: input.quarantined ? env.now : null,
    pullNotSaved: null,
    pushNotSaved: null,
    pullError: null,
    pushError: null,
  };
  return { state, effects: [{ do: 'time' }] };
}

function take(turn: Turn, input: Exclude<Input, { kind: 'start' | 'stop' }>): void {
  const { state, env } = turn;
  switch (input.kind) {
    case 'changed':
      if (state.push.at === 'idle') state.push = { at: 'due', from: env.now + COALESCE_MILLIS };
      state.tryingSince ??= env.now;
      return;
    case 'nudge':
      return nudge(turn);
    case 'wake':
      return wake(turn);
    case 'clockJumped':
      state.clockKnown = false;
      state.sample = null;
      if (isBusy(state.pull)) stopPull(turn);
      return;
    case 'timeDone':
      return pullIn(turn, input.kind, ['asking']) ? told(turn, input.outcome, input.newestUnsealed) : undefined;
    case 'createDone':
      return pullIn(turn, input.kind, ['creating']) ? created(turn, input.outcome) : undefined;
    case 'readDone':
      if (input.outcome.kind === 'applied') applied(turn, input.outcome);
      return pullIn(turn, input.kind, ['reading']) ? didRead(turn, input.outcome) : undefined;
    case 'arriving':
      state.caughtUp = false;
      return;
    case 'tailPage':
      return page(turn, input.page);
    case 'tailDone':
      return pullIn(turn, input.kind, ['live']) ? tailEnded(turn, input.outcome) : undefined;
    case 'picked':
      return picked(turn, input.bundle, input.epoch);
    case 'appendDone':
      return appended(turn, input.outcome);
    case 'renewDone':
      return renewed(turn, input.outcome);
    case 'released':
      state.releaseAt = input.left ? env.now + RELEASE_MILLIS : null;
      return;
    case 'heldMore':
      state.releaseAt = Math.min(state.releaseAt ?? Infinity, env.now + RELEASE_MILLIS);
      return;
    case 'logGone':
      owe(turn, input.outcome.kind === 'noStream' ? 'create' : 'resend');
      state.pullError = wordsOf(input.outcome);
      return;
    case 'storeFailed':
      return storeFailed(turn, input.failed, input.error);
  }
}

/** After every input: stops what stands in the way of a debt, lets a held lane go on, picks when the gate is open. */
function advance(turn: Turn): void {
  const { state, effects, env } = turn;
  if (state.owed !== null) {
    if (isBusy(state.pull)) stopPull(turn);
    if (state.push.at === 'sending') {
      state.push = { at: 'stopping' };
      effects.push({ do: 'abort', lane: 'push' });
    }
  }
  if (state.pull.at === 'holding' && !owesInVain(state)) connect(turn);
  if (state.push.at === 'due' && state.push.from <= env.now && gateOpen(state)) {
    state.push = { at: 'picking' };
    effects.push({ do: 'pick' });
  }
}

/** A debt cannot be paid while the other lane has something in flight. */
function owesInVain(state: Linked): boolean {
  return state.owed !== null && (state.push.at === 'stopping' || state.push.at === 'renewing');
}

/** Queues everything again. Asked for that time after time, it takes its time, so that a mad server is not flooded. */
function pay(turn: Turn): void {
  const { state, effects, env } = turn;
  effects.push({ do: 'resendAll' });
  state.create ||= state.owed === 'create';
  state.owed = null;
  // What was in flight may have used a number of the new log: what is sealed now gets numbers of its own.
  state.ownEpoch = false;
  state.pullFailures += 1;
  if (state.pullFailures > 1) {
    state.pull = { at: 'waiting', until: env.now + backoffMillis(state.pullFailures - 1, env.jitter, null) };
  }
  state.push = state.pushFailures > 1 ? pause(turn, state.pushFailures - 1, null) : { at: 'due', from: env.now };
}

function owe(turn: Turn, what: 'resend' | 'create'): void {
  const { state } = turn;
  state.owed = state.owed === 'create' ? 'create' : what;
  state.caughtUp = false;
}

function gateOpen(state: Linked): boolean {
  return state.clockKnown && state.owed === null && !state.create;
}

/* ---------------------------------------------------------------------------------------------------------- news */

function nudge(turn: Turn): void {
  const { state, env } = turn;
  if (state.pull.at === 'waiting' || state.pull.at === 'blocked') {
    state.pullFailures = 0;
    connect(turn);
  } else if (state.pull.at === 'live' && silentFor(turn) > SILENT_MILLIS) {
    stopPull(turn);
  }
  if (state.push.at === 'waiting' || state.push.at === 'blocked') {
    state.pushFailures = 0;
    state.push = { at: 'due', from: env.now };
  } else if (state.push.at === 'idle' || state.push.at === 'due') {
    state.push = { at: 'due', from: env.now };
  }
}

function wake(turn: Turn): void {
  const { state, effects, env } = turn;
  if ((state.pull.at === 'waiting' || state.pull.at === 'blocked') && state.pull.until <= env.now) connect(turn);
  if ((state.push.at === 'waiting' || state.push.at === 'blocked') && state.push.until <= env.now) {
    state.push = { at: 'due', from: env.now };
  }
  if (state.releaseAt !== null && state.clockKnown && state.releaseAt <= env.now) {
    state.releaseAt = env.now + RELEASE_MILLIS;
    effects.push({ do: 'release' });
  }
}

/* ---------------------------------------------------------------------------------------------------------- pull */

function isBusy(pull: Pull): boolean {
  return pull.at === 'asking' || pull.at === 'creating' || pull.at === 'reading' || pull.at === 'live';
}

/** Whether an outcome is to be looked at: false when the lane was stopping, which it ends. */
function pullIn(turn: Turn, what: Input['kind'], expected: readonly Pull['at'][]): boolean {
  const { state } = turn;
  if (state.pull.at === 'stopping') {
    state.pull = { at: 'holding' };
    return false;
  }
  if (!expected.includes(state.pull.at)) throw new Error(`${what} while ${state.pull.at}`);
  return true;
}

function stopPull(turn: Turn): void {
  turn.state.pull = { at: 'stopping' };
  turn.effects.push({ do: 'abort', lane: 'pull' });
}

/** Begins a connection: pays a debt, and asks for the time when it is not known or was asked for long ago. */
function connect(turn: Turn): void {
  const { state, effects } = turn;
  if (owesInVain(state)) {
    state.pull = { at: 'holding' };
    return;
  }
  if (state.owed !== null) {
    state.pull = { at: 'holding' };
    pay(turn);
    if (state.pull.at !== 'holding') return;
  }
  if (!state.clockKnown || isStale(turn)) {
    state.pull = { at: 'asking', tries: 1 };
    effects.push({ do: 'time' });
  } else if (state.create) {
    state.pull = { at: 'creating' };
    effects.push({ do: 'create' });
  } else {
    read(turn);
  }
}

function isStale(turn: Turn): boolean {
  const { sampledAt } = turn.state;
  return sampledAt !== null && turn.env.now - sampledAt > SAMPLE_MILLIS;
}

function read(turn: Turn): void {
  turn.state.acknowledged = false;
  turn.state.pull = { at: 'reading' };
  turn.effects.push({ do: 'read' });
}

function tail(turn: Turn): void {
  turn.state.pull = { at: 'live', since: turn.env.now, pages: 0 };
  turn.effects.push({ do: 'tail' });
}

function told(turn: Turn, outcome: TimeOutcome, newestUnsealed: number | null): void {
  const { state, effects, env } = turn;
  if (outcome.kind !== 'time' && outcome.kind !== 'unknown') return pullFailed(turn, outcome);
  heard(turn);
  if (outcome.kind === 'time') {
    state.sample = betterSample(
      state.sample,
      readClock(outcome.serverMillis, outcome.roundTripMillis, outcome.receivedAt),
    );
    const tries = state.pull.at === 'asking' ? state.pull.tries : SAMPLES;
    if (state.sample.errorMillis > GOOD_ERROR_MILLIS && tries < SAMPLES) {
      state.pull = { at: 'asking', tries: tries + 1 };
      effects.push({ do: 'time' });
      return;
    }
    const { offsetMillis } = state.sample;
    const before = state.offsetMillis;
    const change = offsetMillis - before;
    // The clock may have been wrong for a while and be right again: what is dated in the future says so.
    const ahead = newestUnsealed === null ? 0 : newestUnsealed - (outcome.receivedAt - offsetMillis);
    const wrong = isWrongClock(change) || (ahead > 0 && isWrongClock(ahead));
    if (wrong || Math.abs(change) > OFFSET_NOISE_MILLIS) {
      effects.push({ do: wrong ? 'restamp' : 'setClockOffset', offsetMillis, before });
      state.offsetMillis = offsetMillis;
    }
  }
  state.sampledAt = env.now;
  state.clockKnown = true;
  connect(turn);
}

function created(turn: Turn, outcome: CreateOutcome): void {
  if (outcome.kind === 'created') {
    heard(turn);
    turn.state.create = false;
    read(turn);
  } else if (outcome.kind === 'refused') {
    heard(turn);
    blockPull(turn, outcome.message);
  } else {
    pullFailed(turn, outcome);
  }
}

function didRead(turn: Turn, outcome: Extract<Input, { kind: 'readDone' }>['outcome']): void {
  switch (outcome.kind) {
    case 'applied':
      // Acknowledged, and not in the log: it was put back to what it was before, or is another one.
      if (outcome.upToDate && outcome.unechoed > 0 && !turn.state.acknowledged) {
        return logIsGone(turn, { kind: 'reset', message: 'The server has forgotten changes that it had.' });
      }
      // An empty page that claims there is more would be asked for without end.
      if (outcome.upToDate) tail(turn);
      else if (outcome.messages > 0) read(turn);
      else pullFailed(turn, { kind: 'busy', message: 'The server sent an empty page.', retryAfterMillis: null });
      return;
    case 'trimmed':
      return startOver(turn, outcome.message);
    case 'noStream':
    case 'reset':
      return logIsGone(turn, outcome);
    case 'unreachable':
    case 'busy':
    case 'unauthorized':
    case 'notSaved':
      return pullFailed(turn, outcome);
  }
}

function tailEnded(turn: Turn, outcome: TailOutcome | NotSaved): void {
  const { state, env } = turn;
  switch (outcome.kind) {
    case 'ended': {
      const short =
        state.pull.at === 'live' && state.pull.pages === 0 && env.now - state.pull.since < SHORT_TAIL_MILLIS;
      heard(turn);
      // A page of its own shows whether all that was acknowledged is there.
      if (!short) return isStale(turn) || state.acknowledged ? connect(turn) : tail(turn);
      state.pullFailures += 1;
      state.pull = { at: 'waiting', until: env.now + backoffMillis(state.pullFailures, env.jitter, null) };
      return;
    }
    case 'trimmed':
      return startOver(turn, outcome.message);
    case 'noStream':
    case 'reset':
      return logIsGone(turn, outcome);
    case 'unreachable':
    case 'busy':
    case 'unauthorized':
    case 'notSaved':
      return pullFailed(turn, outcome);
  }
}

function page(turn: Turn, outcome: Applying): void {
  const { state } = turn;
  if (state.pull.at === 'live') {
    state.pull = { ...state.pull, pages: state.pull.pages + 1 };
    state.pullFailures = 0;
  } else if (state.pull.at !== 'stopping') {
    throw new Error(`a page while ${state.pull.at}`);
  }
  applied(turn, outcome);
}

function applied(turn: Turn, outcome: Applying): void {
  const { state, env } = turn;
  heard(turn);
  if (outcome.messages > 0) state.pullFailures = 0;
  state.caughtUp = outcome.upToDate;
  state.pullNotSaved = null;
  state.pullError = null;
  if (outcome.quarantined > 0) state.releaseAt = Math.min(state.releaseAt ?? Infinity, env.now + RELEASE_MILLIS);
}

function heard(turn: Turn): void {
  const { state, env } = turn;
  // What failed for want of a network need not wait any longer.
  if (state.reach === 'unreachable') {
    if (state.push.at === 'waiting') state.push = { at: 'due', from: env.now };
    if (state.tryingSince !== null) state.tryingSince = env.now;
  }
  state.heardAt = env.now;
  state.reach = 'reached';
}

function silentFor(turn: Turn): number {
  return turn.env.now - (turn.state.heardAt ?? -Infinity);
}

function logIsGone(
  turn: Turn,
  outcome: { readonly kind: 'noStream' } | { readonly kind: 'reset'; readonly message: string },
): void {
  const { state } = turn;
  heard(turn);
  state.pull = { at: 'holding' };
  owe(turn, outcome.kind === 'noStream' ? 'create' : 'resend');
  state.pullError = wordsOf(outcome);
}

function wordsOf(
  outcome: { readonly kind: 'noStream' } | { readonly kind: 'reset'; readonly message: string },
): string {
  return outcome.kind === 'noStream' ? 'The server does not have this book.' : outcome.message;
}

/** The server keeps nothing as old as our cursor: what it has instead is a snapshot. Asked again and again, it takes its time. */
function startOver(turn: Turn, message: string): void {
  const { state, effects, env } = turn;
  heard(turn);
  state.caughtUp = false;
  state.pullError = message;
  state.pullFailures += 1;
  effects.push({ do: 'startOver' });
  if (state.pullFailures === 1) return read(turn);
  state.pull = { at: 'waiting', until: env.now + backoffMillis(state.pullFailures, env.jitter, null) };
}

function pullFailed(turn: Turn, failure: Failure | NotSaved): void {
  const { state, env } = turn;
  state.caughtUp = false;
  state.pullError = failure.message;
  state.pullFailures += 1;
  switch (failure.kind) {
    case 'unauthorized':
      heard(turn);
      return blockPull(turn, failure.message);
    case 'unreachable':
      state.reach = 'unreachable';
      state.pushReached = false;
      break;
    case 'busy':
      heard(turn);
      break;
    case 'notSaved':
      state.pullNotSaved = failure;
      break;
  }
  const retryAfter = failure.kind === 'busy' ? failure.retryAfterMillis : null;
  state.pull = { at: 'waiting', until: env.now + backoffMillis(state.pullFailures, env.jitter, retryAfter) };
}

function blockPull(turn: Turn, message: string): void {
  const { state, env } = turn;
  state.reach = 'refused';
  state.caughtUp = false;
  state.pullError = message;
  state.pull = { at: 'blocked', until: env.now + BLOCKED_MILLIS };
}

/* ---------------------------------------------------------------------------------------------------------- push */

function picked(turn: Turn, bundle: Sent | null, epoch: number): void {
  const { state, effects, env } = turn;
  if (state.push.at !== 'picking') throw new Error(`picked while ${state.push.at}`);
  if (bundle === null) {
    state.push = { at: 'idle' };
    state.tryingSince = null;
    state.pushFailures = 0;
    state.pushNotSaved = null;
    state.pushError = null;
  } else if (!gateOpen(state)) {
    // The clock was set, or the log went, between the two.
    state.push = { at: 'due', from: env.now };
  } else if (!state.ownEpoch && !bundle.tried) {
    // One that was tried before goes out under its old number first, or it might be stored twice.
    effects.push({ do: 'setProducer', producer: { epoch: Math.max(epoch, bundle.producer.epoch + 1), seq: 0 } });
    state.ownEpoch = true;
    state.push = { at: 'due', from: env.now };
  } else {
    state.push = { at: 'sending', sent: bundle };
    if (!bundle.tried) effects.push({ do: 'markTried', id: bundle.id });
    effects.push({ do: 'append', sent: bundle });
  }
}

function appended(turn: Turn, outcome: AppendOutcome): void {
  const { state, effects, env } = turn;
  if (state.push.at === 'stopping') {
    state.push = { at: 'due', from: env.now };
    return;
  }
  if (state.push.at !== 'sending') throw new Error(`appendDone while ${state.push.at}`);
  const { sent } = state.push;
  state.pushReached = outcome.kind !== 'unreachable';
  if (state.pushReached) state.heardAt = env.now;
  switch (outcome.kind) {
    case 'stored':
      // A number that we never used was used already: by a copy of this database.
      if (outcome.duplicate && !sent.tried) return renew(turn, 'Another device goes by the name of this one.');
      effects.push({
        do: 'acknowledge',
        id: sent.id,
        next: { epoch: sent.producer.epoch, seq: sent.producer.seq + 1 },
      });
      nextBundle(turn);
      state.acknowledged = true;
      // It was the number: the server had forgotten an epoch, and what came with it.
      if (state.doubted) owe(turn, 'resend');
      state.doubted = false;
      return;
    case 'refused':
      if (outcome.perhapsNumber && sent.producer.seq > 0) {
        // Offered once more as the first of a new epoch, which says what is to blame.
        effects.push({ do: 'setProducer', producer: { epoch: sent.producer.epoch + 1, seq: 0 } });
        state.doubted = true;
        state.push = { at: 'due', from: env.now };
        return;
      }
      effects.push({ do: 'reject', id: sent.id, reason: outcome.message });
      state.doubted = false;
      return nextBundle(turn);
    case 'gap':
      // What is queued anew gets an epoch of its own, from 0 on.
      state.pushFailures += 1;
      state.pushError = 'The server has forgotten changes that it had.';
      state.push = { at: 'due', from: env.now };
      return owe(turn, 'resend');
    case 'noStream':
      state.pushFailures += 1;
      state.pushError = 'The server does not have this book.';
      state.push = { at: 'due', from: env.now };
      return owe(turn, 'create');
    case 'fenced':
      return renew(turn, 'Another device goes by the name of this one.');
    case 'closed':
      state.pushError = outcome.message;
      state.push = { at: 'blocked', until: env.now + BLOCKED_MILLIS };
      return;
    case 'unreachable':
      // Does the other lane only believe that it is connected?
      if (state.pull.at === 'live' && silentFor(turn) > DOUBTFUL_MILLIS) stopPull(turn);
      return pushFailed(turn, outcome);
    case 'busy':
    case 'unauthorized':
      return pushFailed(turn, outcome);
  }
}

function nextBundle(turn: Turn): void {
  const { state, env } = turn;
  state.pushFailures = 0;
  state.pushNotSaved = null;
  state.pushError = null;
  state.tryingSince = env.now;
  state.push = { at: 'due', from: env.now };
}

function renew(turn: Turn, message: string): void {
  turn.state.pushError = message;
  turn.state.push = { at: 'renewing' };
  turn.effects.push({ do: 'renew' });
}

function renewed(turn: Turn, outcome: { readonly kind: 'renewed' } | Failure | NotSaved): void {
  const { state, env } = turn;
  if (state.push.at !== 'renewing') throw new Error(`renewDone while ${state.push.at}`);
  if (outcome.kind !== 'renewed') return pushFailed(turn, outcome);
  state.ownEpoch = false;
  state.pushFailures += 1;
  state.push = state.pushFailures > 1 ? pause(turn, state.pushFailures, null) : { at: 'due', from: env.now };
}

function pushFailed(turn: Turn, failure: Failure | NotSaved): void {
  const { state, env } = turn;
  state.pushError = failure.message;
  state.pushFailures += 1;
  if (failure.kind === 'notSaved') state.pushNotSaved = failure;
  state.push =
    failure.kind === 'unauthorized'
      ? { at: 'blocked', until: env.now + BLOCKED_MILLIS }
      : pause(turn, state.pushFailures, failure.kind === 'busy' ? failure.retryAfterMillis : null);
}

function pause(turn: Turn, failures: number, retryAfterMillis: number | null): Push {
  return { at: 'waiting', until: turn.env.now + backoffMillis(failures, turn.env.jitter, retryAfterMillis) };
}

/* ---------------------------------------------------------------------------------------------------------- store */

/** Which lane waits for an effect; null when none does. */
function laneOf(effect: Effect): 'pull' | 'push' | null {
  switch (effect.do) {
    case 'time':
    case 'create':
    case 'read':
    case 'tail':
    case 'setClockOffset':
    case 'restamp':
    case 'resendAll':
    case 'startOver':
      return 'pull';
    case 'append':
    case 'renew':
    case 'pick':
    case 'markTried':
    case 'acknowledge':
    case 'reject':
    case 'setProducer':
      return 'push';
    case 'abort':
    case 'release':
      return null;
  }
}

function storeFailed(turn: Turn, failed: readonly Effect[], error: NotSaved): void {
  const { state } = turn;
  for (const effect of failed) {
    if (effect.do === 'restamp' || effect.do === 'setClockOffset') {
      // Stamped wrong, nothing may be sealed: the clock is looked at again.
      state.clockKnown = false;
      state.offsetMillis = effect.before;
    } else if (effect.do === 'resendAll') {
      owe(turn, state.create ? 'create' : 'resend');
    } else if (effect.do === 'setProducer') {
      state.ownEpoch = false;
    }
  }
  const lanes = new Set(failed.map(laneOf));
  if (lanes.has('pull')) pullFailed(turn, error);
  if (lanes.has('push')) pushFailed(turn, error);
}
