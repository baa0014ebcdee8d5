import { Download, ShieldCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useClient } from '../../use-client.tsx';
import { useAsked } from '../devices/use-asked.ts';
import { backupName, sizeWords } from './storage-words.ts';
import styles from './settings.module.css';

/** What is kept here, whether the browser may clear it, and a copy to take away. */
export function Storage() {
  const client = useClient();
  const [denied, setDenied] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const ask = useCallback(() => client.storage().catch(() => null), [client]);
  const { answer: use = null, again } = useAsked(ask);

  const keep = async () => {
    const granted = await navigator.storage.persist();
    setDenied(!granted);
    again();
  };

  const backUp = async () => {
    setBusy(true);
    setError(null);
    try {
      download(await client.backup(), backupName(new Date()));
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
    }
    setBusy(false);
  };

  return (
    <div className={styles.stack}>
      {use !== null && (
        <dl className={styles.facts}>
          <dt>Your book</dt>
          <dd>{sizeWords(use.databaseBytes)}</dd>
          <dt>Changes kept</dt>
          <dd>{use.events.toLocaleString()}</dd>
          {use.quota !== null && (
            <>
              <dt>Room</dt>
              <dd>
                {sizeWords(use.usage ?? 0)} of {sizeWords(use.quota)} that this browser allows
              </dd>
            </>
          )}
          <dt>Kept for good</dt>
          <dd>
            {use.persisted ? (
              <span className={styles.good}>
                <ShieldCheck aria-hidden size={16} /> This browser promised not to clear it
              </span>
            ) : (
              'This browser may clear it when the disk runs full'
            )}
          </dd>
        </dl>
      )}
      {denied && (
        <p className={styles.soft}>
          The browser said no for now. Browsers usually agree once Daybook is installed or used for a while. Until then,
          sync or a backup keeps you safe.
        </p>
      )}
      {error !== null && <FieldError text={error} />}
      <div className={styles.actions}>
        {use?.persisted === false && <Button onPress={() => void keep()}>Ask to keep it</Button>}
        <Button icon={<Download aria-hidden />} onPress={() => !busy && void backUp()}>
          {busy ? 'Making a backup…' : 'Download backup'}
        </Button>
      </div>
      <p className={styles.soft}>
        A backup is one SQLite file with every record and its whole history. Any program that reads SQLite opens it.
      </p>
    </div>
  );
}

function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/vnd.sqlite3' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
