import { type ReactNode, useId } from 'react';
import styles from './segmented.module.css';

export interface Segment<T extends string> {
  readonly id: T;
  readonly label: string;
  readonly icon?: ReactNode;
}

/** One of a few, all in sight: a group of radio buttons. */
export function Segmented<T extends string>({
  label,
  segments,
  value,
  onChange,
}: {
  readonly label: string;
  readonly segments: readonly Segment<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={styles.group}>
      {segments.map((segment) => (
        <label key={segment.id} className={styles.segment}>
          <input type="radio" name={name} checked={segment.id === value} onChange={() => onChange(segment.id)} />
          {segment.icon}
          {segment.label}
        </label>
      ))}
    </div>
  );
}
