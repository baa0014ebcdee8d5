import { useCallback, useEffect, useRef, useState } from 'react';
import type { JsonValue } from '../../../core/value.ts';
import type { Outcome } from '../../client.ts';
import { wordsForError } from '../../outcome-words.ts';

export type SaveState =
  | { readonly kind: 'idle' }
  /** On its way to the disk. */
  | { readonly kind: 'saving'; readonly value: JsonValue }
  /** Committed: said for a moment. `answered`: the book has said the same since. */
  | { readonly kind: 'saved'; readonly value: JsonValue; readonly answered: boolean }
  | { readonly kind: 'failed'; readonly value: JsonValue; readonly reason: string };

const IDLE: SaveState = { kind: 'idle' };
/** How long a save is confirmed. */
const CONFIRM_MILLIS = 2_000;

export interface Save {
  readonly state: SaveState;
  /** The value to show: what was typed until the book answers with it, or has had time to; then the book's. */
  readonly shown: JsonValue;
  readonly save: (value: JsonValue) => void;
  /** Forgets a failure. */
  readonly forget: () => void;
}

/**
 * Saves one value: "saved" is said after the commit, never before. Of quick saves in a row the last one counts.
 * @param stored the value as the book last answered
 */
export function useSave(stored: JsonValue, write: (value: JsonValue) => Promise<Outcome>): Save {
  const [state, setState] = useState<SaveState>(IDLE);
  const turn = useRef(0);
  const save = useCallback(
    (value: JsonValue) => {
      turn.current += 1;
      const mine = turn.current;
      setState({ kind: 'saving', value });
      void write(value).then((outcome) => {
        if (turn.current !== mine) return;
        setState(
          outcome.ok
            ? { kind: 'saved', value, answered: false }
            : { kind: 'failed', value, reason: wordsForError(outcome.error) },
        );
      });
    },
    [write],
  );
  const forget = useCallback(() => setState(IDLE), []);
  useEffect(() => {
    if (state.kind !== 'saved') return;
    const timer = setTimeout(() => setState((now) => (now === state ? IDLE : now)), CONFIRM_MILLIS);
    return () => clearTimeout(timer);
  }, [state]);
  // From then on a change that is taken back at once is not hidden behind what was typed.
  if (state.kind === 'saved' && !state.answered && isSame(stored, state.value)) setState({ ...state, answered: true });
  const shown = state.kind === 'idle' || (state.kind === 'saved' && state.answered) ? stored : state.value;
  return { state, shown, save, forget };
}

export const isSame = (one: JsonValue, other: JsonValue): boolean => JSON.stringify(one) === JSON.stringify(other);
