// Over 400 lines on purpose: the grid's keys, clicks, focus and scrolling belong together, and each knows of the others.
import { ArrowDown, ArrowUp, Plus } from 'lucide-react';
import { useVirtualizer, defaultRangeExtractor, type Range } from '@tanstack/react-virtual';
import {
  type ClipboardEvent,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordRow, RecordType, Sort } from '../../../core/query.ts';
import { useValue } from '../../use-client.tsx';
import { preferences } from '../settings/preferences.ts';
import { useMedia } from '../../ui/use-media.ts';
import { shownFields, titleFieldOf } from '../record/title.ts';
import { valueText } from '../record/value-text.ts';
import { recordPath } from '../shell/screen.ts';
import type { EditEnd } from './cell-editor.tsx';
import { columnsOf, MARGIN_WIDTH, TITLE_WIDTH } from './columns.ts';
import { moveBy, type Spot, tabFrom, types } from './grid-keys.ts';
import { TableRow } from './table-row.tsx';
import styles from './table.module.css';
import { useCellSaves } from './use-cell-saves.ts';
import type { Rows } from './use-rows.ts';
import { nextSort, type View } from './view.ts';

const HEADER_HEIGHT = 34;

export interface TableHandle {
  /** Puts the focus on a record, or back to where it was last. */
  readonly focus: (record: EntityId | null) => void;
  /** Brings a row into sight. */
  readonly reveal: (index: number) => void;
}

export interface TableProps {
  readonly type: RecordType;
  readonly rows: Rows;
  readonly view: View;
  readonly query: string;
  readonly openId: EntityId | null;
  readonly selection: ReadonlySet<EntityId>;
  readonly onSort: (sort: Sort | null) => void;
  readonly onOpen: (record: EntityId) => void;
  readonly onNew: () => void;
  readonly onSelect: (selection: ReadonlySet<EntityId>) => void;
  /** Selects all rows between two, loaded or not. */
  readonly onSelectRange: (from: number, to: number) => void;
  readonly onDelete: () => void;
  readonly onEscape: () => void;
  /** In the past records are read and selected, and no more. */
  readonly readOnly: boolean;
  readonly ref: Ref<TableHandle>;
}

