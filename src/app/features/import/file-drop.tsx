import { FileSpreadsheet } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { FieldError } from '../../ui/field-frame.tsx';
import styles from './import.module.css';

/** Takes a file, dropped or chosen. */
export function FileDrop({ error, onFile }: { readonly error: string | null; readonly onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div
      className={styles.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <FileSpreadsheet aria-hidden size={40} strokeWidth={1.2} />
      <p className={styles.dropTitle}>Drop a CSV file here</p>
      <label className={styles.choose}>
        <input
          type="file"
          accept=".csv,.tsv,.tab,.txt,text/csv,text/tab-separated-values,text/plain"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) onFile(file);
            // The same file can be chosen again after it was changed.
            event.target.value = '';
          }}
        />
        Choose a file
      </label>
      <p className={styles.dropHint}>
        Every spreadsheet can save one. You see what becomes of it before anything is kept, and one Undo takes it back.
      </p>
      {error !== null && <FieldError text={error} />}
    </div>
  );
}
