import type { ReactNode } from 'react';
import { Button, type ButtonProps } from './button.tsx';
import { classes } from './classes.ts';
import styles from './icon-button.module.css';
import { Tooltip } from './tooltip.tsx';

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children' | 'aria-label'> {
  /** Its accessible name, also shown as a tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
  /** Keys that do the same, shown in the tooltip. */
  readonly keys?: string;
}

/** A square button with an icon; the label is its name and its tooltip. */
export function IconButton({ label, icon, keys, className, variant = 'quiet', ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} {...(keys !== undefined && { keys })}>
      <Button
        {...rest}
        variant={variant}
        aria-label={label}
        icon={icon}
        className={classes(styles.square, className)}
      />
    </Tooltip>
  );
}
