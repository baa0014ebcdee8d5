import { classes } from './classes.ts';
import styles from './chip.module.css';

/** An option as its field shows it. `tint`: one of eight, 0 to 7. */
export function Chip({
  name,
  tint,
  className,
}: {
  readonly name: string;
  readonly tint: number;
  readonly className?: string | undefined;
}) {
  const number = ((Math.trunc(tint) % 8) + 8) % 8;
  return (
    <span
      className={classes(styles.chip, className)}
      style={{ background: `var(--tint-${number})`, color: `var(--tint-${number}-ink)` }}
    >
      {name}
    </span>
  );
}
