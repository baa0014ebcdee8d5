import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { Change } from '../../../core/query.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { valueText } from '../record/value-text.ts';
import { authorOf } from './authors.ts';
import { groupChanges, tellChange } from './history-sentences.ts';
import styles from './history-tab.module.css';
import { More } from './more.tsx';
import { SentenceView } from './sentence-view.tsx';
import { dayWords, momentWords, whenWords } from './when.ts';

const PAGE = 50;

/** Everything that ever happened to a record, the newest first. */
export function HistoryTab({ id }: { readonly id: EntityId }) {
  const [limit, setLimit] = useState(PAGE);
  const now = useNow(60_000);
  const history = useAnswer({ kind: 'history', entityId: id, limit });
  const people = useAnswer({ kind: 'people' });
  // The longer page is another query: what was shown stays until it is there.
  const [last, setLast] = useState(history);
  if (history !== undefined && history !== last) setLast(history);
  const shown = history ?? last;
  if (shown === undefined) return null;
  const groups = groupChanges(shown.changes);
  let day = '';
  return (
    <div className={styles.history}>
      {groups.map((group) => {
        const millis = millisOf(group.timestamp);
        const author = authorOf(people, group.clientId);
        const told = group.changes.flatMap((change) => {
          const sentence = tellChange(change, null);
          return sentence === null ? [] : [{ change, sentence }];
        });
        if (told.length === 0) return null;
        const heading = dayWords(millis, now);
        const newDay = heading !== day;
        day = heading;
        return (
          <div key={group.timestamp}>
            {newDay && <h3 className={styles.day}>{heading}</h3>}
            <ul className={styles.group} data-many={told.length > 1 || undefined}>
              {told.map(({ change, sentence }) => (
                <li key={change.eventId} className={styles.change}>
                  <span className={styles.dot} data-waiting={change.waiting || undefined} title={change.waiting ? 'Waiting to be sent' : undefined} />
                  <SentenceView author={author} sentence={sentence} when={whenWords(millis, now)} moment={momentWords(millis)} />
                  {!change.current && change.fieldKind !== null && change.value !== null && <Restore change={change} />}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      {shown.next !== null && <More key={shown.changes.length} onMore={() => setLimit(shown.changes.length + PAGE)} />}
    </div>
  );
}

/** Writes the value that a change made as a new change. */
function Restore({ change }: { readonly change: Change }) {
  const client = useClient();
  const toast = useToast();
  const value = valueText(change.fieldKind, change.value, (id) => change.words[id]);
  const restore = () => {
    const { entityId, attribute, eventId } = change;
    void client.execute({ kind: 'restoreValue', entityId, attribute, eventId }).then((outcome) => {
      if (!outcome.ok) toast({ text: wordsForError(outcome.error), tone: 'alert' });
      else toast({ text: `${change.fieldName ?? 'The value'} is ${value.length > 40 ? 'as it was' : `“${value}”`} again` });
    });
  };
  return (
    <Button
      size="small"
      variant="quiet"
      className={styles.restore}
      icon={<RotateCcw aria-hidden />}
      aria-label={`Restore this value: ${change.fieldName ?? 'field'} ${value.slice(0, 80).toWellFormed()}`}
      onPress={restore}
    >
      Restore this value
    </Button>
  );
}
