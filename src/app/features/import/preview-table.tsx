import { Check } from 'lucide-react';
import type { JsonValue } from '../../../core/value.ts';
import { Chip } from '../../ui/chip.tsx';
import { valueText } from '../record/value-text.ts';
import { wordsOfKind } from '../types/field-kinds.ts';
import { tintOfWord } from '../types/option-tint.ts';
import type { ColumnPlan } from './column-plan.ts';
import type { ConvertedColumn } from './convert-column.ts';
import styles from './import.module.css';
import type { CsvRow } from './read-csv.ts';
import type { Conversions } from './use-conversions.ts';

const SHOWN = 6;

/** The first rows as they will be. Cells that do not fit are marked, and show what the file holds. */
export function PreviewTable({
  rows,
  plans,
  conversions,
}: {
  readonly rows: readonly CsvRow[];
  readonly plans: readonly ColumnPlan[];
  readonly conversions: Conversions;
}) {
  const shown = plans.filter(({ target }) => target.kind !== 'skip');
  return (
    // Scrolls sideways: by keyboard it has to be reached first.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={styles.previewFrame} aria-label="Preview" tabIndex={0}>
      <table className={styles.preview}>
        <caption className={styles.caption}>The first rows, as they will be</caption>
        <thead>
          <tr>
            {shown.map((plan) => {
              const words = wordsOfKind(kindOf(plan));
              return (
                <th key={plan.column} scope="col" data-number={kindOf(plan) === 'number' || undefined}>
                  <span className={styles.headName}>
                    {plan.target.kind === 'field'
                      ? plan.target.field.name
                      : plan.target.kind === 'new'
                        ? plan.target.name
                        : ''}
                  </span>
                  <span className={styles.headKind}>
                    <words.icon aria-hidden size={12} /> {words.name}
                  </span>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN).map((row, index) => (
            <tr key={row.number}>
              {shown.map((plan) => (
                <Cell key={plan.column} plan={plan} row={row} index={index} converted={conversions.get(plan.column)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({
  plan,
  row,
  index,
  converted,
}: {
  readonly plan: ColumnPlan;
  readonly row: CsvRow;
  readonly index: number;
  readonly converted: ConvertedColumn | undefined;
}) {
  const text = row.cells[plan.column]?.trim() ?? '';
  const kind = kindOf(plan);
  if (converted === undefined) return <td className={styles.soft}>{text}</td>;
  const value = converted.values[index] ?? null;
  if (value === null && text !== '') {
    return (
      <td className={styles.misfit} title="Does not fit">
        {text}
      </td>
    );
  }
  return <td data-number={kind === 'number' || undefined}>{show(plan, value, text, converted)}</td>;
}

function show(plan: ColumnPlan, value: JsonValue, text: string, converted: ConvertedColumn) {
  const kind = kindOf(plan);
  if (value === null) return null;
  if (kind === 'checkbox') return value === true ? <Check aria-label="Yes" size={16} /> : null;
  if (kind === 'link') return text;
  if (kind === 'select' || kind === 'multiSelect') {
    const ids = Array.isArray(value) ? value : [value];
    return ids.map((id) => {
      const known =
        plan.target.kind === 'field' ? plan.target.field.options.find((option) => option.id === id) : undefined;
      const name = known?.name ?? converted.newOptions.find((option) => option.id === id)?.name ?? '';
      return <Chip key={name} name={name} tint={known?.tint ?? tintOfWord(name)} />;
    });
  }
  return valueText(kind, value, () => undefined);
}

const kindOf = ({ target }: ColumnPlan) =>
  target.kind === 'new' ? target.fieldKind : target.kind === 'field' ? target.field.kind : 'text';
