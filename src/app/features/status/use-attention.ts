import { useClient, useValue } from '../../use-client.tsx';

/** How many changes need attention: refused by the server, or come and not to be applied. */
export function useAttention(): number {
  const details = useValue(useClient().status)?.details;
  return details === undefined ? 0 : details.quarantined + details.rejected;
}
