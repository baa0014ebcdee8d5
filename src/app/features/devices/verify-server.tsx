import type { Verification } from '../../../protocol/verification.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { apartWords, progressShare, progressWords, verifiedWords } from './verify-words.ts';
import styles from './verify-server.module.css';

/** How far "Verify with server" is, and what came of the last time. It goes on when one leaves this page. */
export function VerifyServer({ verification: { running, last } }: { readonly verification: Verification }) {
  const client = useClient();
  const now = useNow(30_000);
  const words = last === null || running !== null ? null : verifiedWords(last, now);
  const attention = useAnswer({ kind: 'attention', limit: 1 });
  const refused = [...(attention?.groups ?? []), ...(attention?.discarded ?? [])]
    .filter(({ kind }) => kind === 'refused')
    .reduce((sum, { total }) => sum + total, 0);
  const apart = last?.outcome.kind === 'same' || last?.outcome.kind === 'repaired' ? apartWords(refused) : '';
  const failed = last?.outcome.kind === 'failed';
  return (
    <div className={styles.verify}>
      {running !== null && (
        <div className={styles.running}>
          <Progress label="Verify with server" value={progressShare(running)} />
          <span className={styles.soft}>{progressWords(running)}</span>
          <Button size="small" onPress={() => void client.stopVerifying().catch(() => undefined)}>
            Stop verifying
          </Button>
        </div>
      )}
      <div role="status">{words !== null && !failed && <p className={styles.outcome}>{words + apart}</p>}</div>
      {words !== null && failed && <FieldError text={words} />}
    </div>
  );
}
