import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './field-frame.module.css';

/** What every labelled control shares. */
export interface FieldWords {
  readonly label: string;
  /** Keeps the label for those who listen, out of sight. */
  readonly labelHidden?: boolean;
  /** One sentence of help below. */
  readonly hint?: ReactNode;
  /** Why the value was not taken. What was typed stays. */
  readonly error?: string | undefined;
}

/** Attributes that tie a control to its label, hint and error. */
export function describedBy(id: string, words: FieldWords): { 'aria-describedby'?: string; 'aria-invalid'?: true } {
  const ids = [words.error !== undefined && `${id}-error`, words.hint !== undefined && `${id}-hint`]
    .filter(Boolean)
    .join(' ');
  return {
    ...(ids !== '' && { 'aria-describedby': ids }),
    ...(words.error !== undefined && { 'aria-invalid': true as const }),
  };
}

/** Label above, control, then error and hint below. `id` is the control's. */
export function FieldFrame({
  id,
  words,
  className,
  children,
}: {
  readonly id: string;
  readonly words: FieldWords;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes(styles.frame, className)}>
      <label htmlFor={id} id={`${id}-label`} className={words.labelHidden === true ? styles.labelHidden : styles.label}>
        {words.label}
      </label>
      {children}
      {words.error !== undefined && <FieldError id={`${id}-error`} text={words.error} />}
      {words.hint !== undefined && (
        <div id={`${id}-hint`} className={styles.hint}>
          {words.hint}
        </div>
      )}
    </div>
  );
}

/** Why a value was not taken, said once, politely. */
export function FieldError({ id, text }: { readonly id?: string; readonly text: string }) {
  return (
    <div id={id} className={styles.error} role="alert">
      <CircleAlert aria-hidden size={14} />
      <span>{text}</span>
    </div>
  );
}
