import { ListChecks, RefreshCw, Unplug } from 'lucide-react';
import { useState } from 'react';
import type { Account } from '../../../protocol/worker.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useClient, useValue } from '../../use-client.tsx';
import { agoWords } from '../history/when.ts';
import { statusWords } from '../status/status-words.ts';
import { Link } from 'wouter';
import styles from './sync-summary.module.css';
import { VerifyServer } from './verify-server.tsx';

const NOTHING = { running: null, last: null };

/** Where this device syncs to, how it stands, and the way out. */
export function SyncSummary({ account }: { readonly account: Account }) {
  const client = useClient();
  const told = useValue(client.status);
  const now = useNow(1_000);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const refused = told?.details.refused ?? null;
  const waiting = told?.details.waiting ?? 0;

  const disconnect = async () => {
    setAsking(false);
    const answer = await client.disconnect();
    setError(answer.ok ? null : answer.error.message);
  };

  return (
    <div className={styles.summary}>
      <dl className={styles.facts}>
        <dt>Server</dt>
        <dd>{account.serverUrl}</dd>
        <dt>State</dt>
        <dd>{told === undefined ? '…' : statusWords(told.status, now, told.details).text}</dd>
        <dt>Last contact</dt>
        <dd>
          {told === undefined || told.details.lastContactAt === null
            ? 'Not yet'
            : agoWords(told.details.lastContactAt, now)}
        </dd>
        <dt>Set aside</dt>
        <dd>
          <Link href="/attention">What was refused, could not be read, or was discarded</Link>
        </dd>
      </dl>
      {refused !== null && (
        <FieldError
          text={`${refused} Everything stays on this device. To sync again, disconnect and link it anew, with a code from another device or the server’s setup code: what the server does not have is sent then.`}
        />
      )}
      <VerifyServer verification={told?.details.verification ?? NOTHING} />
      {error !== null && <FieldError text={error} />}
      <div className={styles.actions}>
        <Button icon={<RefreshCw aria-hidden />} onPress={() => void client.syncNow().catch(() => undefined)}>
          Sync now
        </Button>
        {told?.details.verification.running === null && (
          <Button icon={<ListChecks aria-hidden />} onPress={() => void client.verify().catch(() => undefined)}>
            Verify with server
          </Button>
        )}
        <Button variant="quiet" icon={<Unplug aria-hidden />} onPress={() => setAsking(true)}>
          Disconnect…
        </Button>
      </div>
      <Dialog
        title="Stop syncing on this device?"
        role="alertdialog"
        size="small"
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onPress={() => setAsking(false)}>Go on syncing</Button>
            <Button variant="danger" onPress={() => void disconnect()}>
              Disconnect
            </Button>
          </>
        }
      >
        <p>
          Your records and their history stay on this device, and on the server.
          {waiting > 0 &&
            ` ${waiting === 1 ? '1 change has' : `${waiting} changes have`} not been sent yet: kept here, and sent if you link this device again.`}
        </p>
      </Dialog>
    </div>
  );
}
