import { useEffect, useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { DiffAnswer, Moment } from '../../../core/query.ts';
import { useClient } from '../../use-client.tsx';

/** So many values are listed. */
const LIMIT = 200;

export type Differences =
  | { readonly kind: 'asking' }
  | { readonly kind: 'here'; readonly answer: DiffAnswer }
  | { readonly kind: 'failed'; readonly reason: string };

/** What differs of records between a moment and now, asked once. Mount anew for other records. */
export function useDifferences(ids: readonly EntityId[], moment: Moment): Differences {
  const client = useClient();
  const [state, setState] = useState<Differences>({ kind: 'asking' });
  const [entityIds] = useState(ids);
  useEffect(() => {
    let left = false;
    client.query({ kind: 'diff', then: moment, now: null, entityIds, limit: LIMIT }).then(
      (answer) => !left && setState({ kind: 'here', answer }),
      (error: unknown) =>
        !left && setState({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      left = true;
    };
  }, [client, entityIds, moment]);
  return state;
}
