import { Check, Minus } from 'lucide-react';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import styles from './checkbox.module.css';
import { classes } from './classes.ts';

export interface CheckboxProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** Words beside the box; leave out and give `label` where a header says it. */
  readonly children?: ReactNode;
  readonly label?: string;
  readonly indeterminate?: boolean;
  readonly disabled?: boolean;
  readonly id?: string;
  readonly tabIndex?: number;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLInputElement>;
}

export function Checkbox({
  checked,
  onChange,
  children,
  label,
  indeterminate = false,
  className,
  ref,
  ...rest
}: CheckboxProps) {
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => input.current as HTMLInputElement, []);
  useEffect(() => {
    if (input.current) input.current.indeterminate = indeterminate;
  }, [indeterminate]);
  return (
    <label className={classes(styles.checkbox, className)}>
      <span className={styles.box}>
        <input
          {...rest}
          ref={input}
          type="checkbox"
          aria-label={label}
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
        />
        {indeterminate ? (
          <Minus aria-hidden size={12} strokeWidth={3} />
        ) : (
          <Check aria-hidden size={12} strokeWidth={3} />
        )}
      </span>
      {children}
    </label>
  );
}
