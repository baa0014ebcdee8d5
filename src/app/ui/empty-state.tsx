import type { ReactNode } from 'react';
import { Drawing, type DrawingName } from './drawing.tsx';
import styles from './empty-state.module.css';

/** What to see where nothing is yet: a line drawing, one sentence that says what to do next, and the way to do it. */
export function EmptyState({
  drawing,
  title,
  children,
  action,
}: {
  readonly drawing: DrawingName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <Drawing name={drawing} />
      <h2 className={styles.title}>{title}</h2>
      {children !== undefined && <div className={styles.words}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
