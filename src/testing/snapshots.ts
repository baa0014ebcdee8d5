/** Snapshots of books that tests hold in memory. */
import type { BundleId } from '../core/ids.ts';
import { ok, type Result } from '../core/result.ts';
import type { StartError } from '../store/store.ts';
import { must, type TestBook } from './test-book.ts';

export interface TakenSnapshot {
  readonly id: BundleId;
  readonly cursor: string;
  readonly pieces: readonly Uint8Array[];
}

/** All pieces of a snapshot that must be possible. */
export function takeWhole({ store }: Pick<TestBook, 'store'>): TakenSnapshot {
  const taking = must(store.sync.takeSnapshot());
  return { id: taking.id, cursor: taking.cursor, pieces: [...taking.pieces()].flatMap((piece) => piece?.bytes ?? []) };
}

/** Starts a book from a snapshot, or goes on with it. */
export function startFrom(
  { store }: Pick<TestBook, 'store'>,
  { id: snapshot, pieces, cursor }: TakenSnapshot,
  serverMillis: number,
): Result<{ readonly events: number; readonly quarantined: number }, StartError> {
  let [events, quarantined] = [0, 0];
  const start = store.sync.start();
  const first = start?.snapshot === snapshot ? start.piece : 0;
  for (let number = first; number < pieces.length; number++) {
    const parts = store.sync.applyPiece(
      pieces[number]!,
      { snapshot, number, last: number === pieces.length - 1, cursor },
      serverMillis,
    );
    for (;;) {
      const next = parts.next();
      if (next.done === true) {
        if (!next.value.ok) return next.value;
        break;
      }
      events += next.value.events;
      quarantined += next.value.quarantined;
    }
  }
  return ok({ events, quarantined });
}

/** Fetches what the snapshot stood in for out of the messages of the stream, so many at a time, and ends it. */
export function fetchHistory(
  { store }: Pick<TestBook, 'store'>,
  messages: readonly unknown[],
  serverMillis: number,
  size = 7,
): void {
  for (;;) {
    const history = store.sync.history();
    if (history === null) return;
    const from = Number(history.at ?? 0);
    if (from >= Number(history.until)) {
      for (const _ of store.sync.finishHistory());
      return;
    }
    const end = Math.min(from + size, messages.length);
    store.sync.applyHistory({ messages: messages.slice(from, end), cursor: String(end) }, history.at, serverMillis);
  }
}
