import { classes } from './classes.ts';
import styles from './kbd.module.css';

/** Keys to press, as "Ctrl Z": one key cap for each word. */
export function Kbd({ keys, className }: { readonly keys: string; readonly className?: string | undefined }) {
  return (
    <span className={classes(styles.keys, className)}>
      {keys.split(' ').map((key) => (
        <kbd key={key} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
