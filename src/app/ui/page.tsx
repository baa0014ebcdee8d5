import { type ReactNode, useId } from 'react';
import { classes } from './classes.ts';
import styles from './page.module.css';

/** A screen that is read from top to bottom; its title stands in the top bar. `lead`: a sentence or two to begin with. */
export function Page({
  lead,
  actions,
  wide = false,
  children,
}: {
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes(styles.page, wide && styles.wide)}>
      {(lead !== undefined || actions !== undefined) && (
        <div className={styles.header}>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
          {actions}
        </div>
      )}
      {children}
    </div>
  );
}

/** A part of a page under a rule, with its heading. `anchor`: where links to it lead. */
export function Section({
  title,
  note,
  anchor,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly anchor?: string;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section id={anchor} className={styles.section} aria-labelledby={id}>
      <div className={styles.sectionHeader}>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <p className={styles.note}>{note}</p>}
      </div>
      {children}
    </section>
  );
}
