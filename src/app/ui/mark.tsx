import styles from './mark.module.css';

/** The mark: an open book in two strokes, and its ribbon. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" aria-hidden className={styles.mark}>
      <path
        d="M11.2 19.4C9 17.6 5.8 17 2.8 17.3V5.2c3-.3 6.2.3 8.4 2.1"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path
        d="M12.8 19.4c2.2-1.8 5.4-2.4 8.4-2.1V5.2c-3-.3-6.2.3-8.4 2.1"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M12 7v15.2" className={styles.ribbon} strokeWidth="2.4" strokeLinecap="butt" />
    </svg>
  );
}

/** The name, set in the serif, beside its mark. */
export function Wordmark({ size = 24 }: { readonly size?: number }) {
  return (
    <span className={styles.wordmark} style={{ fontSize: size * 0.9 }}>
      <Mark size={size} />
      Daybook
    </span>
  );
}
