import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordRow, RecordsAnswer } from '../../../core/query.ts';
import { useClient } from '../../use-client.tsx';
import type { View } from './view.ts';

/** Records asked for at a time. */
const PAGE = 100;
/** A jump further than this many pages waits a moment, so that dragging the scrollbar asks only where it stops. */
const JUMP_PAGES = 2;
const JUMP_MILLIS = 60;

export interface Rows {
  /** How many records match; undefined until known. */
  readonly total: number | undefined;
  /** A loaded row; undefined while it is on its way. */
  readonly at: (index: number) => RecordRow | undefined;
  /** Place of a loaded record; -1 when it is not loaded. */
  readonly indexOf: (id: EntityId) => number;
  /** Says what is in sight: those rows are loaded and kept up to date. */
  readonly show: (first: number, last: number) => void;
}

type Answer = RecordsAnswer | undefined;

/** A type's records as far as they are in sight, live: pages around the viewport and no others. */
export function useRows(type: EntityId, view: View): Rows {
  const client = useClient();
  const key = JSON.stringify([type, view.search, view.sort, view.filters]);
  const [pages, setPages] = useState<readonly [first: number, last: number]>([0, 0]);
  const lives = useMemo(() => {
    const [, search, sort, filters] = JSON.parse(key) as readonly [
      EntityId,
      View['search'],
      View['sort'],
      View['filters'],
    ];
    return Array.from({ length: pages[1] - pages[0] + 1 }, (_, i) =>
      client.watch({
        kind: 'records',
        type,
        ...(search.trim() !== '' && { search }),
        ...(sort && { sort }),
        ...(filters.length > 0 && { filters }),
        offset: (pages[0] + i) * PAGE,
        limit: PAGE,
      }),
    );
  }, [client, key, type, pages]);

  const source = useMemo(() => {
    let last: readonly Answer[] = [];
    return {
      subscribe: (listener: () => void) => {
        const stops = lives.map((live) => live.subscribe(listener));
        return () => stops.forEach((stop) => stop());
      },
      snapshot: () => {
        const next = lives.map((live) => live.getSnapshot());
        if (next.length !== last.length || next.some((answer, i) => answer !== last[i])) last = next;
        return last;
      },
    };
  }, [lives]);
  const fresh = useSyncExternalStore(source.subscribe, source.snapshot);

  // While the first answer of another view is on its way the last one stays in sight.
  const kept = useRef<{
    readonly type: EntityId;
    readonly key: string;
    readonly answers: readonly Answer[];
    readonly total: number;
  } | null>(null);
  const known = fresh.find((answer) => answer !== undefined);
  const before = kept.current?.type === type ? kept.current : null;
  const answers = known === undefined && before?.key !== key && before ? before.answers : fresh;
  const total = known?.total ?? before?.total;
  useEffect(() => {
    if (known !== undefined) kept.current = { type, key, answers: fresh, total: known.total };
  }, [known, type, key, fresh]);

  const at = useCallback(
    (index: number) => {
      for (const answer of answers) {
        const row = answer?.rows[index - answer.offset];
        if (row !== undefined) return row;
      }
      return undefined;
    },
    [answers],
  );
  const indexOf = useCallback(
    (id: EntityId) => {
      for (const answer of answers) {
        const found = answer?.rows.findIndex((row) => row.id === id) ?? -1;
        if (answer && found >= 0) return answer.offset + found;
      }
      return -1;
    },
    [answers],
  );

  const wanted = useRef(pages);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useCallback((first: number, last: number) => {
    const next: readonly [number, number] = [
      Math.floor(Math.max(0, first - 20) / PAGE),
      Math.floor(Math.max(0, last + 20) / PAGE),
    ];
    const now = wanted.current;
    if (next[0] === now[0] && next[1] === now[1]) return;
    wanted.current = next;
    clearTimeout(timer.current);
    if (Math.abs(next[0] - now[0]) <= JUMP_PAGES) setPages(next);
    else timer.current = setTimeout(() => setPages(wanted.current), JUMP_MILLIS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);

  return useMemo(() => ({ total, at, indexOf, show }), [total, at, indexOf, show]);
}
