import { CircleAlert, MailWarning, Split } from 'lucide-react';
import { memo, useEffect, useId, useRef } from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { Field, RecordRow } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { classes } from '../../ui/classes.ts';
import { REFUSED_MARK } from '../record/refused-mark.ts';
import { titleOr } from '../record/title.ts';
import { isSame } from '../record/use-save.ts';
import { ValueView } from '../record/value-view.tsx';
import { type EditEnd, CellEditor } from './cell-editor.tsx';
import { alignsRight } from './columns.ts';
import styles from './table.module.css';
import type { CellSave, CellSaves } from './use-cell-saves.ts';

export interface TableRowProps {
  readonly row: RecordRow | undefined;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly fields: readonly Field[];
  readonly title: Field | null;
  /** Address of the record in its pane. */
  readonly href: string;
  /** The column that Tab reaches; -1 when it is in another row. */
  readonly active: number;
  /** The field that is edited in this row. */
  readonly editing: { readonly field: EntityId; readonly start: string | undefined } | null;
  readonly selected: boolean;
  /** Whether its pane is open. */
  readonly open: boolean;
  readonly saves: CellSaves;
  readonly onEditDone: (index: number, column: number, how: EditEnd) => void;
}

/** One record of the table. Keys and clicks are the grid's. */
export const TableRow = memo(function TableRow(props: TableRowProps) {
  const { row, index, fields, title, active, selected, open } = props;
  const name = row === undefined ? '' : titleOr(titleText(row, title));
  const failed = row !== undefined && fields.some((field) => props.saves.get(row.id, field.id)?.kind === 'failed');
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined || undefined}
      className={styles.row}
      data-open={open || undefined}
      data-raised={props.editing !== null ? 'edit' : failed ? 'failure' : undefined}
      style={{ height: props.height, transform: `translateY(${props.top}px)` }}
    >
      <div
        role="gridcell"
        aria-colindex={1}
        tabIndex={active === 0 ? 0 : -1}
        data-spot={`${index}:0`}
        className={classes(styles.cell, styles.margin)}
      >
        {row !== undefined && (
          <>
            <Marks row={row} />
            <input
              type="checkbox"
              tabIndex={-1}
              className={styles.select}
              aria-label={`Select ${name}`}
              checked={selected}
              data-select
              readOnly
            />
          </>
        )}
      </div>
      {fields.map((field, at) => (
        <Cell key={field.id} {...props} field={field} column={at + 1} isTitle={field.id === title?.id} name={name} />
      ))}
    </div>
  );
});

/** What stands in the margin of a record: a conflict to look at, a change that the server refused, or one that waits. */
function Marks({ row }: { readonly row: RecordRow }) {
  if (row.conflicted) {
    return (
      <span
        className={styles.conflict}
        role="img"
        aria-label="Needs review"
        title="Two devices wrote different values: needs review"
      >
        <Split aria-hidden size={13} strokeWidth={2.5} />
      </span>
    );
  }
  if (row.refused) {
    return (
      <span className={styles.conflict} role="img" aria-label={REFUSED_MARK} title={REFUSED_MARK}>
        <MailWarning aria-hidden size={13} strokeWidth={2.5} />
      </span>
    );
  }
  return (
    <span
      className={styles.dot}
      data-waiting={row.waiting || undefined}
      role={row.waiting ? 'img' : undefined}
      aria-label={row.waiting ? 'Waiting to be sent' : undefined}
      title={row.waiting ? 'Waiting to be sent' : undefined}
    />
  );
}

function titleText(row: RecordRow, title: Field | null): string {
  const value = title === null ? undefined : row.values[title.id];
  return typeof value === 'string' ? value : '';
}

function Cell({
  row,
  index,
  field,
  column,
  isTitle,
  name,
  href,
  active,
  editing,
  saves,
  onEditDone,
}: TableRowProps & {
  readonly field: Field;
  readonly column: number;
  readonly isTitle: boolean;
  readonly name: string;
}) {
  const cell = useRef<HTMLDivElement>(null);
  const reasonId = useId();
  const save = row === undefined ? undefined : saves.get(row.id, field.id);
  const value = valueShown(row, field, save);
  useEffect(() => {
    if (row && save?.kind === 'saved' && isSame(row.values[field.id] ?? null, save.value))
      saves.answered(row.id, field.id, save);
  }, [row, field, save, saves]);
  const edited = row !== undefined && editing?.field === field.id ? editing : null;
  const failed = save?.kind === 'failed' ? save : null;
  return (
    <div
      ref={cell}
      role="gridcell"
      aria-colindex={column + 1}
      aria-invalid={failed !== null || undefined}
      aria-describedby={failed === null ? undefined : reasonId}
      tabIndex={active === column ? 0 : -1}
      data-spot={`${index}:${column}`}
      data-number={alignsRight(field) || undefined}
      data-editing={edited !== null || undefined}
      data-title={isTitle || undefined}
      data-failed={failed !== null || undefined}
      className={styles.cell}
    >
      {row === undefined ? (
        <span className={styles.blank} style={{ width: `${30 + ((index * 7 + column * 13) % 40)}%` }} />
      ) : failed?.text != null ? (
        <span className={styles.value}>{failed.text}</span>
      ) : isTitle ? (
        <>
          <a
            href={href}
            tabIndex={-1}
            className={styles.titleLink}
            data-open-record
            data-untitled={value === undefined || value === null || undefined}
          >
            {value === undefined || value === null ? name : titleOr(typeof value === 'string' ? value : name)}
          </a>
          {row.sample && <span className={styles.sample}>sample</span>}
        </>
      ) : (
        <span className={styles.value}>
          <ValueView field={field} value={value} links={row.links} />
        </span>
      )}
      {failed !== null && edited === null && (
        <>
          <CircleAlert aria-hidden size={14} className={styles.failedMark} />
          <span className={styles.reason} role="alert" id={reasonId}>
            {failed.reason}
          </span>
        </>
      )}
      {row !== undefined && edited !== null && (
        <CellEditor
          field={field}
          row={row}
          value={row.values[field.id]}
          start={edited.start ?? failed?.text ?? undefined}
          anchor={cell}
          onSave={(next) => saves.save(row.id, field.id, next)}
          onRefuse={(text, reason) => saves.refuse(row.id, field.id, text, reason)}
          onDone={(how) => onEditDone(index, column, how)}
        />
      )}
    </div>
  );
}

/** The value of a cell: what was just typed stands before what the book has answered so far. */
function valueShown(row: RecordRow | undefined, field: Field, save: CellSave | undefined): JsonValue | undefined {
  return save === undefined ? row?.values[field.id] : save.value;
}
