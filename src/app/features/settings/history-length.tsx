import { Scissors } from 'lucide-react';
import { useCallback, useState } from 'react';
import { millisOf, type Timestamp } from '../../../core/timestamp.ts';
import type { Result } from '../../../core/result.ts';
import type { Shortened, ShorteningError } from '../../../protocol/worker.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Select } from '../../ui/select.tsx';
import { useAnswer, useClient, useValue } from '../../use-client.tsx';
import { useAccount } from '../devices/use-account.ts';
import { useAsked } from '../devices/use-asked.ts';
import { dayText, keptSince, KEEP_CHOICES, outcomeWords } from './history-words.ts';
import { changePreferences, preferences } from './preferences.ts';
import { ShortenDialog } from './shorten-dialog.tsx';
import { sizeWords } from './storage-words.ts';
import styles from './settings.module.css';

type Run =
  | { readonly kind: 'running'; readonly share: number | null }
  | { readonly kind: 'over'; readonly outcome: Result<Shortened, ShorteningError> };

/** How far back history goes on this device, and a way to keep less of it. */
export function HistoryLength({ onShortened }: { readonly onShortened: () => void }) {
  const client = useClient();
  const account = useAccount();
  const timeline = useAnswer({ kind: 'timeline' });
  const { keepHistory } = useValue(preferences);
  const [asking, setAsking] = useState<Date | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const ask = useCallback(() => client.storage().catch(() => null), [client]);
  const { answer: use = null, again } = useAsked(ask);
  const running = run?.kind === 'running';

  const shorten = async (since: Date) => {
    setAsking(null);
    setRun({ kind: 'running', share: 0 });
    const outcome = await client.prune(since.getTime(), (share) =>
      setRun((now) => (now?.kind === 'running' ? { kind: 'running', share } : now)),
    );
    setRun({ kind: 'over', outcome });
    again();
    onShortened();
  };

  return (
    <div className={styles.stack}>
      {timeline !== undefined && use !== null && (
        <p className={styles.soft}>
          {sinceWords(timeline.first, timeline.completeSince, use.events)} The book takes {sizeWords(use.databaseBytes)}
          .
        </p>
      )}
      {account === null && (
        <p className={styles.soft}>
          This book is not synced. What never was on a server is nowhere else, so its history is kept whole.
        </p>
      )}
      <div className={styles.row}>
        <Select
          label="Keep on this device"
          choices={KEEP_CHOICES}
          value={keepHistory}
          disabled={running}
          onChange={(id) => {
            const keep = KEEP_CHOICES.find((choice) => choice.id === id);
            if (keep) void changePreferences({ keepHistory: keep.id });
          }}
        />
        <Button
          icon={<Scissors aria-hidden />}
          isDisabled={keepHistory === 'all' || running}
          onPress={() => setAsking(keptSince(keepHistory, new Date()))}
        >
          Shorten history now
        </Button>
      </div>
      {running && (
        <Progress label={run.share === null ? 'Making the file smaller' : 'Shortening history'} value={run.share} />
      )}
      <div role="status">
        {running && <p>{run.share === null ? 'Making the file smaller…' : 'Shortening history…'}</p>}
        {run?.kind === 'over' && run.outcome.ok && <p>{outcomeWords(run.outcome.value)}</p>}
        {run?.kind === 'over' && !run.outcome.ok && <FieldError text={run.outcome.error.message} />}
      </div>
      <p className={styles.soft}>
        Nothing goes by itself: history is shortened when you press the button, and only on this device.
      </p>
      {asking !== null && (
        <ShortenDialog since={asking} onClose={() => setAsking(null)} onShorten={() => void shorten(asking)} />
      )}
    </div>
  );
}

function sinceWords(first: Timestamp | null, completeSince: Timestamp | null, events: number): string {
  const changes = events === 1 ? '1 change is' : `${events.toLocaleString()} changes are`;
  if (completeSince !== null) {
    return `History is complete since ${dayText(new Date(millisOf(completeSince)))}. ${changes} kept.`;
  }
  return first === null
    ? 'Nothing has been changed yet.'
    : `${changes} kept: every one that was ever made, since ${dayText(new Date(millisOf(first)))}.`;
}
