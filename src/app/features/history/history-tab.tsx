import { CalendarClock, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { Change } from '../../../core/query.ts';
import { millisOf, type Timestamp } from '../../../core/timestamp.ts';
import { useMoment } from '../../moment.tsx';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { REFUSED_MARK } from '../record/refused-mark.ts';
import { CompleteSince } from '../past/complete-since.tsx';
import { withMoment } from '../past/moment-address.ts';
import { valueText } from '../record/value-text.ts';
import { authorOf } from './authors.ts';
import { groupChanges, tellGroup } from './history-sentences.ts';
import styles from './history-tab.module.css';
import { More } from './more.tsx';
import { SentenceView, SentenceWords } from './sentence-view.tsx';
import { dayWords, momentWords, whenWords } from './when.ts';

const PAGE = 50;

/** Everything that ever happened to a record, the newest first. */
export function HistoryTab({ id }: { readonly id: EntityId }) {
  const [limit, setLimit] = useState(PAGE);
  const now = useCorrectedNow(60_000);
  const moment = useMoment();
  const history = useAnswer({ kind: 'history', entityId: id, limit });
  const people = useAnswer({ kind: 'people' });
  // The longer page is another query: what was shown stays until it is there.
  const [last, setLast] = useState(history);
  if (history !== undefined && history !== last) setLast(history);
  const shown = history ?? last;
  if (shown === undefined) return null;
  const told = groupChanges(shown.changes).flatMap((group) => tellGroup(group) ?? []);
  return (
    <div className={styles.history}>
      {told.map(({ group, head, alone, rest }, at) => {
        const millis = millisOf(group.timestamp);
        const author = authorOf(people, group.clientId);
        const heading = dayWords(millis, now);
        const last = told[at - 1]?.group;
        const newDay = last === undefined || dayWords(millisOf(last.timestamp), now) !== heading;
        const shownUpTo =
          moment !== null && group.timestamp <= moment.at && (last === undefined || last.timestamp > moment.at);
        return (
          <div key={group.timestamp}>
            {shownUpTo && <p className={styles.here}>The moment you are looking at</p>}
            {newDay && <h3 className={styles.day}>{heading}</h3>}
            <div className={styles.group}>
              <Dot changes={group.changes} />
              <div className={styles.change}>
                <SentenceView
                  author={author}
                  sentence={head}
                  when={whenWords(millis, now)}
                  moment={momentWords(millis)}
                />
                <div className={styles.actions}>
                  {alone !== null && <Restore change={alone} />}
                  <SeeThen at={group.timestamp} when={momentWords(millis)} />
                </div>
              </div>
              {rest.length > 0 && (
                <ul className={styles.rest}>
                  {rest.map(({ change, sentence }) => (
                    <li key={change.eventId} className={styles.change}>
                      <SentenceWords sentence={sentence} />
                      <div className={styles.actions}>
                        <Restore change={change} />
                      </div>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </div>
        );
      })}
      {shown.next === null && <CompleteSince />}
      {shown.next !== null && <More key={shown.changes.length} onMore={() => setLimit(shown.changes.length + PAGE)} />}
    </div>
  );
}

/** On the margin line: whether one of these changes waits to be sent, or was refused. */
function Dot({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.some((change) => change.refused)) {
    return <span className={styles.dot} data-refused role="img" aria-label={REFUSED_MARK} title={REFUSED_MARK} />;
  }
  return changes.some((change) => change.waiting) ? (
    <span className={styles.dot} data-waiting role="img" aria-label="Waiting to be sent" title="Waiting to be sent" />
  ) : (
    <span className={styles.dot} />
  );
}

/** Opens the book as it was just after a change, at this record. */
function SeeThen({ at, when }: { readonly at: Timestamp; readonly when: string }) {
  const [path] = useLocation();
  const query = useSearch();
  return (
    <Link
      href={withMoment(`${path}?${query}`, { at, reading: 'dated' })}
      className={styles.action ?? ''}
      aria-label={`See the book at this moment: ${when}`}
      title="See the book at this moment"
    >
      <CalendarClock aria-hidden size={16} />
      <span className={styles.words}>See the book at this moment</span>
    </Link>
  );
}

/** Writes the value that a change made as a new change. Nothing to do for the current value, and for what holds none. */
function Restore({ change }: { readonly change: Change }) {
  return change.current || change.fieldKind === null || change.value === null ? null : (
    <RestoreButton change={change} />
  );
}

function RestoreButton({ change }: { readonly change: Change }) {
  const client = useClient();
  const toast = useToast();
  const value = valueText(change.fieldKind, change.value, (id) => change.words[id]);
  const restore = () => {
    const { entityId, attribute, eventId } = change;
    void client.execute({ kind: 'restoreValue', entityId, attribute, eventId }).then((outcome) => {
      if (!outcome.ok) toast({ text: wordsForError(outcome.error), tone: 'alert' });
      else
        toast({
          text: `${change.fieldName ?? 'The value'} is ${value.length > 40 ? 'as it was' : `“${value}”`} again`,
        });
    });
  };
  return (
    <Button
      size="small"
      variant="quiet"
      className={styles.action}
      icon={<RotateCcw aria-hidden />}
      aria-label={`Restore this value: ${change.fieldName ?? 'field'} ${value.slice(0, 80).toWellFormed()}`}
      onPress={restore}
    >
      Restore this value
    </Button>
  );
}
