/** The sync machine with a clock moved by hand, and a record of what it asked for: checks the rules that hold at all times. */
import type { BundleId } from '../core/ids.ts';
import type { AppendOutcome, SyncCounts } from '../sync/ports.ts';
import {
  nextWake,
  step,
  UNLINKED,
  type Effect,
  type Input,
  type Linked,
  type NotSaved,
  type State,
} from '../sync/machine.ts';
import { statusOf } from '../sync/status.ts';
import type { Status } from '../protocol/status.ts';

type Async = Extract<Effect['do'], 'time' | 'create' | 'read' | 'tail' | 'append' | 'renew'>;
type Outcomes = {
  time: Extract<Input, { kind: 'timeDone' }>['outcome'];
  create: Extract<Input, { kind: 'createDone' }>['outcome'];
  read: Extract<Input, { kind: 'readDone' }>['outcome'];
  tail: Extract<Input, { kind: 'tailDone' }>['outcome'];
  append: Extract<Input, { kind: 'appendDone' }>['outcome'];
  renew: Extract<Input, { kind: 'renewDone' }>['outcome'];
};

export const STORE_FULL: NotSaved = { kind: 'notSaved', reason: 'full', message: 'The disk is full.' };
const START = { kind: 'start', fresh: false, quarantined: false, offsetMillis: 0 } as const;

interface OutboxEntry {
  readonly id: BundleId;
  tried: boolean;
}

export class MachineRun {
  state: State = UNLINKED;
  now = 1_000_000;
  jitter = 0.5;
  /** What was asked for, oldest first. */
  readonly effects: Effect[] = [];
  readonly flying: { pull: Effect | null; push: Effect | null } = { pull: null, push: null };
  /** Effects that the store fails to carry out from now on. */
  readonly failing = new Set<Effect['do']>();

  outbox: OutboxEntry[] = [];
  producer = { epoch: 0, seq: 0 };
  /** The epoch that this session may take as its own. */
  epoch = 100;
  quarantined = 0;
  newestUnsealed: number | null = null;
  rejected: BundleId[] = [];
  acknowledged: BundleId[] = [];
  #last: { readonly id: BundleId; readonly outcome: AppendOutcome } | null = null;
  /** How many local edits were made. */
  edits = 0;

  start(options: Partial<Extract<Input, { kind: 'start' }>> = {}): this {
    return this.send({ ...START, ...options });
  }

  /** As after a start whose first answers all were good: live, with nothing to send. */
  live(): this {
    return this.start().settle('time', this.timeIs(0)).settle('read', page());
  }

  /** Live, and past the session's first bundle. */
  sent(): this {
    this.live().edit();
    return this.pass(200).settle('append', { kind: 'stored', duplicate: false });
  }

  get linked(): Linked {
    if (this.state.kind !== 'linked') throw new Error('not linked');
    return this.state;
  }

  get counts(): SyncCounts {
    return {
      waiting: this.outbox.length,
      waitingSince: null,
      sent: 0,
      quarantined: this.quarantined,
      rejected: this.rejected.length,
    };
  }

  get status(): Status {
    return statusOf(this.state, this.counts, null, { wallMillis: this.now, now: this.now });
  }

  /** An answer of a server whose clock is this far behind ours. */
  timeIs(offsetMillis: number, roundTripMillis = 20): Outcomes['time'] {
    return {
      kind: 'time',
      serverMillis: this.now - offsetMillis - roundTripMillis / 2,
      roundTripMillis,
      receivedAt: this.now,
    };
  }

  /** A local edit: one more bundle to send. */
  edit(): BundleId {
    const id = `bundle ${++this.edits}` as BundleId;
    this.outbox.push({ id, tried: false });
    this.send({ kind: 'changed' });
    return id;
  }

  /** Lets time pass, waking the machine whenever it wanted that. */
  pass(millis: number): this {
    const end = this.now + millis;
    for (let at = nextWake(this.state); at !== null && at <= end; at = nextWake(this.state)) {
      this.now = Math.max(this.now, at);
      this.send({ kind: 'wake' });
    }
    this.now = end;
    return this;
  }

  /** The outcome of what is in flight. */
  settle<K extends Async>(what: K, outcome: Outcomes[K]): this {
    const lane = this.flying.pull?.do === what ? 'pull' : 'push';
    const effect = this.flying[lane];
    if (effect?.do !== what) throw new Error(`no ${what} is in flight`);
    this.flying[lane] = null;
    if (effect.do === 'append') this.#last = { id: effect.sent.id, outcome: outcome as AppendOutcome };
    if (effect.do === 'renew' && outcome.kind === 'renewed') {
      this.producer = { epoch: 0, seq: 0 };
      for (const entry of this.outbox) entry.tried = false;
    }
    const { newestUnsealed } = this;
    return this.send({ kind: `${what}Done`, outcome, ...(what === 'time' ? { newestUnsealed } : {}) } as Input);
  }

