import { Check, ChevronsUpDown } from 'lucide-react';
import { type Ref, useId } from 'react';
import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import { Chip } from './chip.tsx';
import { classes } from './classes.ts';
import control from './control.module.css';
import { FieldError, type FieldWords } from './field-frame.tsx';
import frame from './field-frame.module.css';
import floating from './floating.module.css';
import styles from './select.module.css';

export interface Choice {
  readonly id: string;
  readonly label: string;
  /** Shows the choice as a chip of this tint. */
  readonly tint?: number;
}

export interface SelectProps extends FieldWords {
  readonly choices: readonly Choice[];
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  /** Offers this as the way to choose nothing. */
  readonly emptyLabel?: string;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** Opens at once, for a cell that was just entered. */
  readonly openAtOnce?: boolean;
  readonly onClose?: () => void;
  readonly buttonRef?: Ref<HTMLButtonElement>;
  readonly className?: string | undefined;
}

const NONE = '\u0000none';

/** One of several, in a list that opens. */
export function Select(props: SelectProps) {
  const {
    label,
    labelHidden,
    hint,
    error,
    choices,
    value,
    onChange,
    emptyLabel,
    placeholder = 'Choose…',
    disabled = false,
  } = props;
  const id = useId();
  const all: readonly Choice[] = emptyLabel === undefined ? choices : [{ id: NONE, label: emptyLabel }, ...choices];
  const chosen = choices.find((choice) => choice.id === value);
  return (
    <AriaSelect
      className={classes(frame.frame, props.className)}
      selectedKey={chosen?.id ?? (emptyLabel !== undefined && value === null ? NONE : null)}
      onSelectionChange={(key) => onChange(key === NONE || key === null ? null : String(key))}
      isDisabled={disabled}
      isInvalid={error !== undefined}
      {...(props.openAtOnce === true && { defaultOpen: true })}
      {...(props.onClose && { onOpenChange: (open: boolean) => !open && props.onClose?.() })}
    >
      <Label className={labelHidden === true ? (frame.labelHidden ?? '') : (frame.label ?? '')}>{label}</Label>
      <Button
        className={classes(control.control, styles.button)}
        {...(props.buttonRef !== undefined && { ref: props.buttonRef })}
        {...((error !== undefined || hint !== undefined) && { 'aria-describedby': `${id}-below` })}
      >
        <SelectValue className={classes(floating.grow, styles.value)}>
          {chosen === undefined ? (
            <span className={styles.placeholder}>{placeholder}</span>
          ) : (
            <ChoiceLabel choice={chosen} />
          )}
        </SelectValue>
        <ChevronsUpDown aria-hidden size={14} />
      </Button>
      {(error !== undefined || hint !== undefined) && (
        <div id={`${id}-below`} className={frame.hint}>
          {error !== undefined && <FieldError text={error} />}
          {hint}
        </div>
      )}
      <Popover className={floating.popover ?? ''} offset={4}>
        <ListBox
          className={floating.list ?? ''}
          items={all}
          renderEmptyState={() => <div className={floating.none}>No choices yet</div>}
        >
          {(choice: Choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className={floating.item ?? ''}>
              <span className={floating.grow}>
                <ChoiceLabel choice={choice} />
              </span>
              <Check aria-hidden className={floating.check} />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

function ChoiceLabel({ choice }: { readonly choice: Choice }) {
  return choice.tint === undefined ? choice.label : <Chip name={choice.label} tint={choice.tint} />;
}
