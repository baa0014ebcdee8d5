import { Download, Trash2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { DamagedFileInfo } from '../../../protocol/worker.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useClient } from '../../use-client.tsx';
import { useAsked } from '../devices/use-asked.ts';
import { sizeWords } from '../settings/storage-words.ts';
import styles from './health.module.css';

/** Databases that were found damaged: they are kept until the person deletes them. Nothing where there are none. */
export function DamagedFiles() {
  const client = useClient();
  const ask = useCallback(() => client.damagedFiles().catch(() => []), [client]);
  const { answer: files = [], again } = useAsked(ask);
  const [doomed, setDoomed] = useState<DamagedFileInfo | null>(null);
  const [error, setError] = useState<string | null>(null);
  if (files.length === 0) return null;

  const attempt = async (work: () => Promise<void>) => {
    setError(null);
    try {
      await work();
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
    }
  };
  const save = (name: string) =>
    attempt(async () => {
      for (const file of await client.damagedFile(name)) saveBlob(file.blob, file.name);
    });
  const remove = (name: string) =>
    attempt(async () => {
      setDoomed(null);
      await client.deleteDamagedFile(name);
      again();
    });

  return (
    <div className={styles.stack}>
      <h3 className={styles.heading}>Damaged databases</h3>
      <p className={styles.soft}>
        They were replaced, and are kept as they were found. Keep one until you are sure that nothing is missing.
      </p>
      {error !== null && <FieldError text={error} />}
      <ul className={styles.files} aria-label="Damaged databases">
        {files.map((file) => (
          <li key={file.name} className={styles.file}>
            <span>
              {sizeWords(file.bytes)}, last used {dayOf(file.changedAt)}
            </span>
            <Button
              size="small"
              icon={<Download aria-hidden />}
              aria-label={`Download the damaged database of ${dayOf(file.changedAt)}`}
              onPress={() => void save(file.name)}
            >
              Download
            </Button>
            <Button
              size="small"
              variant="quiet"
              icon={<Trash2 aria-hidden />}
              aria-label={`Delete the damaged database of ${dayOf(file.changedAt)}`}
              onPress={() => setDoomed(file)}
            >
              Delete…
            </Button>
          </li>
        ))}
      </ul>
      <Dialog
        title="Delete the damaged database?"
        role="alertdialog"
        size="small"
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
        actions={
          <>
            <Button onPress={() => setDoomed(null)}>Keep it</Button>
            <Button variant="danger" onPress={() => doomed !== null && void remove(doomed.name)}>
              Delete
            </Button>
          </>
        }
      >
        <p>What could be read of it is in your book. What could not be read is gone for good when it is deleted.</p>
      </Dialog>
    </div>
  );
}

const dayOf = (millis: number): string =>
  new Date(millis).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = `daybook-damaged-${name}`;
  link.click();
  // The browser reads it after the click has returned, and a large one for a while.
  setTimeout(() => URL.revokeObjectURL(address), 600_000);
}
