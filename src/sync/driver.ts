// Over 400 lines on purpose: every effect of the machine is run here, and they share one session.
/**
 * Runs the machine: carries out its effects against the store and the server, one session at a time, and tells the status.
 * Everything the store does happens between two turns of the event loop, in slices, so that local edits are never kept
 * waiting for long ([SYNC-5]).
 */
import type { Status, SyncDetails } from '../protocol/status.ts';
import type { LastVerified, Verified, VerifyProgress } from '../protocol/verification.ts';
import { Abort } from './abort.ts';
import { Behind, type BehindParts } from './behind.ts';
import {
  UNLINKED,
  nextWake,
  step,
  type Applying,
  type Effect,
  type Input,
  type NotSaved,
  type State,
} from './machine.ts';
import type {
  After,
  Clock,
  Failure,
  Page,
  Signal,
  SyncCounts,
  SyncLink,
  SyncStore,
  TailOutcome,
  Transport,
} from './ports.ts';
import { slicesOf } from './slices.ts';
import { SnapshotStart } from './snapshot-start.ts';
import type { Measures } from './snapshot-upload.ts';
import { verify } from './verification.ts';
import { detailsOf, statusChangesAt, statusOf, type Moment, type WriteFailure } from './status.ts';

/** The wall clock and the steady one agree to within this from one turn to the next, unless one was set or slept. */
const JUMP_MILLIS = 5_000;

export interface DriverPorts {
  readonly store: SyncStore;
  readonly clock: Clock;
  readonly after: After;
  /** At random from [0, 1). */
  readonly random: () => number;
  /** Lets everything else that waits have its turn: a macrotask. */
  readonly breathe: () => Promise<void>;
  /** Called at once, and whenever what it says changes. */
  readonly onStatus: (status: Status, details: SyncDetails) => void;
  /** What the store answers has changed: remote events came in, local ones were stamped anew, or sent ones were settled. */
  readonly onChanged: () => void;
  /** When a snapshot is worth its making: as it is measured, unless tests have smaller books. */
  readonly measures?: Measures;
}

/** A server to sync with. */
export interface Session {
  readonly link: SyncLink;
  readonly transport: Transport;
  /** For "Sync details". */
  readonly serverUrl: string;
  /**
   * The server knows another device by our name: gives this installation a new client id there and in the store ([HLC-6]),
   * and resolves to the session to go on with. Bundles that nobody acknowledged are sealed anew under it.
   */
  readonly renew: (signal: Signal) => Promise<{ readonly kind: 'renewed'; readonly session: Session } | Failure>;
}

export class Driver {
  readonly #ports: DriverPorts;
  #state: State = UNLINKED;
  #run: Run | null = null;
  #counts: SyncCounts | null = null;
  #progress: number | null = null;
  /** The history that a snapshot stood in for; null when it is all here, or not being fetched. */
  #history: SyncDetails['history'] = null;
  /** Whether the book is being read for the first time. */
  #first = false;
  #writeFailure: WriteFailure | null = null;
  #told = '';

  #verifying: Promise<Verified> | null = null;
  #verification: VerifyAbort | null = null;
  #verifyProgress: VerifyProgress | null = null;
  #lastVerified: LastVerified | null = null;
  /** When the server last answered, by this device's clock, whichever session that was. */
  #lastContactAt: number | null = null;
  /** Of which server these are. */
  #recalledUrl: string | null = null;
  #onMoved: () => void = () => {};

  readonly #queue: Input[] = [];
  #working = false;
  #callOffWake: () => void = () => {};
  #skew: number;

  constructor(ports: DriverPorts) {
    this.#ports = ports;
    this.#skew = this.#measureSkew();
    this.#tell();
  }

  /** How far this device's clock is ahead of server time; what the store stamps with is the wall clock less this. */
  get offsetMillis(): number {
    return this.#state.kind === 'linked' ? this.#state.offsetMillis : this.#ports.store.clockOffset();
  }

