import styles from './progress.module.css';

/** How far something has come: 0 to 1, or null while that is not known. */
export function Progress({ label, value }: { readonly label: string; readonly value: number | null }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.round(value * 100)}
      className={styles.track}
      data-unknown={value === null || undefined}
    >
      <div className={styles.bar} style={value === null ? undefined : { width: `${value * 100}%` }} />
    </div>
  );
}
