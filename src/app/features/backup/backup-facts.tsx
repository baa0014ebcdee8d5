import type { BackupPreview } from '../../../core/transfer.ts';
import { momentWords } from '../history/when.ts';
import { sizeWords } from '../settings/storage-words.ts';
import styles from './backup.module.css';
import { changes } from './file-words.ts';

/** Types told before the rest is counted. */
const TYPES_SHOWN = 8;

/** Whose a backup is, from when, and what is in it. */
export function BackupFacts({ file, preview }: { readonly file: File; readonly preview: BackupPreview }) {
  const { device, person, madeAt, newestAt, types, events } = preview;
  const maker = [person, device].filter((name) => name !== null).join(' · ');
  const more = types.slice(TYPES_SHOWN);
  return (
    <dl className={styles.facts} aria-label="What is in the backup">
      <dt>File</dt>
      <dd>
        {file.name}, {sizeWords(file.size)}
      </dd>
      {maker !== '' && (
        <>
          <dt>Made by</dt>
          <dd>{maker}</dd>
        </>
      )}
      {madeAt !== null && (
        <>
          <dt>Made</dt>
          <dd>{momentWords(madeAt)}</dd>
        </>
      )}
      <dt>Newest change</dt>
      <dd>{newestAt === null ? 'None' : momentWords(newestAt)}</dd>
      <dt>Records</dt>
      <dd>
        {types.length === 0
          ? 'None'
          : types
              .slice(0, TYPES_SHOWN)
              .map(({ name, records }) => `${name} ${records.toLocaleString()}`)
              .join(' · ')}
        {more.length > 0 && ` · and ${more.length} more types`}
      </dd>
      <dt>Changes</dt>
      <dd>
        {events.toLocaleString()} in it, {preview.missingHere.toLocaleString()} of them not here.{' '}
        {preview.missingThere === 1 ? '1 change here is' : `${changes(preview.missingThere)} here are`} not in it.
      </dd>
    </dl>
  );
}
