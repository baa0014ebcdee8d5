import { type Ref, type TextareaHTMLAttributes, useId } from 'react';
import control from './control.module.css';
import { describedBy, FieldFrame, type FieldWords } from './field-frame.tsx';

export interface TextAreaProps
  extends FieldWords, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onChange' | 'className'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines to type in; grows with what is typed. */
export function TextArea({ label, labelHidden, hint, error, value, onChange, className, ref, ...rest }: TextAreaProps) {
  const ownId = useId();
  const id = rest.id ?? ownId;
  const words = { label, ...(labelHidden === true && { labelHidden }), ...(hint !== undefined && { hint }), error };
  return (
    <FieldFrame id={id} words={words} className={className}>
      <textarea
        rows={3}
        {...rest}
        {...describedBy(id, words)}
        ref={ref}
        id={id}
        className={control.control}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  );
}
