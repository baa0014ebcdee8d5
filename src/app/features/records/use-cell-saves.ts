import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { JsonValue } from '../../../core/value.ts';
import { wordsForError } from '../../outcome-words.ts';
import { useClient } from '../../use-client.tsx';

/** What became of an edit of a cell that the table does not show by itself (yet). */
export type CellSave =
  /** On its way to the disk, or just arrived there: shows the value that was typed. */
  | { readonly kind: 'saving' | 'saved'; readonly value: JsonValue }
  /** Not saved: what was typed stays, and why. */
  | { readonly kind: 'failed'; readonly text: string | null; readonly value: JsonValue; readonly reason: string };

/** The answer of the live query follows a commit at once; this covers the moment between where it never says the same. */
const SHOWN_MILLIS = 1_500;

const cellKey = (record: EntityId, field: EntityId): string => `${record} ${field}`;

export interface CellSaves {
  /** Whether some cell could not be saved, be it in view or not. */
  readonly failing: boolean;
  readonly get: (record: EntityId, field: EntityId) => CellSave | undefined;
  readonly save: (record: EntityId, field: EntityId, value: JsonValue) => void;
  /** Keeps what was typed and means nothing. */
  readonly refuse: (record: EntityId, field: EntityId, text: string, reason: string) => void;
  readonly forget: (record: EntityId, field: EntityId) => void;
  /** The book has answered with what was saved: from here on it is shown what the book says, a change taken back at once included. */
  readonly answered: (record: EntityId, field: EntityId, save: CellSave) => void;
}

/** Saves cells one by one, each with its own state. */
export function useCellSaves(): CellSaves {
  const client = useClient();
  const [saves, setSaves] = useState<ReadonlyMap<string, CellSave>>(new Map());
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const pending = timers.current;
    return () => pending.forEach((timer) => clearTimeout(timer));
  }, []);

  const put = useCallback((key: string, save: CellSave | null, only?: CellSave) => {
    setSaves((before) => {
      if (only !== undefined && before.get(key) !== only) return before;
      const next = new Map(before);
      if (save === null) next.delete(key);
      else next.set(key, save);
      return next;
    });
  }, []);

  const save = useCallback(
    (record: EntityId, field: EntityId, value: JsonValue) => {
      const key = cellKey(record, field);
      const saving: CellSave = { kind: 'saving', value };
      put(key, saving);
      void client.execute({ kind: 'setValues', changes: [{ entityId: record, field, value }] }).then((outcome) => {
        if (!outcome.ok) {
          put(key, { kind: 'failed', text: null, value, reason: wordsForError(outcome.error) }, saving);
          return;
        }
        const saved: CellSave = { kind: 'saved', value };
        put(key, saved, saving);
        const timer = setTimeout(() => {
          timers.current.delete(timer);
          put(key, null, saved);
        }, SHOWN_MILLIS);
        timers.current.add(timer);
      });
    },
    [client, put],
  );
  const refuse = useCallback(
    (record: EntityId, field: EntityId, text: string, reason: string) =>
      put(cellKey(record, field), { kind: 'failed', text, value: null, reason: `Not saved: ${reason}` }),
    [put],
  );
  const forget = useCallback((record: EntityId, field: EntityId) => put(cellKey(record, field), null), [put]);
  const answered = useCallback(
    (record: EntityId, field: EntityId, save: CellSave) => put(cellKey(record, field), null, save),
    [put],
  );
  const get = useCallback((record: EntityId, field: EntityId) => saves.get(cellKey(record, field)), [saves]);
  const failing = [...saves.values()].some(({ kind }) => kind === 'failed');
  return useMemo(
    () => ({ failing, get, save, refuse, forget, answered }),
    [failing, get, save, refuse, forget, answered],
  );
}
