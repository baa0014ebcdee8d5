import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Page } from '../../ui/page.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useAnswer } from '../../use-client.tsx';
import { readJoinFragment } from './join-address.ts';
import { JoinForm } from './join-form.tsx';
import styles from './join-page.module.css';
import { ServerPicker } from './server-picker.tsx';
import { useAccount } from './use-account.ts';

/** Where the link of *Link a device* leads: says what will happen, asks for names, and joins. */
// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function JoinPage() {
  const account = useAccount();
  const schema = useAnswer({ kind: 'schema' });
  const toast = useToast();
  const [, navigate] = useLocation();
  // Browsers keep the part behind # to themselves: no server has seen the code before it is used.
  const [given] = useState(() => readJoinFragment(location.hash));
  if (account === undefined || schema === undefined) return null;
  if (account !== null) {
    return (
      <EmptyState
        drawing="devices"
        title="This device syncs already"
        action={<Link href="/settings">See its devices</Link>}
      >
        It syncs with {new URL(account.serverUrl).host}. To link it elsewhere, disconnect it first, in Settings.
      </EmptyState>
    );
  }
  const records = schema.types.reduce((sum, type) => sum + type.records, 0);
  return (
    <Page
      lead={
        given === null
          ? 'Have your records on this device too. A device that syncs already shows a code under Settings, Link a device.'
          : 'One more step, and your records are on this device too.'
      }
    >
      <ServerPicker>
        {({ server }) => (
          <div className={styles.join}>
            <ul className={styles.facts}>
              <li>
                This device will sync with <strong>{server.replace(/^[a-z]+:\/\//i, '')}</strong>.
              </li>
              <li>
                {records === 0
                  ? 'There is nothing on it yet; everything from there comes here.'
                  : `What is here already (${records === 1 ? '1 record' : `${records.toLocaleString()} records`}) is kept and merged.`}
              </li>
              <li>It works without a network as before; changes are exchanged when there is one.</li>
            </ul>
            <JoinForm
              key={server}
              server={server}
              given={given}
              onDone={() => {
                toast({ text: 'Linked. Your records are on their way.' });
                // The code is spent: it need not stand in the list of visited pages.
                navigate('/', { replace: true });
              }}
            />
          </div>
        )}
      </ServerPicker>
    </Page>
  );
}
