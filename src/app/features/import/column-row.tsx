import type { RecordType } from '../../../core/query.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { FIELD_KIND_WORDS } from '../types/field-kinds.ts';
import { type ColumnPlan, intoField, withKind } from './column-plan.ts';
import type { ConvertedColumn } from './convert-column.ts';
import type { ColumnKind } from './guess-columns.ts';
import styles from './import.module.css';
import { MisfitNote } from './misfit-note.tsx';

const KINDS = FIELD_KIND_WORDS.filter(({ kind }) => kind !== 'link').map(({ kind, name }) => ({
  id: kind,
  label: name,
}));
const NEW = 'new';

/** One column of the file: whether it is taken, into which field, and what of it does not fit. */
export function ColumnRow({
  plan,
  type,
  examples,
  converted,
  problem,
  onChange,
}: {
  readonly plan: ColumnPlan;
  /** The existing type that it goes into; null for a new one. */
  readonly type: RecordType | null;
  readonly examples: readonly string[];
  readonly converted: ConvertedColumn | undefined;
  readonly problem: string | undefined;
  readonly onChange: (plan: ColumnPlan) => void;
}) {
  const { target, header } = plan;
  const kind = target.kind === 'new' ? target.fieldKind : target.kind === 'field' ? target.field.kind : null;
  const asNew = (): ColumnPlan => ({ ...plan, target: { kind: 'new', name: header, fieldKind: plan.guess.kind } });
  return (
    <li className={styles.column} data-skipped={target.kind === 'skip' || undefined}>
      <div className={styles.columnSource}>
        <Checkbox
          label={`Import ${header}`}
          checked={target.kind !== 'skip'}
          onChange={(taken) => onChange(taken ? asNew() : { ...plan, target: { kind: 'skip' } })}
        />
        <div className={styles.columnWords}>
          <span className={styles.columnName}>{header}</span>
          <span className={styles.examples}>{examples.length === 0 ? 'Empty' : examples.join(' · ')}</span>
        </div>
      </div>
      {target.kind !== 'skip' && (
        <div className={styles.columnTarget}>
          {type !== null && (
            <Select
              label={`Field for ${header}`}
              labelHidden
              choices={[
                { id: NEW, label: 'A new field' },
                ...type.fields.map(({ id, name, hidden }) => ({ id, label: hidden ? `${name} (hidden)` : name })),
              ]}
              value={target.kind === 'field' ? target.field.id : NEW}
              onChange={(id) => {
                const field = type.fields.find((each) => each.id === id);
                onChange(field ? { ...plan, target: intoField(field) } : asNew());
              }}
            />
          )}
          {target.kind === 'new' && (
            <>
              <TextField
                label={`Name of the field for ${header}`}
                labelHidden
                maxLength={100}
                value={target.name}
                error={problem}
                onChange={(name) => onChange({ ...plan, target: { ...target, name } })}
              />
              <Select
                label={`Kind of ${header}`}
                labelHidden
                choices={KINDS}
                value={target.fieldKind}
                onChange={(chosen) => chosen !== null && onChange(withKind(plan, chosen as ColumnKind))}
              />
            </>
          )}
          {target.kind === 'field' && problem !== undefined && <FieldError text={problem} />}
          {kind === 'number' && plan.guess.decimalMatters && (
            <Select
              label="Numbers are written"
              className={styles.hint}
              choices={[
                { id: '.', label: '1,234.56' },
                { id: ',', label: '1.234,56' },
              ]}
              value={plan.hints.decimal}
              onChange={(decimal) =>
                onChange({ ...plan, hints: { ...plan.hints, decimal: decimal === ',' ? ',' : '.' } })
              }
            />
          )}
          {(kind === 'date' || kind === 'dateTime') && plan.guess.dayFirstMatters && (
            <Select
              label="Days are written"
              className={styles.hint}
              choices={[
                { id: 'day', label: 'Day first: 31/12/2026' },
                { id: 'month', label: 'Month first: 12/31/2026' },
              ]}
              value={plan.hints.dayFirst ? 'day' : 'month'}
              onChange={(first) => onChange({ ...plan, hints: { ...plan.hints, dayFirst: first === 'day' } })}
            />
          )}
        </div>
      )}
      {target.kind !== 'skip' && converted !== undefined && converted.misfits.length > 0 && (
        <MisfitNote plan={plan} converted={converted} onChange={onChange} />
      )}
      {target.kind === 'field' && target.addOptions && (converted?.newOptions.length ?? 0) > 0 && (
        <div className={styles.note}>
          <p>
            Adds {converted!.newOptions.length === 1 ? 'the option' : `${converted!.newOptions.length} options`}:{' '}
            {converted!.newOptions
              .slice(0, 8)
              .map(({ name }) => name)
              .join(', ')}
            {converted!.newOptions.length > 8 && '…'}
          </p>
          <Checkbox checked onChange={() => onChange({ ...plan, target: { ...target, addOptions: false } })}>
            Add them
          </Checkbox>
        </div>
      )}
    </li>
  );
}
