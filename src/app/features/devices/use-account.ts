import { useEffect, useState } from 'react';
import type { Account } from '../../../protocol/worker.ts';
import { useClient, useValue } from '../../use-client.tsx';

/** Whom this device syncs with; null before sync is set up, undefined while that is not known. Follows every change. */
export function useAccount(): Account | null | undefined {
  const client = useClient();
  const told = useValue(client.status);
  const server = told?.details.serverUrl;
  const [account, setAccount] = useState<Account | null | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    client.account().then(
      (answer) => wanted && setAccount(answer),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
    // Another tab may set up sync or end it: the status tells.
  }, [client, server]);
  return account;
}
