import { CalendarClock, Download, Ellipsis, ListTree, Plus, Search, Upload, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { RecordType } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { useMoment } from '../../moment.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useNarrow } from '../../ui/use-media.ts';
import { useClient } from '../../use-client.tsx';
import { usePick } from '../past/pick.tsx';
import { shownFields } from '../record/title.ts';
import { typePath } from '../shell/screen.ts';
import { FilterButton, FilterList } from './filter-panel.tsx';
import styles from './toolbar.module.css';
import type { Rows } from './use-rows.ts';
import { isNarrowed, type View } from './view.ts';

const TYPING_MILLIS = 150;

/** Above the records: find, narrow, add. */
export function Toolbar({
  type,
  view,
  rows,
  onView,
  onNew,
}: {
  readonly type: RecordType;
  readonly view: View;
  readonly rows: Rows;
  readonly onView: (view: View) => void;
  readonly onNew: () => void;
}) {
  const [, navigate] = useLocation();
  const narrow = useNarrow();
  const moment = useMoment();
  const now = moment === null;
  const pick = usePick();
  const fields = shownFields(type);
  const client = useClient();
  const toast = useToast();
  const exportView = async () => {
    try {
      const { exportCsv } = await import('./export-csv.ts');
      const name = await exportCsv(client, type, view, moment);
      if (name !== null) toast({ text: `Saved ${name}` });
    } catch (reason) {
      toast({ text: `Not saved: ${reason instanceof Error ? reason.message : String(reason)}`, tone: 'alert' });
    }
  };
  const narrowed = isNarrowed(rows.view);
  return (
    <>
      <div className={styles.bar} role="search" aria-label={type.name}>
        <SearchBox search={view.search} onSearch={(search) => onView({ ...view, search })} />
        <FilterButton fields={fields} onAdd={(filter) => onView({ ...view, filters: [...view.filters, filter] })} />
        <span className={styles.total} role="status">
          {rows.total === undefined ? '' : countWords(rows.total, narrowed)}
        </span>
        {now && (
          <Menu
            label="More for this type"
            trigger={<IconButton label="More for this type" icon={<Ellipsis aria-hidden />} />}
            entries={[
              { id: 'past', label: 'See the book as of…', icon: <CalendarClock aria-hidden />, onAction: pick },
              {
                id: 'fields',
                label: 'Edit fields',
                icon: <ListTree aria-hidden />,
                onAction: () => navigate(`${typePath(type.id)}/fields`),
              },
              {
                id: 'import',
                label: 'Import a CSV file',
                icon: <Upload aria-hidden />,
                onAction: () => navigate('/import'),
              },
              {
                id: 'export',
                label: isNarrowed(view) ? 'Export these as CSV' : 'Export as CSV',
                icon: <Download aria-hidden />,
                onAction: () => void exportView(),
              },
            ]}
          />
        )}
        {!now && <IconButton label="Export as CSV" icon={<Download aria-hidden />} onPress={() => void exportView()} />}
        {!narrow && now && (
          <Button
            variant="primary"
            icon={<Plus aria-hidden />}
            className={styles.add}
            aria-label="New record"
            onPress={onNew}
          >
            <span className={styles.addWords}>New record</span>
          </Button>
        )}
      </div>
      <FilterList fields={type.fields} filters={view.filters} onChange={(filters) => onView({ ...view, filters })} />
    </>
  );
}

function countWords(total: number, narrowed: boolean): string {
  const words = `${total.toLocaleString()} ${total === 1 ? 'record' : 'records'}`;
  return narrowed ? `${words} found` : words;
}

function SearchBox({ search, onSearch }: { readonly search: string; readonly onSearch: (search: string) => void }) {
  const [typed, setTyped] = useState(search);
  const [last, setLast] = useState(search);
  // The URL may change by itself: back and forward.
  if (search !== last) {
    setLast(search);
    setTyped(search);
  }
  useEffect(() => {
    if (typed === search) return;
    const timer = setTimeout(() => {
      setLast(typed);
      onSearch(typed);
    }, TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [typed, search, onSearch]);
  return (
    <div className={styles.search}>
      <Search aria-hidden size={16} />
      <input
        type="search"
        data-search-box
        aria-label="Search records"
        placeholder="Search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          if (typed === '') event.currentTarget.blur();
          setTyped('');
        }}
      />
      {typed !== '' && (
        <button type="button" className={styles.clear} aria-label="Clear search" onClick={() => setTyped('')}>
          <X aria-hidden size={14} />
        </button>
      )}
    </div>
  );
}
