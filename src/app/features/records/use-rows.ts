import { useCallback, useEffect, useMemo, useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordRow } from '../../../core/query.ts';
import { useMoment } from '../../moment.tsx';
import { useClient, useValue } from '../../use-client.tsx';
import { RowPages } from './row-pages.ts';
import type { View } from './view.ts';

export interface Rows {
  /** How many records match; undefined until known. */
  readonly total: number | undefined;
  /** What the rows are an answer to: the view of before until the first answer of the next is there. */
  readonly view: View;
  /** A loaded row; undefined while it is on its way. */
  readonly at: (index: number) => RecordRow | undefined;
  /** Place of a loaded record; -1 when it is not loaded. */
  readonly indexOf: (id: EntityId) => number;
  /** Says what is in sight: those rows are loaded and kept up to date. */
  readonly show: (first: number, last: number) => void;
}

/** A type's records in a view; one hook for one type and moment. */
export function useRows(type: EntityId, view: View): Rows {
  const client = useClient();
  const moment = useMoment();
  const [pages] = useState(() => new RowPages((query) => client.watch(query), type, view, moment));
  useEffect(() => pages.setView(view), [pages, view]);
  const { total, answers, view: shown } = useValue(pages);

  const at = useCallback(
    (index: number) => {
      for (const answer of answers) {
        const row = answer.rows[index - answer.offset];
        if (row !== undefined) return row;
      }
      return undefined;
    },
    [answers],
  );
  const indexOf = useCallback(
    (id: EntityId) => {
      for (const answer of answers) {
        const found = answer.rows.findIndex((row) => row.id === id);
        if (found >= 0) return answer.offset + found;
      }
      return -1;
    },
    [answers],
  );
  const show = useCallback((first: number, last: number) => pages.show(first, last), [pages]);
  return useMemo(() => ({ total, view: shown, at, indexOf, show }), [total, shown, at, indexOf, show]);
}
