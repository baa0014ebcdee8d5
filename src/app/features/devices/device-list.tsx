import { Laptop, RefreshCw, Smartphone } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { Device } from '../../../protocol/account.ts';
import type { Account } from '../../../protocol/worker.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useClient } from '../../use-client.tsx';
import { agoWords } from '../history/when.ts';
import { NameField } from '../types/name-field.tsx';
import styles from './device-list.module.css';
import { LinkDevice } from './link-device.tsx';
import { useAsked } from './use-asked.ts';

/** The devices that sync this book, and what one may do with them. */
export function DeviceListView({ account }: { readonly account: Account }) {
  const client = useClient();
  const [failed, setFailed] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<Device | null>(null);
  const now = useCorrectedNow(60_000);
  const ask = useCallback(() => client.devices(), [client]);
  const { answer, again } = useAsked(ask);
  useEffect(() => {
    addEventListener('focus', again);
    return () => removeEventListener('focus', again);
  }, [again]);

  const revoke = async (device: Device) => {
    setRevoking(null);
    const outcome = await client.revokeDevice(device.clientId);
    setFailed(outcome.ok ? null : outcome.error.message);
    again();
  };

  const devices = answer?.ok === true ? answer.value : [];
  const forgotten = answer?.ok === false && answer.error.kind === 'notLinked';
  const error = failed ?? (answer?.ok === false ? `The list comes from the server. ${answer.error.message}` : null);
  const active = devices.filter((device) => device.revokedAt === null);
  const removed = devices.filter((device) => device.revokedAt !== null);
  if (forgotten) {
    return (
      <div className={styles.list}>
        <FieldError text="The server does not know this device any more: somebody removed it." />
        <p className={styles.removed}>
          Your records and everything you wrote stay here. To go on syncing, disconnect above and link this device again
          with a new code.
        </p>
      </div>
    );
  }
  return (
    <div className={styles.list}>
      {error !== null && (
        <div className={styles.failed}>
          <FieldError text={error} />
          <Button size="small" icon={<RefreshCw aria-hidden />} onPress={again}>
            Try again
          </Button>
        </div>
      )}
      {active.length > 0 && (
        <ul aria-label="Devices">
          {active.map((device) => (
            <DeviceRow
              key={device.clientId}
              device={device}
              now={now}
              mine={device.userId === account.userId}
              mayChange={device.userId === account.userId || account.role === 'owner'}
              onRevoke={() => setRevoking(device)}
              onChanged={again}
            />
          ))}
        </ul>
      )}
      {removed.length > 0 && (
        <p className={styles.removed}>
          Removed: {removed.map((device) => `${device.name} (${device.personName})`).join(', ')}
        </p>
      )}
      <div>
        <LinkDevice account={account} onClosed={again} />
      </div>
      <Dialog
        title={`Remove ${revoking?.name ?? ''}?`}
        role="alertdialog"
        size="small"
        isOpen={revoking !== null}
        onClose={() => setRevoking(null)}
        actions={
          <>
            <Button onPress={() => setRevoking(null)}>Keep it</Button>
            <Button variant="danger" onPress={() => revoking !== null && void revoke(revoking)}>
              Remove
            </Button>
          </>
        }
      >
        <p>
          It can no longer reach this book on the server. What it holds already stays on it, and everything it wrote so
          far stays here. Changes it has not sent yet will not arrive.
        </p>
      </Dialog>
    </div>
  );
}

function DeviceRow({
  device,
  now,
  mine,
  mayChange,
  onRevoke,
  onChanged,
}: {
  readonly device: Device;
  readonly now: number;
  readonly mine: boolean;
  readonly mayChange: boolean;
  readonly onRevoke: () => void;
  readonly onChanged: () => void;
}) {
  const client = useClient();
  const Icon = /phone|android|ipad|mobile|tablet/i.test(device.name) ? Smartphone : Laptop;
  const seen = device.self
    ? 'This device'
    : device.seenAt === null
      ? 'Not seen yet'
      : `Last seen ${agoWords(device.seenAt, now)}`;
  return (
    <li className={styles.device}>
      <Icon aria-hidden size={20} strokeWidth={1.7} />
      <div className={styles.words}>
        {mayChange ? (
          <NameField
            label={`Name of device ${device.name}`}
            name={device.name}
            onSave={async (name) => {
              const answer = await client.renameDevice(device.clientId, name);
              if (answer.ok) onChanged();
              return answer.ok ? undefined : answer.error.message;
            }}
          />
        ) : (
          <span className={styles.name}>{device.name}</span>
        )}
        <span className={styles.facts}>
          {device.personName}
          {mine && ' (you)'}
          {device.role === 'owner' && ' · owner'} · {seen}
        </span>
      </div>
      {mayChange && !device.self && (
        <Button size="small" variant="quiet" aria-label={`Remove ${device.name}`} onPress={onRevoke}>
          Remove
        </Button>
      )}
    </li>
  );
}
