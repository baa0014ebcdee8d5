import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';
import styles from './button.module.css';
import { classes } from './classes.ts';

export interface ButtonProps extends Omit<AriaProps, 'className' | 'style' | 'children'> {
  /** `primary` once per screen at most; `quiet` has no edge; `danger` for what deletes. */
  readonly variant?: 'plain' | 'primary' | 'quiet' | 'danger';
  readonly size?: 'regular' | 'small';
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with words; `onPress` is what it does. */
export function Button({ variant = 'plain', size = 'regular', icon, children, className, ...rest }: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      className={classes(styles.button, styles[variant], size === 'small' && styles.small, className)}
    >
      {icon}
      {children}
    </AriaButton>
  );
}
