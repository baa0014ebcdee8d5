import { useMemo, useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { Moment } from '../../../core/query.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';
import { momentHeading } from '../history/when.ts';
import { useUndo } from '../shell/undo.tsx';
import { DifferenceList } from './difference-list.tsx';
import { tellRestore } from './difference-words.ts';
import styles from './restore-dialog.module.css';
import { type Differences, useDifferences } from './use-differences.ts';

/** What restoring does with the whole of a record. */
const FATES = {
  made: 'comes back',
  unmade: 'goes to the Trash: it was not there yet',
  trashed: 'goes to the Trash, where it was',
  untrashed: 'comes back from the Trash',
  changed: '',
} as const;

/** Says what restoring would change, value by value, and does it. */
export function RestoreDialog({
  ids,
  moment,
  onClose,
}: {
  readonly ids: readonly EntityId[];
  readonly moment: Moment;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const toast = useToast();
  const undo = useUndo();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const differences = useDifferences(ids, moment);
  const one = ids.length === 1;
  const count = ids.length.toLocaleString();
  const same = differences.kind === 'here' && differences.answer.total === 0;

  const restore = async () => {
    setBusy(true);
    setError(null);
    const outcome = await client.execute({ kind: 'restoreAsOf', ids, moment });
    setBusy(false);
    if (!outcome.ok) {
      setError(wordsForError(outcome.error));
      return;
    }
    onClose();
    toast({
      text: `${one ? 'The record is' : `${count} records are`} now as ${one ? 'it was' : 'they were'} then`,
      action: { label: 'Undo', onAction: () => undo('undo') },
    });
  };

  return (
    <Dialog
      title={one ? 'Restore this record' : `Restore ${count} records`}
      isOpen
      onClose={onClose}
      size="wide"
      actions={
        <>
          <Button onPress={onClose}>{same ? 'Close' : 'Leave it as it is now'}</Button>
          {!same && (
            <Button
              variant="primary"
              isDisabled={differences.kind === 'asking'}
              onPress={() => !busy && void restore()}
            >
              {busy ? 'Restoring…' : one ? 'Restore this record' : `Restore ${count} records`}
            </Button>
          )}
        </>
      }
    >
      {same ? (
        <p>
          {one ? 'It is' : 'They are'} the same now as on {momentHeading(millisOf(moment.at))}: there is nothing to
          restore.
        </p>
      ) : (
        <>
          <p className={styles.lead}>
            What is in the book now, struck through, becomes again what it was on {momentHeading(millisOf(moment.at))}.
            It is written as new changes: nothing in the history is lost.
          </p>
          <Preview differences={differences} />
        </>
      )}
      {error !== null && <FieldError text={error} />}
    </Dialog>
  );
}

function Preview({ differences }: { readonly differences: Differences }) {
  const entities = useMemo(
    () => (differences.kind === 'here' ? tellRestore(differences.answer.changes) : []),
    [differences],
  );
  switch (differences.kind) {
    case 'asking':
      return <p role="status">Looking up what has changed since…</p>;
    case 'failed':
      return <FieldError text={`What would change cannot be told: ${differences.reason}`} />;
    case 'here': {
      const more = differences.answer.total - differences.answer.changes.length;
      return (
        <>
          <DifferenceList label="What changes" entities={entities} fates={FATES} />
          {more > 0 && (
            <p className={styles.rest}>And {more.toLocaleString()} more values, which are not listed here.</p>
          )}
        </>
      );
    }
  }
}
