import { MonitorDown } from 'lucide-react';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { useAnswer, useValue } from '../../use-client.tsx';
import { changePreferences, preferences } from '../settings/preferences.ts';
import styles from './install-hint.module.css';
import { install, installOffer } from './install-offer.ts';

/** Says once that Daybook can have a window of its own, to somebody who has begun to use it. */
export function InstallHint() {
  const offer = useValue(installOffer);
  const { installHintDismissed } = useValue(preferences);
  const schema = useAnswer({ kind: 'schema' });
  const used = schema?.types.some(({ records, samples }) => records > samples) ?? false;
  if (offer === null || installHintDismissed || !used) return null;
  const dismiss = () => void changePreferences({ installHintDismissed: true });
  return (
    <Banner
      icon={<MonitorDown aria-hidden />}
      action={
        <span className={styles.actions}>
          <Button size="small" variant="quiet" onPress={dismiss}>
            Not now
          </Button>
          <Button
            size="small"
            onPress={() => {
              dismiss();
              void install();
            }}
          >
            Install
          </Button>
        </span>
      }
    >
      Daybook can have its own window and icon on this device.
    </Banner>
  );
}
