import { useCallback } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import { wordsForError } from '../../outcome-words.ts';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';

/** Moves records to the Trash and offers to take them back; resolves to whether that was done. */
export function useDelete(): (ids: readonly EntityId[]) => Promise<boolean> {
  const client = useClient();
  const toast = useToast();
  return useCallback(
    async (ids) => {
      const outcome = await client.execute({ kind: 'deleteRecords', ids });
      if (!outcome.ok) {
        toast({ text: wordsForError(outcome.error), tone: 'alert' });
        return false;
      }
      const restore = () => {
        void client.execute({ kind: 'restoreRecords', ids }).then((restored) => {
          if (!restored.ok) toast({ text: wordsForError(restored.error), tone: 'alert' });
        });
      };
      toast({
        text:
          ids.length === 1 ? 'Record moved to the Trash' : `${ids.length.toLocaleString()} records moved to the Trash`,
        action: { label: 'Undo', onAction: restore },
      });
      return true;
    },
    [client, toast],
  );
}
