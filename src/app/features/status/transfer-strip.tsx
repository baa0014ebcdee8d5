import { useEffect, useState } from 'react';
import { Progress } from '../../ui/progress.tsx';
import { useAnswer, useClient, useValue } from '../../use-client.tsx';
import { percent } from './status-words.ts';
import styles from './transfer-strip.module.css';
import { type Transfer, transfersOf } from './transfers.ts';

/** What takes no longer is not worth a word. */
const LATE_MILLIS = 1_000;

/** How far a first sync has come, the history behind it, or a large upload: a strip above every screen, once it takes a while. */
export function TransferStrip() {
  const told = useValue(useClient().status);
  const empty = useAnswer({ kind: 'schema' })?.types.length === 0;
  const transfers = told === undefined ? [] : transfersOf(told.status, told.details, empty);
  const first = transfers[0]?.kind ?? null;
  const [kind, setKind] = useState<Transfer['kind'] | null>(null);
  useEffect(() => {
    // Whoever looks at an empty book waits for nothing else.
    const timer = setTimeout(() => setKind(first), first === null || empty ? 0 : LATE_MILLIS);
    return () => clearTimeout(timer);
  }, [first, empty]);
  // One that is briefly overtaken, by a change that arrives, stays.
  const shown = transfers.find((transfer) => transfer.kind === kind);
  return shown === undefined ? null : <Strip transfer={shown} />;
}

/** Not a live region: the status chip says the same, once. */
function Strip({ transfer: { label, words, hint, share, moving } }: { readonly transfer: Transfer }) {
  return (
    <section className={styles.strip} aria-label={label}>
      <p className={styles.words}>
        <span>{words}</span> <span className={styles.hint}>{hint}</span>
      </p>
      {(moving || share !== null) && (
        <div className={styles.far}>
          <div className={styles.bar}>
            <Progress label={label} value={share} />
          </div>
          <span className={styles.share}>{share === null ? '' : percent(share)}</span>
        </div>
      )}
    </section>
  );
}
