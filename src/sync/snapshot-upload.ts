/**
 * Uploads a snapshot for devices to come, when the book has grown enough since the last one. It is taken in short steps and sent
 * piece by piece; which pieces the server has is noted, so that one that was broken off anywhere goes on with the next. It is
 * begun anew where it cannot: when what belongs to it has changed, or the server has let go of its pieces.
 */
import type { SnapshotOffer } from '../protocol/snapshot-offer.ts';
import { backoffMillis } from './backoff.ts';
import { pause } from './pause.ts';
import type { After, Signal, SnapshotTaking, SnapshotTransport, SyncStore, UploadOutcome } from './ports.ts';

/** When a snapshot is worth its making. */
export interface Measures {
  /** A book of fewer events is read in seconds as it is. */
  readonly worthwhileEvents: number;
  readonly grownEvents: number;
  /** As many messages that a new device would have to read one by one. */
  readonly grownMessages: number;
  /** It is looked at again once so many events more have come. */
  readonly askEvents: number;
  /**
   * Of so many events that a new device need not read, one must be spared: measured, all records are there as soon without a
   * snapshot where a tenth to a quarter of the events are superseded, in two thirds of the time where two fifths are, and in a
   * third where seven tenths are (docs/sync.md).
   */
  readonly sparedOf: number;
}

/** Of books as they are; simulated ones are small. */
const MEASURES: Measures = {
  worthwhileEvents: 20_000,
  grownEvents: 50_000,
  grownMessages: 10_000,
  askEvents: 5_000,
  sparedOf: 3,
};

/** Devices that see the same growth do not all begin at once. */
const SPREAD_MILLIS = 10_000;
const TRIES = 5;

/** Whether what a snapshot leaves out is worth what it costs. @param spared about how many events are superseded */
export function isWorthwhile(events: number, spared: number, { sparedOf } = MEASURES): boolean {
  return spared * sparedOf >= events;
}

/** Whether a snapshot is due. @param events that have come to this book @param last the furthest one that the server offers */
export function isDue(events: number, last: SnapshotOffer | null, measures = MEASURES): boolean {
  const { worthwhileEvents, grownEvents, grownMessages } = measures;
  if (events < worthwhileEvents) return false;
  if (last === null || last.behind >= grownMessages) return true;
  const grown = events - last.events;
  return grown >= grownEvents || grown >= Math.max(last.events, worthwhileEvents);
}

export interface UploadParts {
  readonly store: Pick<SyncStore, 'arrived' | 'spared' | 'takeSnapshot' | 'resumeSnapshot' | 'noteUpload'>;
  readonly after: After;
  /** At random from [0, 1). */
  readonly random: () => number;
  /** Lets everything else that waits have its turn: a macrotask. */
  readonly breathe: () => Promise<void>;
  /** What the store threw. */
  readonly onTrouble: (error: unknown) => void;
  /** Those of books as they are, unless tests have smaller ones. */
  readonly measures?: Measures;
}

/** `broken off`: it goes on another time. `useless`: the server will not have it, or it is none any more. */
type Uploaded = 'stored' | 'broken off' | 'useless';

export class SnapshotUpload {
  readonly #parts: UploadParts;
  /** How many events there were when the server was last asked. */
  #asked = 0;

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** Looks whether a snapshot is due, and uploads it. Never rejects: it is for others, and can wait. */
  async consider(snapshots: SnapshotTransport, signal: Signal): Promise<void> {
    try {
      const before = this.#asked;
      const due = await this.#isDue(snapshots, signal);
      if (due === null) return;
      const { store, after, random } = this.#parts;
      const begun = store.resumeSnapshot();
      if (!due) return begun ? store.noteUpload(null) : undefined;
      let outcome = begun ? await this.#upload(begun, snapshots, signal) : null;
      if (outcome === null || outcome === 'useless') {
        await pause(after, random() * SPREAD_MILLIS, signal);
        const taken = signal.aborted ? null : store.takeSnapshot();
        outcome = taken?.ok ? await this.#upload(taken.value, snapshots, signal) : 'broken off';
      }
      // What the server does not take, it takes no sooner for being asked again.
      if (outcome === 'broken off') this.#asked = before;
    } catch (error) {
      this.#parts.onTrouble(error);
    }
  }

  /** Null where it is not looked at now, or the server did not say. */
  async #isDue(snapshots: SnapshotTransport, signal: Signal): Promise<boolean | null> {
    const { store, measures = MEASURES } = this.#parts;
    const events = store.arrived();
    if (events < measures.worthwhileEvents || events - this.#asked < measures.askEvents) return null;
    if (!isWorthwhile(events, store.spared(), measures)) {
      this.#asked = events;
      return false;
    }
    const outcome = await snapshots.offers(signal);
    if (outcome.kind !== 'offers' && outcome.kind !== 'unknown') return null;
    this.#asked = events;
    return outcome.kind === 'offers' && isDue(events, outcome.offers[0] ?? null, measures);
  }

  /** Sends what the server does not have yet, one piece in memory at a time. */
  async #upload(taken: SnapshotTaking, snapshots: SnapshotTransport, signal: Signal): Promise<Uploaded> {
    const { store, breathe } = this.#parts;
    const { id, cursor, events } = taken;
    let pieces = taken.first;
    const steps = taken.pieces();
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        const whole = step.value
          ? await this.#try(() => snapshots.finish(id, { cursor, pieces, events }, signal), signal)
          : 'useless';
        if (whole !== 'broken off') store.noteUpload(null);
        return whole;
      }
      const piece = step.value;
      if (piece !== null) {
        const number = pieces;
        const sent = await this.#try(() => snapshots.putPiece(id, number, piece.bytes, signal), signal);
        if (sent === 'useless') store.noteUpload(null);
        if (sent !== 'stored') return sent;
        store.noteUpload(piece.mark);
        pieces += 1;
      }
      await breathe();
      if (signal.aborted) return 'broken off';
    }
  }

  async #try(send: () => Promise<UploadOutcome>, signal: Signal): Promise<Uploaded> {
    const { after, random } = this.#parts;
    for (let failures = 1; failures <= TRIES && !signal.aborted; failures++) {
      const outcome = await send();
      if (outcome.kind === 'stored') return 'stored';
      if (outcome.kind === 'refused') return 'useless';
      if (outcome.kind === 'unauthorized') return 'broken off';
      const retryAfter = outcome.kind === 'busy' ? outcome.retryAfterMillis : null;
      await pause(after, backoffMillis(failures, random(), retryAfter), signal);
    }
    return 'broken off';
  }
}
