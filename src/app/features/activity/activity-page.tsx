import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ActivityAnswer } from '../../../core/query.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useAnswer } from '../../use-client.tsx';
import { authorOf } from '../history/authors.ts';
import { tellTransaction } from '../history/history-sentences.ts';
import { More } from '../history/more.tsx';
import { SentenceView } from '../history/sentence-view.tsx';
import { dayWords, momentWords, whenWords } from '../history/when.ts';
import { CompleteSince } from '../past/complete-since.tsx';
import { withMoment } from '../past/moment-address.ts';
import { usePick } from '../past/pick.tsx';
import page from '../shell/page.module.css';
import { recordPath, typePath } from '../shell/screen.ts';
import { useArriving } from '../status/use-arriving.ts';
import styles from './activity-page.module.css';

type Transaction = ActivityAnswer['transactions'][number];

const PAGE = 60;

/** What happened in the whole book, the newest first. */
export function ActivityPage() {
  const pick = usePick();
  const arriving = useArriving();
  const [limit, setLimit] = useState(PAGE);
  const now = useCorrectedNow(60_000);
  const answer = useAnswer({ kind: 'activity', limit });
  const people = useAnswer({ kind: 'people' });
  const [last, setLast] = useState(answer);
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = answer ?? last;
  if (shown === undefined) return null;
  if (shown.transactions.length === 0 && shown.partial !== true) {
    return (
      <EmptyState drawing="pen" title={arriving ? 'Nothing has arrived here yet' : 'Nothing written yet'}>
        Every change is written down here, once, and never altered.{!arriving && ' Make a record to begin.'}
      </EmptyState>
    );
  }
  const days = Map.groupBy(shown.transactions, (transaction) => dayWords(millisOf(transaction.timestamp), now));
  return (
    <div className={page.page}>
      <div className={styles.tools}>
        <Button icon={<CalendarClock aria-hidden />} onPress={pick}>
          See the book as of…
        </Button>
      </div>
      {Array.from(days, ([day, transactions]) => (
        <section key={day}>
          <h2 className={page.day}>{day}</h2>
          <ul className={page.list}>
            {transactions.map((transaction) => {
              const millis = millisOf(transaction.timestamp);
              const waiting = transaction.changes.some((change) => change.waiting);
              return (
                <li key={transaction.timestamp} className={page.row}>
                  <span
                    className={styles.dot}
                    data-waiting={waiting || undefined}
                    title={waiting ? 'Waiting to be sent' : undefined}
                  />
                  <div className={page.grow}>
                    <SentenceView
                      author={authorOf(people, transaction.clientId)}
                      sentence={tellTransaction(transaction)}
                      when={whenWords(millis, now)}
                      moment={momentWords(millis)}
                    />
                  </div>
                  <SeeThen transaction={transaction} when={momentWords(millis)} />
                  <OpenLink transaction={transaction} />
                </li>
              );
            })}
          </ul>
        </section>
      ))}
      {shown.partial === true ? (
        <p className={page.soft}>Earlier activity is still being prepared.</p>
      ) : (
        shown.next === null && <CompleteSince />
      )}
      {shown.next !== null && (
        <More key={shown.transactions.length} onMore={() => setLimit(shown.transactions.length + PAGE)} />
      )}
    </div>
  );
}

/** The way to the record that a transaction was about, when it was one. */
function OpenLink({ transaction }: { readonly transaction: Transaction }) {
  const [first] = transaction.changes;
  if (transaction.entities !== 1 || first?.type == null) return null;
  const name = first.title === '' ? 'Untitled' : first.title;
  return (
    <Link href={recordPath(first.type, first.entityId)} className={styles.open ?? ''} aria-label={`Open ${name}`}>
      Open
    </Link>
  );
}

/** The book as it was just after a transaction: at its record, when it was about one. */
function SeeThen({ transaction, when }: { readonly transaction: Transaction; readonly when: string }) {
  const [first] = transaction.changes;
  const place =
    first?.type == null
      ? '/'
      : transaction.entities === 1
        ? recordPath(first.type, first.entityId)
        : typePath(first.type);
  return (
    <Link
      href={withMoment(place, { at: transaction.timestamp, reading: 'dated' })}
      className={styles.open ?? ''}
      aria-label={`See the book at this moment: ${when}`}
    >
      See the book at this moment
    </Link>
  );
}
