import { ListFilter, X } from 'lucide-react';
import type { Field, Filter } from '../../../core/query.ts';
import { Button } from '../../ui/button.tsx';
import { later } from '../../ui/later.tsx';
import { Popover } from '../../ui/popover.tsx';
import styles from './filter-panel.module.css';
import { filterWords } from './filter-words.ts';

const FilterForm = later(async () => (await import('./filter-form.tsx')).FilterForm);

/** The button that adds a filter. */
export function FilterButton({
  fields,
  onAdd,
}: {
  readonly fields: readonly Field[];
  readonly onAdd: (filter: Filter) => void;
}) {
  return (
    <Popover
      label="Add a filter"
      trigger={
        <Button variant="quiet" icon={<ListFilter aria-hidden />} className={styles.button}>
          Filter
        </Button>
      }
    >
      {(close) => (
        <FilterForm
          fields={fields}
          onAdd={(filter) => {
            onAdd(filter);
            close();
          }}
        />
      )}
    </Popover>
  );
}

/** Filters in force, each with the way to take it off. */
export function FilterList({
  fields,
  filters,
  onChange,
}: {
  readonly fields: readonly Field[];
  readonly filters: readonly Filter[];
  readonly onChange: (filters: readonly Filter[]) => void;
}) {
  if (filters.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Filters">
      {filters.map((filter, at) => {
        const field = fields.find((each) => each.id === filter.field);
        const words = field === undefined ? 'A field that is not here' : filterWords(field, filter);
        return (
          <li
            key={`${filter.field} ${filter.test} ${'value' in filter ? JSON.stringify(filter.value) : ''}`}
            className={styles.filter}
          >
            {words}
            <button
              type="button"
              className={styles.remove}
              aria-label={`Remove filter ${words}`}
              onClick={() => onChange(filters.toSpliced(at, 1))}
            >
              <X aria-hidden size={14} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