  isFlying(what: Async): boolean {
    return this.flying.pull?.do === what || this.flying.push?.do === what;
  }

  send(input: Input): this {
    const queue: Input[] = [input];
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { state, effects } = step(this.state, next, { now: this.now, jitter: this.jitter });
      this.state = state;
      for (const [i, effect] of effects.entries()) {
        if (this.failing.has(effect.do)) {
          const rest = effects.slice(i);
          for (const later of rest) if (later.do === 'abort') this.#carryOut(later, queue);
          queue.unshift({
            kind: 'storeFailed',
            failed: rest.filter((later) => later.do !== 'abort'),
            error: STORE_FULL,
          });
          break;
        }
        this.#carryOut(effect, queue);
      }
    }
    this.check();
    return this;
  }

  /** What must hold whatever happened. */
  check(): void {
    if (this.state.kind === 'unlinked') return;
    const { pull, push, owed } = this.state;
    const busy = ['asking', 'creating', 'reading', 'live', 'stopping'].includes(pull.at);
    must(busy === (this.flying.pull !== null), `pull is ${pull.at}, in flight: ${this.flying.pull?.do}`);
    const sends = ['sending', 'stopping', 'renewing'].includes(push.at);
    must(sends === (this.flying.push !== null), `push is ${push.at}, in flight: ${this.flying.push?.do}`);
    // Nothing hangs: whatever is not in flight, idle or behind a gate has its time.
    if (!busy) must(pull.at === 'holding' ? sends : nextWake(this.state) !== null, `pull hangs in ${pull.at}`);
    if (push.at === 'waiting' || push.at === 'blocked') must(nextWake(this.state) !== null, `push hangs in ${push.at}`);
    if (push.at === 'due') must(busy || sends || nextWake(this.state) !== null, 'push is due for ever');
    if (owed !== null) must(push.at !== 'sending' && push.at !== 'picking', 'sends while it owes');
    const { status } = this;
    if (status.kind === 'synced') {
      must(this.outbox.length === 0, 'says synced while something waits');
      must(this.state.heardAt !== null && this.state.caughtUp, 'says synced before it heard from the server');
    }
  }

  #carryOut(effect: Effect, queue: Input[]): void {
    this.effects.push(effect);
    switch (effect.do) {
      case 'time':
      case 'create':
      case 'read':
      case 'tail':
        must(this.flying.pull === null, `${effect.do} beside ${this.flying.pull?.do}`);
        this.flying.pull = effect;
        return;
      case 'append': {
        must(this.flying.push === null, 'two appends in flight');
        must(this.outbox.find((entry) => entry.id === effect.sent.id)?.tried === true, 'sends what it did not mark');
        this.flying.push = effect;
        return;
      }
      case 'renew':
        must(this.flying.push === null, 'renews while it sends');
        this.flying.push = effect;
        return;
      case 'abort':
        must(this.flying[effect.lane] !== null || this.state.kind === 'unlinked', `aborts nothing in ${effect.lane}`);
        return;
      case 'pick': {
        must(this.linked.clockKnown, 'seals before the clock is known');
        const head = this.outbox[0];
        queue.push({
          kind: 'picked',
          bundle: head ? { id: head.id, tried: head.tried, producer: this.producer } : null,
          epoch: this.epoch,
        });
        return;
      }
      case 'markTried':
        this.outbox.find((entry) => entry.id === effect.id)!.tried = true;
        return;
      case 'acknowledge':
        must(this.#last?.id === effect.id && this.#last.outcome.kind === 'stored', 'acknowledges what was not stored');
        this.outbox = this.outbox.filter((entry) => entry.id !== effect.id);
        this.acknowledged.push(effect.id);
        this.producer = effect.next;
        return;
      case 'reject':
        must(this.#last?.id === effect.id && this.#last.outcome.kind === 'refused', 'rejects what was not refused');
        this.outbox = this.outbox.filter((entry) => entry.id !== effect.id);
        this.rejected.push(effect.id);
        return;
      case 'setProducer':
        this.producer = effect.producer;
        for (const entry of this.outbox) entry.tried = false;
        return;
      case 'resendAll':
        must(
          this.flying.pull === null && this.flying.push === null,
          'queues everything again while something is in flight',
        );
        this.outbox = [...this.acknowledged.map((id) => ({ id, tried: false })), ...this.outbox];
        this.acknowledged = [];
        return;
      case 'release':
        queue.push({ kind: 'released', left: this.quarantined > 0 });
        return;
      case 'setClockOffset':
      case 'restamp':
      case 'startOver':
        return;
    }
  }
}

/** An applied page. */
export function page(options: { upToDate?: boolean; messages?: number; quarantined?: number; unechoed?: number } = {}) {
  return { kind: 'applied', upToDate: true, messages: 0, quarantined: 0, unechoed: 0, ...options } as const;
}

function must(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
