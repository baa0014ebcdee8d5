import { ShieldCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { useClient } from '../../use-client.tsx';
import { useAsked } from '../devices/use-asked.ts';
import { sizeWords } from './storage-words.ts';
import styles from './settings.module.css';

/** What is kept here, and whether the browser may clear it. */
export function Storage() {
  const client = useClient();
  const [denied, setDenied] = useState(false);
  const ask = useCallback(() => client.storage().catch(() => null), [client]);
  const { answer: use = null, again } = useAsked(ask);

  const keep = async () => {
    const granted = await navigator.storage.persist();
    setDenied(!granted);
    again();
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
      {use?.persisted === false && (
        <div className={styles.actions}>
          <Button onPress={() => void keep()}>Ask to keep it</Button>
        </div>
      )}
    </div>
  );
}
