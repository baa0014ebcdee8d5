import { useCallback, useEffect } from 'react';
import type { Account } from '../../../protocol/worker.ts';
import { useClient } from '../../use-client.tsx';
import { useAsked } from './use-asked.ts';

/** Whom this device syncs with; null before sync is set up, undefined while that is not known. Follows every change. */
export function useAccount(): Account | null | undefined {
  const client = useClient();
  const ask = useCallback(() => client.account().catch(() => undefined), [client]);
  const { answer, again } = useAsked(ask);
  // Another tab may set up sync or end it: the status tells.
  useEffect(() => {
    const serverNow = () => client.status.getSnapshot()?.details.serverUrl;
    let server = serverNow();
    return client.status.subscribe(() => {
      if (serverNow() === server) return;
      server = serverNow();
      again();
    });
  }, [client, again]);
  return answer;
}
