import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { wordsForError } from '../../outcome-words.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useMoment } from '../../moment.tsx';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { authorOf } from '../history/authors.ts';
import { More } from '../history/more.tsx';
import { whenWords } from '../history/when.ts';
import { titleOr } from '../record/title.ts';
import page from '../shell/page.module.css';
import { recordPath } from '../shell/screen.ts';
import { useArriving } from '../status/use-arriving.ts';

const PAGE = 100;

/** Records that were deleted: all of them can be taken back. */
export function TrashPage() {
  const client = useClient();
  const toast = useToast();
  const past = useMoment() !== null;
  const arriving = useArriving();
  const now = useCorrectedNow(60_000);
  const [limit, setLimit] = useState(PAGE);
  const trash = useAnswer({ kind: 'trash', offset: 0, limit });
  const schema = useAnswer({ kind: 'schema' });
  const people = useAnswer({ kind: 'people' });
  const [last, setLast] = useState(trash);
  if (trash !== undefined && trash !== last) setLast(trash);
  const shown = trash ?? last;
  if (shown === undefined) return null;
  if (shown.total === 0) {
    return (
      <EmptyState
        drawing="basket"
        title={past ? 'The Trash was empty' : arriving ? 'Nothing has arrived here yet' : 'The Trash is empty'}
      >
        {past
          ? 'No record was in it at this moment.'
          : 'Records you delete wait here, and can be taken back at any time.'}
      </EmptyState>
    );
  }
  const restore = (id: EntityId, title: string) => {
    void client.execute({ kind: 'restoreRecords', ids: [id] }).then((outcome) => {
      toast(outcome.ok ? { text: `${title} is back` } : { text: wordsForError(outcome.error), tone: 'alert' });
    });
  };
  return (
    <div className={page.page}>
      <p className={page.lead}>
        {shown.total.toLocaleString()} {shown.total === 1 ? 'record' : 'records'}
        {past ? ' in the Trash at this moment.' : '. Nothing here is lost: restore what you need again.'}
      </p>
      <ul className={page.list}>
        {shown.rows.map((row) => {
          const title = titleOr(row.title);
          const author = authorOf(people, row.deletedBy);
          const type = schema?.types.find((each) => each.id === row.type)?.name;
          return (
            <li key={row.id} className={page.row}>
              <Link href={recordPath(row.type, row.id)} className={`${page.grow} ${page.link}`}>
                <span className={page.title}>{title}</span>{' '}
                <span className={page.soft}>
                  {type !== undefined && `${type} · `}deleted {whenWords(millisOf(row.deletedAt), now)} by{' '}
                  {author.who === 'You' ? 'you' : author.who}
                </span>
              </Link>
              {!past && (
                <Button
                  size="small"
                  icon={<Undo2 aria-hidden />}
                  aria-label={`Restore ${title}`}
                  onPress={() => restore(row.id, title)}
                >
                  Restore
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {shown.rows.length < shown.total && (
        <More key={shown.rows.length} onMore={() => setLimit(shown.rows.length + PAGE)} />
      )}
    </div>
  );
}
