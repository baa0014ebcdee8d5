/** Shortens history on the leader's worker: a step at a time, so that edits and sync go on meanwhile. */
import { err, ok, type Result } from '../core/result.ts';
import { makeTimestamp, type NodeId, type Timestamp } from '../core/timestamp.ts';
import type { Shortened, ShorteningError } from '../protocol/worker.ts';
import { SqlError } from '../store/database.ts';
import type { Store } from '../store/store.ts';

/** A file in which less than this lies empty is left as it is. */
const WORTH_COMPACTING = 0.05;

export interface ShorteningParts {
  readonly store: Store;
  /** Bytes that the book takes on disk. */
  readonly bytes: () => number;
  /** Lets everything else that waits have its turn. */
  readonly breathe: () => Promise<void>;
}

/** @param since Unix milliseconds; everything from then on stays. Returns how many changes would go. */
export async function countShortened(
  { store, breathe }: ShorteningParts,
  since: number,
): Promise<Result<number, ShorteningError>> {
  return goThrough(store, breathe, horizonAt(since), 'count', () => undefined);
}

/**
 * Takes out what can go, then makes the file smaller. Whatever stops it leaves the book in order, and it can be begun again.
 * @param onProgress how far it has come, 0 to 1; null while the file is written anew
 */
export async function shorten(
  { store, bytes, breathe }: ShorteningParts,
  since: number,
  onProgress: (share: number | null) => void,
): Promise<Result<Shortened, ShorteningError>> {
  const bytesBefore = bytes();
  const gone = await goThrough(store, breathe, horizonAt(since), undefined, onProgress);
  if (!gone.ok) return gone;
  let left: string | null = null;
  if (gone.value > 0 || store.unusedBytes() > bytesBefore * WORTH_COMPACTING) {
    onProgress(null);
    await breathe();
    try {
      store.compact();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      left = wordsFor(error);
    }
  }
  return ok({ events: gone.value, bytesBefore, bytesAfter: bytes(), left });
}

async function goThrough(
  store: Store,
  breathe: () => Promise<void>,
  horizon: Timestamp,
  mode: 'count' | undefined,
  onProgress: (share: number) => void,
): Promise<Result<number, ShorteningError>> {
  try {
    const run = store.prune(horizon, mode);
    if (!run.ok) return err({ kind: 'refused', message: run.error.message });
    for (;;) {
      const step = run.value.step();
      if (!step.ok) return err({ kind: 'refused', message: step.error.message });
      if (step.value.done) return ok(step.value.events);
      onProgress(step.value.share);
      await breathe();
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return err({ kind: 'storage', message: wordsFor(error) });
  }
}

const horizonAt = (since: number): Timestamp =>
  makeTimestamp(Math.max(0, Math.floor(since)), 0, '0000000000000000' as NodeId);

const wordsFor = (error: SqlError): string =>
  error.reason === 'full' ? 'The storage is full.' : `The storage failed: ${error.message}`;