  /** Begins to sync, in place of any session before. */
  start(session: Session): void {
    const { store } = this.#ports;
    this.stop();
    if (this.#recalledUrl !== session.serverUrl) {
      this.#lastVerified = null;
      this.#lastContactAt = null;
    }
    this.#recalledUrl = session.serverUrl;
    this.#run = new Run(session, this.#partsOf(session));
    this.#skew = this.#measureSkew();
    try {
      const counts = store.counts();
      this.#counts = counts;
      this.#history = store.history() === null ? null : { share: null };
      this.#first = store.start() !== null;
      this.#feed({
        kind: 'start',
        fresh: isFresh(store),
        quarantined: counts.quarantined > 0,
        offsetMillis: store.clockOffset(),
      });
    } catch (error) {
      // A store that cannot be read cannot be synced; the session is over before it began.
      this.#run = null;
      this.#writeFailure = notSaved(error);
      this.#tell();
    }
  }

  /** Ends the session. What is under way at the server is left to itself; its outcome is not looked at. */
  stop(): void {
    if (!this.#run) return;
    const run = this.#run;
    this.#run = null;
    this.#queue.length = 0;
    run.over = true;
    run.behind.stop();
    this.#progress = null;
    this.#history = null;
    this.#first = false;
    this.#feed({ kind: 'stop' });
    run.pull?.abort();
    run.push?.abort();
    this.stopVerifying();
  }

  /** A local transaction was committed. */
  changed(): void {
    this.#counts = null;
    this.#feed({ kind: 'changed' });
  }

  /** The window has the focus again, the network is back, or a person wants it now. */
  nudge(): void {
    this.#feed({ kind: 'nudge' });
  }

  /** Tells that a local write failed, or (null) that writing works again. */
  wrote(failure: WriteFailure | null): void {
    this.#writeFailure = failure;
    // What was written waits from now on: without the failure, the number would be the one from before it.
    this.#counts = null;
    this.#tell();
  }

  /** Somebody changed quarantine or dead letters: the numbers are counted anew. */
  recount(): void {
    this.#counts = null;
    this.#tell();
    // What waits for its time may have come back into quarantine, or all of it be gone. Where nothing can be counted, that was told.
    const counts = this.#counts as SyncCounts | null;
    if (this.#run && counts) this.#feed({ kind: 'released', left: counts.quarantined > 0 });
  }

  /**
   * Compares what is here with what the server has, and repairs either way ([SYNC-9]). One at a time: asked for again, it is
   * the same one. Never rejects. Progress and outcome are told with the status.
   */
  verify(): Promise<Verified> {
    this.#verifying ??= this.#verify().finally(() => (this.#verifying = null));
    return this.#verifying;
  }

  /** Ends a verification: what it repaired so far stays, and nothing counts as verified. */
  stopVerifying(): void {
    this.#verification?.abort();
  }

  /** What came of the last verification with the server of this session, when it was one before this session. */
  recallVerified(last: LastVerified): void {
    this.#lastVerified ??= last;
    this.#tell();
  }

  /** When the server of this session last answered before this start. */
  recallContact(atMillis: number): void {
    this.#lastContactAt ??= atMillis;
    this.#tell();
  }

  /** What the chip says now. Throws what the store throws. */
  status(): { readonly status: Status; readonly details: SyncDetails } {
    this.#counts ??= this.#ports.store.counts();
    return this.#describe(this.#counts, this.#writeFailure);
  }

  #describe(counts: SyncCounts, failure: WriteFailure | null) {
    const at: Moment = { wallMillis: this.#ports.clock.wall(), now: this.#ports.clock.steady() };
    const server = this.#run && {
      url: this.#run.session.serverUrl,
      progress: this.#progress,
      history: this.#history,
      first: this.#first,
    };
    const verification = { running: this.#verifyProgress, last: this.#lastVerified };
    const details = detailsOf(this.#state, counts, failure, at, server, verification);
    if (server) this.#lastContactAt = details.lastContactAt ?? this.#lastContactAt;
    return {
      status: statusOf(this.#state, counts, failure, at),
      details: server ? { ...details, lastContactAt: this.#lastContactAt } : details,
    };
  }

  /** Takes inputs one after another, also those that its own effects bring forth. */
  #feed(input: Input): void {
    this.#queue.push(input);
    if (this.#working) return;
    this.#working = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        if (this.#wasClockSet()) this.#take({ kind: 'clockJumped' });
        this.#take(next);
      }
    } finally {
      this.#working = false;
    }
    this.#goOnBehind();
    this.#setWake();
    this.#tell();
    this.#onMoved();
  }

  /** What can wait until everything new is here: history, and a snapshot for devices to come. */
  #goOnBehind(): void {
    const run = this.#run;
    const state = this.#state;
    if (!run?.session.transport.snapshots || state.kind !== 'linked') return;
    const settled = state.caughtUp && state.pull.at === 'live' && state.push.at === 'idle';
    if (settled && !run.settled) run.behind.settled();
    run.settled = settled;
  }

  #take(input: Input): void {
    const env = { now: this.#ports.clock.steady(), jitter: this.#ports.random() };
    const { state, effects } = step(this.#state, input, env);
    this.#state = state;
    if (state.kind === 'linked' && state.caughtUp) {
      this.#first = false;
      this.#progress = null;
    }
    const run = this.#run;
    if (!run) return;
    for (const [i, effect] of effects.entries()) {
      try {
        this.#carryOut(effect, run);
      } catch (error) {
        // The store did not do its part: nothing that follows can count on it. Aborts are harmless and still due.
        const rest = effects.slice(i);
        for (const later of rest) if (later.do === 'abort') this.#carryOut(later, run);
        const failed = rest.filter((later) => later.do !== 'abort');
        this.#queue.unshift({ kind: 'storeFailed', failed, error: notSaved(error) });
        return;
      }
    }
  }

  /** Throws what the store throws. */
  #carryOut(effect: Effect, run: Run): void {
    const { store } = this.#ports;
    const { link, transport } = run.session;
    switch (effect.do) {
      case 'time':
        return this.#later(
          run,
          'pull',
          (signal) => transport.time(signal),
          (outcome) => ({ kind: 'timeDone', outcome, newestUnsealed: this.#newestUnsealed() }),
        );
      case 'create':
        return this.#later(
          run,
          'pull',
          (signal) => transport.create(signal),
          (outcome) => ({ kind: 'createDone', outcome }),
        );
      case 'read':
        return this.#later(
          run,
          'pull',
          (signal) => this.#read(run, signal),
          (outcome) => ({ kind: 'readDone', outcome }),
        );
      case 'tail':
        return this.#later(
          run,
          'pull',
          (signal) => this.#tail(run, signal),
          (outcome) => ({ kind: 'tailDone', outcome }),
        );
      case 'append': {
        const { sent } = effect;
        const bundle = store.nextInOutbox();
        if (bundle?.id !== sent.id) throw new Error('the outbox changed its head while nothing was acknowledged');
        return this.#later(
          run,
          'push',
          (signal) => transport.append(bundle, sent.producer, signal),
          (outcome) => ({ kind: 'appendDone', outcome }),
        );
      }
      case 'renew':
        return this.#later(
          run,
          'push',
          (signal) => this.#renew(run, signal),
          (outcome) => ({ kind: 'renewDone', outcome }),
        );
      case 'abort':
        (effect.lane === 'pull' ? run.pull : run.push)?.abort();
        return;
      case 'setClockOffset':
        return store.setClockOffset(effect.offsetMillis);
      case 'restamp':
        if (store.restamp(effect.offsetMillis) > 0) this.#ports.onChanged();
        return;
      case 'pick': {
        let bundle = store.nextInOutbox();
        if (!bundle && store.seal(link, 1) > 0) bundle = store.nextInOutbox();
        this.#counts = null;
        this.#queue.push({
          kind: 'picked',
          bundle: bundle && { id: bundle.id, producer: store.producer(), tried: bundle.tried },
          epoch: Math.max(0, Math.floor(this.#serverMillis())),
        });
        return;
      }
      case 'markTried':
        return store.markTried(effect.id);
      case 'acknowledge':
        this.#counts = null;
        store.acknowledge(effect.id, effect.next);
        return this.#ports.onChanged();
      case 'reject':
        this.#counts = null;
        store.reject(effect.id, effect.reason);
        return this.#ports.onChanged();
      case 'setProducer':
        return store.setProducer(effect.producer);
      case 'resendAll':
        this.#counts = null;
        // What was compared was another log.
        if (this.#verification) this.#verification.restarted = true;
        this.stopVerifying();
        if (isFresh(store)) return;
        store.resendAll(link);
        return this.#ports.onChanged();
      case 'startOver':
        this.#counts = null;
        run.start.reset();
        // What had been told this log again may have to be told once more.
        this.#queue.push({ kind: 'changed' });
        return store.startOver();
      case 'release': {
        const released = store.release(this.#serverMillis());
        this.#counts = store.counts();
        if (released > 0) this.#ports.onChanged();
        this.#queue.push({ kind: 'released', left: this.#counts.quarantined > 0 });
        return;
      }
    }
  }

  /** What the slower work of a session needs. */
  #partsOf(session: Session): BehindParts {
    const { store, after, random, breathe, measures } = this.#ports;
    return {
      ...(measures && { measures }),
      store,
      after,
      random,
      breathe,
      transport: () => (this.#run?.session ?? session).transport,
      serverMillis: () => this.#serverMillis(),
      onApplied: ({ events, quarantined }) => {
        this.#counts = null;
        if (events > 0) this.#ports.onChanged();
        if (quarantined > 0) this.#tell();
      },
      onTrouble: (error) => {
        // A full disk is told by the lanes; anything else is a broken invariant, as in #later.
        if (!(error instanceof Error && 'reason' in error))
          after(0, () => {
            throw error;
          });
      },
      onProgress: (share) => {
        const ended = share === null && this.#history !== null;
        this.#history = share === null ? null : { share };
        // What came of it may need attention, or have to be sent.
        if (ended) this.changed();
        else this.#tell();
      },
    };
  }

  /** Starts what takes time; its outcome comes as one input, unless the session is over by then. */
  #later<T>(
    run: Run,
    lane: 'pull' | 'push',
    work: (signal: Signal) => Promise<T>,
    input: (outcome: T | Unreachable) => Input,
  ): void {
    const abort = new Abort();
    run[lane] = abort;
    const settle = (outcome: T | Unreachable): void => {
      if (run.over) return;
      run[lane] = null;
      this.#feed(input(outcome));
    };
    work(abort).then(settle, (error: unknown) => {
      // Ports resolve whatever happens: this is a broken invariant. It is not to be swallowed, nor may it end all sync.
      this.#ports.after(0, () => {
        throw error;
      });
      settle({ kind: 'unreachable', message: messageOf(error) });
    });
  }

  async #verify(): Promise<Verified> {
    const abort = new VerifyAbort();
    this.#verification = abort;
    const progress = (next: VerifyProgress): void => {
      this.#verifyProgress = next;
      this.#tell();
    };
    progress({ part: 'catchingUp', compared: 0, held: 0 });
    let outcome: Verified;
    try {
      outcome = (await this.#whenCaughtUp(abort)) ?? (await this.#compare(abort, progress));
    } catch (error) {
      outcome = { kind: 'failed', message: messageOf(error) };
    }
    if (outcome.kind === 'stopped' && abort.restarted) outcome = { kind: 'restarted' };
    this.#verification = null;
    this.#verifyProgress = null;
    // What came to no end tells nothing, and does not take the place of what does.
    if (outcome.kind !== 'stopped') this.#lastVerified = { at: this.#ports.clock.wall(), outcome };
    // Of what was counted nothing has changed since it was told: the store is not asked, for it may be closed by now.
    this.#tell();
    return outcome;
  }

  /** Waits until everything that the server has was read, as far as sync gets on; null when it was. */
  async #whenCaughtUp(abort: Abort): Promise<Verified | null> {
    this.nudge();
    for (;;) {
      const state = this.#state;
      if (abort.aborted) return { kind: 'stopped' };
      if (state.kind === 'unlinked') return { kind: 'failed', message: 'This device does not sync with a server.' };
      if (state.pull.at === 'waiting' || state.pull.at === 'blocked')
        return { kind: 'failed', message: state.pullError ?? 'The server cannot be reached.' };
      if (state.caughtUp && state.owed === null) return null;
      await this.#moved(abort);
    }
  }

  /** The estimate, once the server was asked again if this device's clock was set since; null when that cannot be. */
  async #knownServerMillis(abort: Abort): Promise<number | null> {
    if (this.#wasClockSet()) this.#feed({ kind: 'clockJumped' });
    for (;;) {
      const state = this.#state;
      if (abort.aborted || state.kind === 'unlinked') return null;
      if (state.clockKnown) return this.#serverMillis();
      if (state.pull.at === 'waiting' || state.pull.at === 'blocked') return null;
      await this.#moved(abort);
    }
  }

  /** Resolves when something has happened, or `abort` is aborted. */
  #moved(abort: Abort): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#onMoved = resolve;
      abort.addEventListener('abort', resolve);
    });
  }

  async #compare(abort: Abort, onProgress: (progress: VerifyProgress) => void): Promise<Verified> {
    const run = this.#run;
    const { store, breathe, onChanged } = this.#ports;
    if (!run) return { kind: 'stopped' };
    const outcome = await verify(
      {
        store,
        transport: run.session.transport,
        breathe,
        serverMillis: () => this.#knownServerMillis(abort),
        onApplied: ({ events, quarantined }) => {
          this.#counts = null;
          if (events > 0) onChanged();
          if (quarantined > 0) this.#feed({ kind: 'heldMore' });
        },
        onQueued: () => {
          this.changed();
          onChanged();
        },
        onProgress,
      },
      abort,
    );
    if (outcome.kind !== 'noStream' && outcome.kind !== 'reset') return outcome;
    if (!abort.aborted) this.#feed({ kind: 'logGone', outcome });
    return { kind: 'restarted' };
  }

  async #renew(run: Run, signal: Signal): Promise<{ readonly kind: 'renewed' } | Failure | NotSaved> {
    try {
      const outcome = await run.session.renew(signal);
      if (outcome.kind !== 'renewed') return outcome;
      run.session = outcome.session;
      this.#counts = null;
      return { kind: 'renewed' };
    } catch (error) {
      // A full disk has no room for a new name either: it is given another time.
      if (isSqlError(error)) return notSaved(error);
      throw error;
    }
  }

  async #read(run: Run, signal: Signal): Promise<Read> {
    const { snapshots } = run.session.transport;
    if (snapshots) {
      try {
        const piece = await run.start.next(snapshots, signal);
        if (piece?.kind === 'started') {
          this.#progress = piece.progress;
          return { kind: 'applied', upToDate: false, messages: 1, quarantined: piece.quarantined, unechoed: 0 };
        }
        if (piece) return piece;
      } catch (error) {
        return notSaved(error);
      }
    }
    const cursor = this.#cursor();
    if (typeof cursor === 'object' && cursor !== null) return cursor;
    const outcome = await run.session.transport.read(cursor, signal);
    return outcome.kind === 'page' ? this.#apply(outcome.page, run, signal) : outcome;
  }

  async #tail(run: Run, signal: Signal): Promise<TailOutcome | NotSaved> {
    const cursor = this.#cursor();
    if (typeof cursor === 'object' && cursor !== null) return cursor;
    // A page that could not be saved ends the connection: nothing behind it may be applied.
    const own = new Abort();
    const stop = (): void => own.abort();
    signal.addEventListener('abort', stop);
    let failure: NotSaved | null = null;
    const onPage = async (page: Page): Promise<void> => {
      // Also of one that comes when its connection is called off: applying it says then that not all is here.
      const applied = await this.#apply(page, run, own);
      if (run.over) return;
      if (applied.kind === 'applied') return this.#feed({ kind: 'tailPage', page: applied });
      if (applied.kind === 'notSaved') failure = applied;
      own.abort();
    };
    const outcome = await run.session.transport.tail(cursor, onPage, own);
    signal.removeEventListener('abort', stop);
    return failure ?? outcome;
  }

  #newestUnsealed(): number | null {
    try {
      return this.#ports.store.newestUnsealed();
    } catch {
      // What cannot be read cannot be sealed either, and says so when that is tried.
      return null;
    }
  }

  #cursor(): string | null | NotSaved {
    try {
      return this.#ports.store.cursor();
    } catch (error) {
      return notSaved(error);
    }
  }

  /** Applies a page slice by slice; the cursor moves with the last. Called off in between, it leaves the rest for later. */
  async #apply(page: Page, run: Run, signal: Signal): Promise<Applying | NotSaved | Unreachable> {
    let quarantined = 0;
    let unechoed = 0;
    try {
      for (const slice of slicesOf(page)) {
        // By a clock that was set since, what is of now could lie in the future: that ends the connection.
        const clockSet = !run.over && this.#wasClockSet();
        if (clockSet || (signal.aborted && !run.over)) this.#feed({ kind: 'arriving' });
        if (clockSet) this.#feed({ kind: 'clockJumped' });
        if (signal.aborted || run.over) return { kind: 'unreachable', message: 'It was called off.' };
        const applied = this.#ports.store.apply(slice, this.#serverMillis());
        quarantined += applied.quarantined;
        this.#counts = null;
        if (applied.events > 0 || applied.quarantined > 0) this.#ports.onChanged();
        if (slice.cursor === null && !run.over) this.#feed({ kind: 'arriving' });
        if (slice.messages.length > 0) await this.#ports.breathe();
      }
      if (page.upToDate) unechoed = this.#ports.store.unechoed();
    } catch (error) {
      return notSaved(error);
    }
    // Behind a snapshot little is left: that what it brought is here is not taken back.
    if (page.progress !== null) this.#progress = Math.max(this.#progress ?? 0, page.progress);
    return { kind: 'applied', upToDate: page.upToDate, messages: page.messages.length, quarantined, unechoed };
  }

  #serverMillis(): number {
    return this.#ports.clock.wall() - this.offsetMillis;
  }

  /** Whether the wall clock was set, or the device slept, since this was last asked. */
  #wasClockSet(): boolean {
    const skew = this.#measureSkew();
    const set = Math.abs(skew - this.#skew) > JUMP_MILLIS;
    this.#skew = skew;
    return set;
  }

  #measureSkew(): number {
    const { clock } = this.#ports;
    return clock.wall() - clock.steady();
  }

  #setWake(): void {
    this.#callOffWake();
    this.#callOffWake = () => {};
    const now = this.#ports.clock.steady();
    const at = Math.min(nextWake(this.#state) ?? Infinity, statusChangesAt(this.#state, now) ?? Infinity);
    if (at === Infinity) return;
    const wait = Math.max(0, at - now);
    this.#callOffWake = this.#ports.after(wait, () => this.#feed({ kind: 'wake' }));
  }

  #tell(): void {
    let said: ReturnType<Driver['status']>;
    try {
      said = this.status();
    } catch (error) {
      // Not even what waits can be counted: that is what there is to say.
      said = this.#describe(NOTHING, notSaved(error));
    }
    const text = JSON.stringify(said);
    if (text === this.#told) return;
    this.#told = text;
    this.#ports.onStatus(said.status, said.details);
  }
}