/** The records as a grid (ARIA grid pattern): one tab stop, rows on demand, cells edited in place. */
export function Table(props: TableProps) {
  const { type, rows, view, selection, openId, readOnly, ref } = props;
  const fields = useMemo(() => shownFields(type), [type]);
  const title = useMemo(() => titleFieldOf(type), [type]);
  const openColumn =
    Math.max(
      0,
      fields.findIndex((field) => field.id === title?.id),
    ) + 1;
  const total = rows.total ?? 0;
  const coarse = useMedia('(pointer: coarse)');
  const compact = useValue(preferences).density === 'compact';
  const rowHeight = coarse ? 44 : compact ? 28 : 36;
  const saves = useCellSaves();

  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Spot>({ row: 0, column: openColumn });
  const [editing, setEditing] = useState<{
    readonly record: EntityId;
    readonly field: EntityId;
    readonly start: string | undefined;
  } | null>(null);
  /** The active row as last seen: it stays on the page, for the focus, when its data are far out of sight. */
  const [lastActive, setLastActive] = useState<RecordRow | null>(null);
  /** The record that is active, so that it stays so when a sort moves it. */
  const activeRecord = useRef<EntityId | null>(null);
  const focusNext = useRef(false);
  const rangeStart = useRef<number | null>(null);

  const spot: Spot = {
    row: Math.min(active.row, total - 1),
    column: Math.min(active.column, fields.length),
  };
  const rangeExtractor = useCallback(
    (range: Range) => {
      const shown = defaultRangeExtractor(range);
      // The active row stays, however far one scrolls: it holds the focus.
      if (spot.row < 0 || shown.includes(spot.row)) return shown;
      return spot.row < (shown[0] ?? 0) ? [spot.row, ...shown] : [...shown, spot.row];
    },
    [spot.row],
  );
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    rangeExtractor,
    scrollMargin: 0,
    scrollPaddingStart: HEADER_HEIGHT,
    useFlushSync: false,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
  useEffect(() => rows.show(startIndex, endIndex), [rows, startIndex, endIndex]);

  const go = useCallback((next: Spot) => {
    focusNext.current = true;
    setActive(next);
  }, []);
  useLayoutEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-spot="${spot.row}:${spot.column}"]`);
    // An editor that opens there takes the focus itself.
    if (editing === null) cell?.focus({ preventScroll: true });
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });

  // When a sort or another device moves the active record, what is active moves with it.
  const activeRow = spot.row < 0 ? undefined : rows.at(spot.row);
  const activeNow = activeRow?.id;
  if (activeRow !== undefined && activeRow !== lastActive) setLastActive(activeRow);
  useEffect(() => {
    const kept = activeRecord.current;
    if (kept === null || activeNow === undefined || activeNow === kept) {
      if (activeNow !== undefined) activeRecord.current = activeNow;
      return;
    }
    const moved = rows.indexOf(kept);
    if (moved < 0) {
      activeRecord.current = activeNow;
      return;
    }
    const held = scroller.current?.contains(document.activeElement) === true && editing === null;
    if (held) focusNext.current = true;
    setActive((before) => ({ ...before, row: moved }));
  }, [rows, activeNow, editing]);
  const moveTo = useCallback(
    (next: Spot) => {
      activeRecord.current = next.row < 0 ? null : (rows.at(next.row)?.id ?? null);
      go(next);
    },
    [rows, go],
  );

  useImperativeHandle(
    ref,
    () => ({
      focus: (record) => {
        const row = record === null ? -1 : rows.indexOf(record);
        moveTo(
          row < 0 ? { row: Math.max(spot.row, total > 0 ? 0 : -1), column: spot.column } : { row, column: spot.column },
        );
      },
      reveal: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
    }),
    [rows, moveTo, spot.row, spot.column, total, virtualizer],
  );

  const size = {
    rows: total,
    columns: fields.length + 1,
    page: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 360) / rowHeight) - 2),
  };
  const fieldAt = (column: number) => fields[column - 1];

  const startEdit = (at: Spot, start?: string): boolean => {
    const row = rows.at(at.row);
    const field = fieldAt(at.column);
    if (readOnly || row === undefined || field === undefined) return false;
    if (field.kind === 'checkbox') {
      if (start === undefined) saves.save(row.id, field.id, row.values[field.id] === true ? null : true);
      return start === undefined;
    }
    const date = field.kind === 'date' || field.kind === 'dateTime';
    const chosen = field.kind === 'select' || field.kind === 'multiSelect';
    setEditing({ record: row.id, field: field.id, start: date || chosen ? undefined : start });
    return true;
  };

  const onEditDone = useCallback(
    (row: number, column: number, how: EditEnd) => {
      const done = (next: Spot | null) => {
        setEditing(null);
        if (next) moveTo(next);
      };
      const here = { row, column };
      const bounds = { rows: total, columns: fields.length + 1, page: 1 };
      if (how === 'tab' || how === 'backTab') {
        const next = tabFrom(here, how === 'backTab', bounds) ?? here;
        const [record, field] = [rows.at(next.row), fields[next.column - 1]];
        done(next);
        // On along the row one goes on editing, as in a ledger.
        const typed = field !== undefined && !['checkbox', 'select', 'multiSelect', 'link'].includes(field.kind);
        if (record && typed && (next.row !== row || next.column !== column))
          setEditing({ record: record.id, field: field.id, start: undefined });
      } else done(how === 'blur' ? null : here);
    },
    [moveTo, total, fields, rows],
  );

  const toggleSelect = (row: RecordRow | undefined) => {
    if (row === undefined) return;
    const next = new Set(selection);
    if (!next.delete(row.id)) next.add(row.id);
    props.onSelect(next);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (editing !== null) {
      // What is typed before the editor stands is for it.
      if ((event.target as HTMLElement).matches('[data-spot]') && types(event)) {
        event.preventDefault();
        setEditing({ ...editing, start: (editing.start ?? '') + event.key });
      }
      return;
    }
    const handled = handleKey(event);
    if (handled) event.preventDefault();
  };

  const handleKey = (event: KeyboardEvent<HTMLDivElement>): boolean => {
    const { key, shiftKey } = event;
    const control = event.ctrlKey || event.metaKey;
    const row = spot.row < 0 ? undefined : rows.at(spot.row);
    const field = fieldAt(spot.column);
    if (key === 'Escape') {
      if (row && field && saves.get(row.id, field.id)?.kind === 'failed') saves.forget(row.id, field.id);
      else if (selection.size > 0) props.onSelect(new Set());
      else props.onEscape();
      return true;
    }
    if (spot.row === -1 && (key === 'Enter' || key === ' ')) {
      if (field) props.onSort(nextSort(view.sort, field.id));
      return true;
    }
    if (control && key.toLowerCase() === 'a') {
      props.onSelectRange(0, total - 1);
      return true;
    }
    if (shiftKey && (key === 'ArrowDown' || key === 'ArrowUp')) {
      rangeStart.current ??= spot.row;
      const next = moveBy({ key, control: false }, spot, size);
      if (next && next.row >= 0) {
        moveTo(next);
        props.onSelectRange(rangeStart.current, next.row);
      }
      return true;
    }
    const moved = moveBy({ key, control }, spot, size);
    if (moved) {
      rangeStart.current = null;
      moveTo(moved);
      return true;
    }
    if (key === 'Enter' && shiftKey) {
      if (!readOnly) props.onNew();
      return true;
    }
    if (row === undefined) return false;
    if (key === 'Enter') {
      const failed = field && saves.get(row.id, field.id)?.kind === 'failed';
      if (spot.column === 0 && !control) toggleSelect(row);
      else if (control || readOnly || (spot.column === openColumn && !failed)) props.onOpen(row.id);
      else startEdit(spot);
      return true;
    }
    if (key === 'F2') return startEdit(spot);
    if (key === ' ') {
      if (shiftKey || field?.kind !== 'checkbox' || !startEdit(spot)) toggleSelect(row);
      return true;
    }
    if (key === 'Delete' || key === 'Backspace') {
      if (readOnly) return true;
      if (selection.size > 0) props.onDelete();
      else if (field && row.values[field.id] !== undefined) saves.save(row.id, field.id, null);
      return true;
    }
    return types(event) && field !== undefined && field.kind !== 'checkbox' && startEdit(spot, key);
  };

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const at = spotOf(target);
    if (at === null || target.closest('[data-editing]')) return;
    const row = rows.at(at.row);
    const field = fieldAt(at.column);
    if (at.row === -1) {
      moveTo(at);
      if (field) props.onSort(nextSort(view.sort, field.id));
      return;
    }
    if (at.column === 0) {
      if (event.shiftKey && rangeStart.current !== null) props.onSelectRange(rangeStart.current, at.row);
      else {
        rangeStart.current = at.row;
        toggleSelect(row);
      }
      moveTo(at);
      return;
    }
    const link = target.closest('[data-open-record]');
    if (link && (event.ctrlKey || event.metaKey)) return;
    if (link) event.preventDefault();
    moveTo(at);
    if (row && link && !event.shiftKey) props.onOpen(row.id);
    else if (row && field?.kind === 'checkbox') startEdit(at);
  };
  const onDoubleClick = (event: MouseEvent<HTMLDivElement>) => {
    const at = spotOf(event.target as HTMLElement);
    if (at === null || at.row < 0 || (event.target as HTMLElement).closest('[data-editing]')) return;
    const field = fieldAt(at.column);
    if (field && field.kind !== 'checkbox') startEdit(at);
  };
  // What is clicked, or reached by an assistive tool, is active.
  const onFocus = (event: FocusEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const at = target.matches('[data-spot]') ? spotOf(target) : null;
    if (at === null || (at.row === spot.row && at.column === spot.column)) return;
    activeRecord.current = at.row < 0 ? null : (rows.at(at.row)?.id ?? null);
    setActive(at);
  };
  const onCopy = (event: ClipboardEvent<HTMLDivElement>) => {
    const row = spot.row < 0 ? undefined : rows.at(spot.row);
    const field = fieldAt(spot.column);
    if (editing !== null || row === undefined || field === undefined || String(getSelection()) !== '') return;
    const names = new Map<string, string>([
      ...field.options.map((option) => [option.id, option.name] as const),
      ...Object.entries(row.links),
    ]);
    event.clipboardData.setData(
      'text/plain',
      valueText(field.kind, row.values[field.id], (id) => names.get(id)),
    );
    event.preventDefault();
  };

  const columns = columnsOf(fields, title);
  const sticky = title !== null && fields[0]?.id === title.id;
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      style={{ scrollPaddingLeft: MARGIN_WIDTH + (sticky ? TITLE_WIDTH : 0), scrollPaddingTop: HEADER_HEIGHT }}
    >
      <div
        className={styles.sheet}
        style={{ ['--columns' as string]: columns, ['--row-height' as string]: `${rowHeight}px` }}
      >
        <div
          role="grid"
          aria-label={type.name}
          aria-rowcount={rows.total === undefined ? -1 : total + 1}
          aria-colcount={fields.length + 1}
          aria-multiselectable
          aria-busy={rows.view !== view || undefined}
          aria-readonly={readOnly || undefined}
          data-unsaved={saves.failing || undefined}
          className={styles.grid}
          data-sticky={sticky || undefined}
          data-selecting={selection.size > 0 || undefined}
          style={{ ['--rows' as string]: `${total * rowHeight}px` }}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onDoubleClick={onDoubleClick}
          onFocus={onFocus}
          onCopy={onCopy}
        >
          <div role="rowgroup" className={styles.head}>
            <div role="row" aria-rowindex={1} className={styles.headRow}>
              <div
                role="columnheader"
                aria-colindex={1}
                tabIndex={spot.row === -1 && spot.column === 0 ? 0 : -1}
                data-spot="-1:0"
                className={styles.headMargin}
              >
                <span className={styles.hidden}>Selected</span>
              </div>
              {fields.map((field, at) => {
                const sorted = view.sort?.field === field.id ? view.sort.direction : null;
                return (
                  <div
                    key={field.id}
                    role="columnheader"
                    aria-colindex={at + 2}
                    aria-sort={sorted ?? 'none'}
                    tabIndex={spot.row === -1 && spot.column === at + 1 ? 0 : -1}
                    data-spot={`-1:${at + 1}`}
                    data-number={field.kind === 'number' || undefined}
                    className={styles.headCell}
                  >
                    <span className={styles.headName}>{field.name}</span>
                    {sorted === 'ascending' && <ArrowUp aria-hidden size={13} />}
                    {sorted === 'descending' && <ArrowDown aria-hidden size={13} />}
                  </div>
                );
              })}
            </div>
          </div>
          <div role="rowgroup" className={styles.body}>
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows.at(item.index) ?? (item.index === spot.row ? (lastActive ?? undefined) : undefined);
              return (
                <TableRow
                  key={row?.id ?? item.index}
                  row={row}
                  index={item.index}
                  top={item.start}
                  height={rowHeight}
                  fields={fields}
                  title={title}
                  href={row === undefined ? '' : `${recordPath(type.id, row.id)}${props.query}`}
                  active={item.index === spot.row ? spot.column : -1}
                  editing={row !== undefined && editing?.record === row.id ? editing : null}
                  selected={row !== undefined && selection.has(row.id)}
                  open={row !== undefined && row.id === openId}
                  saves={saves}
                  onEditDone={onEditDone}
                />
              );
            })}
          </div>
        </div>
        {!readOnly && (
          <button type="button" className={styles.newRow} onClick={props.onNew}>
            <span className={styles.newMargin}>
              <Plus aria-hidden size={15} />
            </span>
            <span className={styles.newWords}>New record</span>
          </button>
        )}
        <div className={styles.blankLines} />
      </div>
    </div>
  );
}

function spotOf(target: HTMLElement): Spot | null {
  const [row, column] = (target.closest<HTMLElement>('[data-spot]')?.dataset['spot'] ?? '').split(':').map(Number);
  return row === undefined || column === undefined || Number.isNaN(row) ? null : { row, column };
}
