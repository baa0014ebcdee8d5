import { MailWarning, Split } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { Link } from 'wouter';
import type { Field, RecordRow, RecordType } from '../../../core/query.ts';
import { REFUSED_MARK } from '../record/refused-mark.ts';
import { shownFields, titleFieldOf, titleOf } from '../record/title.ts';
import { ValueView } from '../record/value-view.tsx';
import { recordPath } from '../shell/screen.ts';
import styles from './cards.module.css';
import type { Rows } from './use-rows.ts';

/** Values shown on a card beside the title. */
const SHOWN = 3;

/** The records as cards, for narrow screens. */
export function Cards({
  type,
  rows,
  query,
}: {
  readonly type: RecordType;
  readonly rows: Rows;
  readonly query: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const title = useMemo(() => titleFieldOf(type), [type]);
  const fields = useMemo(
    () => shownFields(type).filter((field) => field.id !== title?.id && field.kind !== 'longText'),
    [type, title],
  );
  const virtualizer = useVirtualizer({
    count: rows.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => 84,
    overscan: 8,
    useFlushSync: false,
  });
  const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
  useEffect(() => rows.show(startIndex, endIndex), [rows, startIndex, endIndex]);
  return (
    <div ref={scroller} className={styles.scroller}>
      <ul className={styles.list} style={{ height: virtualizer.getTotalSize() }} aria-label={type.name}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows.at(item.index);
          return (
            <li
              key={item.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              aria-setsize={rows.total}
              aria-posinset={item.index + 1}
              className={styles.item}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {row === undefined ? (
                <div className={styles.blank} />
              ) : (
                <Card type={type} row={row} fields={fields} href={`${recordPath(type.id, row.id)}${query}`} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Card({
  type,
  row,
  fields,
  href,
}: {
  readonly type: RecordType;
  readonly row: RecordRow;
  readonly fields: readonly Field[];
  readonly href: string;
}) {
  const filled = fields
    .filter((field) => row.values[field.id] !== undefined && row.values[field.id] !== false)
    .slice(0, SHOWN);
  const name = titleOf(type, row);
  return (
    <Link href={href} className={styles.card ?? ''}>
      <span className={styles.margin}>
        {row.conflicted ? (
          <Split aria-label="Needs review" size={14} strokeWidth={2.5} className={styles.conflict} />
        ) : row.refused ? (
          <MailWarning aria-label={REFUSED_MARK} size={14} strokeWidth={2.5} className={styles.conflict} />
        ) : (
          <span
            className={styles.dot}
            data-waiting={row.waiting || undefined}
            role={row.waiting ? 'img' : undefined}
            aria-label={row.waiting ? 'Waiting to be sent' : undefined}
          />
        )}
      </span>
      <span className={styles.words}>
        <span className={styles.title} data-untitled={name === 'Untitled' || undefined}>
          {name}
          {row.sample && <span className={styles.sample}>sample</span>}
        </span>
        {filled.length > 0 && (
          <span className={styles.values}>
            {filled.map((field) => (
              <span key={field.id} className={styles.value}>
                {field.kind === 'checkbox' || field.kind === 'number' ? (
                  <span className={styles.label}>{field.name}</span>
                ) : null}
                <ValueView field={field} value={row.values[field.id]} links={row.links} />
              </span>
            ))}
          </span>
        )}
      </span>
    </Link>
  );
}