const NOTHING: SyncCounts = { waiting: 0, waitingSince: null, sent: 0, quarantined: 0, rejected: 0 };

type Unreachable = Failure & { readonly kind: 'unreachable' };
type Read = Extract<Input, { kind: 'readDone' }>['outcome'];

/** What belongs to one session: an outcome that arrives after its end finds it over. */
class Run {
  session: Session;
  pull: Abort | null = null;
  push: Abort | null = null;
  over = false;
  readonly start: SnapshotStart;
  readonly behind: Behind;
  /** Whether nothing is under way in either lane. */
  settled = false;

  constructor(session: Session, parts: BehindParts) {
    this.session = session;
    this.start = new SnapshotStart(parts);
    this.behind = new Behind(parts);
  }
}

class VerifyAbort extends Abort {
  /** Whether it was ended because everything is being sent again. */
  restarted = false;
}

/** Nothing was ever sent or received: there is nothing to send again. */
function isFresh(store: SyncStore): boolean {
  const { epoch, seq } = store.producer();
  const begun = store.start()?.snapshot ?? null;
  return store.cursor() === null && begun === null && epoch === 0 && seq === 0;
}

/** What a verb of the store threw: an SqlError says that storage is full, anything else what it says. */
function notSaved(error: unknown): NotSaved {
  return {
    kind: 'notSaved',
    reason: isSqlError(error) && error.reason === 'full' ? 'full' : 'other',
    message: messageOf(error),
  };
}

/** Known by its shape: src/sync does not know the store. */
const isSqlError = (error: unknown): error is Error & { readonly reason: unknown } =>
  error instanceof Error && 'reason' in error;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
