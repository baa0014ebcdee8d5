import { Download, Trash2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useClient } from '../../use-client.tsx';
import { useAsked } from '../devices/use-asked.ts';
import { momentWords } from '../history/when.ts';
import { sizeWords } from '../settings/storage-words.ts';
import styles from './backup.module.css';

/** The book as it was before a backup took its place: to take away, or to let go of. `turn` changes when there may be one. */
export function KeptBookView({
  turn,
  busy,
  onSave,
}: {
  readonly turn: number;
  readonly busy: boolean;
  readonly onSave: () => void;
}) {
  const client = useClient();
  const [removing, setRemoving] = useState(false);
  const ask = useCallback(
    // Asked again whenever the turn is another one.
    () => (turn < 0 ? Promise.resolve(null) : client.keptBook().catch(() => null)),
    [client, turn],
  );
  const { answer: kept = null, again } = useAsked(ask);
  if (kept === null) return null;
  const remove = async () => {
    setRemoving(false);
    await client.removeKept().catch(() => undefined);
    again();
  };
  return (
    <div className={styles.kept}>
      <p>
        The book as it was before it was replaced
        {kept.keptAt !== null && `, ${momentWords(kept.keptAt)},`} is kept in this browser ({sizeWords(kept.bytes)}).
      </p>
      <div className={styles.buttons}>
        <Button size="small" icon={<Download aria-hidden />} onPress={onSave}>
          {busy ? 'Saving…' : 'Download the earlier book'}
        </Button>
        <Button size="small" variant="quiet" icon={<Trash2 aria-hidden />} onPress={() => setRemoving(true)}>
          Remove it
        </Button>
      </div>
      <Dialog
        title="Remove the earlier book?"
        role="alertdialog"
        size="small"
        isOpen={removing}
        onClose={() => setRemoving(false)}
        actions={
          <>
            <Button onPress={() => setRemoving(false)}>Keep it</Button>
            <Button variant="danger" onPress={() => void remove()}>
              Remove
            </Button>
          </>
        }
      >
        <p>It is the only copy here of the book as it was before it was replaced. Removing it cannot be undone.</p>
      </Dialog>
    </div>
  );
}
