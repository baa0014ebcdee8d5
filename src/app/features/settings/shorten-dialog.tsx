import { useCallback } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useClient } from '../../use-client.tsx';
import { useAsked } from '../devices/use-asked.ts';
import { dayText, supersededWords } from './history-words.ts';
import styles from './settings.module.css';

/** Asks before history goes: what of it, what stays, and that it does not come back. */
export function ShortenDialog({
  since,
  onClose,
  onShorten,
}: {
  readonly since: Date;
  readonly onClose: () => void;
  readonly onShorten: () => void;
}) {
  const client = useClient();
  const ask = useCallback(() => client.prunable(since.getTime()), [client, since]);
  const { answer } = useAsked(ask);
  const day = dayText(since);
  const some = answer?.ok === true && answer.value > 0;
  return (
    <Dialog
      title="Shorten history"
      isOpen
      onClose={onClose}
      role="alertdialog"
      actions={
        <>
          <Button onPress={onClose}>{some || answer === undefined ? 'Cancel' : 'Close'}</Button>
          {some && (
            <Button variant="danger" onPress={onShorten}>
              Shorten history
            </Button>
          )}
        </>
      }
    >
      <div className={styles.prose} aria-live="polite">
        {answer === undefined && <p>Counting what could go…</p>}
        {answer?.ok === false && <FieldError text={answer.error.message} />}
        {answer?.ok === true && answer.value === 0 && (
          <p>
            Nothing can go. No change from before {day} has been superseded by a later one and is known to be on the
            server.
          </p>
        )}
        {some && (
          <>
            <p>
              <strong>
                {supersededWords(answer.value)} from before {day}
              </strong>{' '}
              will go from this device. This cannot be undone.
            </p>
            <p>
              Everything stays as it is now: every record with its values, open conflicts, and what has not been sent
              yet. So does every change since {day}, and what each record held on that day.
            </p>
            <p>Undo will reach back to that day, no further. Your other devices keep what they have.</p>
          </>
        )}
      </div>
    </Dialog>
  );
}
