import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';
import styles from './backup.module.css';
import { BackupFacts } from './backup-facts.tsx';
import { changes, wordsForFile } from './file-words.ts';
import { RestoreChoice, type Way } from './restore-choice.tsx';
import { useTask } from './use-task.ts';

/** A chosen backup: what it is, how it compares, and then merging it or letting it be the book. */
export function RestoreDialog({ file, onClose }: { readonly file: File; readonly onClose: () => void }) {
  const client = useClient();
  const toast = useToast();
  const [way, setWay] = useState<Way>('merge');
  const [agreed, setAgreed] = useState(false);
  const look = useTask((tell) => client.examineBackup(file, tell), 'atOnce').task;
  const preview = look?.kind === 'finished' ? look.value : null;
  const token = preview?.token ?? '';
  const merging = useTask((tell) => client.mergeBackup(token, tell), 'later');
  const replacing = useTask(() => client.replaceBook(token), 'later');
  const working = way === 'merge' ? merging.task : replacing.task;
  const running = working?.kind === 'running';
  const failure = look?.kind === 'failed' ? look.error : working?.kind === 'failed' ? working.error : null;

  const close = () => {
    // What is under way goes on to its end: it is never left half done.
    if (running) return;
    void client.dropBackup().catch(() => undefined);
    onClose();
  };
  if (working?.kind === 'finished') {
    const taken = merging.task?.kind === 'finished' ? merging.task.value : null;
    const words =
      taken === null
        ? 'The book is now what the backup was.'
        : `${taken.events === 1 ? '1 change was' : `${taken.events.toLocaleString()} changes were`} added.`;
    return (
      <Dialog
        title={taken === null ? 'Replaced' : 'Merged'}
        size="small"
        isOpen
        onClose={close}
        actions={
          <Button
            variant="primary"
            onPress={() => {
              close();
              toast({ text: words });
            }}
          >
            Done
          </Button>
        }
      >
        <p role="status">
          {words}
          {taken !== null && taken.ahead > 0 && ` ${changes(taken.ahead)} more wait until their time has come.`}
          {taken === null && ' The book as it was before is kept: you find it in Settings, under Backup.'}
        </p>
      </Dialog>
    );
  }
  const mayMerge = preview !== null && preview.missingHere > 0 && (preview.sameBook || agreed);
  const mayReplace = preview?.replaceable === 'yes' && agreed;
  return (
    <Dialog
      title="Restore a backup"
      role={running ? 'alertdialog' : 'dialog'}
      isOpen
      onClose={close}
      actions={
        <>
          <Button isDisabled={running} onPress={close}>
            {preview === null ? 'Close' : 'Cancel'}
          </Button>
          {preview !== null && way === 'merge' && (
            <Button variant="primary" isDisabled={!mayMerge || running} onPress={merging.run}>
              Merge {changes(preview.missingHere)}
            </Button>
          )}
          {preview !== null && way === 'replace' && (
            <Button variant="danger" isDisabled={!mayReplace || running} onPress={replacing.run}>
              Replace the book
            </Button>
          )}
        </>
      }
    >
      <div className={styles.stack} data-unsaved={running || undefined}>
        {look?.kind === 'running' && (
          <div className={styles.stack} role="status">
            <p>Looking through {file.name}…</p>
            <Progress label={`Looking through ${file.name}`} value={look.done} />
          </div>
        )}
        {preview !== null && <BackupFacts file={file} preview={preview} />}
        {preview !== null && (
          <RestoreChoice
            preview={preview}
            way={way}
            agreed={agreed}
            disabled={running}
            onWay={(next) => {
              setWay(next);
              setAgreed(false);
            }}
            onAgree={setAgreed}
          />
        )}
        {running && (
          <div className={styles.stack} role="status">
            <p>{way === 'merge' ? 'Merging…' : 'Setting the present book aside, then replacing it…'}</p>
            <Progress
              label={way === 'merge' ? 'Merging' : 'Replacing'}
              value={way === 'merge' ? (merging.task?.kind === 'running' ? merging.task.done : 1) : null}
            />
          </div>
        )}
        {failure !== null && <FieldError text={wordsForFile(failure, 'backup')} />}
      </div>
    </Dialog>
  );
}
