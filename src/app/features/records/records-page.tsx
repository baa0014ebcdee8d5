import { Plus, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { EntityId } from '../../../core/ids.ts';
import type { RecordType } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { later } from '../../ui/later.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useMoment } from '../../moment.tsx';
import { useNarrow } from '../../ui/use-media.ts';
import { useAnswer, useClient } from '../../use-client.tsx';
import { SampleBanner } from '../first-run/sample-banner.tsx';
import { recordPath, screenOf, typePath } from '../shell/screen.ts';
import { useArriving } from '../status/use-arriving.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Cards } from './cards.tsx';
import styles from './records-page.module.css';
import { recordsQuery } from './row-pages.ts';
import { SelectionBar } from './selection-bar.tsx';
import { Table, type TableHandle } from './table.tsx';
import { Toolbar } from './toolbar.tsx';
import { useDelete } from './use-delete.ts';
import { useRows } from './use-rows.ts';
import { isNarrowed, readView, type View, writeView } from './view.ts';

const RestoreButton = later(async () => (await import('../past/restore-button.tsx')).RestoreButton);
// The list is on the first screen, the record beside it a moment later.
const RecordPane = later(async () => (await import('../record/record-pane.tsx')).RecordPane);

/** A range selected at once is at most so long. */
const RANGE_LIMIT = 10_000;
const RANGE_PAGE = 1_000;

/** The records of one type, and the one that is open beside them. */
export function RecordsPage() {
  const [path] = useLocation();
  const moment = useMoment();
  const schema = useAnswer({ kind: 'schema' });
  const screen = screenOf(path, schema);
  const type = schema?.types.find((each) => each.id === screen.type);
  if (schema === undefined) return null;
  if (type === undefined) {
    return (
      <EmptyState drawing="magnifier" title={moment === null ? 'There is no such type' : 'This type was not there yet'}>
        {moment === null
          ? 'It may be on its way from another device, or its address is not whole.'
          : 'It was made after this moment.'}
      </EmptyState>
    );
  }
  // What was so at one moment is never shown as if it had been so at another.
  const open = screen.record === 'new' && moment !== null ? null : screen.record;
  return <TypeRecords key={`${type.id} ${JSON.stringify(moment)}`} type={type} open={open} />;
}

function TypeRecords({ type, open }: { readonly type: RecordType; readonly open: EntityId | 'new' | null }) {
  const client = useClient();
  const moment = useMoment();
  const toast = useToast();
  const narrow = useNarrow();
  const remove = useDelete();
  const [, navigate] = useLocation();
  const search = useSearch();
  const query = search === '' ? '' : `?${search}`;
  const view = useMemo(() => readView(query), [query]);
  const rows = useRows(type.id, view);
  const [selection, setSelection] = useState<ReadonlySet<EntityId>>(new Set());
  const table = useRef<TableHandle>(null);
  const arriving = useArriving();
  const openId = open === 'new' ? null : open;

  const setView = useCallback(
    (next: View) =>
      navigate(`${open === null ? typePath(type.id) : recordPath(type.id, open)}${writeView(next)}`, { replace: true }),
    [navigate, open, type.id],
  );
  const openRecord = useCallback(
    (id: EntityId | 'new') => navigate(`${recordPath(type.id, id)}${query}`),
    [navigate, type.id, query],
  );
  const close = useCallback(() => {
    navigate(`${typePath(type.id)}${query}`);
    table.current?.focus(openId);
  }, [navigate, type.id, query, openId]);

  const selectRange = useCallback(
    async (from: number, to: number) => {
      const [first, last] = from < to ? [from, to] : [to, from];
      const end = Math.min(last, first + RANGE_LIMIT - 1);
      const ids = new Set<EntityId>();
      for (let offset = first; offset <= end; offset += RANGE_PAGE) {
        const answer = await client.query(
          recordsQuery(type.id, view, moment, offset, Math.min(RANGE_PAGE, end - offset + 1)),
        );
        for (const row of answer.rows) ids.add(row.id);
      }
      setSelection(ids);
      if (end < last) toast({ text: `Only the first ${RANGE_LIMIT.toLocaleString()} records were selected` });
    },
    [client, toast, type.id, view, moment],
  );
  const deleteSelected = useCallback(async () => {
    const ids = [...selection];
    if (ids.length > 0 && (await remove(ids))) {
      setSelection(new Set());
      if (openId !== null && selection.has(openId)) close();
      table.current?.focus(null);
    }
  }, [selection, remove, openId, close]);
  const onError = useCallback((error: unknown) => toast({ text: String(error), tone: 'alert' }), [toast]);

  // Neighbours of the open record in this view, asked for by place: they need not be loaded.
  const place = useRef(-1);
  const found = openId === null ? -1 : rows.indexOf(openId);
  useEffect(() => {
    if (openId === null) place.current = -1;
    else if (found >= 0) place.current = found;
  }, [openId, found]);
  const step = useCallback(
    async (by: 1 | -1) => {
      const next = place.current + by;
      if (place.current < 0 || next < 0 || next >= (rows.total ?? 0)) return;
      const loaded = rows.at(next);
      const row = loaded ?? (await client.query(recordsQuery(type.id, view, moment, next, 1))).rows[0];
      if (row === undefined) return;
      place.current = next;
      table.current?.reveal(next);
      navigate(`${recordPath(type.id, row.id)}${query}`, { replace: true });
    },
    [client, rows, type.id, view, moment, query, navigate],
  );
  const shortcuts = useMemo(
    () => [
      { key: 'j', run: () => (openId === null ? table.current?.focus(null) : void step(1).catch(onError)) },
      { key: 'k', run: () => (openId === null ? table.current?.focus(null) : void step(-1).catch(onError)) },
      {
        key: 'Escape',
        run: () => {
          if (open !== null) close();
          else (document.activeElement as HTMLElement | null)?.blur();
        },
      },
    ],
    [openId, open, step, close, onError],
  );
  useShortcuts(shortcuts);

  const nothing = rows.total === 0;
  // Of what is shown, which may not be the answer to what was asked last.
  const narrowed = isNarrowed(rows.view);
  const pane =
    open === null ? null : (
      <RecordPane
        type={type}
        open={open}
        onClose={close}
        onStep={(by) => void step(by).catch(onError)}
        place={found < 0 || rows.total === undefined ? null : { index: found, total: rows.total }}
        onMade={(id) => navigate(`${recordPath(type.id, id)}${query}`, { replace: true })}
      />
    );
  if (narrow && pane) return pane;
  return (
    <div className={styles.panes} data-record={pane !== null || undefined}>
      <section className={styles.records} aria-label={`${type.name}: records`}>
        <Toolbar type={type} view={view} rows={rows} onView={setView} onNew={() => openRecord('new')} />
        {!narrowed && moment === null && <SampleBanner type={type.id} />}
        {nothing && !narrowed && moment !== null ? (
          <EmptyState drawing="blankPage" title="A blank page">
            {type.name} had no records at this moment.
          </EmptyState>
        ) : nothing && !narrowed ? (
          <EmptyState
            drawing="blankPage"
            title={arriving ? 'Nothing has arrived here yet' : 'A blank page'}
            action={
              <Button variant="primary" icon={<Plus aria-hidden />} onPress={() => openRecord('new')}>
                New record
              </Button>
            }
          >
            {arriving
              ? `Records of ${type.name} appear here as they arrive. You can make new ones meanwhile.`
              : `Make the first record of ${type.name}, or press N.`}
          </EmptyState>
        ) : nothing ? (
          <EmptyState
            drawing="magnifier"
            title={arriving ? 'Nothing found yet' : 'Nothing found'}
            action={<Button onPress={() => setView({ ...view, search: '', filters: [] })}>Show all records</Button>}
          >
            {arriving
              ? 'No record that is here fits the search and filters. More are arriving.'
              : 'No record fits the search and filters.'}
          </EmptyState>
        ) : narrow ? (
          <Cards type={type} rows={rows} query={query} />
        ) : (
          <Table
            ref={table}
            type={type}
            rows={rows}
            view={view}
            query={query}
            openId={openId}
            selection={selection}
            onSort={(sort) => setView({ ...view, sort })}
            onOpen={openRecord}
            onNew={() => openRecord('new')}
            readOnly={moment !== null}
            onSelect={setSelection}
            onSelectRange={(from, to) => void selectRange(from, to).catch(onError)}
            onDelete={() => void deleteSelected().catch(onError)}
            onEscape={() => {
              if (open !== null) close();
              else (document.activeElement as HTMLElement | null)?.blur();
            }}
          />
        )}
        {selection.size > 0 && (
          <SelectionBar count={selection.size} onClear={() => setSelection(new Set())}>
            {moment === null ? (
              <Button
                size="small"
                variant="danger"
                icon={<Trash2 aria-hidden />}
                onPress={() => void deleteSelected().catch(onError)}
              >
                Move to Trash
              </Button>
            ) : (
              <RestoreButton ids={[...selection]} moment={moment} />
            )}
          </SelectionBar>
        )}
      </section>
      {pane}
    </div>
  );
}
