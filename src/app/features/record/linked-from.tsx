import { createElement, useState } from 'react';
import { Link } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { BacklinksAnswer, RecordType, SchemaAnswer } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { useAnswer } from '../../use-client.tsx';
import { recordPath } from '../shell/screen.ts';
import { iconOfType } from '../types/type-icons.ts';
import styles from './linked-from.module.css';
import { titleOr } from './title.ts';

const FIRST = 6;
const PAGE = 50;

type Row = BacklinksAnswer['rows'][number];

/** Records that link to this one, under the type and the field that do; nothing at all while there are none. */
export function LinkedFrom({ id }: { readonly id: EntityId }) {
  const [limit, setLimit] = useState(FIRST);
  const answer = useAnswer({ kind: 'backlinks', id, offset: 0, limit });
  const schema = useAnswer({ kind: 'schema' });
  // The longer page is another query: what was shown stays until it is there.
  const [last, setLast] = useState(answer);
  if (answer !== undefined && answer !== last) setLast(answer);
  const shown = answer ?? last;
  if (shown === undefined || schema === undefined || shown.total === 0) return null;
  const left = shown.total - shown.rows.length;
  return (
    <section className={styles.section} aria-labelledby="linked-from">
      <h3 id="linked-from" className={styles.heading}>
        Linked from
      </h3>
      {Array.from(
        Map.groupBy(shown.rows, (row) => row.field),
        ([field, rows]) => (
          <LinkGroup key={field} rows={rows} schema={schema} />
        ),
      )}
      {left > 0 && (
        <Button size="small" variant="quiet" className={styles.more} onPress={() => setLimit(shown.rows.length + PAGE)}>
          {left === 1 ? 'Show 1 more' : `Show ${Math.min(left, PAGE)} more of ${shown.total.toLocaleString()}`}
        </Button>
      )}
    </section>
  );
}

function LinkGroup({ rows, schema }: { readonly rows: readonly Row[]; readonly schema: SchemaAnswer }) {
  const [first] = rows;
  const type = schema.types.find((each) => each.id === first?.type);
  const field = type?.fields.find((each) => each.id === first?.field);
  if (type === undefined || field === undefined) return null;
  const label = `${type.name} · ${field.name}`;
  return (
    <>
      <h4 className={styles.group}>
        <TypeIcon type={type} />
        {label}
      </h4>
      <ul aria-label={label}>
        {rows.map((row) => (
          <li key={row.id}>
            <Link href={recordPath(row.type, row.id)} className={styles.link ?? ''}>
              {titleOr(row.title)}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function TypeIcon({ type }: { readonly type: RecordType }) {
  return createElement(iconOfType(type.icon), { 'aria-hidden': true, size: 14, strokeWidth: 1.75 });
}
