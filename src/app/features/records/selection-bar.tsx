import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../ui/icon-button.tsx';
import styles from './selection-bar.module.css';

/** What can be done with the selected records. */
export function SelectionBar({
  count,
  onClear,
  children,
}: {
  readonly count: number;
  readonly onClear: () => void;
  /** The button that does it. */
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Selected records">
      <span role="status">
        {count.toLocaleString()} {count === 1 ? 'record' : 'records'} selected
      </span>
      {children}
      <IconButton label="Clear selection" icon={<X aria-hidden />} onPress={onClear} />
    </div>
  );
}
