import { useCallback, useEffect, useRef, useState } from 'react';
import type { JsonValue } from '../../../core/value.ts';
import type { Outcome } from '../../client.ts';
import { wordsForError } from '../../outcome-words.ts';

export type SaveState =
  | { readonly kind: 'idle' }
  /** On its way to the disk. */
  | { readonly kind: 'saving'; readonly value: JsonValue }
  /** Committed: said for a moment. */
  | { readonly kind: 'saved'; readonly value: JsonValue }
  | { readonly kind: 'failed'; readonly value: JsonValue; readonly reason: string };

const IDLE: SaveState = { kind: 'idle' };
/** How long a save is confirmed. */
const CONFIRM_MILLIS = 2_000;

export interface Save {
  readonly state: SaveState;
  readonly save: (value: JsonValue) => void;
  /** Forgets a failure. */
  readonly forget: () => void;
}

/** Saves one value: "saved" is said after the commit, never before. Of quick saves in a row the last one counts. */
export function useSave(write: (value: JsonValue) => Promise<Outcome>): Save {
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
          outcome.ok ? { kind: 'saved', value } : { kind: 'failed', value, reason: wordsForError(outcome.error) },
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
  return { state, save, forget };
}
