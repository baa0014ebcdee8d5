import { useEffect } from 'react';
import { useClient } from '../../use-client.tsx';
import { hasUnsavedEdit } from '../install/unsaved-edit.ts';

/** A failure is told for so long at least, also where nothing that could be saved later is left of it. */
const LEAST_SECONDS = 10;

/** While saving fails: lets the book know once nothing that could not be saved stands in this tab any more. */
export function useLettingGo(failing: boolean): void {
  const client = useClient();
  useEffect(() => {
    if (!failing) return;
    let calm = 0;
    const timer = setInterval(() => {
      calm = hasUnsavedEdit() || client.pending.getSnapshot() > 0 ? 0 : calm + 1;
      // Again and again: what fails meanwhile may leave nothing to see here.
      if (calm > 0 && calm % LEAST_SECONDS === 0) client.letGo().catch(() => undefined);
    }, 1_000);
    return () => clearInterval(timer);
  }, [client, failing]);
}
