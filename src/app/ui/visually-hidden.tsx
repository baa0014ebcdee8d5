import type { ReactNode } from 'react';
import styles from './visually-hidden.module.css';

/** Words for those who listen instead of look. */
export function VisuallyHidden({ children, id }: { readonly children: ReactNode; readonly id?: string }) {
  return (
    <span className={styles.hidden} id={id}>
      {children}
    </span>
  );
}
