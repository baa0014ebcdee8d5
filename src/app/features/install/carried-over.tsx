import { useEffect } from 'react';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';
import { changes } from '../status/status-words.ts';

/** Says what became of what the page before this one could not save because the app was updated. */
export function CarriedOver() {
  const toast = useToast();
  const { carriedOver } = useClient();
  useEffect(() => {
    let here = true;
    void carriedOver.then(({ saved, lost }) => {
      if (!here) return;
      if (lost > 0) toast({ text: `${changes(lost)} from before the update could not be saved.` });
      else if (saved > 0)
        toast({ text: `${changes(saved)} from before the update ${saved === 1 ? 'is' : 'are'} saved.` });
    });
    return () => {
      here = false;
    };
  }, [carriedOver, toast]);
  return null;
}
