import type { ReactNode } from 'react';
import styles from './banner.module.css';

/** A strip across the screen that stays until its cause is gone. Say what to do next. */
export function Banner({
  tone = 'info',
  icon,
  action,
  children,
}: {
  readonly tone?: 'info' | 'amber' | 'alert';
  readonly icon?: ReactNode;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.banner} data-tone={tone} role={tone === 'alert' ? 'alert' : 'status'}>
      {icon}
      <div className={styles.words}>{children}</div>
      {action}
    </div>
  );
}
