import { Link } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { Field, RecordDetail, RecordType } from '../../../core/query.ts';
import { millisOf } from '../../../core/timestamp.ts';
import { useCorrectedNow } from '../../corrected-now.ts';
import { useAnswer } from '../../use-client.tsx';
import { authorOf } from '../history/authors.ts';
import { whenWords } from '../history/when.ts';
import { recordPath } from '../shell/screen.ts';
import row from './field-row.module.css';
import styles from './fields-then.module.css';
import pane from './record-pane.module.css';
import { shownFields, titleOr } from './title.ts';
import { ValueView } from './value-view.tsx';

/** The fields of a record as they were: to read. */
export function FieldsThen({ type, record }: { readonly type: RecordType; readonly record: RecordDetail }) {
  const people = useAnswer({ kind: 'people' });
  const now = useCorrectedNow(60_000);
  const author = authorOf(people, record.changedBy);
  return (
    <div className={pane.fields}>
      <dl>
        {shownFields(type).map((field) => (
          <div key={field.id} className={row.row}>
            <dt className={row.label}>{field.name}</dt>
            <dd className={styles.value} data-long={field.kind === 'longText' || undefined}>
              <ValueThen field={field} record={record} />
            </dd>
          </div>
        ))}
      </dl>
      <p className={pane.meta}>
        Made {whenWords(millisOf(record.createdAt), now)} · until then last changed{' '}
        {whenWords(millisOf(record.changedAt), now)} by {author.who === 'You' ? 'you' : author.who}
        {!author.here && author.device !== null && ` on ${author.device}`}
      </p>
    </div>
  );
}

function ValueThen({ field, record }: { readonly field: Field; readonly record: RecordDetail }) {
  const value = record.values[field.id];
  if (value === undefined || value === null || (field.kind === 'checkbox' && value === false)) {
    return <span className={styles.none}>{field.kind === 'checkbox' ? 'No' : 'Empty'}</span>;
  }
  const shown = <ValueView field={field} value={value} links={record.links} />;
  if (field.kind !== 'link' || field.target === null || typeof value !== 'string' || !(value in record.links)) {
    return shown;
  }
  return (
    <Link href={recordPath(field.target, value as EntityId)} aria-label={`Open ${titleOr(record.links[value] ?? '')}`}>
      {shown}
    </Link>
  );
}
