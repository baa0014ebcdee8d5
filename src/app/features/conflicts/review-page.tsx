import { useState } from 'react';
import { Link } from 'wouter';
import type { Conflict, Field, SchemaAnswer } from '../../../core/query.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useAnswer } from '../../use-client.tsx';
import { attributeWords } from '../history/attribute-words.ts';
import { More } from '../history/more.tsx';
import { ConflictNote } from '../record/conflict-note.tsx';
import { titleOr } from '../record/title.ts';
import page from '../shell/page.module.css';
import { recordPath } from '../shell/screen.ts';
import styles from './review-page.module.css';

const PAGE = 50;

/** Values that two devices wrote without knowing of each other: the newest counts until somebody chooses. */
export function ReviewPage() {
  const [limit, setLimit] = useState(PAGE);
  const answer = useAnswer({ kind: 'conflicts', limit });
  const schema = useAnswer({ kind: 'schema' });
  const people = useAnswer({ kind: 'people' });
  const [last, setLast] = useState(answer);
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = answer ?? last;
  if (shown === undefined) return null;
  if (shown.total === 0) {
    return (
      <EmptyState drawing="balance" title="Nothing needs review">
        When two devices change the same value while apart, both values are kept and you choose here.
      </EmptyState>
    );
  }
  return (
    <div className={page.page}>
      <p className={page.lead}>
        {shown.total.toLocaleString()} {shown.total === 1 ? 'value was' : 'values were'} changed on two devices while
        they were apart. The newest one counts until you choose; both stay in the history.
      </p>
      <ul className={styles.list}>
        {shown.conflicts.map((conflict) => {
          const field = fieldOf(schema, conflict);
          const title = titleOr(conflict.title);
          return (
            <li key={`${conflict.entityId} ${conflict.attribute}`} className={styles.conflict}>
              <h2 className={styles.title}>
                {field === null ? (
                  title
                ) : (
                  <Link href={recordPath(field.type, conflict.entityId)} className={styles.link ?? ''}>
                    {title}
                  </Link>
                )}
                <span className={page.soft}> {conflict.fieldName ?? attributeWords(conflict.attribute)}</span>
              </h2>
              <ConflictNote conflict={conflict} field={field} people={people} />
            </li>
          );
        })}
      </ul>
      {shown.conflicts.length < shown.total && (
        <More key={shown.conflicts.length} onMore={() => setLimit(shown.conflicts.length + PAGE)} />
      )}
    </div>
  );
}

function fieldOf(schema: SchemaAnswer | undefined, conflict: Conflict): Field | null {
  for (const type of schema?.types ?? []) {
    const field = type.fields.find((each) => each.id === (conflict.attribute as string));
    if (field !== undefined) return field;
  }
  return null;
}
