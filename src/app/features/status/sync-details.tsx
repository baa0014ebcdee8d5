import { Copy, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { Status, SyncDetails } from '../../../protocol/status.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { agoWords } from '../history/when.ts';
import { titleOr } from '../record/title.ts';
import { recordPath } from '../shell/screen.ts';
import { attentionWords, changes, offsetWords, percent, type StatusWords } from './status-words.ts';
import { reportText } from './sync-report.ts';
import styles from './sync-details.module.css';
import { Link } from 'wouter';

/** The numbers behind the chip, and what one can do about them. */
export function SyncDetailsPanel({
  told: { status, details },
  words,
  onClose,
}: {
  readonly told: { readonly status: Status; readonly details: SyncDetails };
  readonly words: StatusWords;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const now = useNow(1_000);
  const [tried, setTried] = useState(false);
  const [copied, setCopied] = useState(false);
  const linked = details.serverUrl !== null;

  const tryNow = () => {
    setTried(true);
    client
      .syncNow()
      .catch(() => undefined)
      .finally(() => setTried(false));
  };
  const copy = () => {
    const text = reportText({ status, details, now: Date.now(), browser: navigator.userAgent });
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };

  return (
    <div className={styles.panel}>
      <h2 className={styles.title}>Sync details</h2>
      <p className={styles.lead}>
        {linked ? words.text : 'Your records are saved on this device only. Set up sync to have them on others too.'}
      </p>
      {details.progress !== null && details.progress < 1 && (
        <div className={styles.progress}>
          <Progress label="First sync" value={details.progress} />
          <span>{percent(details.progress)}</span>
        </div>
      )}
      {details.history !== null && (
        <div className={styles.progress}>
          <Progress label="History" value={details.history.share} />
          <span>History {details.history.share === null ? '' : percent(details.history.share)}</span>
        </div>
      )}
      {linked && (
        <dl className={styles.facts}>
          <dt>Waiting</dt>
          <dd>
            {details.waiting === 0 ? 'Nothing' : changes(details.waiting)}
            {details.waitingSince !== null && details.waiting > 0 && `, since ${agoWords(details.waitingSince, now)}`}
            {details.waiting > 0 && <WaitingRecords onClose={onClose} />}
          </dd>
          <dt>Last contact</dt>
          <dd>{details.lastContactAt === null ? 'Not yet' : agoWords(details.lastContactAt, now)}</dd>
          <dt>Server</dt>
          <dd>{details.serverUrl}</dd>
          <dt>This device’s clock</dt>
          <dd>
            {details.clockOffsetMillis === null
              ? 'Not compared yet'
              : Math.abs(details.clockOffsetMillis) < 2_000
                ? 'Right'
                : offsetWords(details.clockOffsetMillis)}
          </dd>
          {details.verification.last !== null && (
            <>
              <dt>Last verified</dt>
              <dd>{agoWords(details.verification.last.at, now)}</dd>
            </>
          )}
          {details.quarantined + details.rejected > 0 && (
            <>
              <dt>To look at</dt>
              <dd>
                <Link href="/attention" className={styles.link} onClick={onClose}>
                  {attentionWords(details.quarantined + details.rejected)}
                </Link>
              </dd>
            </>
          )}
          {details.lastError !== null && (
            <>
              <dt>Last problem</dt>
              <dd>{details.lastError}</dd>
            </>
          )}
        </dl>
      )}
      <div className={styles.actions}>
        {linked ? (
          <Button size="small" icon={<RefreshCw aria-hidden />} onPress={tryNow} isDisabled={tried}>
            Try now
          </Button>
        ) : (
          <Link href="/settings" className={styles.link} onClick={onClose}>
            Set up sync
          </Link>
        )}
        <Button size="small" variant="quiet" icon={<Copy aria-hidden />} onPress={copy}>
          {copied ? 'Copied' : 'Copy report'}
        </Button>
      </div>
    </div>
  );
}

/** What waits: the records that were changed last. */
function WaitingRecords({ onClose }: { readonly onClose: () => void }) {
  const answer = useAnswer({ kind: 'waiting', limit: 3 });
  if (answer === undefined || answer.records.length === 0) return null;
  return (
    <ul aria-label="What waits">
      {answer.records.map(({ id, type, title, changes: count }) => (
        <li key={id}>
          {type === null ? (
            title || 'Settings of the book'
          ) : (
            <Link href={recordPath(type, id)} onClick={onClose}>
              {titleOr(title)}
            </Link>
          )}{' '}
          · {changes(count)}
        </li>
      ))}
      {answer.more && <li>and more</li>}
    </ul>
  );
}
