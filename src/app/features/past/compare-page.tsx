import { useMemo, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { parseId, type EntityId } from '../../../core/ids.ts';
import type { Moment } from '../../../core/query.ts';
import { useMoment } from '../../moment.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Select } from '../../ui/select.tsx';
import { useAnswer } from '../../use-client.tsx';
import { More } from '../history/more.tsx';
import page from '../shell/page.module.css';
import { comparePath } from './compare-path.ts';
import styles from './compare-page.module.css';
import { DifferenceList } from './difference-list.tsx';
import { tellDifferences } from './difference-words.ts';
import { usePick } from './pick.tsx';

const PAGE = 200;

/** What became of the whole of an entity since then. */
const FATES = {
  made: 'made since',
  unmade: 'not known any more',
  trashed: 'moved to the Trash since',
  untrashed: 'taken back from the Trash since',
  changed: '',
} as const;

/** What changed since the moment that is looked at: the value of then struck through, the value of now beside it. */
export function ComparePage() {
  const moment = useMoment();
  const pick = usePick();
  const type = parseId<EntityId>(new URLSearchParams(useSearch()).get('type'));
  if (moment === null) {
    return (
      <EmptyState
        drawing="magnifier"
        title="Since when?"
        action={
          <Button variant="primary" onPress={pick}>
            Choose a moment
          </Button>
        }
      >
        Choose a moment of the past, and see here what changed since.
      </EmptyState>
    );
  }
  return <Comparison key={`${type} ${JSON.stringify(moment)}`} moment={moment} type={type} />;
}

function Comparison({ moment, type }: { readonly moment: Moment; readonly type: EntityId | null }) {
  const [, navigate] = useLocation();
  const [limit, setLimit] = useState(PAGE);
  const schema = useAnswer({ kind: 'schema' });
  const diff = useAnswer({ kind: 'diff', then: moment, now: null, ...(type !== null && { type }), limit });
  // The longer page is another query: what was shown stays until it is there.
  const [last, setLast] = useState(diff);
  if (diff !== undefined && diff !== last) setLast(diff);
  const shown = diff ?? last;
  const entities = useMemo(() => tellDifferences(shown?.changes ?? []), [shown]);
  return (
    <div className={page.page}>
      <div className={styles.head}>
        <Select
          label="Compare"
          className={styles.scope}
          choices={(schema?.types ?? []).filter(({ hidden }) => !hidden).map(({ id, name }) => ({ id, label: name }))}
          emptyLabel="The whole book"
          value={type}
          onChange={(id) => navigate(comparePath(parseId<EntityId>(id)), { replace: true })}
        />
        <p className={styles.count} role="status">
          {shown === undefined ? 'Comparing…' : countWords(shown.total, shown.changes.length)}
        </p>
      </div>
      {shown !== undefined && shown.total === 0 ? (
        <EmptyState drawing="balance" title="Nothing changed since">
          What is in the book now is what was in it then.
        </EmptyState>
      ) : (
        <DifferenceList label="What changed since" entities={entities} fates={FATES} linked heading="h2" />
      )}
      {shown !== undefined && shown.changes.length < shown.total && (
        <More key={shown.changes.length} onMore={() => setLimit(shown.changes.length + PAGE)} />
      )}
    </div>
  );
}

function countWords(total: number, shown: number): string {
  const values = `${total.toLocaleString()} ${total === 1 ? 'value differs' : 'values differ'} from now`;
  return shown < total ? `${values}; the first ${shown.toLocaleString()} are listed` : values;
}
