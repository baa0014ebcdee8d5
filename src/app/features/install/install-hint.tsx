import { useEffect, useState } from 'react';
import { useToast } from '../../ui/toast.tsx';
import { useAnswer, useValue } from '../../use-client.tsx';
import { changePreferences, preferences } from '../settings/preferences.ts';
import { install, installOffer } from './install-offer.ts';

/** Says once that Daybook can have a window of its own, to somebody who comes back to it. Settings keeps the button. */
export function InstallHint() {
  const toast = useToast();
  const offer = useValue(installOffer);
  const { installHintShown } = useValue(preferences);
  const schema = useAnswer({ kind: 'schema' });
  // Whether there were records of the person's own when the page was opened.
  const [cameBack, setCameBack] = useState<boolean | null>(null);
  if (cameBack === null && schema !== undefined) setCameBack(schema.types.some((type) => type.records > type.samples));
  useEffect(() => {
    if (cameBack !== true || offer === null || installHintShown) return;
    void changePreferences({ installHintShown: true });
    toast({
      text: 'Daybook can have its own window and icon on this device.',
      action: { label: 'Install', onAction: () => void install() },
    });
  }, [cameBack, offer, installHintShown, toast]);
  return null;
}
