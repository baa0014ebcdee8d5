import { ChevronsUpDown } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Field } from '../../../core/query.ts';
import type { JsonValue } from '../../../core/value.ts';
import { Chip } from '../../ui/chip.tsx';
import { classes } from '../../ui/classes.ts';
import control from '../../ui/control.module.css';
import styles from './option-field.module.css';
import { chosenIn } from './chosen.ts';
import { OptionList } from './option-list.tsx';

/** The chosen options of a record's field; opens the list to choose from. */
export function OptionField({
  field,
  value,
  labelId,
  id,
  describedBy,
  invalid,
  onSave,
}: {
  readonly field: Field;
  readonly value: JsonValue | undefined;
  readonly labelId: string;
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly onSave: (value: JsonValue) => void;
}) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const chosen = chosenIn(value);
  return (
    <>
      <button
        ref={button}
        type="button"
        id={id}
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-labelledby={`${labelId} ${id}`}
        aria-describedby={describedBy}
        data-invalid={invalid || undefined}
        className={classes(control.control, styles.button)}
        onClick={() => setOpen(true)}
      >
        <span className={styles.chips}>
          {chosen.length === 0 && <span className={styles.none}>None</span>}
          {chosen.map((option) => {
            const known = field.options.find((each) => each.id === option);
            return <Chip key={option} name={known?.name ?? 'a removed option'} tint={known?.tint ?? 0} />;
          })}
        </span>
        <ChevronsUpDown aria-hidden size={14} />
      </button>
      {open && (
        <OptionList
          field={field}
          value={value}
          anchor={button}
          onDone={(next) => {
            setOpen(false);
            button.current?.focus();
            if (next !== undefined && JSON.stringify(next) !== JSON.stringify(value ?? null)) onSave(next);
          }}
        />
      )}
    </>
  );
}
