import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { ServerInfo } from '../../../protocol/account.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useClient } from '../../use-client.tsx';
import styles from './server-picker.module.css';

interface Found {
  readonly server: string;
  readonly info: ServerInfo;
}

/**
 * Finds the server to sync with: the one that this page came from, if it is one, else an address that is typed. What is
 * done with it is up to `children`.
 */
export function ServerPicker({ children }: { readonly children: (found: Found) => ReactNode }) {
  const client = useClient();
  const [found, setFound] = useState<Found | null>(null);
  /** Null while the page's own server is being looked at. */
  const [address, setAddress] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);

  useEffect(() => {
    let wanted = true;
    void client.probe(location.origin).then((answer) => {
      if (!wanted) return;
      if (answer.ok) setFound({ server: location.origin, info: answer.value });
      else setAddress('');
    });
    return () => {
      wanted = false;
    };
  }, [client]);

  const look = async (event: FormEvent) => {
    event.preventDefault();
    const typed = (address ?? '').trim();
    if (typed === '' || busy) return;
    setBusy(true);
    const answer = await client.probe(typed);
    setBusy(false);
    setError(answer.ok ? undefined : answer.error.message);
    if (answer.ok) setFound({ server: typed, info: answer.value });
  };

  if (found !== null) {
    return (
      <div className={styles.picker}>
        <p className={styles.found}>
          <span>
            Server: <strong>{hostOf(found.server)}</strong>
          </span>
          <Button
            variant="quiet"
            size="small"
            onPress={() => {
              setAddress(found.server === location.origin ? '' : found.server);
              setFound(null);
            }}
          >
            Use another
          </Button>
        </p>
        {children(found)}
      </div>
    );
  }
  if (address === null) return <p role="status">Looking for the server…</p>;
  return (
    <form className={styles.form} onSubmit={(event) => void look(event)}>
      <TextField
        label="Address of the server"
        placeholder="book.example.org"
        inputMode="url"
        autoCapitalize="none"
        spellCheck={false}
        value={address}
        hint="Any computer of yours that runs Daybook’s server. Its README says how to set one up."
        onChange={setAddress}
      />
      {error !== undefined && <FieldError text={error} />}
      <div>
        <Button type="submit" isDisabled={address.trim() === ''}>
          {busy ? 'Looking…' : 'Look for it'}
        </Button>
      </div>
    </form>
  );
}

const hostOf = (server: string): string => server.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '');
