import { useState } from 'react';
import type { LinesPreview } from '../../../core/transfer.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useClient } from '../../use-client.tsx';
import styles from './backup.module.css';
import { changes, wordsForFile } from './file-words.ts';
import { useTask } from './use-task.ts';

/** A chosen file of changes: what in it is new, known or not in order, and then taking the new ones in. */
export function LinesDialog({ file, onClose }: { readonly file: File; readonly onClose: () => void }) {
  const client = useClient();
  const toast = useToast();
  const [agreed, setAgreed] = useState(false);
  const look = useTask((tell) => client.examineLines(file, tell), 'atOnce').task;
  const taking = useTask(async (tell) => {
    const taken = await client.takeLines(file, tell);
    if (taken.ok) {
      toast({
        text: `${taken.value.events === 1 ? '1 change was' : `${taken.value.events.toLocaleString()} changes were`} added`,
      });
      onClose();
    }
    return taken;
  }, 'later');
  const preview = look?.kind === 'finished' ? look.value : null;
  const running = taking.task?.kind === 'running';
  const failure = look?.kind === 'failed' ? look.error : taking.task?.kind === 'failed' ? taking.task.error : null;
  const close = () => !running && onClose();
  return (
    <Dialog
      title="Import changes"
      role={running ? 'alertdialog' : 'dialog'}
      isOpen
      onClose={close}
      actions={
        <>
          <Button isDisabled={running} onPress={close}>
            {preview === null ? 'Close' : 'Cancel'}
          </Button>
          {preview !== null && (
            <Button
              variant="primary"
              isDisabled={preview.missingHere === 0 || running || !(preview.sameBook || agreed)}
              onPress={taking.run}
            >
              Add {changes(preview.missingHere)}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.stack} data-unsaved={running || undefined}>
        {look?.kind === 'running' && (
          <div className={styles.stack} role="status">
            <p>Reading {file.name}…</p>
            <Progress label={`Reading ${file.name}`} value={look.done} />
          </div>
        )}
        {preview !== null && <LinesFacts name={file.name} preview={preview} />}
        {preview !== null && !preview.sameBook && preview.missingHere > 0 && (
          <>
            <p className={styles.grave}>
              These are changes of another book. They would become part of this one, on every device that syncs with it,
              and cannot be taken out again at once.
            </p>
            <Checkbox checked={agreed} onChange={setAgreed} disabled={running}>
              Take in the changes of another book
            </Checkbox>
          </>
        )}
        {taking.task?.kind === 'running' && (
          <div className={styles.stack} role="status">
            <p>Adding…</p>
            <Progress label="Adding" value={taking.task.done} />
          </div>
        )}
        {failure !== null && <FieldError text={wordsForFile(failure, 'changes')} />}
      </div>
    </Dialog>
  );
}

function LinesFacts({ name, preview }: { readonly name: string; readonly preview: LinesPreview }) {
  const { missingHere, known, refused, ahead, refusals } = preview;
  return (
    <>
      <dl className={styles.facts} aria-label="What is in the file">
        <dt>File</dt>
        <dd>{name}</dd>
        <dt>New</dt>
        <dd>{changes(missingHere)}</dd>
        <dt>Here already</dt>
        <dd>{changes(known)}</dd>
        <dt>Not in order</dt>
        <dd>{refused === 1 ? '1 line' : `${refused.toLocaleString()} lines`}</dd>
      </dl>
      {ahead > 0 && (
        <p>
          {ahead === 1 ? '1 new change is' : `${changes(ahead)} among the new ones are`} dated in the future, and will
          appear when the time has come.
        </p>
      )}
      {refused > 0 && (
        <div>
          <p>Lines that are not in order are left out:</p>
          {/* Scrolled by keyboard as well. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <ol className={styles.refusals} aria-label="Lines that are left out" tabIndex={0}>
            {refusals.map(({ number, reason }) => (
              <li key={number}>
                Line {number.toLocaleString()}: {reason}.
              </li>
            ))}
            {refused > refusals.length && <li>and {(refused - refusals.length).toLocaleString()} more</li>}
          </ol>
        </div>
      )}
    </>
  );
}
