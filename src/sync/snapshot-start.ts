/**
 * Starts a new book from a snapshot of the server: piece after piece, each as if it were a page of the stream. Where none is
 * offered, or none can be used, the stream is read from its start as ever ([SNAP-5]).
 */
import type { BundleId } from '../core/ids.ts';
import type { SnapshotOffer } from '../protocol/snapshot-offer.ts';
import type { Applied, Failure, PieceName, Signal, SnapshotTransport, SyncStore } from './ports.ts';

export interface StartParts {
  readonly store: SyncStore;
  /** Estimated server time, Unix milliseconds. */
  readonly serverMillis: () => number;
  /** Something was applied. */
  readonly onApplied: (applied: Applied) => void;
  /** Lets everything else that waits have its turn: a macrotask. */
  readonly breathe: () => Promise<void>;
}

export interface StartedPiece {
  readonly kind: 'started';
  readonly quarantined: number;
  /** Share of the snapshot that is applied, 0 to 1. */
  readonly progress: number;
}

export class SnapshotStart {
  readonly #parts: StartParts;
  /** What the server offers; null before it was asked. */
  #offers: readonly SnapshotOffer[] | null = null;
  /** Those that came to nothing in this session. */
  readonly #useless = new Set<BundleId>();

  constructor(parts: StartParts) {
    this.#parts = parts;
  }

  /** What the server offers is looked at anew. */
  reset(): void {
    this.#offers = null;
    this.#useless.clear();
  }

  /** Fetches and applies the next piece; null: there is none to be had, read the stream. Throws what the store throws. */
  async next(snapshots: SnapshotTransport, signal: Signal): Promise<StartedPiece | Failure | null> {
    for (;;) {
      const start = this.#parts.store.start();
      if (start === null) return null;
      const chosen = await this.#choose(snapshots, start.snapshot, signal);
      if (chosen === null || 'message' in chosen) return chosen;
      const { id, pieces, cursor } = chosen;
      const number = start.snapshot === id ? start.piece : 0;
      const outcome = await snapshots.piece(id, number, signal);
      if (outcome.kind === 'piece') {
        const applied = await this.#apply(
          outcome.bytes,
          { snapshot: id, number, last: number === pieces - 1, cursor },
          signal,
        );
        if (applied === null) return { kind: 'unreachable', message: 'It was called off.' };
        if (applied !== 'useless') return { kind: 'started', ...applied, progress: (number + 1) / pieces };
      } else if (outcome.kind !== 'gone') {
        return outcome;
      }
      this.#useless.add(id);
      this.#offers = null;
    }
  }

  /** The one that was begun, or that which reaches furthest. */
  async #choose(
    snapshots: SnapshotTransport,
    begun: BundleId | null,
    signal: Signal,
  ): Promise<SnapshotOffer | Failure | null> {
    if (this.#offers === null) {
      const outcome = await snapshots.offers(signal);
      if (outcome.kind === 'unknown') this.#offers = [];
      else if (outcome.kind === 'offers') this.#offers = outcome.offers;
      else return outcome;
    }
    const usable = this.#offers.filter(({ id }) => !this.#useless.has(id));
    return usable.find(({ id }) => id === begun) ?? usable[0] ?? null;
  }

  /** Null when it was called off: the piece is due again. Useless: it is damaged, or of a version that this one cannot read. */
  async #apply(
    bytes: Uint8Array,
    piece: PieceName,
    signal: Signal,
  ): Promise<{ readonly quarantined: number } | 'useless' | null> {
    const { store, serverMillis, onApplied, breathe } = this.#parts;
    const steps = store.applyPiece(bytes, piece, serverMillis());
    for (let quarantined = 0; ;) {
      if (signal.aborted) return null;
      const step = steps.next();
      if (step.done === true) return step.value.ok ? { quarantined } : 'useless';
      quarantined += step.value.quarantined;
      onApplied(step.value);
      await breathe();
    }
  }
}
