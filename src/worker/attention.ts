/** What tabs ask about what needs attention: step by step, so that everybody else has a turn, and never with a throw. */
import type { AttentionKind, Retried, ThingId, ThingsPage } from '../core/attention.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { AttentionError } from '../protocol/worker.ts';
import { SqlError } from '../store/database.ts';
import type { StoreAttention } from '../store/store.ts';

export interface AttentionParts {
  readonly store: StoreAttention;
  /** Things may be sent now, or were applied, or are no longer counted. */
  readonly changed: () => void;
  readonly breathe: () => Promise<void>;
}

export class Attention {
  readonly #parts: AttentionParts;

  constructor(parts: AttentionParts) {
    this.#parts = parts;
  }

  /** What was tried before a failure stays tried. */
  async retry(kind: AttentionKind, id: ThingId | null): Promise<Result<Retried, AttentionError>> {
    const { store, changed, breathe } = this.#parts;
    let [settled, left] = [0, 0];
    try {
      for (let after: number | null = 0; after !== null;) {
        const step = store.retry(kind, id, after);
        settled += step.settled;
        left += step.left;
        after = step.next;
        changed();
        if (after !== null) await breathe();
      }
      return ok({ settled, left });
    } catch (error) {
      return err(errorOf(error));
    }
  }

  discard(kind: AttentionKind, id: ThingId | null): Result<number, AttentionError> {
    try {
      const discarded = this.#parts.store.discard(kind, id);
      this.#parts.changed();
      return ok(discarded);
    } catch (error) {
      return err(errorOf(error));
    }
  }

  export(kind: AttentionKind, id: ThingId | null, after: number): Result<ThingsPage, AttentionError> {
    try {
      return ok(this.#parts.store.export(kind, id, after));
    } catch (error) {
      return err(errorOf(error));
    }
  }
}

function errorOf(error: unknown): AttentionError {
  if (error instanceof SqlError && error.reason === 'full')
    return { kind: 'storage', message: 'Storage is full. Nothing was changed.' };
  return { kind: 'storage', message: error instanceof Error ? error.message : String(error) };
}
