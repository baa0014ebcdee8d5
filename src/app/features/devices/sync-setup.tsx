import { useState } from 'react';
import { Segmented } from '../../ui/segmented.tsx';
import { useToast } from '../../ui/toast.tsx';
import type { ServerInfo } from '../../../protocol/account.ts';
import { ClaimForm } from './claim-form.tsx';
import { JoinForm } from './join-form.tsx';
import { ServerPicker } from './server-picker.tsx';
import styles from './sync-setup.module.css';

/** From "saved on this device only" to a server. */
export function SyncSetup() {
  return <ServerPicker>{({ server, info }) => <Ways key={server} server={server} info={info} />}</ServerPicker>;
}

const WAYS = [
  { id: 'join', label: 'Code from a device' },
  { id: 'claim', label: 'Setup code' },
] as const;

function Ways({ server, info }: { readonly server: string; readonly info: ServerInfo }) {
  const toast = useToast();
  const [way, setWay] = useState<(typeof WAYS)[number]['id']>('join');
  const done = () => toast({ text: 'This device syncs now. What was here already is kept and merged.' });
  if (!info.claimed) {
    return (
      <>
        <p className={styles.note}>
          Nobody uses this server yet. You become its owner, and your records here go to it
          {info.claimableHere ? '. No code is needed, since it runs on this computer.' : '.'}
        </p>
        <ClaimForm server={server} info={info} onDone={done} />
      </>
    );
  }
  return (
    <>
      <p className={styles.note}>
        This server has an owner. What is on this device already is kept, and merged with what is there.
      </p>
      <div>
        <Segmented label="How to come in" segments={WAYS} value={way} onChange={setWay} />
      </div>
      {way === 'join' ? (
        <JoinForm server={server} given={null} onDone={done} />
      ) : (
        <>
          <p className={styles.note}>For the owner who lost every device.</p>
          <ClaimForm server={server} info={{ ...info, claimableHere: false }} onDone={done} />
        </>
      )}
    </>
  );
}
