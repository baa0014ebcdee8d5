import { Trash2, X } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import styles from './selection-bar.module.css';

/** What can be done with the selected records. */
export function SelectionBar({
  count,
  onDelete,
  onClear,
}: {
  readonly count: number;
  readonly onDelete: () => void;
  readonly onClear: () => void;
}) {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Selected records">
      <span role="status">
        {count.toLocaleString()} {count === 1 ? 'record' : 'records'} selected
      </span>
      <Button size="small" variant="danger" icon={<Trash2 aria-hidden />} onPress={onDelete}>
        Move to Trash
      </Button>
      <IconButton label="Clear selection" icon={<X aria-hidden />} onPress={onClear} />
    </div>
  );
}
