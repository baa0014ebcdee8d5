import { useId } from 'react';
import { Button } from '../../ui/button.tsx';
import { wordsOfKind } from '../types/field-kinds.ts';
import { type ColumnPlan, withKind } from './column-plan.ts';
import type { ConvertedColumn } from './convert-column.ts';
import { LONGEST_TEXT, nameBeside } from './import-command.ts';
import styles from './import.module.css';

/** Which cells of a column do not fit, and what becomes of them. */
export function MisfitNote({
  plan,
  converted,
  onChange,
}: {
  readonly plan: ColumnPlan;
  readonly converted: ConvertedColumn;
  readonly onChange: (plan: ColumnPlan) => void;
}) {
  const group = useId();
  const { misfits } = converted;
  const { target } = plan;
  if (target.kind === 'skip') return null;
  const kind = target.kind === 'new' ? target.fieldKind : target.field.kind;
  const name = target.kind === 'new' ? target.name : target.field.name;
  const rows = misfits.slice(0, 5).map(({ row }) => row.toLocaleString());
  const tooLong = misfits.filter(({ text }) => text.trim().length > LONGEST_TEXT).length;
  return (
    <div className={styles.misfits}>
      <p>
        <strong>
          {misfits.length === 1 ? '1 cell does' : `${misfits.length.toLocaleString()} cells do`} not fit “
          {wordsOfKind(kind).name}”
        </strong>{' '}
        ({misfits.length === 1 ? 'row' : 'rows'} {rows.join(', ')}
        {misfits.length > 5 && '…'}): {misfits[0]?.reason}.
      </p>
      <div role="radiogroup" aria-label={`What becomes of cells of ${name} that do not fit`} className={styles.ways}>
        <label>
          <input
            type="radio"
            name={group}
            checked={plan.keepMisfits}
            onChange={() => onChange({ ...plan, keepMisfits: true })}
          />
          Keep them in a text field beside it, “{nameBeside(name)}”
        </label>
        <label>
          <input
            type="radio"
            name={group}
            checked={!plan.keepMisfits}
            onChange={() => onChange({ ...plan, keepMisfits: false })}
          />
          Leave them empty: what the file says there is not imported
        </label>
      </div>
      {tooLong > 0 && (
        <p>
          {tooLong === 1 ? 'One cell is' : `${tooLong} cells are`} longer than any field can keep (
          {LONGEST_TEXT.toLocaleString()} characters) and will be empty.
        </p>
      )}
      {target.kind === 'new' && kind !== 'text' && kind !== 'longText' && (
        <Button size="small" onPress={() => onChange(withKind(plan, 'text'))}>
          Import the whole column as text
        </Button>
      )}
    </div>
  );
}
