import { MonitorDown } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { useValue } from '../../use-client.tsx';
import { install, installOffer, isInstalled } from '../install/install-offer.ts';
import styles from './settings.module.css';

/** Installing, where the browser offers it; how else it is done, where it does not. */
export function InstallSection() {
  const offer = useValue(installOffer);
  if (isInstalled())
    return <p className={styles.soft}>Daybook is installed: it has its own window and starts offline.</p>;
  return (
    <div className={styles.stack}>
      <p className={styles.soft}>
        Daybook can have its own window and icon.{' '}
        {offer === null &&
          'In Chrome or Edge it is in the address bar or the menu; on an iPhone: Share, then Add to Home Screen; in Safari on a Mac: File, then Add to Dock.'}
      </p>
      {offer !== null && (
        <div>
          <Button icon={<MonitorDown aria-hidden />} onPress={() => void install()}>
            Install Daybook
          </Button>
        </div>
      )}
    </div>
  );
}
