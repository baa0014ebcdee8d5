import {
  BadgeAlert,
  Check,
  CircleAlert,
  Clock3,
  CloudOff,
  HardDrive,
  type LucideIcon,
  RefreshCwOff,
  ArrowDown,
  ArrowUp,
} from 'lucide-react';
import { useNow } from '../../ui/use-now.ts';
import { useClient, useValue } from '../../use-client.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import styles from './status-chip.module.css';
import { type StatusIcon, statusWords } from './status-words.ts';
import { SyncDetailsPanel } from './sync-details.tsx';
import { useLettingGo } from './use-letting-go.ts';

const ICONS: { readonly [icon in StatusIcon]: LucideIcon } = {
  device: HardDrive,
  synced: Check,
  offline: CloudOff,
  sending: ArrowUp,
  receiving: ArrowDown,
  stuck: RefreshCwOff,
  attention: CircleAlert,
  clock: Clock3,
  failed: BadgeAlert,
};

/** Where one's changes are, in words, at the same place on every screen. Opens the details. */
export function StatusChip() {
  const client = useClient();
  const told = useValue(client.status);
  // Seconds count down only while a next try is announced.
  const now = useNow(told?.status.kind === 'stuck' ? 1_000 : 60_000);
  useLettingGo(told?.status.kind === 'writeFailed');
  if (told === undefined) return <span className={styles.placeholder} />;
  const words = statusWords(told.status, now, told.details);
  const Icon = ICONS[words.icon];
  return (
    <>
      <Popover
        label="Sync details"
        trigger={
          <Button
            variant="quiet"
            className={styles.chip}
            data-tone={words.tone}
            aria-label={`${words.text}. Sync details`}
          >
            <span className={styles.icon} data-icon={words.icon}>
              <Icon aria-hidden size={14} strokeWidth={2.25} />
            </span>
            <span className={styles.words}>{words.text}</span>
          </Button>
        }
      >
        {(close) => <SyncDetailsPanel told={told} words={words} onClose={close} />}
      </Popover>
      <span role="status" className={styles.said}>
        {/* Not every second of a count-down is news, nor every hundredth. */}
        {words.text.replace(/ (in .*|\d+ %)$/, '')}
      </span>
    </>
  );
}
