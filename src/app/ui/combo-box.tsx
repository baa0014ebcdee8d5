import { ChevronsUpDown } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent, useId, useRef } from 'react';
import { Button } from 'react-aria-components/Button';
import { ComboBox as AriaComboBox } from 'react-aria-components/ComboBox';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { classes } from './classes.ts';
import styles from './combo-box.module.css';
import control from './control.module.css';
import { FieldError, type FieldWords } from './field-frame.tsx';
import frame from './field-frame.module.css';
import floating from './floating.module.css';

export interface Suggestion {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
}

export interface ComboBoxProps extends FieldWords {
  /** What fits the typed text, already filtered by the caller. */
  readonly suggestions: readonly Suggestion[];
  readonly text: string;
  readonly onText: (text: string) => void;
  /** A suggestion was chosen. */
  readonly onChoose: (id: string) => void;
  readonly onBlur?: () => void;
  readonly placeholder?: string;
  /** Takes the focus, and opens: for a cell that was just entered. */
  readonly focusAtOnce?: boolean;
  /** Said in the list when nothing fits. */
  readonly emptyText?: ReactNode;
  /** Nothing was typed: Control+Z is not about this box. */
  readonly kept?: boolean;
  readonly className?: string | undefined;
}

/** Type to find one of many. */
export function ComboBox(props: ComboBoxProps) {
  const {
    label,
    labelHidden,
    hint,
    error,
    suggestions,
    text,
    onText,
    onChoose,
    placeholder,
    emptyText = 'Nothing fits',
  } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const { focusAtOnce = false, kept = false } = props;
  const atOnce = useEffectEvent(() => {
    input.current?.focus({ preventScroll: true });
    // What is linked is replaced by what one types; what was typed already goes on.
    if (kept) input.current?.select();
    else input.current?.setSelectionRange(text.length, text.length);
  });
  useEffect(() => {
    if (focusAtOnce) atOnce();
  }, [focusAtOnce]);
  return (
    <AriaComboBox
      className={classes(frame.frame, props.className)}
      items={suggestions}
      inputValue={text}
      onInputChange={onText}
      selectedKey={null}
      onSelectionChange={(key) => key !== null && onChoose(String(key))}
      allowsEmptyCollection
      allowsCustomValue
      menuTrigger={focusAtOnce ? 'focus' : 'input'}
      isInvalid={error !== undefined}
      {...(props.onBlur && { onBlur: props.onBlur })}
    >
      <Label className={labelHidden === true ? (frame.labelHidden ?? '') : (frame.label ?? '')}>{label}</Label>
      <div className={classes(control.control, styles.box)}>
        <Input
          className={styles.input ?? ''}
          data-kept={kept || undefined}
          ref={input}
          {...(placeholder !== undefined && { placeholder })}
          {...((error !== undefined || hint !== undefined) && { 'aria-describedby': `${id}-below` })}
        />
        <Button className={styles.open ?? ''} aria-label={`Show choices for ${label}`}>
          <ChevronsUpDown aria-hidden size={14} />
        </Button>
      </div>
      {(error !== undefined || hint !== undefined) && (
        <div id={`${id}-below`} className={frame.hint}>
          {error !== undefined && <FieldError text={error} />}
          {hint}
        </div>
      )}
      <Popover className={floating.popover ?? ''} offset={4}>
        <ListBox
          className={floating.list ?? ''}
          renderEmptyState={() => <div className={floating.none}>{emptyText}</div>}
        >
          {(suggestion: Suggestion) => (
            <ListBoxItem id={suggestion.id} textValue={suggestion.label} className={floating.item ?? ''}>
              <span className={floating.grow}>{suggestion.label}</span>
              {suggestion.detail !== undefined && <span className={styles.detail}>{suggestion.detail}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaComboBox>
  );
}
