import { Wrench, X } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link } from 'wouter';
import { Banner } from '../../ui/banner.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { useClient, useValue } from '../../use-client.tsx';
import { useAsked } from '../devices/use-asked.ts';
import { DAMAGED, repairWords } from './repair-words.ts';

/** Tells that the database was damaged and what became of it, until the person has taken note. */
export function RepairBanner() {
  const client = useClient();
  const connection = useValue(client.connection);
  const [dismissed, setDismissed] = useState(0);
  // A book is repaired when another leader opens it.
  const epoch = connection.kind === 'ready' ? connection.epoch : 0;
  const ask = useCallback(() => (epoch === 0 ? nothing() : client.repairNote().catch(() => null)), [client, epoch]);
  const { answer: note = null } = useAsked(ask);
  if (note === null || note.at === dismissed) return null;

  const dismiss = () => {
    setDismissed(note.at);
    // What could not be noted is told once more at the next start.
    client.dismissRepairNote().catch(() => undefined);
  };
  return (
    <Banner
      tone="alert"
      icon={<Wrench aria-hidden />}
      action={<IconButton label="Dismiss" icon={<X aria-hidden />} onPress={dismiss} />}
    >
      <strong>{DAMAGED}</strong> {repairWords(note)}{' '}
      <Link
        href="/settings#health"
        // For those who are there already.
        onClick={() => document.getElementById('health')?.scrollIntoView()}
      >
        The damaged file is kept.
      </Link>
    </Banner>
  );
}

const nothing = (): Promise<null> => Promise.resolve(null);
