import { type InputHTMLAttributes, type Ref, useId } from 'react';
import { classes } from './classes.ts';
import control from './control.module.css';
import { describedBy, FieldFrame, type FieldWords } from './field-frame.tsx';

export interface TextFieldProps
  extends FieldWords, Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange' | 'className'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Numbers line up at the right, in tabular figures. */
  readonly numeric?: boolean;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLInputElement>;
}

/** One line to type in, with its label. `type` may be any text-like input, `date` and `datetime-local` included. */
export function TextField({
  label,
  labelHidden,
  hint,
  error,
  value,
  onChange,
  numeric,
  className,
  ref,
  ...rest
}: TextFieldProps) {
  const ownId = useId();
  const id = rest.id ?? ownId;
  const words = { label, ...(labelHidden === true && { labelHidden }), ...(hint !== undefined && { hint }), error };
  return (
    <FieldFrame id={id} words={words} className={className}>
      <input
        type="text"
        autoComplete="off"
        {...rest}
        {...describedBy(id, words)}
        ref={ref}
        id={id}
        className={classes(control.control, numeric === true && control.number)}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  );
}
