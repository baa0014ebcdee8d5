import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import { useAccount } from '../devices/use-account.ts';
import styles from './settings.module.css';

/** Which version this is, and in plain words what is kept where. */
export function About() {
  const account = useAccount();
  return (
    <div className={styles.prose}>
      <p>
        Daybook {import.meta.env['VITE_VERSION']} · sync protocol {PROTOCOL_VERSION}
      </p>
      <p>
        Your records, and every change ever made to them, are kept in a database in this browser, on this device.
        Daybook asks nobody for permission to show or change them, and works without a network.
      </p>
      <p>
        {account === null || account === undefined
          ? 'No sync is set up, so nothing leaves this device.'
          : `Changes are also sent to ${new URL(account.serverUrl).host}, which passes them on to the devices listed above. Nothing goes anywhere else.`}{' '}
        There are no ads, no accounts with us and no counting of what you do.
      </p>
    </div>
  );
}
