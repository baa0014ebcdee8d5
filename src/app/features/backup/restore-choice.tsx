import { useId } from 'react';
import type { BackupPreview } from '../../../core/transfer.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import styles from './backup.module.css';
import { changes, whyNot } from './file-words.ts';

export type Way = 'merge' | 'replace';

/** Merge or replace, each with what it does in plain words, and the agreement that the graver one needs. */
export function RestoreChoice({
  preview,
  way,
  agreed,
  disabled,
  onWay,
  onAgree,
}: {
  readonly preview: BackupPreview;
  readonly way: Way;
  readonly agreed: boolean;
  readonly disabled: boolean;
  readonly onWay: (way: Way) => void;
  readonly onAgree: (agreed: boolean) => void;
}) {
  const group = useId();
  const { sameBook, missingHere, ahead, refused, replaceable } = preview;
  return (
    <fieldset className={styles.ways} disabled={disabled}>
      <legend>How</legend>
      <label className={styles.way}>
        <input type="radio" name={group} checked={way === 'merge'} onChange={() => onWay('merge')} />
        <span>
          <strong>Merge</strong>{' '}
          {missingHere === 0
            ? 'Every change in it is here already: there is nothing to add.'
            : `Adds ${missingHere === 1 ? 'the one change that is' : `the ${changes(missingHere)} that are`} not here. Nothing here is lost: where both changed the same thing the newest counts, and you are asked to look.`}
        </span>
      </label>
      {way === 'merge' && missingHere > 0 && (
        <div className={styles.more}>
          {ahead > 0 && (
            <p>
              {ahead === 1 ? 'One of them is' : `${ahead.toLocaleString()} of them are`} dated in the future, and{' '}
              {ahead === 1 ? 'waits until its' : 'wait until their'} time has come.
            </p>
          )}
          {refused > 0 && (
            <p>{refused === 1 ? '1 more change is' : `${changes(refused)} more are`} not in order, and left out.</p>
          )}
          {!sameBook && (
            <>
              <p className={styles.grave}>
                This is a backup of another book. Its changes would become part of this one
                {preview.unsent !== null && ', on every device that syncs with it'}, and cannot be taken out again at
                once.
              </p>
              <Checkbox checked={agreed} onChange={onAgree} disabled={disabled}>
                Take in the changes of another book
              </Checkbox>
            </>
          )}
        </div>
      )}
      <label className={styles.way}>
        <input
          type="radio"
          name={group}
          checked={way === 'replace'}
          disabled={replaceable !== 'yes'}
          onChange={() => onWay('replace')}
        />
        <span>
          <strong>Replace</strong>{' '}
          {replaceable === 'yes' ? 'The book becomes what the backup was.' : whyNot(replaceable)}
        </span>
      </label>
      {way === 'replace' && (
        <div className={styles.more}>
          <WhatLeaves preview={preview} />
          <p>
            The book as it is now is set aside in this browser first, where you can download it. Undo begins anew, and
            this device gets a new entry in the history.
          </p>
          <Checkbox checked={agreed} onChange={onAgree} disabled={disabled}>
            Replace the book that is here
          </Checkbox>
        </div>
      )}
    </fieldset>
  );
}

/** What of the present book would not be in it any more. */
function WhatLeaves({ preview: { missingThere, unsent } }: { readonly preview: BackupPreview }) {
  const leaving = missingThere === 1 ? 'The one change that is' : `The ${changes(missingThere)} that are`;
  if (unsent === null) {
    return missingThere === 0 ? (
      <p>Nothing leaves the book: every change here is in the backup too.</p>
    ) : (
      <p className={styles.grave}>
        {leaving} only here {missingThere === 1 ? 'leaves' : 'leave'} the book.
      </p>
    );
  }
  return (
    <>
      <p className={unsent > 0 ? styles.grave : undefined}>
        {unsent === 0
          ? 'Every change of yours has reached the server.'
          : `${unsent === 1 ? '1 change has' : `${changes(unsent)} have`} not reached the server yet: what of it is not in the backup leaves the book.`}
      </p>
      <p>
        What the server has comes back with the next sync: replacing takes nothing away from other devices. To go back
        to the backup for good, on this device alone, disconnect from the server first.
      </p>
    </>
  );
}
